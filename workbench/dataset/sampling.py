"""Which pictures an epoch draws, so that the classes of several heads come about equally often at once.

One picture answers all heads, so no head can be balanced by itself. Iterative proportional fitting (Deming
and Stephan, Annals of Mathematical Statistics 11, 1940) scales the pictures' chances to each head's wanted
shares in turn until they hold for all, as nearly as the cap on repetition lets them.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from workbench.dataset.table import MASKED

_STREAM = 0x73616D
"""Keeps these random numbers apart from those of the order and the augmentation."""
_MOST_ROUNDS = 200
_CLOSE = 1e-4


def balanced_chances(codes: Mapping[str, NDArray[np.int16]], most_repeats: float) -> NDArray[np.float64]:
    """The chance of each picture to be drawn.

    Args:
        codes: For each head to balance the class indices (N,), -1 where masked. A head's masked pictures keep
            their chance as far as that head goes; classes without pictures are left out.
        most_repeats: The greatest chance, in multiples of the even one; 1 leaves all even.

    Returns:
        (N,), of sum 1. Where the cap does not bind, each head's classes have equal sums.
    """
    heads = [_Shares(one) for one in codes.values() if np.any(one != MASKED)]
    count = len(next(iter(codes.values()), ()))
    chances = np.full(count, 1.0 / max(count, 1))
    for _ in range(_MOST_ROUNDS):
        before = chances
        for head in heads:
            chances = chances * head.factors(chances)
        chances = _capped(chances / chances.sum(), most_repeats / count) if heads else chances
        if np.abs(chances - before).max(initial=0.0) * count < _CLOSE:
            break
    return chances


class _Shares:
    """One head's classes."""

    def __init__(self, codes: NDArray[np.int16]) -> None:
        self._codes, self._known = codes, codes != MASKED
        self._classes = len(np.unique(codes[self._known]))

    def factors(self, chances: NDArray[np.float64]) -> NDArray[np.float64]:
        """What to multiply by so that this head's classes share their sum equally; (N,), 1 where masked."""
        sums = np.bincount(self._codes[self._known], weights=chances[self._known])
        wanted = sums.sum() / self._classes
        factors = np.ones(len(chances))
        factors[self._known] = (wanted / np.maximum(sums, np.finfo(np.float64).tiny))[
            self._codes[self._known]
        ]
        return factors


def _capped(chances: NDArray[np.float64], most: float) -> NDArray[np.float64]:
    """Chances of sum 1 cut at `most`, what was cut off shared among the others in proportion."""
    full = np.zeros(len(chances), dtype=bool)
    while np.any(over := (chances > most * (1 + 1e-12)) & ~full):
        full |= over
        rest = chances[~full].sum()
        if rest <= 0:
            return np.full(len(chances), 1.0 / len(chances))
        chances = np.where(full, most, chances * ((1 - most * full.sum()) / rest))
    return chances


class BalancedSampler:
    """The pictures of each epoch, drawn by their chances; the same for the same seed and epoch.

    Systematic sampling (Madow, Annals of Mathematical Statistics 20, 1949): a picture with a chance of 2.3 in
    an epoch comes two or three times, never nine; over all epochs it comes by its chance.

    Args:
        rows: The rows to draw from.
        codes: For each head to balance the class indices of these rows.
        most_repeats: See `balanced_chances`.
        seed: Of the run.
    """

    def __init__(
        self,
        rows: NDArray[np.intp],
        codes: Mapping[str, NDArray[np.int16]],
        *,
        most_repeats: float,
        seed: int,
    ) -> None:
        self._rows, self._seed = rows, seed
        self.chances = balanced_chances(codes, most_repeats)
        self._last: tuple[int, int, NDArray[np.intp]] | None = None

    def rows(self, epoch: int, count: int) -> NDArray[np.intp]:
        """`count` rows in the order of an epoch, counted from 0; the last epoch asked for is remembered."""
        last = self._last  # one reference, so that threads see a whole one
        if last is None or last[:2] != (epoch, count):
            last = self._last = epoch, count, self._draw(epoch, count)
        return last[2]

    def _draw(self, epoch: int, count: int) -> NDArray[np.intp]:
        """Draw an epoch."""
        random = np.random.default_rng((self._seed, _STREAM, epoch))
        order = random.permutation(len(self._rows))
        until = np.cumsum(self.chances[order])
        marks = (np.arange(count) + random.random()) / count * until[-1]
        found = np.searchsorted(until, marks, side="right")
        return random.permutation(self._rows[order[np.minimum(found, len(order) - 1)]])
