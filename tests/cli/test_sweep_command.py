"""`sweep` from the first line to the last, a small program in the place of the network."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Done, Workbench
from tests.conftest import MakeBench
from tests.engine.test_start import answer
from workbench.bench import Bench
from workbench.cli.interruption import Interruption
from workbench.sweep.begin import begin
from workbench.sweep.hold import holding
from workbench.sweep.place import place_of
from workbench.training import launcher
from workbench.training.run import RunFolder, run_folders
from workbench.training.state import RunState

PROGRAM = """
import os, sys, time
from pathlib import Path
from workbench.training.control import ControlReader
from workbench.training.events import EventLog
from workbench.training.run import RunFolder

run = RunFolder(Path(sys.argv[1]))
how, settings = os.environ["STANDIN"], run.settings()
control = ControlReader(run, run.lock.stat().st_mtime)
done = run.events.read_text().count('"type":"epoch"') if run.events.exists() else 0
with EventLog(run.events) as log:
    log.emit("started", epochs=3, batches=1, batch_size=8, pictures=40, resumed_epoch=done, resumed_batch=0)
    log.phase("training")
    end, epoch = "finished", done
    if settings.training.learning_rate > 0.5:
        log.emit("failed", cause="the loss is no number\\x1b[2J", log="")
        sys.exit()
    while epoch < 3:
        epoch += 1
        one = {"loss": 1.0, "accuracy": 0.5, "macro_f1": epoch * settings.training.learning_rate, "heads": {}}
        log.emit("batch", epoch=epoch, batch=1, batches=1, step=epoch, images_per_second=20.0, **one)
        log.emit("epoch", epoch=epoch, epochs=3, train=one, validation=one, metric="val_loss", value=1.0)
        while how == "waits" and not control.poll():
            time.sleep(0.01)
        if how == "waits":
            control.done()
            end = "stopped"
            break
        if how == "dies":
            os._exit(9)
    log.emit(end, text="", epoch=epoch, best_epoch=epoch, seconds=1.0)
"""
SPACE = """
sampler = "grid"
pruner = "none"
[parameters.training]
learning_rate = [0.1, 0.25]
"""


@pytest.fixture
def bench(make_bench: MakeBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Forty labelled pictures, and the stand-in for the worker."""
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "standin.py").write_text(PROGRAM)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'programs'}:{Path(__file__).parents[2]}")
    monkeypatch.setenv("STANDIN", "ends")
    monkeypatch.delenv("WORKBENCH_STORAGE", raising=False)
    monkeypatch.setattr(launcher, "WORKER", "standin")
    made = make_bench(40)
    answer(made)
    return made


@pytest.fixture
def space(tmp_path: Path) -> Path:
    """Two learning rates."""
    path = tmp_path / "rates.toml"
    path.write_text(SPACE)
    return path


def refused(done: Done) -> str:
    """The one line of what was asked wrong, on stderr."""
    assert done.code == 2, done.err
    assert done.out == ""
    assert "\x1b" not in done.err
    return done.err.splitlines()[-1]


def test_a_study_is_trained_shown_and_listed(workbench: Workbench, bench: Bench, space: Path) -> None:
    empty = workbench("sweep", bench.root)
    assert empty.out.splitlines()[0] == "no study yet"
    assert f"workbench sweep {bench.root} optimisers" in empty.out
    done = workbench("sweep", bench.root, "--space", space)
    assert done.code == 0, done.err
    first, second = (run.read()["study"] for run in reversed(run_folders(bench.runs_dir)))
    assert (first["name"], first["trial"], second["trial"]) == ("rates", 0, 1)
    assert [run.name for run in run_folders(bench.runs_dir)] == ["0002-rates-1", "0001-rates-0"]
    lines = done.out.splitlines()
    assert lines[0].split()[:4] == ["trial", "state", "learning_rate", "val_macro_f1"]
    assert lines[2].split() == ["1", "complete", "0.25", "0.7500", "3", "3", "20.0", "0002-rates-1"]
    assert "········● 0.25" in done.out
    assert "val_macro_f1 over learning_rate" in done.out
    assert f"next: workbench evaluate {bench.root} 0002-rates-1" in done.out
    assert "trial 1  learning_rate 0.25  begins: run 0002-rates-1" in done.err
    shown = workbench("sweep", bench.root, "rates", "--show")
    assert shown.out == done.out
    again = workbench("sweep", bench.root, "rates", "--json")
    found = json.loads(again.out)
    assert found["best"]["values"] == {"training.learning_rate": 0.25}
    assert len(run_folders(bench.runs_dir)) == 2, "there was nothing left to train"
    [listed] = json.loads(workbench("sweep", bench.root, "--json").out)["studies"]
    assert listed == found


