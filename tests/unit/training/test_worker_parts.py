"""The parts of a worker without its network: lock, requests and signals, figures of the machine, the end."""

import fcntl
import json
import os
import signal
import sys
import threading
import time
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.unit.training.conftest import worker_on
from workbench.errors import InputError, NoSuchRun, RunError, WorkbenchError
from workbench.training import launcher, worker
from workbench.training.control import ask, requests
from workbench.training.events import EventLog
from workbench.training.launcher import launch, take_lock, worker_environment
from workbench.training.run import RunFolder
from workbench.training.state import RunState
from workbench.training.system import SystemTeller, peak_memory_mb
from workbench.training.worker import StopRequest


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    """Put back what a stop request puts in the place of pytest's handlers."""
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    kept = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, kept, strict=True):
        signal.signal(number, handler)


@contextmanager
def locked(run: RunFolder, how: int, seconds: float | None = None) -> Iterator[None]:
    """Somebody else's lock, let go by itself after a while."""
    descriptor = os.open(run.lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, how)
    release = threading.Timer(seconds or 0, fcntl.flock, (descriptor, fcntl.LOCK_UN))
    if seconds is not None:
        release.start()
    try:
        yield
    finally:
        release.cancel()
        os.close(descriptor)


def events(run: RunFolder) -> list[dict[str, Any]]:
    """What stands in a run's log."""
    return [json.loads(line) for line in run.events.read_text().splitlines()]


def test_a_taken_lock_is_a_worker_until_its_last_copy_is_closed(run: RunFolder) -> None:
    descriptor = take_lock(run)
    copy = os.dup(descriptor)
    os.close(descriptor)
    assert run.alive(), "the worker has the other copy"
    os.close(copy)
    assert not run.alive()


def test_a_second_worker_is_refused_with_the_way_to_watch_the_first(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "_LOOK_S", 0.02)
    with worker_on(run):
        with pytest.raises(NoSuchRun, match="a worker is at work on it already") as caught:
            take_lock(run)
        with pytest.raises(NoSuchRun):
            launch(run)
    bench = run.root.parent.parent
    assert caught.value.cure == f"watch it with: workbench monitor {bench} {run.name}"
    os.close(take_lock(run))


@pytest.mark.parametrize("how", [fcntl.LOCK_SH, fcntl.LOCK_EX])
def test_a_monitor_that_looks_at_that_moment_is_waited_for(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch, how: int
) -> None:
    assert 0.2 <= launcher._LOOK_S <= 2, "longer than a look takes, shorter than a person waits"
    monkeypatch.setattr(launcher, "_LOOK_S", 5.0)  # this machine may be busy
    with locked(run, how, seconds=0.06):
        started = time.monotonic()
        descriptor = take_lock(run)
        assert 0.03 < time.monotonic() - started < launcher._LOOK_S
    assert run.alive()
    os.close(descriptor)


def test_taking_the_lock_sets_the_time_that_parts_old_requests_from_new(run: RunFolder) -> None:
    run.lock.touch()
    os.utime(run.lock, (1, 1))
    os.close(take_lock(run))
    assert time.time() - run.lock.stat().st_mtime < 60
    assert not os.get_inheritable(os.open(run.lock, os.O_RDONLY))


def test_a_folder_that_is_gone_or_a_file_system_without_locks_is_one_line(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="no such folder"):
        take_lock(RunFolder(tmp_path / "gone"))

    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    with pytest.raises(WorkbenchError, match="Operation not supported"):
        take_lock(run)
    assert len(os.listdir("/proc/self/fd")) == before, "no descriptor is left open"  # noqa: PTH208


def test_a_finished_run_is_not_started_and_its_log_stays(run: RunFolder) -> None:
    with EventLog(run.events) as log:
        log.emit("finished", text="all epochs done")
    run.log.write_text("said")
    with pytest.raises(NoSuchRun, match="has finished; start a new run"):
        launch(run)
    assert run.log.read_text() == "said"
    assert not run.lock.exists()


