"""What the rows of another training's table say so far: curves, the best epoch, where it began again."""

import math
import statistics
from collections import deque
from collections.abc import Sequence

import numpy as np

from workbench.monitoring.csv_table import Header, Rows
from workbench.monitoring.curves import CurveKey, Numbers
from workbench.monitoring.marks import Mark
from workbench.monitoring.track import Track
from workbench.training.judge import Best
from workbench.training.log_names import LOSSES

_CAPACITY = 4096
_MOST_NOTES, _MOST_MARKS = 200, 200
_MOST_EPOCH = 10**7
_MOST_SECONDS = 1e9
_PACES = 9


class CsvRows:
    """Grows by rows; belongs to one thread.

    Attributes:
        count: How many rows there were.
        place: Epochs behind the last one.
        wall: Unix seconds of the last one, as far as the file's own time tells.
        started: Of the first one.
        rate: The last learning rate.
        best: The best epoch by the loss on validation, or on training where there is none.
    """

    def __init__(self) -> None:
        self.track = Track(_CAPACITY)
        self.count = 0
        self.place = self.wall = self.started = 0.0
        self.rate: float | None = None
        self.best = Best("")
        self.notes: deque[str] = deque(maxlen=_MOST_NOTES)
        self.restarts: deque[Mark] = deque(maxlen=_MOST_MARKS)
        self._paces: deque[float] = deque(maxlen=_PACES)
        self._numbered: tuple[CurveKey, ...] = ()
        self._shift: float | None = None

    @property
    def pace(self) -> float | None:
        """Seconds from row to row, in the middle of the last ones; None while that is not known."""
        return statistics.median(self._paces) if self._paces else None

    def feed(self, header: Header, rows: Rows, wall: float) -> None:
        """Take new rows.

        Args:
            header: Their columns.
            rows: The rows.
            wall: Unix seconds at which the file was last written.
        """
        if not len(rows):
            return
        walls = self._walls(rows.seconds, max(wall, self.wall))
        places = self._places(rows.epochs, walls)
        keys = [key for _, key in header.figures]
        new = {key for key, numbered in zip(keys, rows.numbered, strict=True) if numbered}
        self._numbered = tuple(key for key in keys if key in new or key in self._numbered)
        steps = self.count + np.arange(1.0, len(rows) + 1)
        values = rows.values[:, [keys.index(key) for key in self._numbered]]
        self.track.extend(np.stack([steps, places, walls, rows.offsets], axis=1), self._numbered, values)
        self._judge(places, values)
        rates = rows.rates[np.isfinite(rows.rates)]
        self.rate = float(rates[-1]) if len(rates) else self.rate
        self.started = self.started or float(walls[0])
        self.count, self.place, self.wall = self.count + len(rows), float(places[-1]), float(walls[-1])

    def _walls(self, seconds: Numbers, wall: float) -> Numbers:
        """When the rows were written: the last one when the file was, those before by what they took."""
        took = np.where((seconds >= 0) & (seconds < _MOST_SECONDS), seconds, 0.0)
        self._paces.extend(took[took > 0][-_PACES:].tolist())
        if not self.count:
            before: Numbers = wall - (took.sum() - np.cumsum(took))
            return before
        if not took.any() and wall > self.wall:
            self._paces.append((wall - self.wall) / len(took))
        return np.full(len(took), wall)

    def _places(self, epochs: Numbers, walls: Numbers) -> Numbers:
        """How many epochs lie behind each row; a count that begins again goes on after the last one."""
        found = np.empty(len(epochs))
        last = self.place
        for row, (epoch, wall) in enumerate(zip(epochs.tolist(), walls.tolist(), strict=True)):
            if not 0 <= epoch <= _MOST_EPOCH:
                last = found[row] = math.floor(last) + 1
                continue
            if self._shift is None:
                self._shift = 0.0 if epoch else 1.0  # Keras counts from 0, we from 1
            if epoch + self._shift <= last:
                self._shift = math.floor(last) + 1 - epoch
                words = f"epochs are counted from {epoch:g} again: what follows goes on after epoch {last:g}"
                self.restarts.append(Mark("restart", last, float(self.count + row), wall, words))
            last = found[row] = epoch + self._shift
        return found

    def _judge(self, places: Numbers, values: Numbers) -> None:
        """Which epochs were the best so far, a line each of the last ones."""
        metric = next((name for name, key in LOSSES.items() if key in self._numbered), "")
        if not metric:
            return
        if metric != self.best.metric:
            self.best = Best(metric)
        losses = values[:, self._numbered.index(LOSSES[metric])]
        known = np.where(np.isfinite(losses), losses, math.inf)
        before = math.inf if self.best.value is None else self.best.value
        better = known < np.minimum.accumulate(np.append(before, known[:-1]))
        for row in np.flatnonzero(better)[-1:]:
            self.best.take(float(known[row]), int(places[row]))
        self._tell(metric, places[-_MOST_NOTES:], losses[-_MOST_NOTES:], better[-_MOST_NOTES:].tolist())

    def _tell(self, metric: str, places: Numbers, losses: Numbers, better: Sequence[bool]) -> None:
        """A line for each row, as our own runs have it."""
        for place, loss, best in zip(places.tolist(), losses.tolist(), better, strict=True):
            if math.isfinite(loss):
                self.notes.append(f"epoch {place:g}  {metric} {loss:.4g}{' ★ best' if best else ''}")
