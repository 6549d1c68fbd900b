"""Runs as things one keeps, on the command line: found, noted, tagged, removed, brought back."""

import io
import json
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Done, Workbench
from tests.unit.training.conftest import MakeRun, epoch, maker, phase, rewrite, worker_on, write


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Make the folders of runs, without workers, on the bench `tmp_path/bench`."""
    return maker(tmp_path)


@pytest.fixture
def bench(tmp_path: Path, make_run: MakeRun) -> Path:
    """Three runs: the second is the best, the third began with its weights."""
    for value in (0.9, 0.3, 0.6):
        run = make_run()
        run.log.touch()
        write(run, phase("training"), epoch(1, value, best_value=value), {"type": "finished", "epoch": 1})
    rewrite(run, parent="0002-fast")
    return tmp_path / "bench"


def refused(done: Done) -> str:
    """The one line of what was asked wrong."""
    assert (done.code, done.out) == (2, ""), done
    [line] = done.err.splitlines()
    return line


def names(done: Done) -> str:
    """The numbers of the runs in a JSON list, such as "321"."""
    assert done.code == 0, done.err
    return "".join(run["name"][3] for run in json.loads(done.out))


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], "321"),
        (["--sort", "best"], "231"),
        (["--sort", "-val-loss"], "132"),
        (["--sort", "parent"], "321"),
        (["--filter", "best<0.7"], "32"),
        (["--filter", "parent:0002", "--sort", "loss"], "3"),
        (["--filter", "nothing-like-it"], ""),
    ],
)
def test_runs_are_sorted_and_filtered(
    workbench: Workbench, bench: Path, options: list[str], found: str
) -> None:
    assert names(workbench("runs", bench, *options, "--json")) == found


def test_the_table_shows_what_fits_or_how_many_do_not(workbench: Workbench, bench: Path) -> None:
    lines = workbench("runs", bench, "--filter", "best<0.4").out.splitlines()
    assert len(lines) == 2
    assert "0.300" in lines[1]
    said = f"none of 3 runs fits x; list all with: workbench runs {bench}\n"
    assert workbench("runs", bench, "--filter", "x").out == said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--sort", "bets"], "--sort: no column is named 'bets'; did you mean 'best'?"),
        (["--filter", "best<x"], "filter: 'x' is no number"),
        (["--filter", '"'], "a quote has no end"),
    ],
)
def test_a_slip_is_one_line(workbench: Workbench, bench: Path, options: list[str], said: str) -> None:
    assert said in refused(workbench("runs", bench, *options))


def test_what_cannot_be_listed_is_said_beside_the_list(workbench: Workbench, bench: Path) -> None:
    (bench / "runs" / "0001-fast" / "run.json").write_text("{")
    done = workbench("runs", bench, "--json")
    assert names(done) == "32"
    assert done.err == "cannot be listed: 0001-fast: expected JSON\n"


def test_a_note_is_written_shown_and_removed(workbench: Workbench, bench: Path) -> None:
    assert "0002-fast has no note; write one: workbench note" in workbench("note", bench, 2).out
    assert workbench("note", bench, 2, "best \x1b[31mso\nfar").out == "0002-fast: the note is kept\n"
    assert workbench("note", bench, 2).out == "best \\e[31mso far\n"
    kept = json.loads(workbench("note", bench, 2, "--json").out)
    assert kept == {"run": "0002-fast", "note": "best \x1b[31mso far", "tags": []}
    assert "best \\e[31mso far" in workbench("runs", bench).out
    assert "it has no note any more" in workbench("note", bench, 2, "").out
    assert "no run is named '9'" in refused(workbench("note", bench, 9, "x"))


def test_tags_are_given_and_taken_away(workbench: Workbench, bench: Path) -> None:
    assert "0002-fast has no tags; give it some" in workbench("tag", bench, 2).out
    assert workbench("tag", bench, 2, "good", "old").out == "0002-fast: good old\n"
    kept = json.loads(workbench("tag", bench, 2, "new", "--remove", "old", "--json").out)
    assert kept == {"run": "0002-fast", "note": "", "tags": ["good", "new"]}
    assert names(workbench("runs", bench, "--filter", "tag:new", "--json")) == "2"
    assert "no tag 'old'; its tags: good, new" in refused(workbench("tag", bench, 2, "--remove", "old"))
    assert "cannot be a tag" in refused(workbench("tag", bench, 2, "two words"))
    assert "has no tags any more" in workbench("tag", bench, 2, "--remove", "good", "--remove", "new").out


def test_a_run_goes_to_the_trash_and_comes_back(workbench: Workbench, bench: Path) -> None:
    assert "the trash is empty; move a run to it" in workbench("trash", bench).out
    done = workbench("trash", bench, 2)
    assert done.code == 0
    assert "0002-fast is in the trash: its log: " in done.out
    assert done.err == "it was named as parent by 0003-fast, which keep their own weights\n"
    assert names(workbench("runs", bench, "--json")) == "31"
    assert "0002-fast" in workbench("trash", bench, "--list").out
    [there] = json.loads(workbench("trash", bench, "--json").out)["runs"]
    assert there["bytes"] > 0
    back = json.loads(
        workbench("trash", bench, "--restore", there["key"], "--as", "0008-again", "--json").out
    )
    assert back["run"] == "0008-again"
    assert names(workbench("runs", bench, "--json")) == "831"
    assert "the trash is empty" in refused(workbench("trash", bench, "--restore", "2"))


def test_a_run_at_work_stays(workbench: Workbench, bench: Path, make_run: MakeRun) -> None:
    run = make_run()
    with worker_on(run):
        assert f"{run.name}: is at work; stop it first" in refused(workbench("trash", bench, run.name))
    assert run.run_json.exists()


def test_a_name_taken_meanwhile_is_refused_with_what_to_do(workbench: Workbench, bench: Path) -> None:
    workbench("trash", bench, 2)
    (bench / "runs" / "0002-fast").mkdir()
    line = refused(workbench("trash", bench, "--restore", "0002-fast"))
    assert "a run has that name now; give it another: --restore 0002-fast@" in line
    assert line.endswith("--as OTHER-NAME")


def test_without_a_terminal_it_is_emptied_only_with_yes(workbench: Workbench, bench: Path) -> None:
    workbench("trash", bench, 1)
    line = refused(workbench("trash", bench, "--empty"))
    assert "--empty: 1 run, " in line
    assert "would be gone for good; add --yes to do it" in line
    assert "0001-fast" in workbench("trash", bench).out
    done = json.loads(workbench("trash", bench, "--empty", "--yes", "--json").out)
    assert [one["name"] for one in done["removed"]] == ["0001-fast"]
    assert done["bytes"] > 0
    assert workbench("trash", bench, "--empty").out == "the trash was empty\n"
    assert not (bench / "runs" / ".trash").exists()


class Keyboard(io.StringIO):
    """A terminal at which somebody has typed."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.mark.parametrize(("typed", "gone"), [("yes\n", True), ("YES\n", True), ("y\n", False), ("", False)])
def test_on_a_terminal_only_the_whole_word_empties_it(
    workbench: Workbench, bench: Path, monkeypatch: pytest.MonkeyPatch, typed: str, gone: bool
) -> None:
    workbench("trash", bench, 1)
    monkeypatch.setattr(sys, "stdin", Keyboard(typed))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    done = workbench("trash", bench, "--empty")
    assert (done.code == 0) == gone
    assert "would be gone for good; type yes to empty the trash: " in done.err
    monkeypatch.undo()
    assert ("0001-fast" in workbench("trash", bench).out) != gone


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["1", "--list"], "exclude each other"),
        (["--empty", "--restore", "1"], "exclude each other"),
        (["--as", "x"], "--as is the new name of a run to --restore"),
        (["--yes"], "--yes belongs to --empty"),
        (["7"], "no run is named '7'; runs: 0003-fast"),
    ],
)
def test_what_does_not_go_together_is_refused(
    workbench: Workbench, bench: Path, options: list[str], said: str
) -> None:
    assert said in refused(workbench("trash", bench, *options))