def test_when_the_worker_cannot_be_started_the_run_is_free_again(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.log.mkdir()
    with pytest.raises(InputError, match=r"worker\.log: it is a folder"):
        launch(run)
    assert not run.alive()
    run.log.rmdir()
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(WorkbenchError, match=r"worker\.log: no such"):
        launch(run)
    assert not run.alive()


def test_the_workers_environment_is_ours_and_what_a_person_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TF_CPP_MIN_LOG_LEVEL", "KERAS_BACKEND", "MALLOC_ARENA_MAX", "PYTHONUNBUFFERED"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MY_OWN", "kept")
    plain = worker_environment()
    assert (plain["KERAS_BACKEND"], plain["TF_CPP_MIN_LOG_LEVEL"]) == ("tensorflow", "2")
    assert (plain["PYTHONUNBUFFERED"], plain["MALLOC_ARENA_MAX"], plain["MY_OWN"]) == ("1", "1", "kept")
    assert all(isinstance(value, str) for value in plain.values())
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv("MALLOC_ARENA_MAX", "4")
    assert (worker_environment()["KERAS_BACKEND"], worker_environment()["MALLOC_ARENA_MAX"]) == ("jax", "4")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_asks_for_a_stop_and_a_hang_up_does_not(run: RunFolder, number: int) -> None:
    run.lock.touch()
    stop = StopRequest(run)
    signal.raise_signal(signal.SIGHUP)
    assert not stop()
    signal.raise_signal(number)
    assert stop()
    assert stop(), "it is not forgotten"


def test_a_request_is_obeyed_once_it_is_asked_and_marked_when_done(run: RunFolder) -> None:
    run.lock.touch()
    stop = StopRequest(run)
    assert not stop()
    with worker_on(run):
        ask(run, "stop")
    assert stop()
    assert [one.stage for one in requests(run)] == ["taken"]
    stop.done()
    assert [one.stage for one in requests(run)] == ["done"]
    assert stop()


def test_what_was_asked_before_the_lock_was_taken_is_not_obeyed(run: RunFolder) -> None:
    with worker_on(run):
        ask(run, "stop")
    os.utime(run.lock, (time.time() + 5,) * 2)
    assert not StopRequest(run)()


def test_figures_of_the_machine_are_told_again_and_again_and_at_the_end(run: RunFolder) -> None:
    with EventLog(run.events) as log:
        with SystemTeller(log, every=0.005):
            deadline = time.monotonic() + 5
            while not run.events.exists() or run.events.read_bytes().count(b"\n") < 2:
                assert time.monotonic() < deadline
                time.sleep(0.001)
        told = events(run)
        assert len(told) >= 3
    for event in told:
        assert event["type"] == "system"
        assert 1 < event["memory_mb"] <= event["peak_mb"] + 1
        assert event["processor_percent"] >= 0
        assert event["memory_mb"] == pytest.approx(psutil.Process().memory_info().rss / 2**20, rel=0.3)
    assert peak_memory_mb() * 2**20 > psutil.Process().memory_info().rss / 2


def test_a_short_training_is_told_of_once(run: RunFolder) -> None:
    with EventLog(run.events) as log, SystemTeller(log, every=60):
        pass
    assert [event["type"] for event in events(run)] == ["system"]


def test_a_full_disk_does_not_end_the_training_by_way_of_the_figures(run: RunFolder) -> None:
    class Full:
        """A log on a full disk."""

        told = 0

        def emit(self, *_: object, **__: object) -> None:
            self.told += 1
            raise InputError("the disk is full")

    full = Full()
    with SystemTeller(full, every=0.001):  # type: ignore[arg-type]
        deadline = time.monotonic() + 5
        while full.told < 3:
            assert time.monotonic() < deadline, "the thread goes on after an error"
            time.sleep(0.001)


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
        (MemoryError(), "MemoryError: "),
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


def test_a_request_to_stop_is_done_when_the_training_has_ended(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fit(_: RunFolder, __: EventLog, stop: StopRequest) -> types.SimpleNamespace:
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
