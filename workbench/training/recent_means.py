"""The mean of the last batches, told from the mean of the epoch so far, which is all that Keras reports."""

import math
from collections.abc import Mapping

from workbench.training.log_names import Place

MEANS = ("loss", "accuracy")
"""Figures that are means over pictures; of others, such as macro-F1, nothing can be told of some batches."""


class RecentMeans:
    """Belongs to one thread.

    Args:
        running: Whether what is reported is the mean of the epoch so far; else it is of the batch.
    """

    def __init__(self, running: bool) -> None:
        self._running = running
        self.forget()

    def forget(self) -> None:
        """An epoch begins."""
        self._batch, self._sums = 0, dict[Place, float]()

    def take(self, batch: int, reported: Mapping[Place, float]) -> dict[Place, float]:
        """The figures of the batches since the last time.

        A last batch that is smaller counts like the others: its own figures come out nearer to the epoch's
        mean than they were.

        Args:
            batch: Counted from 1 in each epoch, and later than the last time.
            reported: The figures so far.
        """
        found = {place: value for place, value in reported.items() if place[1] in MEANS}
        if not self._running:
            return found
        since, before = batch - self._batch, self._sums
        self._batch, self._sums = batch, {place: value * batch for place, value in found.items()}
        means = {place: (total - before.get(place, 0.0)) / since for place, total in self._sums.items()}
        # What rounding leaves must not make an accuracy of more than everything.
        return {
            place: min(1.0, max(0.0, value)) if place[1] == "accuracy" and math.isfinite(value) else value
            for place, value in means.items()
        }
