"""Files that call themselves a network: which ones are never loaded, and what is said about them."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import RunError
from workbench.evaluation.model_file import check_model_file

PLAIN: dict[str, Any] = {
    "module": "keras.src.models.functional",
    "class_name": "Functional",
    "config": {"layers": [{"module": "keras.layers", "class_name": "Dense", "config": {"units": 2}}]},
}


def archive(path: Path, config: object = PLAIN, *, leave_out: str = "", extra: str = "") -> Path:
    """A `.keras` file with this description."""
    parts = {"config.json": json.dumps(config), "metadata.json": "{}", "model.weights.h5": "weights"}
    with zipfile.ZipFile(path, "w") as file:
        for name, content in parts.items():
            if name != leave_out:
                file.writestr(name, content)
        if extra:
            file.writestr(extra, "content")
    return path


def layer(**changed: Any) -> dict[str, Any]:
    """The plain description with another layer deep inside."""
    return {
        **PLAIN,
        "config": {"layers": [{"config": {"layer": {**PLAIN["config"]["layers"][0], **changed}}}]},
    }


def test_plain_layers_may_be_loaded(tmp_path: Path) -> None:
    check_model_file(archive(tmp_path / "model.keras"))
    check_model_file(archive(tmp_path / "assets.keras", extra="assets/vocabulary.txt"))


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (layer(class_name="Lambda"), "holds a Lambda layer, which is code from outside"),
        (layer(class_name="__lambda__"), "code from outside"),
        (layer(class_name="workbench>Lambda"), "code from outside"),
        (layer(class_name="TorchModuleWrapper"), "code from outside"),
        (layer(module="os", class_name="system"), "wants 'system' from the module 'os'"),
        (layer(module="kerasx.layers"), "from the module 'kerasx.layers'"),
        (layer(module="evil\x1b[31m\n"), "from the module"),
    ],
)
def test_code_is_refused_however_deep_it_lies(tmp_path: Path, config: object, said: str) -> None:
    with pytest.raises(RunError) as caught:
        check_model_file(archive(tmp_path / "model.keras", config))
    assert said in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["payload.pkl", "../../etc/passwd", "model.weights.npz", "code.py"])
def test_members_that_no_network_needs_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RunError, match="which no network needs"):
        check_model_file(archive(tmp_path / "model.keras", extra=name))


@pytest.mark.parametrize("name", ["config.json", "metadata.json", "model.weights.h5"])
def test_a_lacking_part_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(RunError, match=f"{name} is missing"):
        check_model_file(archive(tmp_path / "model.keras", leave_out=name))


@pytest.mark.parametrize("content", [b"", b"\x80\x04pickle", b"\x89HDF\r\n\x1a\n", b"PK\x03\x04 cut off"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    with pytest.raises(RunError, match=r"not a \.keras file, or cut off"):
        check_model_file(path)


def test_a_cut_off_network_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "model.keras")
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(RunError):
        check_model_file(path)


def test_a_damaged_description_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as file:
        for name in ("config.json", "metadata.json", "model.weights.h5"):
            file.writestr(name, "{")
    with pytest.raises(RunError, match="description of the network is damaged"):
        check_model_file(tmp_path / "model.keras")


def test_no_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be read"):
        check_model_file(tmp_path / "model.keras")


def test_an_archive_that_unpacks_to_far_more_than_it_holds_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("config.json", "{}")
        bomb.writestr("metadata.json", "{}")
        bomb.writestr("model.weights.h5", bytes(80 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(RunError, match=r"would unpack to 0\.1 GiB"):
        check_model_file(path)


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    archive(path)
    with zipfile.ZipFile(path, "a") as again, pytest.warns(UserWarning, match="Duplicate name"):
        again.writestr("config.json", "{}")
    with pytest.raises(RunError, match=r"holds 'config\.json' twice"):
        check_model_file(path)
