"""A checkpoint's file comes back as it was; what is wrong with one is said in a line, not run or unpacked."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from workbench.errors import WorkbenchError
from workbench.training.checkpoint_file import Damaged, read_checkpoint, write_checkpoint

PLACE = {"place": [3, 7], "states": {"judge": {"epoch": 3}}}
ARRAYS: dict[str, NDArray[Any]] = {
    "v0000": np.arange(6, dtype=np.float32).reshape(2, 3),
    "v0001": np.array(5, dtype=np.int64),
    "average/sum": np.zeros((0, 4), dtype=np.float16),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A whole checkpoint."""
    written = tmp_path / "00003-000007.npz"
    write_checkpoint(written, PLACE, ARRAYS)
    return written


def test_it_comes_back_as_it_was(path: Path) -> None:
    place, arrays = read_checkpoint(path)
    assert place == PLACE
    assert arrays.keys() == ARRAYS.keys()
    for name, value in ARRAYS.items():
        assert arrays[name].dtype == value.dtype
        np.testing.assert_array_equal(arrays[name], value, strict=True)


def test_an_array_that_lies_the_other_way_comes_back_the_same(tmp_path: Path) -> None:
    turned = np.arange(6, dtype=np.float32).reshape(2, 3).T
    write_checkpoint(tmp_path / "a.npz", {}, {"v": turned})
    np.testing.assert_array_equal(read_checkpoint(tmp_path / "a.npz")[1]["v"], turned)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:300])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def gone(path: Path) -> None:
    path.unlink()


def flipped(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    at = raw.find(np.float32(5).tobytes())
    raw[at] ^= 1
    path.write_bytes(raw)


def pickled(path: Path) -> None:
    np.savez(path, place=np.array([{"code": print}], dtype=object))


def packed(path: Path) -> None:
    np.savez_compressed(path, place=np.frombuffer(b"{}", np.uint8), v0000=np.zeros(10**6, np.float32))


def without_place(path: Path) -> None:
    np.savez(path, v0000=np.zeros(3))


def claiming_more_than_there_is(path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (10**12,)})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("place.npy", header.getvalue())


def with_a_place_that_is_no_object(path: Path) -> None:
    np.savez(path, place=np.frombuffer(b"[1]", np.uint8))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut, "not a zip file"),
        (empty, "not a zip file"),
        (gone, "No such file"),
        (flipped, "Bad CRC-32"),
        (pickled, "pickled objects, which are code and never read"),
        (packed, "packed, which this program never does"),
        (without_place, "'place'"),
        (claiming_more_than_there_is, "into shape (1000000000000,)"),
        (with_a_place_that_is_no_object, "no JSON object"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(path: Path, damage: Callable[[Path], None], said: str) -> None:
    damage(path)
    with pytest.raises(Damaged) as refused:
        read_checkpoint(path)
    assert said in str(refused.value)
    assert path.name in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_no_json_can_hold_is_refused_before_anything_is_written(path: Path) -> None:
    before = path.read_bytes()
    for wrong in ({"loss": float("nan")}, {"loss": object()}):
        with pytest.raises((ValueError, TypeError)):
            write_checkpoint(path, wrong, {})
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    arrays: dict[str, Any] = {"v": np.zeros(3)}
    with pytest.raises(WorkbenchError, match="no such folder"):
        write_checkpoint(tmp_path / "none" / "a.npz", {}, arrays)
