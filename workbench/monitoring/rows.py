"""The `batch` events of a log as rows of numbers: almost all lines of a long one, so taken many at a time."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.monitoring.clock import Clock
from workbench.monitoring.curves import CurveKey, Numbers
from workbench.monitoring.track import ABSENT, Track
from workbench.training.metric_names import MONITORED
from workbench.training.tail import number

SPEED: CurveKey = ("", "images_per_second", "train")
MOST_HEADS = 200
"""Beyond it a log is not a training's, and must not fill the memory."""
_MOST_ROWS = 4096
_NUMBERED = ("epoch", "batch", "batches", "step", "wall", "mono", "seq", "seconds_left", "images_per_second")
_EPOCH, _BATCH, _BATCHES, _STEP, _WALL, _MONO, _SEQ, _LEFT, _SPEED = range(len(_NUMBERED))
_WHOLE = 2.0**53


@dataclass(frozen=True)
class LastBatch:
    """The place of the last batch of a block, and what else it said."""

    epoch: int
    batch: int
    batches: int
    step: int
    speed: float
    seconds_left: float
    wall: float


@dataclass(frozen=True)
class Block:
    """What came of a block of rows.

    Attributes:
        absurd: How many make no sense.
        doubled: How many stand twice, or lie before others.
        sequence: Some of their sequence numbers, in order: enough to see whether they always rise.
        begun: Unix seconds of the first row that makes sense, of the time that never falls.
        last: The last row that does.
    """

    absurd: int
    doubled: int = 0
    sequence: tuple[float, ...] = ()
    begun: float = 0.0
    last: LastBatch | None = None


def curve_keys(figures: Mapping[str, Any], heads: Sequence[str], split: str) -> list[CurveKey]:
    """The curves that an event has points of.

    Args:
        figures: The event, or the part of it about a split.
        heads: The heads that are known; where it is empty, all are taken.
        split: The third part of the keys.
    """
    keys = [("", metric, split) for metric in MONITORED if metric in figures]
    found = figures.get("heads")
    for head, values in found.items() if isinstance(found, Mapping) else ():
        if isinstance(values, Mapping) and (head in heads if heads else len(keys) < MOST_HEADS):
            keys += [(head, metric, split) for metric in MONITORED if metric in values]
    return keys


def value_of(figures: Mapping[str, Any], key: CurveKey) -> object:
    """The value of a curve in an event; `ABSENT` where it has none."""
    if not key[0]:
        return figures.get(key[1], ABSENT)
    heads = figures.get("heads")
    values = heads.get(key[0]) if isinstance(heads, Mapping) else None
    return values.get(key[1], ABSENT) if isinstance(values, Mapping) else ABSENT


