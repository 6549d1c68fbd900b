"""The figures of the validation split, with the weights as they are."""

from collections.abc import Callable
from typing import Any

import numpy as np

from workbench.dataset.batches import Batches, Pixels
from workbench.dataset.table import Table
from workbench.errors import Cancelled
from workbench.training.figures import SplitFigures, head_figures
from workbench.training.learner import Learner

_BATCH = 64


class Validation:
    """Asks the network about the validation split.

    Args:
        table: The divided pictures.
        pixels: Where they come from.
        learner: Whose network it is.
        heads: Names of the heads.
    """

    def __init__(self, table: Table, pixels: Pixels, learner: Learner, heads: tuple[str, ...]) -> None:
        self._learner, self._heads = learner, heads
        self._batches = Batches(
            table, "validation", pixels, heads=heads, batch_size=_BATCH, shuffle=False, seed=0
        )

    def figures(self, stop_asked: Callable[[], object]) -> SplitFigures:
        """Loss, accuracy and macro-F1 of each head.

        Raises:
            Cancelled: It was asked to stop before the last batch.
        """
        answers: dict[str, list[Any]] = {head: [] for head in self._heads}
        truths: dict[str, list[Any]] = {head: [] for head in self._heads}
        for index in range(len(self._batches)):
            if stop_asked():
                raise Cancelled("asked to stop")
            images, labels = self._batches.batch(0, index)
            found = self._learner.answers(images)
            for head in self._heads:
                answers[head].append(found[head])
                truths[head].append(labels[head])
        return SplitFigures(
            {
                head: head_figures(np.concatenate(truths[head]), np.concatenate(answers[head]))
                for head in self._heads
            }
        )
