"""`workbench report`: what is refused in one line before anything is read, and what is written."""

import json
import os
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Workbench
from tests.unit.training.conftest import MakeRun, batch, epoch, maker, phase, write


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Make the folders of runs, without workers, on the bench `tmp_path/bench`."""
    return maker(tmp_path)


def test_a_run_becomes_one_file_and_json_says_what_is_in_it(
    workbench: Workbench, make_run: MakeRun, tmp_path: Path
) -> None:
    run = make_run()
    run.log.touch()
    write(run, phase("training"), *(batch(1, number) for number in range(1, 5)), epoch(1), "no event\n")
    out = tmp_path / "report.html"
    done = workbench("report", tmp_path / "bench", "1", "-o", out, "--json")
    said = json.loads(done.out)
    assert (done.code, said["run"], said["state"], said["output"]) == (0, run.name, "died", str(out))
    assert said["bytes"] == out.stat().st_size
    assert said["charts"] == out.read_text().count("<svg") - out.read_text().count('class="sample"')
    assert (said["evaluated"], said["pictures"], said["skipped_lines"]) == ([], 0, 1)
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(out.stat().st_mode) == 0o666 & ~umask
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_in_words_it_says_where_the_file_is_and_what_it_lacks(
    workbench: Workbench, make_run: MakeRun, tmp_path: Path
) -> None:
    run = make_run()
    done = workbench("report", tmp_path / "bench", "-o", tmp_path / "report.html")
    assert done.code == 0
    assert done.out.startswith(f"{tmp_path / 'report.html'}: run {run.name}, starting; ")
    assert "without an evaluation: not evaluated yet" in done.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-o", "there.html"], "there.html: exists; name another file, or allow it with --overwrite"),
        (["-o", "bench"], "bench: it is a folder; name a file in it"),
        (["-o", "lost/out.html"], "lost: no such folder; create it first"),
        (["-o", "there.html/out.html"], "there.html: no such folder; create it first"),
        (["-o", "bench/labels.db", "--overwrite"], "that is a database, not a report; name another file"),
        (["-o", "out.html", "--random"], "--random is one of --pictures N; give both, or neither"),
        (["-o", "out.html", "--pictures", "-1"], "'--pictures'"),
        (
            ["-o", "out.html", "--pictures", "2"],
            "the run has no network yet; it is starting; wait for its first",
        ),
        ([], "'--output'"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line_and_changes_nothing(
    workbench: Workbench,
    make_run: MakeRun,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    said: str,
) -> None:
    make_run()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.html").write_text("mine")
    (tmp_path / "bench" / "labels.db").write_bytes(b"SQLite format 3\0rest")
    before = sorted(path.name for path in tmp_path.iterdir())
    done = workbench("report", "bench", "1", *options)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert (tmp_path / "there.html").read_text() == "mine"


def test_an_existing_file_is_replaced_where_that_is_allowed(
    workbench: Workbench, make_run: MakeRun, tmp_path: Path
) -> None:
    make_run()
    out = tmp_path / "report.html"
    out.write_text("mine")
    assert workbench("report", tmp_path / "bench", "-o", out, "--overwrite").code == 0
    assert out.read_text().startswith("<!DOCTYPE html>")


def test_a_damaged_run_is_one_line(workbench: Workbench, make_run: MakeRun, tmp_path: Path) -> None:
    run = make_run()
    run.run_json.write_text("{}")
    done = workbench("report", tmp_path / "bench", "1", "-o", tmp_path / "report.html")
    assert (done.code, done.out) == (2, "")
    assert "run.json" in done.err
    assert not (tmp_path / "report.html").exists()


def test_help_says_that_faces_are_personal_data(workbench: Workbench) -> None:
    words = " ".join(workbench("report", "--help").out.split())
    assert "faces are personal data" in words
    assert "fetches and runs nothing" in words
