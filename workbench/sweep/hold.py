"""Who works on a study of a bench: one process at a time, by a lock that the kernel frees however it ends."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workbench.errors import InputError
from workbench.files import file_error
from workbench.sweep.place import Place
from workbench.text import neutralise
from workbench.training.host import host
from workbench.training.lock import is_locked, lock


class StudyHeld(InputError):
    """Another process works on the study."""


@contextmanager
def holding(place: Place, study: str) -> Iterator[None]:
    """Work on a study alone.

    A study in the bench has one process, whatever the machine. One in a shared database has one process for
    each bench and machine, so that no two of them take up the same run.

    Raises:
        StudyHeld: Another process works on it; says which.
        WorkbenchError: The bench cannot be written, or its file system has no locks.
    """
    path = lock_file(place, study)
    try:
        path.parent.mkdir(exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise file_error(error, path) from error
    try:
        _take(descriptor, path, study)
        yield
    finally:
        os.close(descriptor)


def holder(place: Place, study: str) -> str:
    """Who works on a study, in words; "" if nobody does."""
    path = lock_file(place, study)
    return _in_words(path) if is_locked(path) else ""


def lock_file(place: Place, study: str) -> Path:
    """The file that is locked."""
    return place.folder / (f"{study}@{host()['name']}.lock" if place.shared else f"{study}.lock")


def _take(descriptor: int, path: Path, study: str) -> None:
    """Take the lock and write down who has it."""
    try:
        lock(descriptor)
        about = {"process": os.getpid(), "host": host()["name"], "since": time.time()}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(about).encode() + b"\n", 0)
    except BlockingIOError as error:
        raise StudyHeld(
            f"{_in_words(path)} works on this study",
            where=study,
            cure="wait for its end or stop it with ctrl+c; --show reads the study meanwhile",
        ) from error
    except OSError as error:
        raise file_error(error, path) from error


def _in_words(path: Path) -> str:
    """ "process 4711 on box1, since 14:02:11,", as far as it was written down."""
    try:
        about: Any = json.loads(path.read_text(encoding="utf-8"))
        since = time.strftime("%H:%M:%S", time.localtime(about["since"]))
        return neutralise(f"process {about['process']} on {about['host']}, since {since},")
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return "another process"
