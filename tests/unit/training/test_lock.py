"""The lock of a run: who has it, who waits for it, and what is left when no worker can be started."""

import fcntl
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.unit.training.conftest import worker_on
from workbench.errors import InputError, RunRefused, WorkbenchError
from workbench.training import launcher
from workbench.training.events import EventLog
from workbench.training.launcher import launch, take_lock, worker_environment
from workbench.training.lock import LOOK_S
from workbench.training.run import RunFolder


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
    monkeypatch.setattr(launcher, "LOOK_S", 0.02)
    with worker_on(run):
        with pytest.raises(RunRefused, match="a worker is at work on it already") as caught:
            take_lock(run)
        with pytest.raises(RunRefused):
            launch(run)
    bench = run.root.parent.parent
    assert caught.value.cure == f"watch it with: workbench monitor {bench} {run.name}"
    os.close(take_lock(run))


@pytest.mark.parametrize("how", [fcntl.LOCK_SH, fcntl.LOCK_EX])
def test_a_monitor_that_looks_at_that_moment_is_waited_for(run: RunFolder, how: int) -> None:
    assert 0.2 <= LOOK_S <= 2, "longer than a look takes, shorter than a person waits"
    patience = 5.0  # this machine may be busy
    with locked(run, how, seconds=0.06):
        started = time.monotonic()
        descriptor = take_lock(run, patience)
        assert 0.03 < time.monotonic() - started < patience
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
    with pytest.raises(RunRefused, match="has finished; start a new run"):
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
