"""Asking a run to do something: `control.jsonl`, each request shown as asked, taken, and done or refused.

The asking side appends an `asked` line; the worker answers the same request with `taken` and then `done`, or
`refused` with a reason. What was asked of an earlier worker on the same folder (before a crash) is not obeyed
by the next one.
"""

import json
import math
import os
import time
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from workbench.errors import InputError, RunRefused
from workbench.files import file_error
from workbench.training.lines import append, last_bytes
from workbench.training.run import RunFolder

Action = Literal["stop", "pause", "resume", "rate", "epochs", "checkpoint", "abort"]
Stage = Literal["", "asked", "taken", "done", "refused"]
STAGES: tuple[Stage, ...] = ("asked", "taken", "done", "refused")
MOST_EPOCHS, HIGHEST_RATE = 10_000, 10.0
_MAX_BYTES = 1 << 20
_ROUNDING_S = 0.001
"""Times are written in whole milliseconds: what was asked at once may seem a little earlier than it was."""


@dataclass(frozen=True)
class Request:
    """One thing asked of a run, and how far it came.

    Attributes:
        wall: Unix seconds at which it was asked.
        value: The learning rate, or the number of epochs to add; None for other actions.
        rate: For "epochs": the learning rate at their beginning; None for the usual one.
        reason: Why it was refused.
        taken_wall, ended_wall: When it was taken, and done or refused; None before.
    """

    id: str
    action: str
    stage: Stage
    wall: float
    value: float | None = None
    rate: float | None = None
    reason: str = ""
    taken_wall: float | None = None
    ended_wall: float | None = None

    @property
    def open(self) -> bool:
        """Whether it still waits."""
        return self.stage in ("asked", "taken")


def ask(
    run: RunFolder, action: Action = "stop", value: float | None = None, rate: float | None = None
) -> Request:
    """Ask the worker of a run for something; it is taken after the current batch.

    Args:
        run: The run.
        action: "stop" and "pause" save and end the worker, "abort" ends it without saving.
        value: See `Request`.
        rate: See `Request`.

    Raises:
        InputError: The value makes no sense.
        RunRefused: No worker is at work on the run.
        WorkbenchError: The run's folder cannot be written.
    """
    check_value(action, value, rate)
    if not run.alive() and not (run.elsewhere() and run.state().live):
        raise RunRefused(
            f"is not running (it {_ended(run.state().value)}), so nothing can be asked of it", where=run.name
        )
    return _ask(run, action, value, rate)


def note_resume(run: RunFolder) -> None:
    """Write down that a run is to go on; the worker that is started for it takes the request.

    Raises:
        WorkbenchError: The run's folder cannot be written.
    """
    _ask(run, "resume", None, None)


def _ask(run: RunFolder, action: Action, value: float | None, rate: float | None) -> Request:
    request = Request(uuid.uuid4().hex[:12], action, "asked", time.time(), value, rate)
    _append(run.control, request, request.wall)
    return request


def check_value(action: Action, value: float | None, rate: float | None = None) -> None:
    """Refuse a learning rate or a number of epochs that cannot be.

    Raises:
        InputError: Names the valid values.
    """
    if action == "epochs" and not (
        value is not None and float(value).is_integer() and 1 <= value <= MOST_EPOCHS
    ):
        raise InputError(f"{_said(value)} is no number of epochs", cure=f"valid: 1 to {MOST_EPOCHS}")
    asked = value if action == "rate" else rate
    if (action == "rate" or rate is not None) and not (asked is not None and 0 < asked <= HIGHEST_RATE):
        raise InputError(
            f"{_said(asked)} is no learning rate", cure=f"valid: above 0, at most {HIGHEST_RATE:g}"
        )


def _said(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g}"


