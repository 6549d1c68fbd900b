"""What people do to a folder of pictures between two scans, and what the catalog makes of it."""

import os
import sqlite3
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.pictures.conftest import write
from workbench.errors import InputError, PictureError, WorkbenchError
from workbench.images import catalog as room
from workbench.images.catalog import Catalog, Picture, ScanProgress, ScanReport, fingerprint
from workbench.images.walk import walk


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder with four pictures."""
    root = tmp_path / "images"
    for index in range(4):
        write(root / f"{index}.jpg", index)
    return root


@pytest.fixture
def catalog(images: Path, tmp_path: Path) -> Catalog:
    """Its catalog, scanned once."""
    made = Catalog(images, tmp_path / "cache" / "catalog.db")
    made.scan()
    return made


def shown(catalog: Catalog) -> dict[str, str]:
    """Fingerprint by name."""
    return {one.name: one.fingerprint for one in catalog.pictures()}


def counted(report: ScanReport) -> tuple[int, int, int]:
    """New, unchanged, moved."""
    return report.new, report.unchanged, report.moved


def test_a_touched_file_is_read_again_and_is_the_same_picture(images: Path, catalog: Catalog) -> None:
    before = shown(catalog)
    os.utime(images / "2.jpg", ns=(1, 1))
    assert counted(catalog.scan()) == (1, 3, 0)
    assert shown(catalog) == before
    assert counted(catalog.scan()) == (0, 4, 0), "once is enough"


def test_two_files_that_change_names_keep_their_labels(images: Path, catalog: Catalog) -> None:
    before = shown(catalog)
    (images / "0.jpg").rename(images / "aside")
    (images / "1.jpg").rename(images / "0.jpg")
    (images / "aside").rename(images / "1.jpg")
    catalog.scan()
    assert shown(catalog) == {**before, "0.jpg": before["1.jpg"], "1.jpg": before["0.jpg"]}


def test_a_whole_folder_renamed_is_moved_without_reading(
    images: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for index in range(3):
        write(images / "holiday" / f"{index}.jpg", 50 + index)
    catalog.scan()
    before = shown(catalog)
    (images / "holiday").rename(images / "Amrum 2019")

    def refuse(*_: object) -> None:
        raise AssertionError("nothing needs to be read")

    monkeypatch.setattr(room, "probe", refuse)
    assert counted(catalog.scan()) == (0, 4, 3)
    assert shown(catalog) == {name.replace("holiday", "Amrum 2019"): one for name, one in before.items()}


def test_a_file_replaced_by_another_of_its_size_is_seen(images: Path, catalog: Catalog) -> None:
    before = shown(catalog)["3.jpg"]
    data = bytearray((images / "3.jpg").read_bytes())
    data[-3] ^= 1  # within the picture's own data
    (images / "3.jpg").write_bytes(data)
    catalog.scan()
    assert shown(catalog)["3.jpg"] != before


def test_a_link_that_points_elsewhere_now_is_another_picture(images: Path, catalog: Catalog) -> None:
    (images / "link.jpg").symlink_to(images / "0.jpg")
    assert catalog.scan().duplicates == 1
    (images / "link.jpg").unlink()
    (images / "link.jpg").symlink_to(images / "1.jpg")
    catalog.scan()
    assert shown(catalog)["link.jpg"] == shown(catalog)["1.jpg"]
    assert catalog.duplicates() == (("1.jpg", "link.jpg"),)


def test_hard_links_are_duplicates_and_one_may_go(images: Path, catalog: Catalog) -> None:
    os.link(images / "0.jpg", images / "z.jpg")
    catalog.scan()
    assert catalog.duplicates() == (("0.jpg", "z.jpg"),)
    (images / "0.jpg").unlink()
    report = catalog.scan()
    assert (report.pictures, report.duplicates) == (4, 0)
    assert "z.jpg" in shown(catalog)


def test_several_groups_of_duplicates_are_kept_apart(images: Path, catalog: Catalog) -> None:
    for copy, of in (("a.jpg", "0.jpg"), ("b.jpg", "0.jpg"), ("c.jpg", "2.jpg")):
        (images / copy).write_bytes((images / of).read_bytes())
    assert catalog.scan().duplicates == 3
    assert catalog.duplicates() == (("0.jpg", "a.jpg", "b.jpg"), ("2.jpg", "c.jpg"))


def test_one_that_is_unusable_twice_is_no_duplicate(images: Path, catalog: Catalog) -> None:
    for name in ("x.jpg", "y.jpg"):
        (images / name).write_bytes(b"")
    report = catalog.scan()
    assert (report.duplicates, len(report.set_aside), report.new) == (0, 2, 2)
    assert counted(catalog.scan()) == (0, 6, 0), "a damaged file is not read again at every scan"


def test_a_renamed_damaged_file_is_looked_at_and_told_under_its_new_name(
    images: Path, catalog: Catalog
) -> None:
    (images / "x.jpg").write_bytes(b"")
    catalog.scan()
    (images / "x.jpg").rename(images / "y.jpg")
    report = catalog.scan()
    assert [(one.name, one.reason) for one in report.set_aside] == [("y.jpg", "empty file")]
    assert report.moved == 0


def test_a_picture_that_is_now_damaged_leaves_the_list(images: Path, catalog: Catalog) -> None:
    (images / "1.jpg").write_bytes(b"\xff\xd8\xff")
    report = catalog.scan()
    assert (report.pictures, [one.name for one in report.set_aside]) == (3, ["1.jpg"])
    assert "1.jpg" not in shown(catalog)


def test_a_folder_without_permission_is_named_and_comes_back(
    images: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(images / "private" / "p.jpg", 70)
    catalog.scan()
    real = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("private"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    report = catalog.scan()
    assert report.pictures == 4
    assert [(one.name, one.reason) for one in report.set_aside] == [
        ("private", "folder cannot be opened: no permission")
    ]
    monkeypatch.undo()
    report = catalog.scan()
    assert (report.pictures, report.set_aside) == (5, ())


def test_when_only_the_folders_inside_are_closed_that_is_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "faces" / "private" / "p.jpg", 1)
    real = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("private"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(InputError, match=r"private: no pictures, and the folder cannot be opened"):
        Catalog(tmp_path / "faces", tmp_path / "c.db").scan()


def test_a_file_that_vanishes_during_the_scan_is_set_aside_until_the_next(
    images: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(images / "gone.jpg", 80)

    def walk_then_lose(root: Path) -> object:
        listing = walk(root)
        (images / "gone.jpg").unlink()
        return listing

    monkeypatch.setattr(room, "walk", walk_then_lose)
    report = catalog.scan()
    assert [one.name for one in report.set_aside] == ["gone.jpg"]
    assert report.set_aside[0].reason.startswith("cannot be read: ")
    monkeypatch.undo()
    assert catalog.scan().set_aside == ()


def test_cancelled_before_the_first_file_reads_none_and_says_unfinished(images: Path, tmp_path: Path) -> None:
    fresh = Catalog(images, tmp_path / "fresh.db")
    told: list[ScanProgress] = []
    report = fresh.scan(told.append, lambda: True)
    assert (report.finished, report.pictures, report.new) == (False, 0, 0)
    assert told == [ScanProgress(4, 0, "")]
    assert fresh.scan().finished


def test_cancelled_with_nothing_left_to_read_has_finished(catalog: Catalog) -> None:
    assert catalog.scan(cancelled=lambda: True).finished


def test_what_an_interrupted_scan_read_is_committed_in_turns(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process that looks at the cache meanwhile sees whole portions, not everything at the end."""
    monkeypatch.setattr(room, "_COMMIT_EVERY", 2)
    database = tmp_path / "turns.db"
    seen: list[int] = []

    def look() -> bool:
        with sqlite3.connect(database) as connection:
            seen.append(connection.execute("SELECT count(*) FROM files").fetchone()[0])
        return False

    assert Catalog(images, database).scan(cancelled=look).new == 4
    assert set(seen) == {0, 2}


