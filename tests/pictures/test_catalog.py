"""A folder's pictures are found once, known by content, and nothing in the folder can stop the scan."""

import os
import sqlite3
import threading
from pathlib import Path

import pytest

from tests.pictures.conftest import bomb, write
from workbench.errors import InputError, PictureError
from workbench.images.catalog import Catalog, ScanProgress, fingerprint


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder with three pictures in two levels."""
    root = tmp_path / "images"
    for index, name in enumerate(("a.jpg", "deep/er/b.JPEG", "deep/c.jpg")):
        write(root / name, index)
    return root


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the catalog is kept."""
    return tmp_path / "bench" / "cache" / "catalog.db"


def names(catalog: Catalog) -> list[str]:
    return [picture.name for picture in catalog.pictures()]


def test_pictures_are_found_in_all_folders_with_their_size(images: Path, database: Path) -> None:
    catalog = Catalog(images, database)
    report = catalog.scan()
    assert names(catalog) == ["a.jpg", "deep/c.jpg", "deep/er/b.JPEG"]
    assert (report.pictures, report.new, report.unchanged, report.finished) == (3, 3, 0, True)
    first = catalog.pictures()[0]
    assert (first.width, first.height) == (24, 16)
    assert first.fingerprint == fingerprint(catalog.path(first))
    assert len(first.fingerprint) == 32
    assert catalog.count() == 3


def test_second_scan_reads_nothing_again(images: Path, database: Path) -> None:
    Catalog(images, database).scan()
    report = Catalog(images, database).scan()
    assert (report.new, report.unchanged, report.moved) == (0, 3, 0)
    assert names(Catalog(images, database)) == ["a.jpg", "deep/c.jpg", "deep/er/b.JPEG"]


@pytest.mark.parametrize("copied", [False, True])
def test_renamed_file_keeps_its_fingerprint(images: Path, database: Path, copied: bool) -> None:
    catalog = Catalog(images, database)
    catalog.scan()
    before = {picture.fingerprint for picture in catalog.pictures()}
    target = images / "elsewhere" / "x.jpg"
    target.parent.mkdir()
    if copied:  # as a copy to another disk: new inode, new time
        target.write_bytes((images / "a.jpg").read_bytes())
        (images / "a.jpg").unlink()
    else:
        (images / "a.jpg").rename(target)
    report = catalog.scan()
    assert (report.moved, report.new, report.unchanged) == (1, 0, 2)
    assert {picture.fingerprint for picture in catalog.pictures()} == before
    assert "elsewhere/x.jpg" in names(catalog)
    assert "a.jpg" not in names(catalog)


def test_duplicates_are_seen(images: Path, database: Path) -> None:
    (images / "copy.jpg").write_bytes((images / "a.jpg").read_bytes())
    (images / "deep" / "again.jpg").write_bytes((images / "a.jpg").read_bytes())
    catalog = Catalog(images, database)
    assert catalog.scan().duplicates == 2
    assert catalog.duplicates() == (("a.jpg", "copy.jpg", "deep/again.jpg"),)
    assert catalog.count() == 5


def test_changed_file_is_read_again_and_vanished_one_leaves(images: Path, database: Path) -> None:
    catalog = Catalog(images, database)
    catalog.scan()
    before = catalog.pictures()[0]
    write(images / "a.jpg", 99, (40, 40))
    (images / "deep" / "c.jpg").unlink()
    report = catalog.scan()
    after = catalog.pictures()[0]
    assert (report.new, report.unchanged, report.pictures) == (1, 1, 2)
    assert after.fingerprint != before.fingerprint
    assert (after.width, after.height) == (40, 40)


