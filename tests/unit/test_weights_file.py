"""A file of weights is looked at before a worker starts: there, whole, HDF5, large enough; never more."""

import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ConfigError
from workbench.model.backbones import BACKBONES
from workbench.model.weights_file import check_weights_file

NAME = "MobileNetV3Small"
MAGIC = b"\x89HDF\r\n\x1a\n"
LEAST = 2 * BACKBONES[NAME].parameters
WHOLE = 4 * BACKBONES[NAME].parameters


def hdf5(length: int, size: int | None = None, version: int = 0) -> bytes:
    """The beginning of an HDF5 file that says it has `length` bytes, and nothing else of it."""
    at = {0: 40, 1: 44, 2: 28, 3: 28}[version]
    head = bytearray(64)
    head[:8] = MAGIC
    head[8] = version
    head[at : at + 8] = length.to_bytes(8, "little")
    return bytes(head) + bytes((length if size is None else size) - 64)


def refusal(path: Path, name: str = NAME) -> str:
    with pytest.raises(ConfigError) as caught:
        check_weights_file(path, name)
    said = str(caught.value)
    assert "\n" not in said
    assert caught.value.exit_code == 2
    assert f"keras.applications.{name}" in caught.value.cure
    return caught.value.what


@pytest.mark.parametrize("version", [0, 1, 2, 3])
@pytest.mark.parametrize("name", ["a.weights.h5", "a.h5", "a.hdf5"])
def test_a_whole_file_passes(tmp_path: Path, name: str, version: int) -> None:
    path = tmp_path / name
    path.write_bytes(hdf5(WHOLE, version=version))
    check_weights_file(path, NAME)


def test_so_does_one_in_an_archive_of_keras(tmp_path: Path) -> None:
    path = tmp_path / "a.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", hdf5(WHOLE))
    check_weights_file(path, NAME)


def test_what_is_not_there_or_no_file_is_refused_at_once(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.h5") == "no such file"
    assert refusal(tmp_path / "no" / "none.h5") == "no such file"
    (tmp_path / "folder.h5").mkdir()
    assert "no regular file" in refusal(tmp_path / "folder.h5")
    os.mkfifo(tmp_path / "pipe.h5")  # reading it would wait for ever
    assert "no regular file" in refusal(tmp_path / "pipe.h5")
    (tmp_path / "round.h5").symlink_to("round.h5")
    refusal(tmp_path / "round.h5")
    assert "null" in refusal(tmp_path / "a\0.h5")
    refusal(tmp_path / ("long" * 100 + ".h5"))


@pytest.mark.parametrize("name", ["a.pkl", "a.npz", "a.pt", "a", "h5", "a.h5.txt"])
def test_other_kinds_of_files_are_not_even_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(hdf5(WHOLE))
    assert "ends in .weights.h5, .h5, .hdf5, .keras" in refusal(tmp_path / name)


def test_a_file_that_was_cut_off_says_by_how_much(tmp_path: Path) -> None:
    path = tmp_path / "a.weights.h5"
    path.write_bytes(hdf5(WHOLE, size=LEAST + 100))
    assert refusal(path) == f"cut off: {LEAST + 100:,} bytes of {WHOLE:,}"
    with zipfile.ZipFile(tmp_path / "a.keras", "w") as archive:
        archive.writestr("model.weights.h5", hdf5(WHOLE, size=LEAST + 100))
    assert "cut off" in refusal(tmp_path / "a.keras")


def test_a_file_that_is_too_small_for_its_network_says_the_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    path.write_bytes(hdf5(WHOLE))
    assert f"too small for ResNet50: {WHOLE:,} bytes" in refusal(path, "ResNet50")
    path.write_bytes(hdf5(LEAST))
    check_weights_file(path, NAME)
    path.write_bytes(hdf5(LEAST - 1))
    assert "too small" in refusal(path)


def test_half_precision_is_large_enough(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    path.write_bytes(hdf5(2 * BACKBONES[NAME].parameters + 1))
    check_weights_file(path, NAME)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x80\x04\x95pickle", b"PK\x03\x04", MAGIC, MAGIC + b"\0" * 20, MAGIC + b"\x09" + b"\0" * 90],
)
def test_what_is_no_hdf5_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.h5"
    path.write_bytes(data)
    assert "HDF5" in refusal(path) or "too small" in refusal(path)
    (tmp_path / "a.keras").write_bytes(data)
    assert "no .keras archive" in refusal(tmp_path / "a.keras")


def test_an_archive_without_weights_or_with_damaged_ones_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
    assert "model.weights.h5" in refusal(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.weights.h5", hdf5(WHOLE))
    damaged = bytearray(path.read_bytes())
    damaged[50:90] = bytes(40)
    path.write_bytes(damaged)
    assert "damaged" in refusal(path)


@given(data=st.binary(max_size=200), suffix=st.sampled_from([".h5", ".keras"]))
def test_no_bytes_whatever_make_it_do_anything_but_refuse(
    data: bytes, suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(MAGIC + data if suffix == ".h5" else data)
    refusal(path)