def test_progress_is_told_no_faster_than_a_screen_shows_it(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(x / 100 for x in range(100_000))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    for index in range(40):
        write(images / f"n{index:02d}.jpg", index % 4)
    told: list[ScanProgress] = []
    Catalog(images, tmp_path / "slow.db").scan(told.append)
    assert 3 <= len(told) < 40
    assert told[-1] == ScanProgress(44, 44, "n39.jpg")
    assert all(one.found == 44 and one.name for one in told)


def test_an_unwritable_cache_is_one_line(catalog: Catalog, images: Path, tmp_path: Path) -> None:
    write(images / "new.jpg", 90)
    with sqlite3.connect(tmp_path / "cache" / "catalog.db") as connection:
        connection.execute("CREATE TRIGGER full BEFORE INSERT ON files BEGIN SELECT RAISE(FAIL, 'full'); END")
    with pytest.raises(WorkbenchError, match="the disk is full; free some space") as caught:
        catalog.scan()
    assert "catalog.db" in str(caught.value)


def test_the_fingerprint_is_of_the_whole_content(tmp_path: Path) -> None:
    large = bytes(range(256)) * 8192  # two megabytes: more than is read at once
    (tmp_path / "one").write_bytes(large)
    (tmp_path / "two").write_bytes(large[:-1] + b"\0")
    (tmp_path / "three").write_bytes(large)
    one, two, three = (fingerprint(tmp_path / name) for name in ("one", "two", "three"))
    assert one == three != two
    assert fingerprint(tmp_path / "one") == one
    (tmp_path / "empty").touch()
    assert fingerprint(tmp_path / "empty") == "cae66941d9efbd404e4d88758ea67670"
    with pytest.raises(PictureError, match="it is a folder"):
        fingerprint(tmp_path)


def test_a_picture_knows_its_place_and_equals_itself(catalog: Catalog, images: Path) -> None:
    first = catalog.pictures()[0]
    assert first == Picture("0.jpg", first.fingerprint, 24, 16)
    assert catalog.path(first) == images / "0.jpg"
    assert len({*catalog.pictures(), *catalog.pictures()}) == 4


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(4)), lost=st.sets(st.integers(0, 3), max_size=3))
def test_whatever_is_moved_or_lost_a_fresh_catalog_would_say_the_same(
    images: Path, catalog: Catalog, tmp_path: Path, order: list[int], lost: set[int]
) -> None:
    for index in range(4):
        if not (images / f"{index}.jpg").exists():
            write(images / f"{index}.jpg", index)
    catalog.scan()
    for index in range(4):
        (images / f"{index}.jpg").rename(images / f"moving{index}")
    for place, index in enumerate(order):
        (images / f"moving{index}").rename(images / f"{place}.jpg")
    for place in lost:
        (images / f"{place}.jpg").unlink()
    catalog.scan()
    fresh = Catalog(images, tmp_path / f"{time.monotonic_ns()}.db")
    fresh.scan()
    assert shown(catalog) == shown(fresh)
    assert catalog.count() == 4 - len(lost)
