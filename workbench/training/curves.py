"""Curves of a run: points in epochs, growing while it trains."""

import math
from collections.abc import Iterable
from dataclasses import dataclass


class Smoother:
    """The exponential moving average of a curve, point after point as they come."""

    def __init__(self, span: float) -> None:
        """Args:
        span: About how many points are averaged; 1 or less changes nothing.
        """
        self._keep = 1 - 2 / (max(span, 1) + 1)
        self._average = self._weight = 0.0

    def add(self, values: Iterable[float]) -> list[float]:
        """The next values, smoothed; what is no number is NaN and does not count."""
        smooth = []
        for value in values:
            if math.isfinite(value):
                self._average = self._keep * self._average + (1 - self._keep) * value
                self._weight = self._keep * self._weight + (1 - self._keep)
                smooth.append(self._average / self._weight)
            else:
                smooth.append(math.nan)
        return smooth


@dataclass(frozen=True)
class Series:
    """Points of one curve, x in epochs and strictly rising; a y of NaN is a gap."""

    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()

    def smoothed(self, span: float) -> "Series":
        """The exponential moving average without its bias towards 0 (Kingma & Ba, 2015, section 3).

        Args:
            span: About how many points are averaged; 1 or less changes nothing.
        """
        if span <= 1:
            return self
        return Series(self.x, tuple(Smoother(span).add(self.y)))


class Curve:
    """A growing series; the tuple of it is made again only when it has grown."""

    def __init__(self) -> None:
        self._x: list[float] = []
        self._y: list[float] = []
        self._made: Series | None = None

    def add(self, x: float, y: float) -> None:
        if not self._x or x > self._x[-1]:
            self._x.append(x)
            self._y.append(y)
            self._made = None

    def cut(self, x: float) -> None:
        """Forget what lies after `x`: a worker that went on from a checkpoint does it again."""
        while self._x and self._x[-1] > x:
            self._x.pop()
            self._y.pop()
            self._made = None

    def series(self) -> Series:
        if self._made is None:
            self._made = Series(tuple(self._x), tuple(self._y))
        return self._made