def test_a_trial_that_fails_says_why_and_the_next_one_is_trained(
    workbench: Workbench, bench: Bench, space: Path
) -> None:
    space.write_text(SPACE.replace("[0.1, 0.25]", "[1.0, 0.25]"))
    done = workbench("sweep", bench.root, "--space", space)
    assert done.code == 0, done.err
    assert "trial 0: the loss is no number\\e[2J" in done.out.splitlines()
    assert "best: trial 1" in done.out


def test_three_failures_in_a_row_end_it(workbench: Workbench, bench: Bench, space: Path) -> None:
    space.write_text(SPACE.replace("[0.1, 0.25]", "[1.0, 2.0, 3.0, 4.0]"))
    done = workbench("sweep", bench.root, "--space", space, "--jobs", 3)
    assert done.code == 1
    assert "3 trials in a row ended before their first epoch" in done.err.splitlines()[-1]


def test_ctrl_c_stops_and_saves_and_the_next_start_goes_on(
    workbench: Workbench, bench: Bench, space: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANDIN", "waits")
    real, times = Interruption.check, iter([True])

    def pressed(self: Interruption) -> None:
        real(self)
        runs = run_folders(bench.runs_dir)
        begun = runs and runs[0].events.exists() and '"epoch"' in runs[0].events.read_text()
        if begun and next(times, False):
            raise KeyboardInterrupt

    monkeypatch.setattr(Interruption, "check", pressed)
    done = workbench("sweep", bench.root, "--space", space)
    assert done.code == 130
    assert "0001-rates-0 stopped and saved; the same command goes on with it" in done.err.splitlines()[-1]
    [run] = run_folders(bench.runs_dir)
    assert run.state() is RunState.STOPPED
    shown = json.loads(workbench("sweep", bench.root, "rates", "--show", "--json").out)
    assert [one["state"] for one in shown["trials"]] == ["interrupted", "waiting"]
    monkeypatch.setenv("STANDIN", "ends")
    done = workbench("sweep", bench.root, "--space", space, "--trials", 1)
    assert done.code == 0, done.err
    assert "trial 0  learning_rate 0.1  goes on: run 0001-rates-0" in done.err
    assert [run.state() for run in run_folders(bench.runs_dir)] == [RunState.FINISHED]
    assert "trial 0  complete  best val_macro_f1 0.3" in done.err


def killed_sweep(bench: Bench, space: Path, run: str) -> None:
    """A sweep whose process is killed while its first trial is trained."""
    code = "import sys; from workbench.training import launcher; launcher.WORKER = 'standin'\n"
    code += "from workbench.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", code, "sweep", str(bench.root), "--space", str(space)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as sweep:
        assert sweep.stderr is not None
        assert next(line for line in sweep.stderr if b"epoch 1/3" in line)
        sweep.kill()
    assert RunFolder(bench.runs_dir / run).alive(), "its worker is not touched"


def test_after_a_kill_the_worker_that_goes_on_is_found_again(
    workbench: Workbench, bench: Bench, space: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANDIN", "waits")
    killed_sweep(bench, space, "0001-rates-0")
    shown = json.loads(workbench("sweep", bench.root, "rates", "--show", "--json").out)
    assert shown["trials"][0]["state"] == "running"
    assert workbench("stop", bench.root, "1").code == 0
    run = RunFolder(bench.runs_dir / "0001-rates-0")
    deadline = time.monotonic() + 30
    while run.alive():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    monkeypatch.setenv("STANDIN", "ends")
    done = workbench("sweep", bench.root, "rates")
    assert done.code == 0, done.err
    assert "trial 0  learning_rate 0.1  goes on: run 0001-rates-0" in done.err
    assert [one.name for one in run_folders(bench.runs_dir)] == ["0002-rates-1", "0001-rates-0"]


def test_a_worker_that_dies_fails_its_trial(
    workbench: Workbench, bench: Bench, space: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANDIN", "dies")
    found = json.loads(workbench("sweep", bench.root, "--space", space, "--trials", 1, "--json").out)
    assert found["trials"][0]["state"] == "failed"
    assert "the worker ended" in found["trials"][0]["cause"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nosuch"], "no study is named 'nosuch'; valid: optimisers"),
        (
            ["optimisers", "--show"],
            "study optimisers: the study has not begun; begin it with: workbench sweep",
        ),
        (["optimisers", "--metric", "val_f1"], "did you mean 'val_macro_f1'?"),
        (["optimisers", "--set", "training.epochs=many"], "training.epochs"),
        (["optimisers", "--set", "training.optimizer=sgd"], "training.optimizer is varied by the study"),
        (["optimisers", "--config", "slow"], "no preset is named 'slow'"),
        (["mine", "--space", "optimizers"], "did you mean 'optimisers'?"),
        (["../mine", "--space", "optimisers"], "cannot be the name of a study"),
        (["optimisers", "--jobs", "0"], "Invalid value for '--jobs'"),
        (["optimisers", "--storage", "sqlite:///x"], "a study is not kept in sqlite"),
    ],
)
def test_what_is_asked_wrong_is_one_line_and_leaves_nothing(
    workbench: Workbench, bench: Bench, arguments: list[str], words: str
) -> None:
    assert words in refused(workbench("sweep", bench.root, *arguments))
    assert not list(bench.studies_dir.glob("*.db"))
    assert not bench.runs_dir.exists()


def test_a_study_is_not_begun_without_labels(workbench: Workbench, make_bench: MakeBench) -> None:
    empty = make_bench(3, name="empty")
    assert "label" in refused(workbench("sweep", empty.root, "optimisers"))
    assert not list(empty.studies_dir.glob("*.db"))


def test_a_study_that_was_begun_with_something_else_is_not_mixed(
    workbench: Workbench, bench: Bench, space: Path
) -> None:
    begin(bench, place_of(bench, "rates"), "rates", str(space)).close()
    line = refused(workbench("sweep", bench.root, "rates", "--set", "training.epochs=7"))
    assert "the study was begun with training.epochs = 40, not 7; leave the options out" in line
    assert not bench.runs_dir.exists()


def test_what_a_foreign_hand_wrote_into_a_study_is_not_obeyed(
    workbench: Workbench, bench: Bench, space: Path
) -> None:
    begin(bench, place_of(bench, "rates"), "rates", str(space)).close()
    with closing(sqlite3.connect(bench.studies_dir / "rates.db")) as book, book:
        book.execute(
            "UPDATE study_user_attributes SET value_json = json_set(value_json, '$.metric', ?)", ["\x1b[2J"]
        )
    shown = workbench("sweep", bench.root, "rates", "--show")
    assert "\\e[2J" in shown.out.splitlines()[0]
    assert "\x1b" not in shown.out + shown.err


def test_a_study_that_another_process_holds_is_refused_but_shown(
    workbench: Workbench, bench: Bench, space: Path
) -> None:
    begin(bench, place_of(bench, "rates"), "rates", str(space)).close()
    with holding(place_of(bench, "rates"), "rates"):
        line = refused(workbench("sweep", bench.root, "rates"))
        assert f"rates: process {os.getpid()} on " in line
        shown = workbench("sweep", bench.root, "rates", "--show")
        assert shown.code == 0
        assert f"process {os.getpid()}" in shown.err
