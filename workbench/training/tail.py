"""The end of a run's log, enough for one line in the list of runs, read without the rest of it."""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

END_TYPES = frozenset({"finished", "stopped", "paused", "failed"})
_TAIL_BYTES = 64 * 1024
_MOST_BYTES = 16 * _TAIL_BYTES


@dataclass(frozen=True)
class RunTail:
    """What the last lines of a log say."""

    phase: str = ""
    epoch: int = 0
    epochs: int = 0
    metric: str = ""
    best: float | None = None
    best_epoch: int = 0
    wall: float = 0.0
    failure: str = ""


def number(value: object) -> float:
    """A number from a log: also one written as text; NaN for everything that is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return math.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan


def whole(value: object, default: int = 0) -> int:
    """A whole number from a log, or the default."""
    found = number(value)
    return int(found) if math.isfinite(found) and abs(found) < 2**53 else default


def parse_line(line: bytes) -> dict[str, Any] | None:
    """One line of a log as an event, or None if it is not one."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("type"), str) else None


def read_tail(path: Path) -> RunTail:
    """Read the last 64 KiB of `events.jsonl`, or 1 MiB of one whose last epoch ended further up.

    A log that is not there reads as empty.
    """
    tail = _read(path, _TAIL_BYTES)
    return tail if tail.metric else _read(path, _MOST_BYTES)


def _read(path: Path, most: int) -> RunTail:
    """What the whole lines among the last bytes say."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            start = max(0, size - most)
            file.seek(start)
            raw = file.read(most)
    except OSError:
        return RunTail()
    if start:
        raw = raw[raw.find(b"\n") + 1 :]
    tail = RunTail()
    for line in raw[: raw.rfind(b"\n") + 1].splitlines():
        event = parse_line(line)
        if event is not None:
            tail = _after(tail, event)
    return tail


def _after(tail: RunTail, event: Mapping[str, Any]) -> RunTail:
    """The tail with one more event."""
    wall = number(event.get("wall"))
    tail = replace(tail, wall=wall if math.isfinite(wall) else tail.wall)
    kind = event["type"]
    if kind == "phase":
        return replace(tail, phase=str(event.get("name", "")), failure="")
    if kind == "batch" and not tail.phase:  # the phase stands further up than what was read
        epochs = whole(event.get("epochs"), tail.epochs)
        return replace(
            tail, phase="training", epochs=epochs, epoch=max(tail.epoch, whole(event.get("epoch")) - 1)
        )
    if kind == "epoch":
        best = number(event.get("best_value"))
        return replace(
            tail,
            phase=tail.phase or "training",
            epoch=whole(event.get("epoch"), tail.epoch),
            epochs=whole(event.get("epochs"), tail.epochs),
            metric=str(event.get("metric", "")),
            best=best if math.isfinite(best) else tail.best,
            best_epoch=whole(event.get("best_epoch"), tail.best_epoch),
        )
    if kind == "started":  # again: a worker that went on from a checkpoint
        epochs = whole(event.get("epochs"), tail.epochs)
        tail = replace(tail, epochs=epochs, epoch=whole(event.get("resumed_epoch")))
        if "best_epoch" not in event:
            return tail
        best = number(event.get("best_value"))
        return replace(
            tail, best=best if math.isfinite(best) else None, best_epoch=whole(event.get("best_epoch"))
        )
    if kind == "epochs":
        return replace(tail, epochs=whole(event.get("to"), tail.epochs))
    if kind in END_TYPES:
        failure = str(event.get("cause", "")) if kind == "failed" else ""
        return replace(tail, phase=kind, epoch=whole(event.get("epoch"), tail.epoch), failure=failure)
    return tail