def test_what_cannot_be_used_is_set_aside_with_its_reason(images: Path, database: Path) -> None:
    whole = (images / "a.jpg").read_bytes()
    (images / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (images / "empty.png").touch()
    (images / "page.gif").write_bytes(b"<html>")
    (images / "giant.png").write_bytes(bomb(50_000, 50_000))
    (images / "notes.txt").write_text("no picture's name, so nobody misses it")
    catalog = Catalog(images, database)
    report = catalog.scan()
    reasons = {one.name: one.reason for one in catalog.set_aside()}
    assert set(reasons) == {"cut.jpg", "empty.png", "page.gif", "giant.png"}
    assert "truncated" in reasons["cut.jpg"]
    assert reasons["empty.png"] == "empty file"
    assert "no picture" in reasons["page.gif"]
    assert "too large: 2,500 million pixels" in reasons["giant.png"]
    assert report.pictures == 3
    assert report.set_aside == catalog.set_aside()


def test_mended_file_comes_back(images: Path, database: Path) -> None:
    whole = (images / "a.jpg").read_bytes()
    (images / "late.jpg").write_bytes(whole[:50])
    catalog = Catalog(images, database)
    assert len(catalog.scan().set_aside) == 1
    (images / "late.jpg").write_bytes(whole + b"tail")
    assert catalog.scan().set_aside == ()
    assert catalog.count() == 4


ODD_NAMES = [
    b"new\nline.jpg",
    b"\x1b[31mred.jpg",
    "\u202egpj.exe.jpg".encode(),
    b"latin-\xe9.jpg",
    b"[b]bold[b].jpg",
]


@pytest.mark.parametrize("raw", ODD_NAMES)
def test_odd_names_are_kept_to_the_byte(images: Path, database: Path, raw: bytes) -> None:
    write(images / "plain.jpg", 7).rename(Path(os.fsdecode(os.fsencode(images) + b"/" + raw)))
    Catalog(images, database).scan()
    catalog = Catalog(images, database)
    [odd] = [one for one in catalog.pictures() if os.fsencode(one.name) == raw]
    assert catalog.path(odd).read_bytes()
    assert catalog.scan().unchanged == 4


def test_hidden_folders_benches_and_odd_files_are_left_out(images: Path, database: Path) -> None:
    write(images / ".thumbnails" / "t.jpg", 10)
    write(images / "._a.jpg", 11)
    write(images / "mybench" / "cache" / "z.jpg", 12)
    (images / "mybench" / "bench.toml").touch()
    (images / "folder.jpg").mkdir()
    os.mkfifo(images / "pipe.jpg")
    (images / "gone.jpg").symlink_to(images / "nowhere.jpg")
    assert Catalog(images, database).scan().pictures == 3


def test_pictures_beside_bench_toml_are_found_but_not_what_we_made(images: Path, database: Path) -> None:
    (images / "bench.toml").touch()
    write(images / "runs" / "0001" / "overlay.jpg", 13)
    catalog = Catalog(images, database)
    catalog.scan()
    assert names(catalog) == ["a.jpg", "deep/c.jpg", "deep/er/b.JPEG"]


def test_loops_of_links_end_and_links_go_by_the_real_name(
    images: Path, database: Path, tmp_path: Path
) -> None:
    (images / "deep" / "loop").symlink_to(images)
    (images / "a_link").symlink_to(images / "deep")
    outside = tmp_path / "outside"
    write(outside / "far.jpg", 20)
    (images / "abroad").symlink_to(outside)
    catalog = Catalog(images, database)
    catalog.scan()
    assert names(catalog) == ["a.jpg", "abroad/far.jpg", "deep/c.jpg", "deep/er/b.JPEG"]


def test_cancelled_scan_keeps_what_it_read_and_goes_on(images: Path, database: Path) -> None:
    for index in range(20):
        write(images / f"n{index:02d}.jpg", 100 + index)
    seen: list[ScanProgress] = []
    calls = iter(range(1000))
    catalog = Catalog(images, database)
    report = catalog.scan(seen.append, lambda: next(calls) >= 5)
    assert not report.finished
    assert 0 < report.pictures < 23
    kept = report.pictures
    again = Catalog(images, database).scan()
    assert again.finished
    assert (again.unchanged, again.new, again.pictures) == (kept, 23 - kept, 23)


def test_a_scan_that_is_cut_short_has_the_first_by_name(images: Path, database: Path) -> None:
    for folder in ("aa", "zz", "mm"):
        for index in range(4):
            write(images / folder / f"{index}.jpg", 300 + index)
    calls = iter(range(1000))
    catalog = Catalog(images, database)
    catalog.scan(cancelled=lambda: next(calls) >= 4)
    assert names(catalog)[:3] == ["a.jpg", "aa/0.jpg", "aa/1.jpg"]
    assert len(names(catalog)) < 15


def test_progress_ends_at_the_number_found(images: Path, database: Path) -> None:
    seen: list[ScanProgress] = []
    catalog = Catalog(images, database)
    catalog.scan(seen.append)
    assert (seen[-1].found, seen[-1].done) == (3, 3)
    assert [one.done for one in seen] == sorted(one.done for one in seen)
    (images / "a.jpg").rename(images / "moved.jpg")
    catalog.scan(seen.append)
    assert (seen[-1].found, seen[-1].done) == (3, 3)


@pytest.mark.parametrize("damage", ["garbage", "newer", "other table", "folder of an older time"])
def test_unusable_cache_is_made_anew(images: Path, database: Path, damage: str) -> None:
    Catalog(images, database).scan()
    if damage == "garbage":
        database.write_bytes(b"this is no database" * 500)
    elif damage == "newer":
        with sqlite3.connect(database) as connection:
            connection.execute("PRAGMA user_version = 999999")
    elif damage == "other table":
        with sqlite3.connect(database) as connection:
            connection.execute("ALTER TABLE files RENAME COLUMN reason TO cause")
    else:
        database.write_bytes(database.read_bytes()[:5000])
    catalog = Catalog(images, database)
    assert catalog.count() == 0
    assert catalog.scan().pictures == 3


def test_read_only_bench_works_on_a_copy(
    images: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Catalog(images, database).scan()
    before = database.read_bytes()
    monkeypatch.setattr(os, "access", lambda *_: False)
    catalog = Catalog(images, database)
    assert catalog.count() == 3
    write(images / "more.jpg", 50)
    assert catalog.scan().pictures == 4
    catalog.close()
    assert database.read_bytes() == before


def test_reading_while_a_scan_runs_in_another_thread(images: Path, database: Path) -> None:
    for index in range(30):
        write(images / f"n{index:02d}.jpg", 200 + index)
    catalog = Catalog(images, database)
    thread = threading.Thread(target=catalog.scan)
    thread.start()
    counts = []
    while thread.is_alive():
        counts.append(len(catalog.pictures()))
    thread.join()
    assert len(catalog.pictures()) == 33
    assert counts == sorted(counts)


def test_missing_folder_file_and_empty_folder_say_what_to_do(tmp_path: Path, database: Path) -> None:
    with pytest.raises(InputError, match="no such folder of pictures; check the path"):
        Catalog(tmp_path / "nowhere", database).scan()
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is a file, not a folder"):
        Catalog(tmp_path / "file", database).scan()
    (tmp_path / "empty" / "notes").mkdir(parents=True)
    (tmp_path / "empty" / "notes" / "list.txt").touch()
    with pytest.raises(InputError, match="no pictures in this folder; JPEG") as caught:
        Catalog(tmp_path / "empty", database).scan()
    assert caught.value.exit_code == 2


def test_lost_drive_does_not_empty_the_catalog(images: Path, database: Path) -> None:
    catalog = Catalog(images, database)
    catalog.scan()
    images.rename(images.with_name("unmounted"))
    with pytest.raises(InputError):
        catalog.scan()
    images.mkdir()
    with pytest.raises(InputError):
        catalog.scan()
    assert catalog.count() == 3


def test_file_without_permission_is_tried_again(
    images: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    def refuse(self: Path, *args: object, **options: object) -> object:
        if self.name == "a.jpg":
            raise PermissionError(13, "Permission denied")
        return real(self, *args, **options)  # type: ignore[call-overload]

    catalog = Catalog(images, database)
    monkeypatch.setattr(Path, "open", refuse)
    report = catalog.scan()
    assert [(one.name, one.reason) for one in report.set_aside] == [
        ("a.jpg", "cannot be read: no permission")
    ]
    monkeypatch.undo()
    assert catalog.scan().set_aside == ()
    assert catalog.count() == 3


def test_fingerprint_of_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="cannot be read"):
        fingerprint(tmp_path / "nothing.jpg")
