"""Files are replaced whole or not at all, and what the system refuses is said in words."""

import errno
import os
from pathlib import Path

import pytest

from workbench.errors import InputError, WorkbenchError
from workbench.files import file_error, read_json, write_atomically


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "labels.csv"
    target.write_text("old")
    write_atomically(target, "new ü\udcff")
    assert target.read_bytes() == "new ü".encode() + b"\xff"
    assert [path.name for path in tmp_path.iterdir()] == ["labels.csv"]


def test_permissions_follow_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_atomically(tmp_path / "a", b"x")
    finally:
        os.umask(old)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_a_full_disk_keeps_the_old_file_and_says_so() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    error = file_error(OSError(errno.ENOSPC, "x"), full)
    assert "the disk is full" in str(error)
    assert error.exit_code == 2


def test_a_failed_rename_leaves_no_temporary_file(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    with pytest.raises(WorkbenchError, match="it is a folder"):
        write_atomically(target, b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_missing_folder_is_the_persons_mistake(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder; create it first"):
        write_atomically(tmp_path / "no" / "file", b"x")


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"null"])
def test_damaged_json_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"run\.json: expected"):
        read_json(path)
