"""The end of a run's log, enough for one line in the list of runs, read without the rest of it."""

import json
import math
import re
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from workbench.training.lines import last_bytes
from workbench.training.metric_names import MONITORED

END_TYPES = frozenset({"finished", "stopped", "paused", "failed"})
_TAIL_BYTES = 64 * 1024
_MOST_BYTES = 16 * _TAIL_BYTES
_BATCH = b'"type":"batch"'
_PACE = re.compile(rb'"images_per_second":\s*([0-9.eE+-]+)')


@dataclass(frozen=True)
class RunTail:
    """What the last lines of a log say.

    Attributes:
        best_figures: The `MONITORED` on validation of the best epoch, all heads together; None where that
            stands further up.
        images_per_second: The median of the last batches; None where there are none.
    """

    phase: str = ""
    epoch: int = 0
    epochs: int = 0
    metric: str = ""
    best: float | None = None
    best_epoch: int = 0
    wall: float = 0.0
    failure: str = ""
    best_figures: tuple[float | None, ...] | None = None
    images_per_second: float | None = None


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


def part(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A table in a table from a file, such as run.json; empty where it is not there or damaged."""
    found = table.get(name)
    return found if isinstance(found, Mapping) else {}


def parse_line(line: bytes) -> dict[str, Any] | None:
    """One line of a log as an event, or None if it is not one."""
    try:
        found = orjson.loads(line)
    except ValueError:
        found = _parse_slowly(line)
    return found if isinstance(found, dict) and isinstance(found.get("type"), str) else None


def _parse_slowly(line: bytes) -> Any:
    """A line that is no JSON by the book: Python's own reader also takes NaN, and numbers of any size."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def read_tail(path: Path) -> RunTail:
    """Read the last 64 KiB of `events.jsonl`, or 1 MiB of one whose last epoch ended further up.

    A log that is not there reads as empty.
    """
    tail = _read(path, _TAIL_BYTES)
    return tail if tail.metric else _read(path, _MOST_BYTES)


def _read(path: Path, most: int) -> RunTail:
    """What the whole lines among the last bytes say."""
    try:
        start, raw = last_bytes(path, most)
    except OSError:
        return RunTail()
    if start:
        raw = raw[raw.find(b"\n") + 1 :]
    tail = RunTail()
    for line in _telling(raw[: raw.rfind(b"\n") + 1].splitlines()):
        event = parse_line(line)
        if event is not None:
            tail = _after(tail, event)
    paces = [pace for one in _PACE.findall(raw)[-_PACES:] if math.isfinite(pace := number(one.decode()))]
    return replace(tail, images_per_second=statistics.median(paces) if paces else None)


def _telling(lines: list[bytes]) -> list[bytes]:
    """All but the batches before the last one, which tell nothing more: nine of ten lines are batches."""
    batches = [place for place, line in enumerate(lines) if _BATCH in line]
    skipped = set(batches[:-1])
    return [line for place, line in enumerate(lines) if place not in skipped]


_PACES = 50
"""Of so many last batches: single ones hardly repeat themselves."""


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
        tail = replace(tail, best_figures=_best_figures(tail, event))
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
        best, best_epoch = number(event.get("best_value")), whole(event.get("best_epoch"))
        kept = tail.best_figures if best_epoch == tail.best_epoch else None
        found = best if math.isfinite(best) else None
        return replace(tail, best=found, best_epoch=best_epoch, best_figures=kept)
    if kind == "epochs":
        return replace(tail, epochs=whole(event.get("to"), tail.epochs))
    if kind in END_TYPES:
        failure = str(event.get("cause", "")) if kind == "failed" else ""
        return replace(tail, phase=kind, epoch=whole(event.get("epoch"), tail.epoch), failure=failure)
    return tail


def _best_figures(tail: RunTail, event: Mapping[str, Any]) -> tuple[float | None, ...] | None:
    """The best epoch's figures after an epoch: this one's, those that were known, or unknown ones."""
    best = whole(event.get("best_epoch"), tail.best_epoch)
    if best != whole(event.get("epoch"), -1):
        return tail.best_figures if best == tail.best_epoch else None
    table = part(event, "validation")
    values = [number(table.get(name)) for name in MONITORED]
    return tuple(value if math.isfinite(value) else None for value in values)
