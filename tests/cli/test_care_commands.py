"""Looking after a bench on the command line: agreement, check, repoint, and the rule of an export."""

import csv
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Workbench
from tests.conftest import MakeBench, write_pictures
from workbench.annotation.store import LabelStore
from workbench.bench import Bench
from workbench.images.catalog import Catalog


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """Three pictures that ana and bea answered; on the second they differ."""
    made = make_bench(3)
    with closing(Catalog(made.images_root, made.catalog_db)) as catalog:
        catalog.scan()
        pictures = catalog.pictures()
    for who, given in (("ana", ("none", "normal")), ("bea", ("none", "sunglasses"))):
        with LabelStore(made.labels_db, made.schema, annotator=who) as store:
            for picture, glasses in zip(pictures, given, strict=False):
                store.record(picture.fingerprint, "glasses", glasses, name=picture.name)
    return made


def glasses(file: Path) -> list[str]:
    with file.open(newline="") as text:
        return [row["glasses"] for row in csv.DictReader(text)]


def test_agreement_is_a_table_with_the_pictures_that_differ(workbench: Workbench, bench: Bench) -> None:
    done = workbench("agreement", bench.root)
    assert done.code == 0
    assert "2 pictures answered by several of: ana, bea" in done.out
    assert any(
        line.split() == ["glasses", "2", "50.0", "%", "+0.33", "+0.40"] for line in done.out.splitlines()
    )
    assert "1 pictures on which they differ\n  0001.jpg: glasses\n" in done.out
    found = json.loads(workbench("agreement", bench.root, "--json").out)
    assert found["heads"]["glasses"]["kappa"] == pytest.approx(1 / 3)
    assert [one["name"] for one in found["disagreeing"]] == ["0001.jpg"]


def test_agreement_of_one_annotator_says_what_to_do(workbench: Workbench, make_bench: MakeBench) -> None:
    done = workbench("agreement", make_bench(1).root)
    assert done.code == 0
    assert "--annotator NAME --blind" in done.out


def test_an_export_names_its_rule(workbench: Workbench, bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    done = workbench("export", bench.root, file)
    assert "merged by the rule latest" in done.out
    assert glasses(file) == ["0", "2", ""]
    done = workbench("export", bench.root, file, "--merge", "majority", "--json")
    found = json.loads(done.out)
    assert (found["merge"], found["annotators"]) == ("majority", ["ana", "bea"])
    assert [(one["name"], one["heads"]) for one in found["undecided"]] == [("0001.jpg", ["glasses"])]
    assert glasses(file) == ["0", "", ""]
    workbench("export", bench.root, file, "--merge", "adjudicated", "--adjudicator", "ana")
    assert glasses(file) == ["0", "1", ""]
    done = workbench("export", bench.root, file, "--merge", "adjudicated")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "--adjudicator" in done.err


def test_check_ends_with_0_where_all_is_well_and_1_where_not(workbench: Workbench, bench: Bench) -> None:
    done = workbench("check", bench.root)
    assert (done.code, done.err) == (0, "")
    assert done.out == "3 pictures, 2 labelled\nnothing is left to do\n"
    (bench.images_root / "0000.jpg").unlink()
    with closing(sqlite3.connect(bench.labels_db)) as raw, raw:
        raw.execute("DROP TRIGGER events_no_delete")
    done = workbench("check", bench.root)
    assert done.code == 1
    assert done.err == f"workbench: {bench.root}: 2 problems found; 1 of them are repaired with --apply\n"
    assert "missing pictures (1): put it back under any name" in done.out
    assert "  0000.jpg: it has 1 answers, which are kept; the picture is gone" in done.out
    done = workbench("check", bench.root, "--apply", "--json")
    found = json.loads(done.out)
    assert done.code == 1
    assert [one["kind"] for one in found["problems"]] == ["missing pictures"]
    assert [one["repair"] for one in found["repaired"]] == ["put it back"]


def test_names_with_escapes_are_shown_harmlessly(workbench: Workbench, bench: Bench) -> None:
    (bench.images_root / "\x1b[31m.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    done = workbench("check", bench.root)
    assert "\x1b" not in done.out
    assert "\\e[31m.png" in done.out


def test_a_long_list_is_cut_and_says_so(workbench: Workbench, bench: Bench) -> None:
    for index in range(25):
        (bench.images_root / f"broken{index}.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    done = workbench("check", bench.root)
    assert "… and 5 more; --json lists all" in done.out


def test_repoint_says_what_it_found_and_how_to_take_it_back(
    workbench: Workbench, bench: Bench, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"
    shutil.move(bench.images_root, moved)
    failed = workbench("stats", bench.root)
    assert (failed.code, "workbench repoint BENCH --images DIR" in failed.err) == (2, True)
    done = workbench("repoint", bench.root, "--images", moved)
    assert done.code == 0
    assert done.out == f"2 of 2 labelled pictures are among the 3 in {moved}\n"
    assert done.err == f"to take it back: workbench repoint {bench.root} --images {bench.images_root}\n"
    assert workbench("check", bench.root).code == 0
    found = json.loads(workbench("repoint", bench.root, "--images", moved, "--json").out)
    assert (found["images"], found["before"], found["found"]) == (str(moved), str(moved), 2)


def test_repoint_refuses_other_pictures(workbench: Workbench, bench: Bench, tmp_path: Path) -> None:
    write_pictures(tmp_path / "others", 2, start=70)
    done = workbench("repoint", bench.root, "--images", tmp_path / "others")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "none of the 2 labelled pictures" in done.err
    assert workbench("repoint", bench.root, "--images", tmp_path / "others", "--force").code == 0


def test_a_command_that_waits_for_another_program_says_so(
    workbench: Workbench, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.cli.opening._BUSY_S", 0.6)
    file = tmp_path / "in.csv"
    file.write_text("file_name,glasses\n0002.jpg,1\n")
    with closing(sqlite3.connect(bench.labels_db, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = workbench("import", bench.root, file, "--apply")
    assert done.code == 2, "the person can close that program"
    first, *rest = done.err.splitlines()
    assert first == "another program is writing the labels; waiting up to 1 seconds for it"
    assert "another program holds the label file; close that program, then try again" in rest[-1]
