"""From a curve to the few points that a chart can show: of each column the extremes, so no spike is lost."""

from dataclasses import dataclass

import numpy as np

from workbench.monitoring.curves import Numbers, Whole
from workbench.monitoring.drawn import drawable


@dataclass(frozen=True)
class Line:
    """What is drawn of a curve.

    Attributes:
        parts: Points (n, 2), x and y, between gaps.
        gaps: The x of values that are no numbers, at most one a column.
    """

    parts: tuple[Numbers, ...] = ()
    gaps: tuple[float, ...] = ()

    @property
    def points(self) -> int:
        """How many points are drawn."""
        return sum(len(part) for part in self.parts)


def thin(x: Numbers, low: Numbers, high: Numbers, columns: int, gaps: Whole | None = None) -> Line:
    """Keep of each column the least and the greatest value.

    Args:
        x: Shape (n,), rising.
        low: Shape (n,). The least value of each bucket; NaN where there is none.
        high: The greatest one.
        columns: How many columns there are from the first x to the last; at most twice as many points are
            kept.
        gaps: Shape (n,). How many values of each bucket are no numbers, to mark them; where None, only what
            has no value at all is marked.
    """
    if not len(x):
        return Line()
    column = np.minimum((x - x[0]) * (columns / (float(x[-1] - x[0]) or 1.0)), columns - 1).astype(np.int64)
    found = drawable(low, high)
    missing, kept = np.flatnonzero(~found if gaps is None else ~found | (gaps > 0)), np.flatnonzero(found)
    marked = tuple(x[missing[np.diff(column[missing], prepend=-1) != 0]].tolist())
    if not kept.size:
        return Line((), marked)
    groups = np.split(kept, np.flatnonzero(np.diff(column[kept])) + 1)
    parts: list[list[Numbers]] = []
    last = -1
    for group in groups:
        if not parts or not found[last : group[0]].all():
            parts.append([])
        parts[-1].append(_extremes(x[group], low[group], high[group]))
        last = int(group[-1])
    return Line(tuple(np.concatenate(part) for part in parts), marked)


def _extremes(x: Numbers, low: Numbers, high: Numbers) -> Numbers:
    """The points of the least and of the greatest value, in the order of their x; one where they agree."""
    least, greatest = int(np.argmin(low)), int(np.argmax(high))
    bottom, top = (x[least], low[least]), (x[greatest], high[greatest])
    if bottom == top:
        return np.array([bottom])
    return np.array([bottom, top] if least <= greatest else [top, bottom])
