"""`train` and `resume` from the first line to the last, a small program in the place of the network."""

import json
import threading
from pathlib import Path

import pytest

from tests.cli.conftest import Done, Workbench
from tests.conftest import MakeBench
from tests.engine.test_start import answer
from workbench.bench import Bench
from workbench.monitoring import follow
from workbench.training import launcher
from workbench.training.control import requests
from workbench.training.failures import death, write_exit
from workbench.training.run import RunFolder, find_run
from workbench.training.state import RunState
from workbench.tui.plain_monitor import PlainMonitor

PROGRAM = """
import os, sys, time
from pathlib import Path
from workbench.training.control import ControlReader
from workbench.training.events import EventLog
from workbench.training.run import RunFolder

run, how = RunFolder(Path(sys.argv[1])), os.environ["STANDIN"]
control = ControlReader(run, run.lock.stat().st_mtime)
print("words of a library")
with EventLog(run.events) as log:
    log.phase("starting")
    log.emit("started", epochs=2, batches=1, batch_size=8, pictures=40)
    log.phase("training")
    for epoch in (1, 2):
        one = {"loss": 2.0 / epoch, "accuracy": 0.5, "macro_f1": 0.4, "heads": {}}
        log.emit("batch", epoch=epoch, batch=1, batches=1, step=epoch, **one)
        log.emit("epoch", epoch=epoch, epochs=2, seconds=0.1, learning_rate=0.1, train=one, validation=one,
                 metric="val_loss", value=2.0 / epoch, best_value=2.0 / epoch, best_epoch=epoch)
    while how == "waits" and not control.poll():
        time.sleep(0.01)
    if how == "waits":
        control.done()
        log.emit("stopped", text="stopped and saved", epoch=2, best_epoch=2, seconds=1.0)
    elif how == "fails":
        log.emit("failed", cause="the loss is no number\\x1b[2J", log=str(run.log))
    elif how == "is killed":
        os.kill(os.getpid(), 9)
    elif how == "ends":
        log.emit("finished", text="all epochs done", epoch=2, best_epoch=2, seconds=1.0)
"""


