"""Curves in bounded memory: consecutive points in buckets that keep their extremes.

A track holds the curves of one kind of event, so that they share their x. While few points have come, each
has a bucket of its own; when there are too many buckets, neighbours are merged and the rest of the run is
collected in buckets twice as large. A point costs the same whenever it comes, a spike of one step is never
averaged away, and each bucket knows where in the file its points stand, for whoever wants to see them singly.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
CurveKey = tuple[str, str, str]
"""(head or "" for all; figure, such as "loss"; which: "train", "train_epoch", "validation", "system")."""
Axis = Literal["epoch", "step", "wall", "relative"]
AXES: tuple[Axis, ...] = ("epoch", "step", "relative", "wall")
CAPACITY = 8192
"""Buckets of a track: many times as many as a screen has columns."""
_STEP, _PLACE, _WALL, _OFFSET = range(4)
_stamps = count(1)


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


class Track:
    """The curves of one kind of event, growing; belongs to one thread.

    Args:
        capacity: The most buckets, an even number.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self.keys: tuple[CurveKey, ...] = ()
        self.forget()

    def forget(self) -> None:
        """As if no point had come."""
        self.keys = ()
        self._per, self._used = 1, 0
        self._axes: Numbers = np.empty((self._capacity, 4))
        self._points: Whole = np.zeros(self._capacity, np.int64)
        self._low, self._high, self._sums = (self._columns(0) for _ in range(3))
        self._counts: Whole = np.zeros((self._capacity, 0), np.int64, order="F")
        self._newest: Numbers = np.empty(0)
        self._grown = next(_stamps)
        self._made: dict[CurveKey, Curve] | None = None

    def _columns(self, width: int) -> Numbers:
        """Room for a number a bucket and curve."""
        return np.full((self._capacity, width), math.nan, order="F")

    def __len__(self) -> int:
        return self._used

    @property
    def place(self) -> float:
        """Epochs behind the last point; 0 before there is one."""
        return float(self._axes[self._used - 1, _PLACE]) if self._used else 0.0

    @property
    def step(self) -> float:
        """The step of the last point; 0 before there is one."""
        return float(self._axes[self._used - 1, _STEP]) if self._used else 0.0

    def extend(self, axes: Numbers, keys: Sequence[CurveKey], values: Numbers) -> int:
        """Take points that lie behind all others; those that do not are left out.

        Args:
            axes: Shape (n, 4): step, epochs behind it, Unix seconds, byte offset in the file.
            keys: The curves that `values` has.
            values: Shape (n, len(keys)); what is not finite is a gap.

        Returns:
            How many points were left out.
        """
        rising = axes[:, _PLACE] > np.maximum.accumulate(np.append(self.place, axes[:-1, _PLACE]))
        if not self._used and len(rising):
            rising[0] = True
        left_out = int(len(rising) - np.count_nonzero(rising))
        if left_out:
            axes, values = axes[rising], values[rising]
        values = self._aligned(keys, values)
        while len(axes):
            taken = min(len(axes), self._room())
            self._take(axes[:taken], values[:taken])
            axes, values = axes[taken:], values[taken:]
        return left_out

    def _aligned(self, keys: Sequence[CurveKey], values: Numbers) -> Numbers:
        """The values in the order of the track's curves, of which there may be new ones."""
        if tuple(keys) == self.keys:
            return values
        new = [key for key in dict.fromkeys(keys) if key not in self.keys]
        if new:
            width = len(new)
            self.keys = (*self.keys, *new)
            self._low, self._high, self._sums = (
                np.asfortranarray(np.hstack([known, self._columns(width)]))
                for known in (self._low, self._high, self._sums)
            )
            self._sums[:, -width:] = 0.0
            more = np.zeros((self._capacity, width), np.int64)
            self._counts = np.asfortranarray(np.hstack([self._counts, more]))
            self._newest = np.append(self._newest, np.full(width, math.nan))
            self._grown = next(_stamps)
        aligned = np.full((len(values), len(self.keys)), math.nan)
        aligned[:, [self.keys.index(key) for key in keys]] = values
        return aligned

    def _room(self) -> int:
        """How many points fit in without another merging; merges, if none does."""
        while True:
            free = (self._capacity - self._used) * self._per
            free += self._per - int(self._points[self._used - 1]) if self._used else 0
            if free > 0:
                return free
            self._merge()

    def _take(self, axes: Numbers, values: Numbers) -> None:
        """Put points into the open bucket and new ones."""
        self._made = None
        open_points = int(self._points[self._used - 1]) if self._used else 0
        into_open = 0 < open_points < self._per
        first = self._used - 1 if into_open else self._used
        filled = open_points if into_open else 0
        bucket = (filled + np.arange(len(axes))) // self._per
        starts = np.flatnonzero(np.diff(bucket, prepend=-1))
        ends = np.append(starts[1:], len(axes)) - 1
        rows = slice(first, first + len(starts))
        finite = np.isfinite(values)
        low = np.minimum.reduceat(np.where(finite, values, math.inf), starts)
        high = np.maximum.reduceat(np.where(finite, values, -math.inf), starts)
        sums = np.add.reduceat(np.where(finite, values, 0.0), starts)
        counts = np.add.reduceat(finite.astype(np.int64), starts)
        points, offset = ends - starts + 1, axes[starts, _OFFSET]
        if into_open:
            low[0] = np.fmin(low[0], self._low[first])
            high[0] = np.fmax(high[0], self._high[first])
            sums[0] += self._sums[first]
            counts[0] += self._counts[first]
            points[0] += open_points
            offset[0] = self._axes[first, _OFFSET]
        none = counts == 0
        low[none], high[none] = math.nan, math.nan
        self._low[rows], self._high[rows], self._sums[rows], self._counts[rows] = low, high, sums, counts
        self._points[rows] = points
        self._axes[rows] = axes[ends]
        self._axes[rows, _OFFSET] = offset
        self._used = rows.stop
        self._newest = values[-1].copy()

    def _merge(self) -> None:
        """Merge each bucket with its neighbour; what was handed out keeps its own arrays."""
        used, half = self._used, (self._used + 1) // 2
        pairs = np.arange(0, used, 2)
        lasts = np.minimum(pairs + 1, used - 1)
        low, high = np.fmin.reduceat(self._low[:used], pairs), np.fmax.reduceat(self._high[:used], pairs)
        sums = np.add.reduceat(self._sums[:used], pairs)
        counts, points = (np.add.reduceat(one[:used], pairs) for one in (self._counts, self._points))
        axes = self._axes[lasts]
        axes[:, _OFFSET] = self._axes[pairs, _OFFSET]
        self._renew()
        self._low[:half], self._high[:half], self._sums[:half], self._counts[:half] = low, high, sums, counts
        self._points[:half], self._axes[:half] = points, axes
        self._used, self._per = half, 2 * self._per

    def _renew(self) -> None:
        """Arrays of its own: the old ones belong to the curves that were handed out."""
        self._low, self._high, self._sums = (one.copy("F") for one in (self._low, self._high, self._sums))
        self._counts, self._points = self._counts.copy("F"), self._points.copy()
        self._axes = self._axes.copy()
        self._grown = next(_stamps)
        self._made = None

    def cut(self, place: float) -> tuple[int, int] | None:
        """Forget what lies after a place: a worker that went on from a checkpoint does it again.

        Returns:
            The bytes of the file (from, to) whose points up to the place were forgotten with their bucket,
            and must be taken again; None if a bucket ended there.
        """
        kept = int(np.searchsorted(self._axes[: self._used, _PLACE], place, "right"))
        if kept == self._used:
            return None
        points = int(self._points[kept])
        start = int(self._axes[kept, _OFFSET])
        end = int(self._axes[kept + 1, _OFFSET]) if kept + 1 < self._used else -1
        self._renew()
        self._used = kept
        self._newest = self._low[kept - 1].copy() if kept else np.full(len(self.keys), math.nan)
        return (start, end) if points > 1 else None

    def offsets(self, first: int, last: int) -> tuple[int, int]:
        """The bytes of the file (from, to; -1 for its end) in which the points of some buckets stand."""
        end = int(self._axes[last + 1, _OFFSET]) if last + 1 < self._used else -1
        return int(self._axes[first, _OFFSET]), end

    def curves(self) -> Mapping[CurveKey, Curve]:
        """All curves as they are now; they stay as they are when the track grows."""
        if self._made is None:
            self._made = {key: self._curve(index) for index, key in enumerate(self.keys)}
        return self._made

    def _curve(self, index: int) -> Curve:
        """One curve; copied where its last bucket is still growing."""
        used = self._used
        growing = used and self._points[used - 1] < self._per

        def frozen(array: NDArray[np.generic]) -> NDArray[np.generic]:
            return array[:used].copy() if growing else array[:used]

        counts: Whole = frozen(self._counts[:, index])  # type: ignore[assignment]
        return Curve(
            steps=frozen(self._axes[:, _STEP]),  # type: ignore[arg-type]
            places=frozen(self._axes[:, _PLACE]),  # type: ignore[arg-type]
            walls=frozen(self._axes[:, _WALL]),  # type: ignore[arg-type]
            low=frozen(self._low[:, index]),  # type: ignore[arg-type]
            high=frozen(self._high[:, index]),  # type: ignore[arg-type]
            sums=frozen(self._sums[:, index]),  # type: ignore[arg-type]
            counts=counts,
            gaps=self._points[:used] - counts,
            newest=float(self._newest[index]),
            stamp=next(_stamps),
            grown=self._grown,
        )
