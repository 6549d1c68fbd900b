"""Adding up the figures of batches: means over labelled pictures, never over batches of unequal size."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.training.figures import HeadFigures, SplitFigures


class Tally:
    """Sums of loss and hits of each head.

    Args:
        heads: The heads' names.
    """

    def __init__(self, heads: Sequence[str]) -> None:
        self._heads = tuple(heads)
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self._labelled = dict.fromkeys(self._heads, 0)
        self._loss = dict.fromkeys(self._heads, 0.0)
        self._hits = dict.fromkeys(self._heads, 0.0)

    def add(self, head: str, labelled: int, loss: float, accuracy: float) -> None:
        """Add a batch of a head.

        Args:
            head: Its name.
            labelled: Pictures with a label; a batch without any adds nothing.
            loss: Their mean loss; NaN makes the sum NaN, which is what a diverging run should show.
            accuracy: Share of them that were right.
        """
        if labelled:
            self._labelled[head] += labelled
            self._loss[head] += loss * labelled
            self._hits[head] += accuracy * labelled

    def figures(self) -> SplitFigures:
        """The means."""
        return SplitFigures(
            {
                head: HeadFigures(self._loss[head] / count, self._hits[head] / count)
                if count
                else HeadFigures()
                for head, count in self._labelled.items()
            }
        )

    def state(self) -> dict[str, Any]:
        """Plain values for a checkpoint in the middle of an epoch."""
        return {
            head: [self._labelled[head], _finite(self._loss[head]), self._hits[head]] for head in self._heads
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave."""
        for head in self._heads:
            labelled, loss, hits = state[head]
            self._labelled[head], self._hits[head] = labelled, hits
            self._loss[head] = math.nan if loss is None else loss


def _finite(value: float) -> float | None:
    """JSON knows no NaN."""
    return value if math.isfinite(value) else None
