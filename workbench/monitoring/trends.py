"""Where a loss is heading, epoch by epoch: flat, worse, or better again. Every verdict looks back only.

A validation loss jumps from epoch to epoch, so nothing is said of single values: each is the median of the
last three epochs, which one spike cannot move, and a difference counts only beyond the curve's own noise. The
noise is measured on second differences, in which a trend cancels out: for independent errors of standard
deviation σ their mean absolute value is σ · √6 · √(2/π).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.monitoring.curves import Curve, Numbers

Flags = NDArray[np.bool_]
SUSTAINED = 4
"""For how many epochs in a row a loss has to be worse."""
PATIENCE = 6
"""For how many epochs nothing has to improve to be called flat."""
_BEFORE = 4  # epochs with which those are compared
_RISE, _RISE_NOISE, _RISE_LEAST = 0.05, 2.0, 0.005
# Prechelt's generalisation loss of 5 %, well beyond the noise; below 0.005 nats nobody would care.
_FALL, _FALL_NOISE, _FALL_LEAST = 0.005, 0.5, 0.001
_AGAIN = 4
_NOISE_EPOCHS = 20
_SECOND_DIFFERENCE = math.sqrt(6) * math.sqrt(2 / math.pi)


@dataclass(frozen=True, eq=False)
class Trend:
    """A loss over the epochs, from its third one on.

    Attributes:
        rows: Shape (n,). The row of each value in its curve; rows without a finite value are left out.
        places: Shape (n,). Epochs behind it.
        level: Shape (n,). The median of the last three epochs.
        noise: Shape (n,). The standard deviation from epoch to epoch, of the last twenty.
        lowest: Shape (n,). The least level so far.
        lowest_at: Shape (n,). Where in `level` it stands.
    """

    rows: NDArray[np.intp]
    places: Numbers
    level: Numbers
    noise: Numbers
    lowest: Numbers
    lowest_at: NDArray[np.intp]

    @classmethod
    def of(cls, curve: Curve) -> "Trend":
        """The trend of a curve with a point an epoch."""
        mean = curve.mean
        rows = np.flatnonzero(np.isfinite(mean))
        values = mean[rows]
        if len(values) < 3:
            nothing = np.empty(0)
            none: NDArray[np.intp] = np.empty(0, np.intp)
            return cls(none, nothing, nothing, nothing, nothing, none)
        first, second, third = values[:-2], values[1:-1], values[2:]
        low, high = np.minimum(first, second), np.maximum(first, second)
        level = np.maximum(low, np.minimum(high, third))
        lowest = np.minimum.accumulate(level)
        at = np.maximum.accumulate(np.where(level == lowest, np.arange(len(level)), 0))
        return cls(rows[2:], curve.places[rows[2:]], level, _noise(values), lowest, at)

    def __len__(self) -> int:
        return len(self.level)

    def raised(self) -> Flags:
        """Shape (n,). Whether the loss lies above its lowest, by more than noise, for epochs in a row.

        The generalisation loss GL of Prechelt ("Early stopping – but when?", 1998, section 2.2), with
        the noise of the curve beside his fixed share.
        """
        raised = self.level - self.lowest > self._rise()
        if len(raised) < SUSTAINED:
            return np.zeros(len(raised), np.bool_)
        for _ in range(SUSTAINED - 1):
            raised[1:] &= raised[:-1].copy()
            raised[0] = False
        return raised

    def flat(self) -> Flags:
        """Shape (n,). Whether the lowest loss did not improve by more than noise within `PATIENCE` epochs.

        The progress P of Prechelt (1998, section 2.2), taken of the lowest loss of a strip of epochs.
        """
        flat = np.zeros(len(self), np.bool_)
        improved = self.lowest[:-PATIENCE] - self.lowest[PATIENCE:]
        fallen = _strip(self.level, _BEFORE)[:-PATIENCE] - _strip(self.level, PATIENCE)[PATIENCE:]
        flat[PATIENCE:] = np.maximum(improved, fallen) <= self._fall()[PATIENCE:]
        return flat & (self.level - self.lowest <= self._rise())

    def better_than(self, row: int) -> Flags:
        """Shape (n,). Whether the lowest loss is clearly below what it was at a row."""
        better: Flags = self.lowest[row] - self.lowest > _AGAIN * self._fall()
        return better

    def fell(self, since: float, place: float) -> bool:
        """Whether the loss fell by more than noise between two places, in epochs."""
        now = int(np.searchsorted(self.places, place, "right")) - 1
        return now >= 0 and bool(self.at(since) - self.level[now] > _AGAIN * self._fall()[now])

    def at(self, place: float) -> float:
        """The level at a place; NaN before the first."""
        row = int(np.searchsorted(self.places, place, "right")) - 1
        return float(self.level[row]) if row >= 0 else math.nan

    def _rise(self) -> Numbers:
        """By how much more than the lowest is worse.

        Of n values that only differ by noise, the lowest lies up to σ · √(2 ln n) below their mean (Fisher
        & Tippett, 1928), so that a long run has to rise further above it.
        """
        extreme = np.sqrt(2 * np.log(np.arange(2, len(self) + 2)))
        return self._beyond(_RISE, _RISE_NOISE + extreme, _RISE_LEAST)

    def _fall(self) -> Numbers:
        """By how much less is an improvement."""
        return self._beyond(_FALL, _FALL_NOISE, _FALL_LEAST)

    def _beyond(self, share: float, noise: Numbers | float, least: float) -> Numbers:
        """Shape (n,). The greatest of a share of the lowest loss, its noise, and what is worth a word."""
        beyond: Numbers = np.maximum(np.maximum(share * np.abs(self.lowest), noise * self.noise), least)
        return beyond


def _strip(values: Numbers, epochs: int) -> Numbers:
    """Shape (n,). The mean of so many epochs up to each; NaN before there are so many."""
    mean = _sums(values, epochs) / epochs
    mean[: epochs - 1] = math.nan
    return mean


def _noise(values: Numbers) -> Numbers:
    """Shape (n - 2,). The standard deviation of single values around their trend, of the last twenty."""
    bends = np.abs(values[2:] - 2 * values[1:-1] + values[:-2])
    counted = np.minimum(np.arange(1, len(bends) + 1), _NOISE_EPOCHS)
    noise: Numbers = _sums(bends, _NOISE_EPOCHS) / counted / _SECOND_DIFFERENCE
    return noise


def _sums(values: Numbers, width: int) -> Numbers:
    """Shape (n,). The sum of so many values up to each, added in the same order however long the curve is."""
    sums = values.copy()
    for shift in range(1, min(width, len(values))):
        sums[shift:] += values[:-shift]
    return sums
