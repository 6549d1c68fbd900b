"""From a curve to what a chart can show of it: of each part of a column the least and the greatest value.

Smoothing comes first, for it needs every point; what is thinned out then keeps its extremes, so that no spike
is lost, and the newest point. A value that is no number parts the curve.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from workbench.monitoring.curves import Curve, Numbers
from workbench.monitoring.drawn import drawable

PARTS = 2
"""Parts of a cell beside each other that are drawn on their own."""


def _none() -> Numbers:
    """Nothing."""
    return np.empty(0)


@dataclass(frozen=True, eq=False)
class Trace:
    """A curve on its way into a chart.

    Attributes:
        x: Shape (n,), rising.
        low: Shape (n,). The least value at each x; NaN parts the curve.
        high: Shape (n,). The greatest one.
        gaps: Shape (m,), rising. Where values stand that are no numbers.
    """

    x: Numbers = field(default_factory=_none)
    low: Numbers = field(default_factory=_none)
    high: Numbers = field(default_factory=_none)
    gaps: Numbers = field(default_factory=_none)


@dataclass(frozen=True, eq=False)
class Spans:
    """What a curve covers of a window.

    Attributes:
        low: Shape (cells × PARTS,). From which value; NaN where there is nothing.
        high: Up to which.
    """

    low: Numbers
    high: Numbers

    @property
    def reach(self) -> tuple[float, float] | None:
        """The least and the greatest value, or None without any."""
        if not np.isfinite(self.low).any():
            return None
        return float(np.nanmin(self.low)), float(np.nanmax(self.high))


def joined(x: list[float], y: list[float]) -> Trace:
    """Points that are joined by lines.

    Args:
        x: Rising.
        y: As many; what is no number is a gap.
    """
    return traced(np.array(x, float), np.array(y, float))


def traced(x: Numbers, low: Numbers, high: Numbers | None = None, gaps: Numbers | None = None) -> Trace:
    """A trace in which absurdly large values are gaps.

    Args:
        x: Shape (n,), rising.
        low: Shape (n,). Values, or the least of each bucket.
        high: Shape (n,). The greatest of each bucket; `low` where it is None.
        gaps: Shape (m,). Where there are gaps that `low` does not tell.
    """
    high = low if high is None else high
    bad = ~drawable(low, high)
    if bad.any():
        low, high = np.where(bad, math.nan, low), np.where(bad, math.nan, high)
    where = x[bad] if gaps is None else np.union1d(x[bad], gaps)
    return Trace(x, low, high, where)


def trace_of(curve: Curve, x: Numbers, smooth: Numbers | None = None) -> Trace:
    """A run's curve, smoothed or with its extremes.

    Args:
        curve: The curve.
        x: Shape (n,). Its buckets on the axis that is shown.
        smooth: Shape (n,). Its smoothed values; None for the least and greatest of each bucket.
    """
    low, high = (curve.low, curve.high) if smooth is None else (smooth, smooth)
    return traced(x, low, high, x[curve.gaps > 0])


def logarithmic(trace: Trace) -> Trace:
    """A trace of the logarithms to base 10: what is not above 0 has none and becomes a gap."""
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = np.log10(trace.low), np.log10(trace.high)
    lost = np.isfinite(trace.low) & ~np.isfinite(low)
    # A bucket of which only a part is above 0 is shown as far as it can be.
    low = np.where(lost & np.isfinite(high), high, low)
    return traced(trace.x, low, high, np.union1d(trace.gaps, trace.x[lost]))


def averaged(trace: Trace, left: float, right: float, cells: int) -> Trace:
    """A smoothed curve with one point for each part of a column that has several: a line, not an area.

    Args:
        trace: The curve; its low and high values are the same.
        left: The x of the left edge.
        right: That of the right one.
        cells: Columns of cells.
    """
    parts = cells * PARTS
    at = place(trace.x, left, right, cells) * PARTS
    first, last = (int(one) for one in np.searchsorted(at, (0, parts)))
    column = at[first:last].astype(np.int64)
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    if starts.size == column.size:
        return trace
    values = trace.low[first:last]
    there = np.isfinite(values)
    counts = np.add.reduceat(there.astype(np.int64), starts)
    sums = np.add.reduceat(np.where(there, values, 0.0), starts)
    means = np.divide(sums, counts, out=np.full(starts.size, math.nan), where=counts > 0)
    middles = np.add.reduceat(trace.x[first:last], starts) / np.diff(np.append(starts, column.size))
    before, after = slice(max(0, first - 1), first), slice(last, last + 1)
    x = np.concatenate([trace.x[before], middles, trace.x[after]])
    y = np.concatenate([trace.low[before], means, trace.low[after]])
    return Trace(x, y, y, trace.gaps)


def place(x: Numbers, left: float, right: float, cells: int) -> Numbers:
    """Where values of x lie, in cells from the left; an edge is the middle of its cell, as a tick is."""
    found: Numbers = (x - left) * ((cells - 1) / (right - left)) + 0.5
    return found


def spans(trace: Trace, left: float, right: float, cells: int) -> Spans:
    """What a curve covers between two edges, its points joined by lines.

    Args:
        trace: The curve.
        left: The x of the left edge.
        right: That of the right one, greater.
        cells: Columns of cells.
    """
    parts = cells * PARTS
    at = place(trace.x, left, right, cells) * PARTS
    first, last = np.searchsorted(at, (0, parts))
    column = at[first:last].astype(np.int64)
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    found = []
    for values, extreme in ((trace.low, np.fmin), (trace.high, np.fmax)):
        covered = np.full(parts, math.nan)
        if starts.size:
            covered[column[starts]] = extreme.reduceat(values[first:last], starts)
        edges = _between(at, values, np.arange(parts + 1.0))
        found.append(extreme(covered, extreme(edges[:-1], edges[1:])))
    return Spans(found[0], found[1])


def _between(at: Numbers, values: Numbers, edges: Numbers) -> Numbers:
    """The values at some places on the lines that join neighbours; NaN beside a gap and outside."""
    if at.size < 2:
        return np.full(edges.size, math.nan)
    after = np.searchsorted(at, edges, "right")
    inside = (after > 0) & (after < at.size)
    right = np.clip(after, 1, at.size - 1)
    width = at[right] - at[right - 1]
    share = np.divide(edges - at[right - 1], width, out=np.zeros(edges.size), where=width > 0)
    line = values[right - 1] * (1 - share) + values[right] * share
    found: Numbers = np.where(inside, line, math.nan)
    return found


def gap_cells(trace: Trace, left: float, right: float, cells: int) -> list[int]:
    """The columns in which values stand that are no numbers."""
    at = place(trace.gaps, left, right, cells)
    found: list[int] = np.unique(at[(at >= 0) & (at < cells)].astype(np.int64)).tolist()
    return found
