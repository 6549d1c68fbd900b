"""From a run's curve to the few points that a chart can show: smoothed first, then thinned out.

Of each column the extremes are kept, so that no spike is lost, and always the newest point. A value that is
no number parts the curve. Points that were gone through once are not gone through again.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.training.curves import Series, Smoother

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
_LARGEST = 1e300
"""Beyond it the difference of two values may be no number, so such a value is treated as none."""


@dataclass(frozen=True)
class Points:
    """What is drawn of a curve.

    Attributes:
        segments: Points (x, y) between gaps.
        gaps: Where values that are no numbers stand, at most one a column.
        newest: The last value; NaN if it is no number, None where there is no value.
    """

    segments: tuple[tuple[list[float], list[float]], ...] = ()
    gaps: tuple[float, ...] = ()
    newest: float | None = None

    @property
    def reach(self) -> tuple[float, float] | None:
        """The least and the greatest y, or None without points."""
        if not self.segments:
            return None
        return min(min(y) for _, y in self.segments), max(max(y) for _, y in self.segments)


class GrowingPoints:
    """One curve, taken over from ever longer series; belongs to one thread.

    Args:
        span: About how many points are averaged; 1 or less for none.
    """

    def __init__(self, span: float) -> None:
        self._span = span
        self._forget()

    def _forget(self) -> None:
        """As if nothing had been taken."""
        self._smoother = Smoother(self._span)
        self._x, self._y = np.empty(0), np.empty(0)
        self._last = math.nan

    def take(self, series: Series) -> None:
        """Take what `series` has more than the last one; all of it, if it is no continuation."""
        if not self._continued_by(series):
            self._forget()
        known = self._x.size
        if len(series.x) == known:
            return
        new = [value if abs(value) <= _LARGEST else math.nan for value in series.y[known:]]
        self._x = np.append(self._x, series.x[known:])
        self._y = np.append(self._y, self._smoother.add(new) if self._span > 1 else new)
        self._last = series.y[-1]

    def _continued_by(self, series: Series) -> bool:
        """Whether the known points begin `series`; the curve of a run that went on after a crash is cut."""
        known = self._x.size
        if not known:
            return True
        if len(series.x) < known or series.x[known // 2] != self._x[known // 2]:
            return False
        x, y = series.x[known - 1], series.y[known - 1]
        return bool(x == self._x[-1]) and (y == self._last or (math.isnan(y) and math.isnan(self._last)))

    def thinned(self, right: float, columns: int) -> Points:
        """The points from 0 to `right`, at most two a column and the newest."""
        return thin(self._x, self._y, right, columns)


def thin(x: Numbers, y: Numbers, right: float, columns: int) -> Points:
    """Keep of each column the least and the greatest value, and the newest one.

    Args:
        x: Rising.
        y: Values; NaN where there is none.
        right: The x of the right edge; the left one is 0.
        columns: Cells between them.
    """
    if not x.size:
        return Points()
    column = np.clip(x * (columns / right), 0, columns - 1).astype(np.int64)
    finite = np.isfinite(y)
    gone = np.flatnonzero(~finite)
    gaps = x[gone[_first_of_each(column[gone])]] if gone.size else gone
    newest = float(y[-1]) if finite[-1] else math.nan
    kept = np.flatnonzero(finite)
    if kept.size > 2 * columns:
        kept = _extremes(column, y, kept)
    if not kept.size:
        return Points((), tuple(gaps.tolist()), newest)
    before = np.cumsum(~finite)[kept]
    cuts = np.flatnonzero(np.diff(before)) + 1
    segments = tuple((x[part].tolist(), y[part].tolist()) for part in np.split(kept, cuts))
    return Points(segments, tuple(gaps.tolist()), newest)


def _extremes(column: Whole, y: Numbers, kept: Whole) -> Whole:
    """Of the points `kept`, the first least and the first greatest of each column, and the last one."""
    starts = _first_of_each(column[kept])
    sizes = np.diff(np.append(starts, kept.size))
    found = [kept[-1:]]
    for extreme in (np.minimum, np.maximum):
        each = np.repeat(extreme.reduceat(y[kept], starts), sizes)
        hits = kept[y[kept] == each]
        found.append(hits[_first_of_each(column[hits])])
    return np.unique(np.concatenate(found))


def _first_of_each(column: Whole) -> Whole:
    """Where each run of equal columns begins."""
    return np.flatnonzero(np.diff(column, prepend=-1))
