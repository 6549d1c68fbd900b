"""A look through a bench finds what a person would want to know, and changes nothing unasked."""

import os
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import MakeBench
from workbench.annotation.labels import Special
from workbench.annotation.store import LabelStore
from workbench.bench import Bench
from workbench.check import CheckReport, check_bench
from workbench.dataset.rows import RowFile
from workbench.images.catalog import Catalog, Picture
from workbench.problem import Problem


def pictures(bench: Bench) -> list[Picture]:
    """All pictures, as they are now."""
    with closing(Catalog(bench.images_root, bench.catalog_db)) as catalog:
        catalog.scan()
        return list(catalog.pictures())


def answer(bench: Bench, name: str, head: str, given: str | Special) -> None:
    """Answer one head of the picture of this name."""
    mark = next(one.fingerprint for one in pictures(bench) if one.name == name)
    with LabelStore(bench.labels_db, bench.schema, annotator="ana") as store:
        store.record(mark, head, given, name=name)


def copy_of(bench: Bench, name: str, copy: str) -> None:
    """The same picture, saved again."""
    with Image.open(bench.images_root / name) as image:
        image.save(bench.images_root / copy, quality=70)


def labels(bench: Bench) -> object:
    """Everything that is labelled."""
    with LabelStore(bench.labels_db, bench.schema, read_only=True) as store:
        return store.all_labels(), store.events_since()


def only(report: CheckReport) -> Problem:
    """The one problem that there is."""
    (problem,) = report.problems
    return problem


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """Four pictures, two of them labelled."""
    made = make_bench(4)
    for name in ("0000.jpg", "0001.jpg"):
        answer(made, name, "glasses", "none")
    return made


def test_a_clean_bench_has_no_problem(bench: Bench) -> None:
    told: list[str] = []
    report = check_bench(bench, told=lambda label, *_: told.append(label))
    assert report == CheckReport(4, 2, ())
    assert {"finding pictures", "looking at pictures"} <= set(told)


def test_labels_whose_picture_is_gone_are_listed_and_kept(bench: Bench) -> None:
    (bench.images_root / "0001.jpg").unlink()
    before = labels(bench)
    problem = only(check_bench(bench, apply=True))
    assert (problem.kind, problem.where) == ("missing pictures", "0001.jpg")
    assert "1 answers, which are kept" in problem.what
    assert labels(bench) == before


def test_a_name_that_now_holds_another_picture_is_listed(bench: Bench) -> None:
    Image.new("RGB", (48, 48), "red").save(bench.images_root / "0001.jpg")
    problem = only(check_bench(bench))
    assert (problem.kind, problem.where) == ("changed pictures", "0001.jpg")


def test_a_picture_whose_bytes_rotted_silently_is_listed(bench: Bench) -> None:
    pictures(bench)
    path = bench.images_root / "0002.jpg"
    info, data = path.stat(), bytearray(path.read_bytes())
    data[-3] ^= 0xFF
    with path.open("r+b") as file:
        file.write(data)
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
    problem = only(check_bench(bench))
    assert (problem.kind, problem.where) == ("changed pictures", "0002.jpg")