def requests(run: RunFolder) -> tuple[Request, ...]:
    """Everything that was asked of a run, each with its last stage; senseless lines left out.

    Of a file that has grown beyond all measure, only the last thousands.
    """
    found: dict[str, Request] = {}
    try:
        lines = last_bytes(run.control, _MAX_BYTES)[1].splitlines()
    except OSError:
        return ()
    for line in lines:
        request = _parse(line)
        if request is not None:
            found[request.id] = _later(found.get(request.id, request), request)
    return tuple(found.values())


def _later(known: Request, line: Request) -> Request:
    """A request after one more line about it, whose time is that of the stage."""
    if line.stage == "asked":
        return known
    if line.stage == "taken":
        return replace(known, stage=line.stage, taken_wall=line.wall)
    return replace(known, stage=line.stage, reason=line.reason, ended_wall=line.wall)


def requests_now(run: RunFolder) -> tuple[Request, ...]:
    """What was asked since the last worker was started; what an earlier one left undone is of the past."""
    try:
        since = run.lock.stat().st_mtime - _ROUNDING_S
    except OSError:
        return requests(run)
    return tuple(request for request in requests(run) if request.wall >= since)


def ending_asked(asked: Iterable[Request]) -> str:
    """Of what was asked of a worker, what will end it and has not yet: "abort", "stop", "pause", or ""."""
    waiting = {request.action for request in asked if request.open}
    return next((action for action in ("abort", "stop", "pause") if action in waiting), "")


class ControlReader:
    """The worker's side: looked at after each batch, so it costs one `stat` when nothing was asked."""

    def __init__(self, run: RunFolder, since: float) -> None:
        """Args:
        run: The run.
        since: Unix seconds; requests asked before belong to an earlier worker.
        """
        self._run, self._since = run, since - _ROUNDING_S
        self._seen = (-1, -1)
        self._known: set[str] = set()
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
            if request.stage == "asked" and request.wall >= self._since and request.id not in self._known:
                self._known.add(request.id)
                self._taken[request.id] = request
                _append(self._run.control, replace(request, stage="taken"), time.time())
                fresh.append(request)
        return tuple(fresh)

    def answer(self, request: Request, reason: str = "") -> None:
        """What was taken has been done, or cannot be done for this reason."""
        if self._taken.pop(request.id, None) is not None:
            stage: Stage = "refused" if reason else "done"
            _append(self._run.control, replace(request, stage=stage, reason=reason), time.time())

    def done(self) -> None:
        """Everything that was taken has been done."""
        for request in tuple(self._taken.values()):
            self.answer(request)

    def close(self, done: Collection[str], reason: str) -> None:
        """Of what was taken and is not answered, these actions have been done; others cannot be any more."""
        for request in tuple(self._taken.values()):
            self.answer(request, "" if request.action in done else reason)


def _ended(state: str) -> str:
    """ "finished", "stopped", "failed", "died", "is paused"; never launched: "has not begun"."""
    return {"starting": "has not begun", "paused": "is paused"}.get(state, state)


def _append(path: Path, request: Request, wall: float) -> None:
    """One line about a request, with the time of its stage."""
    more = {"value": request.value, "rate": request.rate, "reason": request.reason or None}
    described = {"id": request.id, "action": request.action, "stage": request.stage, "wall": round(wall, 3)}
    append_json(path, described | {name: value for name, value in more.items() if value is not None})


def append_json(path: Path, described: Mapping[str, Any]) -> None:
    """Append one JSON object as a line of its own, whoever wrote or was killed before.

    Raises:
        WorkbenchError: The file cannot be written.
    """
    line = json.dumps(described)
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
    if not isinstance(found, Mapping) or found.get("stage") not in STAGES:
        return None
    if not isinstance(found.get("id"), str) or not isinstance(found.get("action"), str):
        return None
    return Request(
        found["id"],
        found["action"],
        found["stage"],
        _number(found.get("wall")) or 0.0,
        _number(found.get("value")),
        _number(found.get("rate")),
        str(found.get("reason") or ""),
    )


def _number(value: object) -> float | None:
    """A finite number, or None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) else None
