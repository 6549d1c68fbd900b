"""A run's curves as they were at a moment, and their smoothing; `track.py` lets them grow."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
CurveKey = tuple[str, str, str]
"""(head or "" for all; figure, such as "loss"; which: "train", "train_epoch", "validation", "system")."""
Axis = Literal["epoch", "step", "wall", "relative"]
AXES: tuple[Axis, ...] = ("epoch", "step", "relative", "wall")


@dataclass(frozen=True, eq=False)
class Curve:
    """One curve as it was at a moment: a row a bucket, from the oldest to the newest.

    Attributes:
        steps: Shape (n,). The step of each bucket's last point.
        places: Epochs behind it, such as 2.5; strictly rising.
        walls: Unix seconds of it; never falling, whatever the machine's clock did.
        low: The least finite value in each bucket; NaN where there is none.
        high: The greatest one.
        sums: Of the finite values.
        counts: How many there are.
        gaps: How many points of each bucket are no finite numbers.
        newest: The last point's value; NaN if it is no number.
        stamp: Another one for each state of each curve: what has the same stamp has the same content.
        grown: The same for all states of a curve that only grew by points at its end.
    """

    steps: Numbers
    places: Numbers
    walls: Numbers
    low: Numbers
    high: Numbers
    sums: Numbers
    counts: Whole
    gaps: Whole
    newest: float
    stamp: int
    grown: int

    def __len__(self) -> int:
        return len(self.places)

    @cached_property
    def mean(self) -> Numbers:
        """Shape (n,). The mean of each bucket's finite values; NaN where there is none."""
        mean = np.full(len(self), math.nan)
        np.divide(self.sums, self.counts, out=mean, where=self.counts > 0)
        return mean

    @property
    def values(self) -> Numbers:
        """Shape (n,). Of a curve whose buckets are points, their values; else the mean of each bucket."""
        return self.low if self.exact else self.mean

    @property
    def exact(self) -> bool:
        """Whether each bucket is a single point."""
        return not len(self) or int((self.counts + self.gaps).max()) <= 1

    def x(self, axis: Axis, origin: float = 0.0) -> Numbers:
        """Shape (n,). Where the buckets lie on an axis.

        Args:
            axis: Which; "relative" is seconds since `origin`.
            origin: Unix seconds of the run's first event.
        """
        if axis == "relative":
            since: Numbers = self.walls - origin
            return since
        return {"epoch": self.places, "step": self.steps, "wall": self.walls}[axis]

    def smoothed(self, span: float) -> Numbers:
        """Shape (n,). The exponential moving average, without its bias to 0 (Kingma & Ba, 2015, section 3).

        A bucket of k points counts as k points of its mean.

        Args:
            span: About how many points are averaged; 1 or less changes nothing.
        """
        return Smoother(span).take(self)


class Smoother:
    """Smooths a curve that grows without going through its old points again; belongs to one thread.

    Args:
        span: About how many points are averaged; 1 or less changes nothing.
    """

    def __init__(self, span: float) -> None:
        self._keep = 1 - 2 / (max(span, 1.0) + 1)
        self._grown = self._done = 0
        self._average = self._weight = 0.0
        self._smooth: Numbers = np.empty(0)

    def take(self, curve: Curve) -> Numbers:
        """Shape (n,). The smoothed values of a curve; NaN where a bucket holds no finite value."""
        if not self._keep:
            return curve.mean
        if curve.grown != self._grown or len(curve) < self._done:
            self._grown, self._done, self._average, self._weight = curve.grown, 0, 0.0, 0.0
            self._smooth = np.empty(0)
        # The last bucket may still be growing: it is smoothed anew each time.
        closed = max(len(curve) - 1, self._done)
        fresh, average, weight = self._go_on(curve, self._done, closed)
        self._smooth, self._done = np.append(self._smooth, fresh), closed
        self._average, self._weight = average, weight
        return np.append(self._smooth, self._go_on(curve, closed, len(curve))[0])

    def _go_on(self, curve: Curve, start: int, end: int) -> tuple[list[float], float, float]:
        """The values of some buckets, and average and weight behind them."""
        average, weight, smooth = self._average, self._weight, []
        means, counts = curve.mean[start:end].tolist(), curve.counts[start:end].tolist()
        for mean, points in zip(means, counts, strict=True):
            if not points:
                smooth.append(math.nan)
                continue
            keep = self._keep**points
            average = keep * average + (1 - keep) * mean
            weight = keep * weight + (1 - keep)
            smooth.append(average / weight)
        return smooth, average, weight
