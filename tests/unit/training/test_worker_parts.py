"""The parts of a worker without its network: requests and signals, the end."""

import json
import os
import signal
import sys
import time
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.training.conftest import worker_on
from workbench.config import load_settings
from workbench.errors import RunError
from workbench.training import worker
from workbench.training.control import ask, requests
from workbench.training.events import EventLog
from workbench.training.failures import cause_of, write_exit
from workbench.training.run import RunFolder
from workbench.training.state import RunState
from workbench.training.steering import Steering


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    """Put back what a stop request puts in the place of pytest's handlers."""
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    kept = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, kept, strict=True):
        signal.signal(number, handler)


def events(run: RunFolder) -> list[dict[str, Any]]:
    """What stands in a run's log."""
    return [json.loads(line) for line in run.events.read_text().splitlines()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_asks_for_a_stop_and_a_hang_up_does_not(run: RunFolder, number: int) -> None:
    run.lock.touch()
    stop = Steering(run)
    signal.raise_signal(signal.SIGHUP)
    assert not stop()
    signal.raise_signal(number)
    assert stop()
    assert stop(), "it is not forgotten"


def test_a_request_is_obeyed_once_it_is_asked_and_marked_when_done(run: RunFolder) -> None:
    run.lock.touch()
    stop = Steering(run)
    assert not stop()
    with worker_on(run):
        ask(run, "stop")
    assert stop()
    assert [one.stage for one in requests(run)] == ["taken"]
    stop.close("stopped")
    assert [one.stage for one in requests(run)] == ["done"]
    assert stop()


@pytest.mark.parametrize(("ended", "stop"), [("stopped", "done"), ("failed", "refused")])
def test_what_the_worker_could_not_do_before_its_end_is_not_called_done(
    run: RunFolder, ended: str, stop: str
) -> None:
    run.lock.touch()
    steering = Steering(run)
    with worker_on(run):
        ask(run, "checkpoint")
        ask(run, "stop")
        ask(run, "rate", 0.1)
    assert steering() == "stop"
    assert steering.wishes()[0].action == "checkpoint"  # such as on a full disk, before it is answered
    steering.close(ended)
    assert [one.stage for one in requests(run)] == ["refused", stop, "refused"]
    assert requests(run)[0].reason == f"the run {ended} first"


def test_what_was_asked_before_the_lock_was_taken_is_not_obeyed(run: RunFolder) -> None:
    with worker_on(run):
        ask(run, "stop")
    os.utime(run.lock, (time.time() + 5,) * 2)
    assert not Steering(run)()


def end_as(monkeypatch: pytest.MonkeyPatch, outcome: Exception | types.SimpleNamespace) -> None:
    """Let the training end so; the real one needs minutes of imports and is tried in tests/e2e."""

    def fit(*_: object) -> types.SimpleNamespace:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    module = types.ModuleType("fit")
    module.fit = fit  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "workbench.training.fit", module)


def run_worker(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> int:
    """The worker's `main` in this process."""
    monkeypatch.setattr(sys, "argv", ["worker", str(run.root)])
    return worker.main()


def test_how_it_ended_is_the_last_event_and_on_the_disk(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    end_as(
        monkeypatch, types.SimpleNamespace(kind="stopped", text="stopped and saved", epoch=3, best_epoch=2)
    )
    assert run_worker(run, monkeypatch) == 0
    found = events(run)
    assert (found[0]["type"], found[0]["name"]) == ("phase", "starting")
    assert found[-1]["type"] == "stopped"
    assert (found[-1]["text"], found[-1]["epoch"], found[-1]["best_epoch"]) == ("stopped and saved", 3, 2)
    assert 0 <= found[-1]["seconds"] < 60
    assert "system" in [event["type"] for event in found]
    assert len(synced) == 1, "only the end is waited for"


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (RunError("it diverged", cure="a smaller learning rate"), "it diverged; a smaller learning rate"),
        (ValueError("shapes differ"), "ValueError: shapes differ"),
        (MemoryError(), cause_of(MemoryError(), load_settings("fast"))),
        (RuntimeError("x" * 5000), "RuntimeError: " + "x" * 1986),
    ],
)
def test_a_failure_is_written_down_with_its_cause_and_where_to_read_on(
    run: RunFolder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    cause: str,
) -> None:
    end_as(monkeypatch, error)
    assert run_worker(run, monkeypatch) == 1
    last = events(run)[-1]
    assert (last["type"], last["cause"], last["log"]) == ("failed", cause, str(run.log))
    assert "Traceback" in capsys.readouterr().err, "for the log"
    run.log.touch()
    assert run.state() in (RunState.FAILED, RunState.DIED)


def test_how_an_earlier_worker_ended_is_not_told_of_the_next(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_exit(run, -signal.SIGSEGV, for_memory=False)
    end_as(monkeypatch, types.SimpleNamespace(kind="paused", text="", epoch=1, best_epoch=1))
    assert run_worker(run, monkeypatch) == 0
    assert not run.exit.exists()


def test_a_request_to_stop_is_done_when_the_training_has_ended(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fit(_: RunFolder, __: EventLog, stop: Steering, *___: object) -> types.SimpleNamespace:
        ask(run, "stop")
        assert stop()
        return types.SimpleNamespace(kind="stopped", text="", epoch=1, best_epoch=1)

    module = types.ModuleType("fit")
    module.fit = fit  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "workbench.training.fit", module)
    assert run_worker(run, monkeypatch) == 0
    assert [one.stage for one in requests(run)] == ["done"]


def test_a_worker_on_no_run_says_so_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_worker(RunFolder(tmp_path / "gone"), monkeypatch) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "gone" in line
    assert "no such folder" in line
