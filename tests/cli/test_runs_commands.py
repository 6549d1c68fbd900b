"""Asking about training runs: what is listed and shown, and one line for whatever cannot be asked."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Done, Workbench
from tests.unit.evaluation.conftest import evaluation
from tests.unit.training.conftest import MakeRun, batch, epoch, maker, phase, rewrite, worker_on, write
from workbench.evaluation.report import write_evaluation
from workbench.training.control import requests
from workbench.training.run import RunFolder

MODES = ("evaluate", "monitor", "predict", "stop")


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Make the folders of runs, without workers, on the bench `tmp_path/bench`."""
    return maker(tmp_path)


@pytest.fixture
def bench(tmp_path: Path, make_run: MakeRun) -> Path:
    return tmp_path / "bench"


@pytest.fixture
def finished(make_run: MakeRun) -> RunFolder:
    """A run of two epochs with an evaluation."""
    run = make_run()
    run.log.touch()
    write(run, phase("training"), batch(1, 4), epoch(1, 0.9), batch(2, 4), epoch(2, 0.7, best=2))
    write(run, {"type": "finished", "text": "all epochs done", "epoch": 2, "best_epoch": 2})
    write_evaluation(run, evaluation())
    return run


def refused(done: Done) -> str:
    """The one line of what was asked wrong."""
    assert done.code == 2, done.err
    assert done.out == ""
    [line] = done.err.splitlines()
    assert line.startswith("workbench: ")
    return line


def asked(mode: str, bench: Path, run: str) -> list[str]:
    """A command line about one run."""
    more = [str(bench), "-o", str(bench / "out.csv")] if mode == "predict" else []
    return [mode, str(bench), run, *more, *(["--json"] if mode == "monitor" else [])]


def test_a_bench_without_runs_names_the_next_step(workbench: Workbench, bench: Path) -> None:
    done = workbench("runs", bench)
    assert (done.code, done.out) == (0, f"no run yet; start one with: workbench train {bench}\n")
    assert json.loads(workbench("runs", bench, "--json").out) == []
    for mode in MODES:
        line = refused(workbench(*asked(mode, bench, "" if mode != "predict" else "1")))
        assert "start one: workbench train BENCH" in line


@pytest.mark.parametrize("mode", MODES)
def test_an_unknown_run_is_refused_with_those_that_are_there(
    workbench: Workbench, bench: Path, make_run: MakeRun, mode: str
) -> None:
    make_run()
    make_run(slug="slow")
    line = refused(workbench(*asked(mode, bench, "0003-fats")))
    assert "no run is named '0003-fats'; runs: 0002-slow, 0001-fast" in line


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["\x1b[31mred", "new\nline", "\u202egnp", "[bold]x"])
def test_a_name_that_a_terminal_would_obey_is_harmless(
    workbench: Workbench, bench: Path, make_run: MakeRun, mode: str, name: str
) -> None:
    make_run()
    line = refused(workbench(*asked(mode, bench, name)))
    assert line.isprintable()


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"version": 2}', b'{"version": 1}', b"[" * 100_000])
@pytest.mark.parametrize("mode", ["evaluate", "predict"])
def test_a_damaged_run_is_refused_where_it_is_needed_and_listed_nowhere(
    workbench: Workbench, bench: Path, make_run: MakeRun, mode: str, damage: bytes
) -> None:
    make_run()
    bad = make_run()
    bad.run_json.write_bytes(damage)
    picture = bench / "x.jpg"
    picture.touch()
    more = [picture, "-o", bench / "out.csv"] if mode == "predict" else []
    line = refused(workbench(mode, bench, "2", *more))
    assert str(bad.run_json) in line
    if damage == b'{"version": 2}':
        assert "version 2; this program knows 1; update workbench" in line
    listed = json.loads(workbench("runs", bench, "--json").out)
    assert bad.name not in {run["name"] for run in listed} or damage == b'{"version": 1}'
    assert "0001-fast" in {run["name"] for run in listed}


def test_runs_are_listed_newest_first_with_their_states(
    workbench: Workbench, bench: Path, finished: RunFolder, make_run: MakeRun
) -> None:
    died, running = make_run(), make_run()
    died.log.touch()
    write(died, phase("training"), batch(1, 1))
    write(running, phase("training"), epoch(3, 0.5, best=3, best_value=0.5))
    with worker_on(running):
        listed = json.loads(workbench("runs", bench, "--json").out)
        text = workbench("runs", bench).out
    assert [(run["name"][:4], run["state"]) for run in listed] == [
        ("0003", "running"),
        ("0002", "died"),
        ("0001", "finished"),
    ]
    assert listed[2]["epochs_done"] == 2
    header, first, *_ = text.splitlines()
    words = "run state preset parent architecture epochs best val loss accuracy macro-F1 pictures/s seconds"
    assert header.split() == [*words.split(), "tags", "note"]
    assert first.split()[:5] == ["0003-fast", "running", "fast", "trunk", "3/10"]
    assert "val_loss 0.5 (epoch 3)" in first


def test_monitor_as_json_says_where_a_run_stands(
    workbench: Workbench, bench: Path, finished: RunFolder
) -> None:
    found = json.loads(workbench("monitor", bench, "--json").out)
    assert (found["run"], found["state"], found["epoch"], found["best_epoch"]) == (
        finished.name,
        "finished",
        2,
        2,
    )
    last = {(one["head"], one["metric"], one["split"]): one["value"] for one in found["last"]}
    assert last["", "loss", "validation"] == 0.7


def test_monitor_in_lines_ends_with_the_run(workbench: Workbench, bench: Path, finished: RunFolder) -> None:
    for arguments in (["--plain"], []):  # the same where there is no terminal
        done = workbench("monitor", bench, finished.name, *arguments)
        assert done.code == 0
        assert "epoch 2/10" in done.out
        assert f"run {finished.name} finished" in done.out