class BatchRows:
    """Collects batch events until the next other event, then hands them on as arrays.

    Args:
        track: Takes the points.
        clock: Turns times into one that never falls.
        heads: The heads that are known; where it is empty, all are taken.
    """

    def __init__(self, track: Track, clock: Clock, heads: Sequence[str]) -> None:
        self._track, self._clock, self._heads = track, clock, heads
        self._rows: list[list[object]] = []
        self._offsets: list[int] = []
        self._keys: list[CurveKey] = []
        self._overall: list[str] = []
        self._of_heads: list[tuple[str, list[str], int]] = []
        self._shape = -1

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def full(self) -> bool:
        """Whether it is time to hand them on."""
        return len(self._rows) >= _MOST_ROWS

    def fits(self, event: Mapping[str, Any]) -> bool:
        """Whether an event has the curves of those that were collected; else they must be handed on first."""
        return not self._rows or self._known(event)

    def _known(self, event: Mapping[str, Any]) -> bool:
        """Whether it has the heads and figures of the others, no more."""
        heads = event.get("heads")
        if not isinstance(heads, dict):
            return not self._of_heads
        if len(heads) != self._shape:
            return False
        for head, _, size in self._of_heads:
            values = heads.get(head)
            if not isinstance(values, dict) or len(values) != size:
                return False
        return True

    def _learn(self, event: Mapping[str, Any]) -> None:
        """Take the curves of an event for those of the next ones, too."""
        self._keys = curve_keys(event, self._heads, "train")
        self._overall = [metric for head, metric, _ in self._keys if not head]
        heads = event.get("heads")
        self._shape = len(heads) if isinstance(heads, dict) else -1
        names = dict.fromkeys(head for head, _, _ in self._keys if head)
        self._of_heads = [
            (head, [key[1] for key in self._keys if key[0] == head], len(event["heads"][head]))
            for head in names
        ]

    def add(self, event: Mapping[str, Any], offset: int) -> None:
        """Collect one that `fits`.

        Args:
            event: The event.
            offset: The byte of the log at which its line begins.
        """
        if not self._rows:
            self._learn(event)
        get = event.get
        row: list[object] = [get(name) for name in _NUMBERED]
        for metric in self._overall:
            row.append(get(metric, ABSENT))
        if self._of_heads:
            heads = event["heads"]
            for head, metrics, _ in self._of_heads:
                values = heads[head]
                for metric in metrics:
                    row.append(values.get(metric, ABSENT))
        self._rows.append(row)
        self._offsets.append(offset)

    def hand_on(self, epochs: int) -> Block:
        """Give what was collected to the track.

        Args:
            epochs: How many there are to be; a batch of a later one makes no sense.
        """
        table, offsets = _table(self._rows), np.array(self._offsets, np.float64)
        self._rows, self._offsets = [], []
        sensible = _sensible(table, epochs)
        absurd = len(table) - int(np.count_nonzero(sensible))
        table, offsets = table[sensible], offsets[sensible]
        if not len(table):
            return Block(absurd)
        numbered, values = table[:, : len(_NUMBERED)], table[:, len(_NUMBERED) :]
        epoch, batch, batches = (np.trunc(numbered[:, column]) for column in (_EPOCH, _BATCH, _BATCHES))
        step = np.where(
            np.abs(numbered[:, _STEP]) < _WHOLE, np.trunc(numbered[:, _STEP]), (epoch - 1) * batches + batch
        )
        walls = self._clock.times(numbered[:, _WALL], numbered[:, _MONO])
        axes = np.stack([step, epoch - 1 + batch / batches, walls, offsets], axis=1)
        speed = np.where(np.isfinite(numbered[:, _SPEED]), numbered[:, _SPEED], ABSENT)
        points = np.column_stack([speed, values])
        doubled = self._track.extend(axes, [SPEED, *self._keys], points)
        last = numbered[-1].tolist()
        found = LastBatch(
            int(epoch[-1]), int(batch[-1]), int(batches[-1]), int(step[-1]), last[_SPEED], last[_LEFT],
            last[_WALL],
        )  # fmt: skip
        return Block(absurd, doubled, _sequence(numbered[:, _SEQ]), float(walls[0]), found)


def _table(rows: list[list[object]]) -> Numbers:
    """Rows of whatever a log had as numbers; NaN for what is none."""
    if not any(isinstance(value, bool) for value in rows[0]):
        try:
            return np.array(rows, np.float64)
        except (TypeError, ValueError, OverflowError):
            pass
    return np.array([[value if value is ABSENT else number(value) for value in row] for row in rows])


def _sensible(table: Numbers, epochs: int) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Which rows lie within the training: a foreign line must not push every later point off the chart."""
    epoch, batch, batches = table[:, _EPOCH], table[:, _BATCH], table[:, _BATCHES]
    within = (epoch >= 1) & (epoch < epochs + 1) & (batch >= 1) & (batches < _WHOLE)
    return within & (np.trunc(batch) <= np.trunc(batches))


def _sequence(seq: Numbers) -> tuple[float, ...]:
    """The first and the last number, and a pair that does not rise, if there is one."""
    falls = np.flatnonzero(np.diff(seq) <= 0)[:1]
    between = seq[[falls[0], falls[0] + 1]].tolist() if falls.size else []
    return (float(seq[0]), *between, float(seq[-1])) if len(seq) > 1 else (float(seq[0]),)


def numbers_of(figures: Mapping[str, Any], keys: Sequence[CurveKey]) -> list[float]:
    """The values of an event that stands alone, as a track takes them."""
    found = (value_of(figures, key) for key in keys)
    return [ABSENT if value is ABSENT else _gap(number(value)) for value in found]


def _gap(value: float) -> float:
    """An infinite value is a gap like any that is no number."""
    return value if math.isfinite(value) else math.nan
