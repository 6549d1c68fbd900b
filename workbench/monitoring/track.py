"""Curves in bounded memory: consecutive points in buckets that keep their extremes.

A track holds the curves of one kind of event, so that they share their x. While few points have come, each
has a bucket of its own; when there are too many buckets, neighbours are merged and the rest of the run is
collected in buckets twice as large. A point costs the same whenever it comes, a spike of one step is never
averaged away, and each bucket knows where in the file its points stand, for whoever wants to see them singly.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from workbench.monitoring.curves import Curve, CurveKey, Numbers, Whole

CAPACITY = 8192
"""Buckets of a track: many times as many as a screen has columns."""
ABSENT = -math.inf
"""In the values of a track: the event says nothing of this curve, which is no gap in it."""
_MOST_KEYS = 2000
_STEP, _PLACE, _WALL, _OFFSET = range(4)
_stamps = count(1)
Number = TypeVar("Number", np.float64, np.int64)


class Track:
    """The curves of one kind of event, growing; belongs to one thread.

    Args:
        capacity: The most buckets, an even number.
        order: What rises strictly from point to point: "epoch" (the epochs behind it) or "wall".
    """

    def __init__(self, capacity: int = CAPACITY, order: Literal["epoch", "wall"] = "epoch") -> None:
        self._capacity = capacity
        self._order = _PLACE if order == "epoch" else _WALL
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
        self._gaps: Whole = self._counts.copy("F")
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
            values: Shape (n, len(keys)); NaN and infinity are gaps, `ABSENT` is no point at all.

        Returns:
            How many points were left out.
        """
        last = float(self._axes[self._used - 1, self._order]) if self._used else -math.inf
        order = axes[:, self._order]
        rising = order > np.maximum.accumulate(np.append(last, order[:-1]))
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
            self._counts, self._gaps = (
                np.asfortranarray(np.hstack([known, more])) for known in (self._counts, self._gaps)
            )
            self._newest = np.append(self._newest, np.full(width, math.nan))
            self._grown = next(_stamps)
        aligned = np.full((len(values), len(self.keys)), ABSENT)
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
        present = ~np.isneginf(values)
        gaps = np.add.reduceat((present & ~finite).astype(np.int64), starts)
        points, offset = ends - starts + 1, axes[starts, _OFFSET]
        if into_open:
            low[0] = np.fmin(low[0], self._low[first])
            high[0] = np.fmax(high[0], self._high[first])
            sums[0] += self._sums[first]
            counts[0] += self._counts[first]
            gaps[0] += self._gaps[first]
            points[0] += open_points
            offset[0] = self._axes[first, _OFFSET]
        none = counts == 0
        low[none], high[none] = math.nan, math.nan
        self._low[rows], self._high[rows], self._sums[rows] = low, high, sums
        self._counts[rows], self._gaps[rows], self._points[rows] = counts, gaps, points
        self._axes[rows] = axes[ends]
        self._axes[rows, _OFFSET] = offset
        self._used = rows.stop
        lasts = len(values) - 1 - np.argmax(present[::-1], axis=0)
        newest = values[lasts, np.arange(values.shape[1])]
        self._newest = np.where(present.any(axis=0), newest, self._newest)

    def _merge(self) -> None:
        """Merge each bucket with its neighbour; what was handed out keeps its own arrays."""
        used, half = self._used, (self._used + 1) // 2
        pairs = np.arange(0, used, 2)
        lasts = np.minimum(pairs + 1, used - 1)
        low, high = np.fmin.reduceat(self._low[:used], pairs), np.fmax.reduceat(self._high[:used], pairs)
        sums = np.add.reduceat(self._sums[:used], pairs)
        counts, gaps, points = (
            np.add.reduceat(one[:used], pairs) for one in (self._counts, self._gaps, self._points)
        )
        axes = self._axes[lasts]
        axes[:, _OFFSET] = self._axes[pairs, _OFFSET]
        self._renew()
        self._low[:half], self._high[:half], self._sums[:half] = low, high, sums
        self._counts[:half], self._gaps[:half], self._points[:half] = counts, gaps, points
        self._axes[:half] = axes
        self._used, self._per = half, 2 * self._per

    def _renew(self) -> None:
        """Arrays of its own: the old ones belong to the curves that were handed out."""
        self._low, self._high, self._sums = (one.copy("F") for one in (self._low, self._high, self._sums))
        self._counts, self._gaps = self._counts.copy("F"), self._gaps.copy("F")
        self._points = self._points.copy()
        self._axes = self._axes.copy()
        self._grown = next(_stamps)
        self._made = None

    def cut(self, place: float) -> tuple[int, int] | None:
        """Forget what lies after a place (in the track's order): a worker that went on does it again.

        Returns:
            The bytes of the file (from, to) whose points up to the place were forgotten with their bucket,
            and must be taken again; None if a bucket ended there.
        """
        kept = int(np.searchsorted(self._axes[: self._used, self._order], place, "right"))
        if kept == self._used:
            return None
        points = int(self._points[kept])
        start = int(self._axes[kept, _OFFSET])
        end = int(self._axes[kept + 1, _OFFSET]) if kept + 1 < self._used else -1
        self._renew()
        self._used = kept
        self._newest = self._low[kept - 1].copy() if kept else np.full(len(self.keys), math.nan)
        return (start, end) if points > 1 else None

    def absorb(self, exact: "Track") -> None:
        """Take the points of a track that has each in a bucket of its own."""
        used = exact._used
        points = np.where(exact._counts[:used] > 0, exact._low[:used], ABSENT)
        points[exact._gaps[:used] > 0] = math.nan
        axes = exact._axes[:used].copy()
        if self._used:
            axes[:, _WALL] = np.maximum(axes[:, _WALL], self._axes[self._used - 1, _WALL])
        self.extend(axes, exact.keys, points)

    def pack(self) -> tuple[dict[str, Any], bytes]:
        """Its points as plain values and bytes, for `unpack`."""
        used = self._used
        about = {
            "capacity": self._capacity,
            "wall": self._order == _WALL,
            "keys": self.keys,
            "per": self._per,
            "used": used,
        }
        return about, b"".join(np.ascontiguousarray(array[:used]).tobytes() for array in self._arrays()) + (
            self._newest.tobytes()
        )

    def _arrays(self) -> tuple[NDArray[Any], ...]:
        """What there is a row a bucket of."""
        return self._axes, self._points, self._low, self._high, self._sums, self._counts, self._gaps

    @classmethod
    def unpack(cls, about: Mapping[str, Any], raw: bytes) -> tuple["Track", bytes]:
        """The track that `pack` gave, and the bytes behind its own.

        Raises:
            ValueError, KeyError, TypeError: These are no packed track.
        """
        used, per, keys = int(about["used"]), int(about["per"]), about["keys"]
        if not (0 <= used <= CAPACITY == about["capacity"] and per >= 1 and len(keys) <= _MOST_KEYS):
            raise ValueError("no track has this size")
        track = cls(order="wall" if about["wall"] else "epoch")
        track._aligned(
            [(str(head), str(figure), str(which)) for head, figure, which in keys], np.empty((0, len(keys)))
        )
        at = 0
        for array in track._arrays():
            count = used * (array.shape[1] if array.ndim > 1 else 1)
            found = np.frombuffer(raw, array.dtype, count, at)
            array[:used] = found.reshape(used, *array.shape[1:])
            at += found.nbytes
        track._newest = np.frombuffer(raw, np.float64, len(keys), at).copy()
        track._used, track._per = used, per
        order = track._axes[:used, track._order]
        if not np.isfinite(track._axes[:used]).all() or (np.diff(order) <= 0).any():
            raise ValueError("its points are not in order")
        return track, raw[at + track._newest.nbytes :]

    def offsets(self, first: int, last: int) -> tuple[int, int]:
        """The bytes of the file (from, to; -1 for its end) in which the points of some buckets stand."""
        end = int(self._axes[last + 1, _OFFSET]) if last + 1 < self._used else -1
        return int(self._axes[first, _OFFSET]), end

    def curves(self) -> Mapping[CurveKey, Curve]:
        """All curves as they are now; they stay as they are when the track grows."""
        if self._made is None:
            axes = [self._frozen(self._axes[:, axis]) for axis in (_STEP, _PLACE, _WALL)]
            self._made = {key: self._curve(index, *axes) for index, key in enumerate(self.keys)}
        return self._made

    def _frozen(self, column: NDArray[Number]) -> NDArray[Number]:
        """A column's rows; copied where the last bucket is still growing."""
        growing = self._used and self._points[self._used - 1] < self._per
        return column[: self._used].copy() if growing else column[: self._used]

    def _curve(self, index: int, steps: Numbers, places: Numbers, walls: Numbers) -> Curve:
        """One curve; all share what they lie on."""
        newest = float(self._newest[index])
        return Curve(
            steps=steps,
            places=places,
            walls=walls,
            low=self._frozen(self._low[:, index]),
            high=self._frozen(self._high[:, index]),
            sums=self._frozen(self._sums[:, index]),
            counts=self._frozen(self._counts[:, index]),
            gaps=self._frozen(self._gaps[:, index]),
            newest=newest if math.isfinite(newest) else math.nan,
            stamp=next(_stamps),
            grown=self._grown,
        )
