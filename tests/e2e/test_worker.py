"""The worker as a process: it outlives what started it, stops when asked, and goes on when it was killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.e2e.conftest import SMALL, Program, document
from workbench.bench import Bench
from workbench.errors import RunError
from workbench.monitoring.follow import Follower, RunSnapshot
from workbench.training.control import requests
from workbench.training.launcher import WORKER, launch
from workbench.training.run import RunFolder, RunState, find_run
from workbench.training.start import prepare_run

LONG = [*SMALL, "--set", "training.epochs=400", "--set", "training.batch_size=8"]


@pytest.fixture(scope="module")
def bench(program: Program, folder: Path) -> Bench:
    """Forty drawn faces, labelled."""
    program("sample", "faces", "--count", 40, "--seed", 2)
    program("init", "bench", "--images", "faces")
    program("import", "bench", "faces/labels.csv", "--apply")
    return Bench.open(folder / "bench")


def wait_for(run: RunFolder, condition: Callable[[RunSnapshot], object], seconds: float = 90) -> RunSnapshot:
    """Follow a run until the condition holds; fail when it does not in time."""
    follower, deadline = Follower(run), time.monotonic() + seconds
    while not condition(snapshot := follower.poll()):
        assert time.monotonic() < deadline, snapshot
        time.sleep(0.02)
    return snapshot


def worker_of(run: RunFolder) -> psutil.Process:
    """The process that trains a run."""
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if WORKER in command and str(run.root) in command:
            return process
    raise AssertionError(f"no worker of {run.name}")


def detached(program: Program, bench: Bench, *settings: str) -> RunFolder:
    """A run started by a command that has ended since."""
    done = document(program("train", "bench", "--config", "fast", *LONG, *settings, "--detach", "--json"))
    return find_run(bench.runs_dir, done["run"])


def test_a_killed_worker_is_seen_at_once_and_gone_on_with(program: Program, bench: Bench) -> None:
    run = detached(program, bench, "--set", "training.epochs=12")
    wait_for(run, lambda seen: seen.epoch >= 2 and seen.state is RunState.RUNNING)
    worker_of(run).kill()
    died = wait_for(run, lambda seen: not seen.state.live)
    assert died.state is RunState.DIED
    assert "killed" in died.failure
    assert "died" in program("runs", "bench").stdout
    assert document(program("resume", "bench", run.name, "--json"))["run"] == run.name
    ended = wait_for(run, lambda seen: seen.state is RunState.FINISHED)
    epochs = ended.curves["", "loss", "validation"].places.tolist()
    assert epochs == [float(epoch) for epoch in range(1, 13)]
    steps = ended.curves["", "loss", "train"].places.tolist()
    assert steps == sorted(set(steps))
    assert len(run.history.read_text().splitlines()) == 13
    assert program("evaluate", "bench", run.name).stdout
    refused = program("resume", "bench", run.name, code=2).stderr
    assert "has finished; start a new run, or add epochs" in refused


def test_it_stops_after_the_batch_and_saves_when_asked(program: Program, bench: Bench) -> None:
    run = detached(program, bench)
    wait_for(run, lambda seen: seen.batch >= 1)
    assert "already" in program("resume", "bench", run.name, code=2).stderr
    program("stop", "bench", run.name)
    ended = wait_for(run, lambda seen: not seen.state.live)
    assert ended.state is RunState.STOPPED
    assert [one.stage for one in requests(run)] == ["done"]
    assert run.model.exists()
    assert not run.evaluation.exists(), "whoever stops a run does not wait for its evaluation"
    assert program("evaluate", "bench", run.name, "--json").stdout
    assert run.evaluation.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_a_request_to_stop_and_save(
    program: Program, bench: Bench, number: signal.Signals
) -> None:
    run = detached(program, bench)
    wait_for(run, lambda seen: seen.epoch >= 1 and seen.state is RunState.RUNNING)
    worker_of(run).send_signal(number)
    assert wait_for(run, lambda seen: not seen.state.live).state is RunState.STOPPED
    assert run.model.exists()


def test_the_worker_is_no_child_of_the_terminal(program: Program, bench: Bench) -> None:
    run = detached(program, bench)
    process = worker_of(run)
    assert os.getsid(process.pid) == process.pid
    assert process.terminal() is None
    wait_for(run, lambda seen: seen.batch >= 1)
    process.send_signal(signal.SIGHUP)
    before = wait_for(run, lambda seen: seen.step > 0).step
    assert wait_for(run, lambda seen: seen.step > before).state.live
    process.kill()
    wait_for(run, lambda seen: not seen.state.live)


def test_running_is_true_from_the_launch_to_the_end_without_a_gap(bench: Bench) -> None:
    run = prepare_run(bench, bench.settings("fast", LONG[1::2]))
    launch(run)
    assert run.alive()
    with pytest.raises(RunError, match="at work on it already"):
        launch(run)
    worker_of(run).kill()
    wait_for(run, lambda seen: not seen.state.live)
    assert not run.alive()


def test_ctrl_c_asks_the_run_to_stop_and_waits_for_it(bench: Bench, folder: Path, program: Program) -> None:
    command = [sys.executable, "-m", "workbench", "train", str(bench.root), *LONG]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=folder) as training:
        assert training.stderr is not None
        line = next(line for line in training.stderr if line.startswith("run "))
        name = line.split(";")[0].removeprefix("run ").strip()
        run = find_run(bench.runs_dir, name)
        wait_for(run, lambda seen: seen.epoch >= 1)
        training.send_signal(signal.SIGINT)
        assert training.wait(60) == 0
    assert run.state() is RunState.STOPPED


def test_what_went_wrong_is_written_down(bench: Bench, program: Program) -> None:
    run = prepare_run(bench, bench.settings("fast", LONG[1::2]))
    run.data.write_text("damaged\n")
    launch(run)
    ended = wait_for(run, lambda seen: not seen.state.live)
    assert ended.state is RunState.FAILED
    assert "data.csv: expected the columns" in ended.failure
    refused = program("evaluate", "bench", run.name, code=2).stderr
    assert "worker.log" in refused
    assert "RunError" in run.log.read_text()
