"""The lock on a file that says who works: the kernel frees it however its holder ends."""

import fcntl
import os
import time
from pathlib import Path

from workbench.training.host import other_machine
from workbench.training.lines import open_log

LOOK_S = 0.5
"""Longer than a look at a lock ever takes."""
_LONGEST_NAME = 300


def lock(descriptor: int, wait_s: float = LOOK_S) -> None:
    """Take the lock on a file; whoever looks whether it is held (see `is_locked`) holds it for a moment.

    Raises:
        BlockingIOError: A process has held it all the time.
        OSError: A file system without locks.
    """
    deadline = time.monotonic() + wait_s
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(LOOK_S / 50)


def other_holder(path: Path) -> str:
    """The machine that last took the lock on a file, if that is another than this one; else ""."""
    try:
        with open_log(path) as file:
            return other_machine(file.read(_LONGEST_NAME).decode("utf-8", "replace"))
    except OSError:
        return ""


def is_locked(path: Path) -> bool:
    """Whether a process holds the lock on a file; never waits."""
    try:  # even where a pipe lies in the place of the file
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        # A shared lock, so that two monitors that look at once do not take each other for a worker.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    except OSError:
        return False  # a file system without locks
    finally:
        os.close(descriptor)
