"""Which files of a folder count as pictures, before any of them is read."""

import os
from pathlib import Path

import pytest

from workbench.errors import InputError
from workbench.images.decode import SUFFIXES
from workbench.images.walk import walk


def touch(root: Path, *names: str) -> None:
    """Make empty files, with their folders."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def found(root: Path) -> list[str]:
    return sorted(file.name for file in walk(root).files)


def test_every_suffix_counts_in_any_case(tmp_path: Path) -> None:
    names = [f"low{suffix}" for suffix in SUFFIXES] + [f"UP{suffix.upper()}" for suffix in SUFFIXES]
    touch(tmp_path, *names)
    assert found(tmp_path) == sorted(names)


@pytest.mark.parametrize(
    "name", ["notes.txt", "jpg", ".jpg", "a.jpg.part", "a.svg", "a.heic", "Makefile", "a.jpgx", "labels.csv"]
)
def test_other_files_are_not_pictures(tmp_path: Path, name: str) -> None:
    touch(tmp_path, name, "a.jpg")
    assert found(tmp_path) == ["a.jpg"]


def test_size_time_and_inode_are_the_files_own(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"12345")
    [file] = walk(tmp_path).files
    info = (tmp_path / "a.jpg").stat()
    assert (file.size, file.mtime, file.inode) == (5, info.st_mtime_ns, info.st_ino)


def test_names_are_relative_with_slashes(tmp_path: Path) -> None:
    touch(tmp_path, "x/y/z/a.jpg", "x/b.jpg", "c.jpg")
    assert found(tmp_path) == ["c.jpg", "x/b.jpg", "x/y/z/a.jpg"]


def test_very_deep_folders_are_no_problem(tmp_path: Path) -> None:
    deep = "/".join(["d"] * 300)
    touch(tmp_path, f"{deep}/a.jpg")
    assert found(tmp_path) == [f"{deep}/a.jpg"]


def test_link_to_a_picture_counts_and_a_broken_one_does_not(tmp_path: Path) -> None:
    touch(tmp_path, "pictures/a.jpg", "store/real.bin")
    (tmp_path / "pictures" / "b.jpg").symlink_to(tmp_path / "store" / "real.bin")
    (tmp_path / "pictures" / "c.jpg").symlink_to(tmp_path / "nothing")
    (tmp_path / "pictures" / "d.jpg").symlink_to(tmp_path / "pictures" / "d.jpg")
    assert found(tmp_path / "pictures") == ["a.jpg", "b.jpg"]


def test_each_real_folder_is_listed_once_under_its_real_name(tmp_path: Path) -> None:
    touch(tmp_path, "z/a.jpg")
    (tmp_path / "a_first_by_name").symlink_to(tmp_path / "z")
    (tmp_path / "z" / "self").symlink_to(tmp_path / "z")
    (tmp_path / "z" / "up").symlink_to(tmp_path)
    assert found(tmp_path) == ["z/a.jpg"]


def test_root_may_be_a_link_itself(tmp_path: Path) -> None:
    touch(tmp_path, "real/a.jpg")
    (tmp_path / "alias").symlink_to(tmp_path / "real")
    assert found(tmp_path / "alias") == ["a.jpg"]


def test_bench_inside_is_left_out_with_all_its_folders(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "bench/bench.toml", "bench/runs/1/overlay.png", "bench/own.jpg", "runs/b.jpg")
    assert found(tmp_path) == ["a.jpg", "runs/b.jpg"]


def test_hidden_folders_and_files_are_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", ".git/b.jpg", ".c.jpg", "d/.cache/e.jpg", "d/._f.jpg")
    assert found(tmp_path) == ["a.jpg"]


def test_devices_and_pipes_are_not_opened(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "zero.jpg").symlink_to("/dev/zero")
    assert found(tmp_path) == ["a.jpg"]


def test_folder_that_cannot_be_opened_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a.jpg", "locked/b.jpg")
    real = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    listing = walk(tmp_path)
    assert [file.name for file in listing.files] == ["a.jpg"]
    assert listing.closed == (("locked", "folder cannot be opened: no permission"),)


def test_root_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(InputError, match="no permission"):
        walk(tmp_path)


def test_refusals_stay_on_one_line_whatever_the_name(tmp_path: Path) -> None:
    for name in ("two\nlines", "\x1b[2Jclear", "\u202etxet"):
        with pytest.raises(InputError) as caught:
            walk(tmp_path / name)
        assert str(caught.value).isprintable()
        assert "no such folder of pictures" in str(caught.value)