@pytest.fixture
def bench(make_bench: MakeBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Forty labelled pictures, and the stand-in for the worker."""
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "standin.py").write_text(PROGRAM)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'programs'}:{Path(__file__).parents[2]}")
    monkeypatch.setattr(launcher, "WORKER", "standin")
    made = make_bench(40)
    answer(made)
    return made


@pytest.fixture
def how(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Sets how the training ends: `how.setenv("STANDIN", …)`."""
    monkeypatch.setenv("STANDIN", "ends")
    return monkeypatch


def newest(bench: Bench) -> RunFolder:
    return find_run(bench.runs_dir)


def lines(done: Done) -> list[str]:
    """What stands on stderr."""
    assert "\x1b" not in done.err
    return done.err.splitlines()


def test_it_is_told_from_the_start_to_the_next_step(
    workbench: Workbench, bench: Bench, how: pytest.MonkeyPatch
) -> None:
    done = workbench("train", bench.root, "--set", "training.epochs=2")
    assert done.code == 0, done.err
    run = newest(bench)
    assert done.out == f"run {run.name} finished; next: workbench evaluate {bench.root} {run.name}\n"
    assert f"run {run.name}; ctrl+c stops it after the batch and saves" in lines(done)
    assert any("epoch 2" in line and "val_loss 1" in line for line in lines(done))
    assert run.read()["preset"] == "fast"
    assert run.settings().training.epochs == 2
    assert "words of a library" in run.log.read_text()
    assert "words of a library" not in done.out + done.err


def test_as_json_the_end_is_one_document(workbench: Workbench, bench: Bench, how: pytest.MonkeyPatch) -> None:
    done = workbench("train", bench.root, "--config", "reference", "--json")
    found = json.loads(done.out)
    assert (done.code, found["state"], found["best_epoch"]) == (0, "finished", 2)
    assert found["run"] == newest(bench).name == "0001-reference"
    assert found["folder"] == str(newest(bench).root)


def test_an_absurd_rate_is_doubted_on_stderr_and_obeyed(
    workbench: Workbench, bench: Bench, how: pytest.MonkeyPatch
) -> None:
    done = workbench("train", bench.root, "--set", "training.learning_rate=1e9")
    assert done.code == 0, done.err
    assert any("training.learning_rate = 1e+09 is absurdly large for adamw" in line for line in lines(done))
    assert newest(bench).settings().training.learning_rate == 1e9


@pytest.mark.parametrize("as_json", [False, True])
def test_a_failure_is_exit_1_with_its_cause_and_its_log(
    workbench: Workbench, bench: Bench, how: pytest.MonkeyPatch, as_json: bool
) -> None:
    how.setenv("STANDIN", "fails")
    done = workbench("train", bench.root, *(["--json"] if as_json else []))
    run = newest(bench)
    cause = "the loss is no number\\e[2J"
    assert done.code == 1
    assert lines(done)[-1] == f"workbench: {run.name}: the run failed: {cause}; its log: {run.log}"
    assert done.out == "" or json.loads(done.out)["state"] == "failed"
    assert bool(done.out) == as_json


def test_a_worker_that_dies_is_not_waited_for(
    workbench: Workbench, bench: Bench, how: pytest.MonkeyPatch
) -> None:
    how.setenv("STANDIN", "dies")
    done = workbench("train", bench.root)
    assert done.code == 1
    assert f"{newest(bench).name}: the run died: " in lines(done)[-1]
    assert newest(bench).state() is RunState.DIED


def test_the_signal_that_killed_a_worker_is_named_from_the_first_word(
    workbench: Workbench, bench: Bench, how: pytest.MonkeyPatch
) -> None:
    looked = threading.Event()

    def write_late(run: RunFolder, code: int, *, for_memory: bool) -> None:
        assert looked.wait(10)
        write_exit(run, code, for_memory=for_memory)

    def look(run: RunFolder) -> str:
        said = death(run)
        looked.set()
        return said

    how.setenv("STANDIN", "is killed")
    how.setattr(launcher, "write_exit", write_late)
    how.setattr(follow, "death", look)
    done = workbench("train", bench.root)
    assert done.code == 1
    assert done.err.count("the worker was killed by SIGKILL") == 2, "the last line of the run, and the error"
    assert "without a word" not in done.err


def test_ctrl_c_asks_for_a_stop_and_waits_for_the_end(
    workbench: Workbench, bench: Bench, how: pytest.MonkeyPatch
) -> None:
    how.setenv("STANDIN", "waits")
    real = PlainMonitor.follow
    pressed: list[str] = []

    def followed(self: PlainMonitor, poll_seconds: float = 0.5) -> RunState:
        if not pressed:
            pressed.append("ctrl+c")
            raise KeyboardInterrupt
        return real(self, 0.02)

    how.setattr(PlainMonitor, "follow", followed)
    done = workbench("train", bench.root)
    run = newest(bench)
    assert done.code == 0, done.err
    assert "asked to stop and save; waiting for it" in lines(done)
    assert done.out.startswith(f"run {run.name} stopped; next: ")
    assert [one.stage for one in requests(run)] == ["done"]


def test_ctrl_c_in_the_moment_in_which_it_ends_is_no_error(
    workbench: Workbench, bench: Bench, how: pytest.MonkeyPatch
) -> None:
    real = PlainMonitor.follow
    pressed: list[RunState] = []

    def followed(self: PlainMonitor, poll_seconds: float = 0.02) -> RunState:
        pressed.append(real(self, poll_seconds))
        if len(pressed) == 1:
            raise KeyboardInterrupt
        return pressed[-1]

    how.setattr(PlainMonitor, "follow", followed)
    done = workbench("train", bench.root)
    assert done.code == 0, done.err
    assert pressed == [RunState.FINISHED] * 2
    assert " finished; next: " in done.out


def test_detached_it_returns_at_once_and_a_stop_reaches_it(
    workbench: Workbench, bench: Bench, how: pytest.MonkeyPatch
) -> None:
    how.setenv("STANDIN", "waits")
    done = workbench("train", bench.root, "--detach", "--json")
    run = newest(bench)
    assert json.loads(done.out) == {"run": run.name, "folder": str(run.root)}
    assert run.alive()
    again = workbench("resume", bench.root, run.name)
    assert again.code == 2
    assert f"workbench monitor {bench.root} {run.name}" in again.err
    asked = workbench("stop", bench.root, "1")
    assert (asked.code, asked.out.splitlines()[0]) == (
        0,
        f"asked {run.name} to stop after the batch and save",
    )
    assert workbench("monitor", bench.root).code == 0
    assert run.state() is RunState.STOPPED


def test_a_stopped_run_goes_on_in_its_own_folder(
    workbench: Workbench, bench: Bench, how: pytest.MonkeyPatch
) -> None:
    how.setenv("STANDIN", "dies")
    workbench("train", bench.root)
    run = newest(bench)
    how.setenv("STANDIN", "ends")
    done = workbench("resume", bench.root, "--json")
    assert json.loads(done.out) == {"run": run.name, "folder": str(run.root)}
    assert workbench("monitor", bench.root, run.name).code == 0
    assert run.state() is RunState.FINISHED
    assert newest(bench) == run, "no second folder"
    assert run.log.read_text().count("words of a library") == 2
    sequence = [json.loads(line)["seq"] for line in run.events.read_text().splitlines()]
    assert sequence == list(range(1, len(sequence) + 1)), "the log goes on where it was"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--set", "training.epochs=0"], "--set training.epochs=0: training.epochs: Input should be greater"),
        (["--config", "fats"], "did you mean 'fast'"),
        (["--config", "face"], "this is a schema, not a preset"),
        (["--set", "training.checkpoint_metric=val_los"], "did you mean 'val_loss'"),
        (["--set", "dataset.size=32", "--set", "model.depth=6"], "depth"),
    ],
)
def test_what_is_wrong_is_said_before_a_folder_is_made(
    workbench: Workbench, bench: Bench, how: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    done = workbench("train", bench.root, *options)
    assert (done.code, done.out) == (2, "")
    [line] = lines(done)
    assert said in line
    assert not bench.runs_dir.exists()
