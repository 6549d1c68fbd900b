"""A bench where locks do not hold is warned about in one line; one on a local disk is not."""

import errno
import fcntl
import os
from pathlib import Path

import pytest

from workbench import locks
from workbench.locks import file_system, lock_warning

MOUNTS = r"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 27 0:50 / /home rw,relatime - nfs4 server:/home rw,vers=4.2
41 40 0:51 / /home/ana/my\040disk rw - fuse.sshfs host: rw
42 27 0:52 / /homes rw - cifs //server/homes rw
broken line
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    path = tmp_path / "mountinfo"
    path.write_text(MOUNTS)
    return path


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/srv/bench", "ext4"),
        ("/home/ana/bench", "nfs4"),
        ("/home/ana/my disk/bench", "fuse.sshfs"),
        ("/homes/bench", "cifs"),
        ("/", "ext4"),
    ],
)
def test_the_innermost_mount_tells_the_file_system(folder: str, kind: str, mounts: Path) -> None:
    assert file_system(Path(folder), mounts) == kind


def test_where_the_system_does_not_tell_nothing_is_claimed(tmp_path: Path) -> None:
    assert file_system(tmp_path, tmp_path / "nothing") == ""


def test_a_local_disk_needs_no_warning(tmp_path: Path) -> None:
    assert lock_warning(tmp_path) == ""
    assert list(tmp_path.iterdir()) == [], "the trial leaves nothing behind"


def test_a_folder_that_is_not_there_or_not_ours_is_no_reason_to_warn(tmp_path: Path) -> None:
    assert lock_warning(tmp_path / "nowhere") == ""
    assert lock_warning(Path("/proc")) == ""


def test_a_file_system_of_several_machines_is_warned_about(
    tmp_path: Path, mounts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts.write_text(MOUNTS + f"60 27 0:9 / {tmp_path} rw - nfs server:/x rw\n")
    monkeypatch.setattr(locks, "file_system", lambda folder: file_system(folder, mounts))
    line = lock_warning(tmp_path)
    assert line.startswith("the bench lies on nfs, whose locks may not bind other machines; ")
    assert "\n" not in line


@pytest.mark.parametrize("refusal", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_that_refuses_locks_is_warned_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: int
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(refusal, os.strerror(refusal))

    monkeypatch.setattr(fcntl, "fcntl", refuse)
    assert "has no locks; let one person label at a time" in lock_warning(tmp_path)


def test_locks_that_exclude_nobody_are_warned_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "fcntl", lambda *_: 0)
    assert "has no locks" in lock_warning(tmp_path)
