"""Starting a run's worker: a fresh interpreter in a session of its own, which outlives whoever started it.

A fork of the drawing process, or a thread in it, cannot hold TensorFlow: native code writes straight to the
terminal, and dies with it. The worker has no terminal; what it and its libraries print goes to `worker.log`.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from workbench.errors import RunRefused
from workbench.files import file_error
from workbench.training.changes import waits_for_more
from workbench.training.control import note_resume
from workbench.training.failures import kills_for_memory, write_exit
from workbench.training.host import machine
from workbench.training.lock import LOOK_S, lock
from workbench.training.run import WATCHED, RunFolder
from workbench.training.state import RunState

WORKER = "workbench.training.worker"
LEAVING_S = 5.0
"""Longer than a worker takes to leave after its last word."""
_ALLOCATOR = {
    # glibc gives big blocks back to the kernel at once, and page faults then cost half the time of a step.
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(1 << 40),
    "MALLOC_TOP_PAD_": str(64 << 20),
}


def worker_environment() -> dict[str, str]:
    """The worker's environment: ours, with what makes it faster and quieter; what a person set stays."""
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "2", "KERAS_BACKEND": "tensorflow", "PYTHONUNBUFFERED": "1"}
    return {**quiet, **_ALLOCATOR, **os.environ}


def launch(run: RunFolder, *, profile: bool = False) -> threading.Thread:
    """Start a worker on a run, new or broken off; it goes on from the last checkpoint.

    The lock is taken here and handed to the worker, so that the run is "running" from this moment until the
    kernel has ended the worker, without a gap in between.

    Args:
        run: The run.
        profile: Whether the worker is to measure where its time goes.

    Returns:
        The thread that waits for the worker's end and then writes down which signal ended it, if one did.

    Raises:
        RunRefused: A worker is at work on it already, it has finished, or it is not ours.
        WorkbenchError: Its folder cannot be written.
    """
    if run.foreign:
        raise RunRefused("only the program that trained it can go on with it", where=run.name, cure=WATCHED)
    state = run.state()
    if state is RunState.FINISHED and not waits_for_more(run):
        cure = f"start a new run, or add epochs: workbench extend {_bench_of(run)} {run.name} --epochs N"
        raise RunRefused("has finished", where=run.name, cure=cure)
    # A worker that has written its end may still be giving its memory back.
    descriptor = take_lock(run, wait_s=LEAVING_S if state.ended else LOOK_S)
    try:
        run.exit.unlink(missing_ok=True)
        if run.log.exists():
            note_resume(run)
        process = _start(run, descriptor, ["--profile"] if profile else [])
    except OSError as error:
        raise file_error(error, run.log) from error
    finally:
        os.close(descriptor)
    waiting = threading.Thread(target=_wait, args=(run, process), name=f"wait for {run.name}", daemon=True)
    waiting.start()
    return waiting


def _wait(run: RunFolder, process: "subprocess.Popen[bytes]") -> None:
    """Without someone who waits for it, an ended worker would stay in the table of processes.

    Also, only its parent ever learns which signal ended it.
    """
    before = kills_for_memory()
    if code := process.wait():
        write_exit(run, code, for_memory=kills_for_memory() > before)


def _start(run: RunFolder, held: int, options: Sequence[str]) -> "subprocess.Popen[bytes]":
    """The process, its output appended to the log, the lock's descriptor handed on."""
    with run.log.open("ab") as log:
        return subprocess.Popen(
            # -P: the current folder is no place to import from
            [sys.executable, "-P", "-m", WORKER, str(run.root.absolute()), "--lock", str(held), *options],
            cwd="/",
            env=worker_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(held,),
        )


def take_lock(run: RunFolder, wait_s: float = LOOK_S) -> int:
    """Take a run's lock; write down by which machine, and set its time, which parts the requests of workers.

    Args:
        run: The run.
        wait_s: Seconds to wait for whoever holds it.

    Returns:
        The descriptor; the lock is held until every copy of it is closed.

    Raises:
        RunRefused: Another worker holds it.
        WorkbenchError: The run's folder cannot be written.
    """
    try:
        descriptor = os.open(run.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise file_error(error, run.lock) from error
    try:
        lock(descriptor, wait_s)
        with suppress(OSError):  # a full disk is for the worker to say
            os.ftruncate(descriptor, os.pwrite(descriptor, f"{machine()}\n".encode(), 0))
        os.utime(descriptor)
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            raise RunRefused(
                "a worker is at work on it already",
                where=run.name,
                cure=f"watch it with: workbench monitor {_bench_of(run)} {run.name}",
            ) from error
        raise file_error(error, run.lock) from error
    return descriptor


def _bench_of(run: RunFolder) -> Path:
    """The bench around a run."""
    return run.root.parent.parent
