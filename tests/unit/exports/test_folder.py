"""An export's folder appears whole or not at all, and takes no other folder's place."""

import errno
import os
from pathlib import Path

import pytest

from workbench.errors import InputError, WorkbenchError
from workbench.exports.folder import check_folder, new_folder, size_of


@pytest.mark.parametrize("there", [False, True])
def test_a_new_or_an_empty_folder_is_filled(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "out"
    if there:
        folder.mkdir()
    check_folder(folder)
    with new_folder(folder) as staged:
        (staged / "inner").mkdir()
        (staged / "inner" / "a.bin").write_bytes(b"12345")
        assert folder.exists() == there
        assert not there or list(folder.iterdir()) == []
    assert size_of(folder) == 5
    assert size_of(folder / "inner" / "a.bin") == 5
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert folder.stat().st_mode & 0o777 == 0o777 & ~_mask()


def half_of(folder: Path, stop: BaseException) -> None:
    """An export that is stopped when something is in it already."""
    with new_folder(folder) as staged:
        (staged / "half").write_text("")
        raise stop


def _mask() -> int:
    """The process's umask."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_what_ends_the_work_leaves_nothing(tmp_path: Path, stop: type[BaseException]) -> None:
    with pytest.raises(stop):
        half_of(tmp_path / "out", stop())
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="the disk is full"):
        half_of(tmp_path / "out", OSError(errno.ENOSPC, "No space left on device"))
    assert list(tmp_path.iterdir()) == []


def test_what_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "out"

    def race() -> None:
        with new_folder(folder) as staged:
            (staged / "model.keras").write_text("new")
            folder.mkdir()
            (folder / "model.keras").write_text("of another program")

    with pytest.raises(WorkbenchError, match="out: "):
        race()
    assert (folder / "model.keras").read_text() == "of another program"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_places_that_cannot_be_meant_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "run.json").write_text("{}")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name, said in (
        ("file", "is no folder; name a new folder"),
        ("full", "is not empty, and nothing is overwritten"),
        ("link", "is no folder"),
        ("lost/out", "no such folder; create it first"),
    ):
        with pytest.raises(InputError, match=said):
            check_folder(tmp_path / name)