def test_a_run_that_died_says_so_and_where_its_log_is(
    workbench: Workbench, bench: Path, make_run: MakeRun
) -> None:
    run = make_run()
    run.log.write_text("Killed")
    write(run, phase("training"), batch(1, 1))
    found = json.loads(workbench("monitor", bench, "--json").out)
    assert found["state"] == "died"
    assert "out of memory" in found["failure"]
    assert found["log_path"] == str(run.log)
    shown = workbench("monitor", bench, "--plain").out
    assert f"run {run.name} died" in shown
    assert f"log: {run.log}" in shown
    line = refused(workbench("evaluate", bench, run.name))
    assert "the run died before its first checkpoint" in line
    assert f"its log: {run.log}" in line
    assert "the run has died already" in refused(workbench("stop", bench, run.name))


def test_stop_asks_once_and_says_how_to_see_it(workbench: Workbench, bench: Path, make_run: MakeRun) -> None:
    run = make_run()
    write(run, phase("training"))
    with worker_on(run):
        done = workbench("stop", bench, "1")
        assert (done.code, [one.stage for one in requests(run)]) == (0, ["asked"])
        assert f"workbench monitor {bench} {run.name}" in done.out
        told = json.loads(workbench("stop", bench, "--json").out)
        assert (told["run"], told["asked"], told["stage"]) == (run.name, "stop", "asked")


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ({"type": "finished"}, "finished"),
        ({"type": "stopped"}, "stopped"),
        ({"type": "failed", "cause": "x"}, "failed"),
        (phase("training"), "died"),
    ],
)
def test_what_has_ended_cannot_be_stopped(
    workbench: Workbench, bench: Path, make_run: MakeRun, event: dict[str, Any], state: str
) -> None:
    run = make_run()
    run.log.touch()
    write(run, event)
    line = refused(workbench("stop", bench))
    assert f"{run.name}: the run has {state} already; see: workbench runs {bench}" in line
    assert not run.control.exists()


def test_a_run_that_was_never_started_cannot_be_stopped(
    workbench: Workbench, bench: Path, make_run: MakeRun
) -> None:
    make_run()
    assert "has not begun" in refused(workbench("stop", bench))


def test_evaluate_shows_what_lies_beside_the_run(
    workbench: Workbench, bench: Path, finished: RunFolder, make_run: MakeRun
) -> None:
    make_run()  # newer, but not finished
    found = json.loads(workbench("evaluate", bench, "--json").out)
    assert found["splits"]["test"]["heads"]["freckles"]["accuracy"] == 0.8
    only = json.loads(workbench("evaluate", bench, "1", "--split", "test", "--split", "train", "--json").out)
    assert set(only["splits"]) == {"test", "train"}
    assert "freckles" in workbench("evaluate", bench).out
    rows = list(csv.DictReader(workbench("evaluate", bench, "--csv").out.splitlines()))
    assert {row["head"] for row in rows} >= {"freckles", "glasses"}
    assert workbench("evaluate", bench, "--markdown").out.startswith("|")
    column = "validation"
    for sort, turned in ((column, False), (f"-{column}", True)):
        out = workbench("evaluate", bench, "--csv", "--sort", sort).out
        found = [float(row[column]) for row in csv.DictReader(out.splitlines()) if row[column]]
        assert found == sorted(found, reverse=turned)
        assert len(found) > 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--split", "tset"], "no split is named 'tset'; valid: train, validation, test"),
        (["--sort", "acuracy"], "no column is named 'acuracy'; "),
        (["--sort", "-acuracy"], "no column is named 'acuracy'; "),
        (["--csv", "--markdown"], "exclude each other"),
    ],
)
def test_a_slip_in_evaluate_names_what_is_valid(
    workbench: Workbench, bench: Path, finished: RunFolder, arguments: list[str], said: str
) -> None:
    assert said in refused(workbench("evaluate", bench, *arguments))


def test_evaluate_without_a_finished_run_names_those_that_are_there(
    workbench: Workbench, bench: Path, make_run: MakeRun
) -> None:
    run = make_run()
    write(run, {"type": "failed", "cause": "out of memory"})
    assert f"no finished run; runs: {run.name}" in refused(workbench("evaluate", bench))
    line = refused(workbench("evaluate", bench, run.name))
    assert "no network: the run failed before its first checkpoint: out of memory" in line


def test_a_damaged_evaluation_says_how_to_make_it_again(
    workbench: Workbench, bench: Path, finished: RunFolder
) -> None:
    finished.evaluation.write_text("{")
    done = workbench("evaluate", bench)
    assert done.code != 0
    [line] = done.err.splitlines()
    assert str(finished.evaluation) in line
    assert "evaluate the run again" in line


def test_predict_without_pictures_or_network(
    workbench: Workbench, bench: Path, make_run: MakeRun, tmp_path: Path
) -> None:
    make_run()
    out = tmp_path / "out.csv"
    assert "no such picture" in refused(workbench("predict", bench, "1", tmp_path / "no.jpg", "-o", out))
    (tmp_path / "a.jpg").touch()
    line = refused(workbench("predict", bench, "1", tmp_path / "a.jpg", "-o", out))
    assert "no network yet; it is starting" in line
    assert not out.exists()


def test_an_odd_preset_is_shown_harmless_and_kept(
    workbench: Workbench, bench: Path, make_run: MakeRun
) -> None:
    rewrite(make_run(), preset="\x1b[31m[red]\n")
    assert "\\e[31m[red]\\n" in workbench("runs", bench).out
    assert json.loads(workbench("runs", bench, "--json").out)[0]["preset"] == "\x1b[31m[red]\n"
