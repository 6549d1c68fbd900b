"""Axes of a chart: from values to places, with round numbers at the ticks."""

import math
from dataclasses import dataclass

import numpy as np

from workbench.monitoring.curves import Numbers
from workbench.monitoring.drawn import nice_step

_DECADES = 30.0
"""From this ratio of the greatest value to the least on, a loss is drawn on a logarithmic axis."""


@dataclass(frozen=True)
class Scale:
    """One axis.

    Attributes:
        low: The value at its beginning.
        high: The value at its end; greater than `low`.
        ticks: Round values within it, rising.
        logarithmic: Whether equal distances are equal ratios.
    """

    low: float
    high: float
    ticks: tuple[float, ...]
    logarithmic: bool = False

    def place(self, values: Numbers) -> Numbers:
        """Shape as `values`. Where they lie, 0 at `low` and 1 at `high`; what lies outside, at the edge."""
        inside = np.clip(values, self.low, self.high)
        if self.logarithmic:
            share: Numbers = np.log(inside / self.low) / math.log(self.high / self.low)
            return share
        linear: Numbers = (inside - self.low) / (self.high - self.low)
        return linear

    def at(self, value: float) -> float:
        """Where one value lies."""
        return float(self.place(np.array([value]))[0])


def from_zero(high: float, most_ticks: int = 5) -> Scale:
    """An axis from 0 to `high`, which need not be round; one of length 1 where `high` is not positive."""
    high = high if high > 0 else 1.0
    return Scale(0.0, high, _multiples(0.0, high, nice_step(high, most_ticks)))


def rounded(low: float, high: float, most_ticks: int = 5) -> Scale:
    """An axis that begins and ends at round numbers around these."""
    if not high > low:
        low, high = min(low, 0.0), max(high, 0.0) or 1.0
    step = nice_step(high - low, most_ticks)
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return Scale(low, high, _multiples(low, high, step))


def of_loss(least: float, greatest: float) -> Scale:
    """The axis of a loss: from 0, or logarithmic where the loss spans decades.

    Args:
        least: The least positive value that must be told from its neighbours.
        greatest: The greatest value.
    """
    if not (least > 0 and greatest / least >= _DECADES):
        return rounded(0.0, greatest)
    first, last = math.floor(math.log10(least)), math.ceil(math.log10(greatest))
    fine = [digit * 10.0**power for power in range(first, last) for digit in (1, 2, 5)] + [10.0**last]
    low = max(one for one in fine if one <= least * (1 + 1e-9))
    high = min(one for one in fine if one >= greatest * (1 - 1e-9))
    decades = [10.0**power for power in range(first, last + 1) if low <= 10.0**power <= high]
    every = max(1, math.ceil(len(decades) / 6))
    ticks = decades[::every] if len(decades) >= 3 else [one for one in fine if low <= one <= high]
    return Scale(low, high, tuple(ticks), logarithmic=True)


def _multiples(low: float, high: float, step: float) -> tuple[float, ...]:
    """The multiples of a step within an axis."""
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(float(f"{index * step:.12g}") for index in range(first, last + 1))


def words(tick: float) -> str:
    """A tick's number: "0.25", "1,500", "2M" or "1e-05"."""
    size = abs(tick)
    if size >= 1e15 or 0 < size < 1e-4:
        return f"{tick:.0e}"
    for limit, unit in ((1e9, "G"), (1e6, "M")):
        if size >= limit:
            return f"{tick / limit:g}{unit}"
    return f"{tick:,.0f}" if size >= 1000 else f"{tick:g}"