def test_a_file_that_is_no_picture_is_listed(bench: Bench) -> None:
    (bench.images_root / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    problem = only(check_bench(bench))
    assert (problem.kind, problem.where) == ("unreadable pictures", "broken.png")


def test_a_folder_of_pictures_that_is_gone_is_one_problem(bench: Bench) -> None:
    bench.images_root.rename(bench.images_root.with_name("moved"))
    problem = only(check_bench(bench))
    assert problem.kind == "missing pictures"
    assert "workbench repoint" in problem.cure


def test_near_duplicates_with_different_classes_are_listed(bench: Bench) -> None:
    copy_of(bench, "0000.jpg", "copy.jpg")
    assert check_bench(bench).problems == (), "a copy without labels contradicts nobody"
    answer(bench, "copy.jpg", "glasses", Special.CANNOT_TELL)
    answer(bench, "copy.jpg", "hair_top", "few")
    assert check_bench(bench).problems == (), "nor does one of which nobody can tell"
    answer(bench, "copy.jpg", "glasses", "normal")
    problem = only(check_bench(bench))
    assert (problem.kind, problem.where) == ("unlike answers", "0000.jpg")
    assert problem.what == "looks like copy.jpg: glasses none / normal"


def test_near_duplicates_of_which_one_is_excluded_are_listed(bench: Bench) -> None:
    copy_of(bench, "0000.jpg", "copy.jpg")
    answer(bench, "copy.jpg", "not_human", "yes")
    assert only(check_bench(bench)).what == "looks like copy.jpg: one of them is excluded"


def test_near_duplicates_in_different_splits_are_listed(bench: Bench) -> None:
    copy_of(bench, "0000.jpg", "copy.jpg")
    marks = {one.name: one.fingerprint for one in pictures(bench)}
    rows = [("0000.jpg", "train"), ("copy.jpg", "test"), ("0001.jpg", "test")]
    lines = [
        "division,fingerprint,split",
        *(f"70:15:15 seed 0,{marks[name]},{split}" for name, split in rows),
    ]
    bench.splits_file.write_text("\n".join([*lines, ""]))
    problem = only(check_bench(bench))
    assert (problem.kind, problem.where) == ("straddling splits", "0000.jpg")
    assert problem.what == "is in train, and copy.jpg, which looks like it, in test (70:15:15 seed 0)"


def test_a_damaged_file_of_splits_is_listed_and_left(bench: Bench) -> None:
    bench.splits_file.write_text("division,fingerprint,split\nnonsense\n")
    problem = only(check_bench(bench, apply=True))
    assert problem.kind == "splits"
    assert "line 2 is damaged" in problem.what
    assert bench.splits_file.read_text().endswith("nonsense\n")


def test_damaged_pixels_are_removed_when_asked(bench: Bench) -> None:
    file = RowFile(bench.cache_dir / "pixels-8-0badcafe", 8)
    file.append(["0" * 32, "1" * 32], np.zeros((2, 8, 8, 3), np.uint8))
    file.close()
    assert check_bench(bench).problems == ()
    with file.path.open("r+b") as raw:
        raw.seek(200)
        raw.write(b"rot")
    problem = only(check_bench(bench))
    assert (problem.kind, problem.what) == ("cache", "1 of its pictures are damaged")
    assert file.path.exists()
    report = check_bench(bench, apply=True)
    assert (report.problems, report.repaired) == ((), (problem,))
    assert not list(bench.cache_dir.glob("pixels-*"))


def test_what_an_interrupted_command_left_is_removed_once_it_is_old(bench: Bench) -> None:
    left = bench.root / ".bench.toml.abc123"
    left.write_text("half")
    assert check_bench(bench, apply=True).problems == ()
    assert left.exists(), "perhaps somebody is writing it"
    os.utime(left, (0, 0))
    assert only(check_bench(bench)).where == str(left)
    check_bench(bench, apply=True)
    assert not left.exists()


def test_labels_that_cannot_be_opened_are_one_problem_and_the_rest_is_looked_at(bench: Bench) -> None:
    Path(f"{bench.labels_db}").write_bytes(b"file_name,glasses\n" * 50)
    (bench.images_root / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert [one.kind for one in check_bench(bench).problems] == ["labels", "unreadable pictures"]


def test_a_repair_of_the_labels_keeps_every_event(bench: Bench) -> None:
    import sqlite3

    before = labels(bench)
    with closing(sqlite3.connect(bench.labels_db)) as raw, raw:
        raw.execute("DROP TRIGGER events_no_delete")
    report = check_bench(bench, apply=True)
    assert [one.repair for one in report.repaired] == ["put it back"]
    assert check_bench(bench).problems == ()
    assert labels(bench) == before
