"""Asking a run to do something: `control.jsonl`, each request shown as asked, taken, done.

The asking side appends an `asked` line; the worker answers the same request with `taken` and `done`. What was
asked of an earlier worker on the same folder (before a crash) is not obeyed by the next one.
"""

import json
import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from workbench.errors import RunRefused
from workbench.files import file_error
from workbench.training.lines import append
from workbench.training.run import RunFolder

Action = Literal["stop"]
Stage = Literal["", "asked", "taken", "done"]
_MAX_BYTES = 1 << 20
_ROUNDING_S = 0.001
"""Times are written in whole milliseconds: what was asked at once may seem a little earlier than it was."""


@dataclass(frozen=True)
class Request:
    """One thing asked of a run, and how far it came."""

    id: str
    action: str
    stage: Stage
    wall: float


def ask(run: RunFolder, action: Action = "stop") -> Request:
    """Ask the worker of a run for something; it is taken after the current batch.

    Raises:
        RunRefused: No worker is at work on the run.
        WorkbenchError: The run's folder cannot be written.
    """
    if not run.alive():
        raise RunRefused(
            f"is not running (it {_ended(run.state().value)}), so nothing can be asked of it", where=run.name
        )
    request = Request(uuid.uuid4().hex[:12], action, "asked", time.time())
    _append(run.control, request)
    return request


def requests(run: RunFolder) -> tuple[Request, ...]:
    """Everything that was ever asked of a run, each with its last stage; senseless lines left out."""
    found: dict[str, Request] = {}
    try:
        with run.control.open("rb") as file:
            lines = file.read(_MAX_BYTES).splitlines()
    except OSError:
        return ()
    for line in lines:
        request = _parse(line)
        if request is not None:
            earlier = found.get(request.id, request)
            found[request.id] = Request(request.id, earlier.action, request.stage, earlier.wall)
    return tuple(found.values())


class ControlReader:
    """The worker's side: looked at after each batch, so it costs one `stat` when nothing was asked."""

    def __init__(self, run: RunFolder, since: float) -> None:
        """Args:
        run: The run.
        since: Unix seconds; requests asked before belong to an earlier worker.
        """
        self._run, self._since = run, since - _ROUNDING_S
        self._seen = (-1, -1)
        self._taken: dict[str, Request] = {}

    def poll(self) -> tuple[Request, ...]:
        """The requests that are new; each is marked as taken."""
        try:
            status = self._run.control.stat()
        except OSError:
            return ()
        if (status.st_size, status.st_mtime_ns) == self._seen:
            return ()
        self._seen = (status.st_size, status.st_mtime_ns)
        fresh = []
        for request in requests(self._run):
            if request.stage == "asked" and request.wall >= self._since and request.id not in self._taken:
                self._taken[request.id] = request
                _append(self._run.control, Request(request.id, request.action, "taken", time.time()))
                fresh.append(request)
        return tuple(fresh)

    def done(self) -> None:
        """Everything that was taken has been done."""
        for request in self._taken.values():
            _append(self._run.control, Request(request.id, request.action, "done", time.time()))
        self._taken.clear()


def _ended(state: str) -> str:
    """ "finished", "stopped", "failed", "died", or for a run that never was launched "has not begun"."""
    return "has not begun" if state == "starting" else state


def _append(path: Path, request: Request) -> None:
    line = json.dumps(
        {"id": request.id, "action": request.action, "stage": request.stage, "wall": round(request.wall, 3)}
    )
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
        try:
            end = os.pread(descriptor, 1, max(0, os.fstat(descriptor).st_size - 1))
            torn = b"" if end in (b"", b"\n") else b"\n"  # somebody was killed, or the disk full, in mid-line
            append(descriptor, torn + line.encode() + b"\n")
        finally:
            os.close(descriptor)
    except OSError as error:
        raise file_error(error, path) from error


def _parse(line: bytes) -> Request | None:
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, Mapping) or found.get("stage") not in ("asked", "taken", "done"):
        return None
    wall = found.get("wall")
    if not isinstance(found.get("id"), str) or not isinstance(found.get("action"), str):
        return None
    return Request(
        found["id"], found["action"], found["stage"], wall if isinstance(wall, int | float) else 0.0
    )
