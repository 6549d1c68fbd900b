"""Averaged weights in a training: from which epoch on, and over which pictures their statistics are taken."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.dataset.batches import Batches, Pixels
from workbench.dataset.table import Table
from workbench.errors import Cancelled
from workbench.model.averaging import WeightMean, own_statistics
from workbench.settings import TrainingSettings
from workbench.training.learner import Learner

_BATCH = 64
_MOST_PICTURES = 2048
"""Statistics of some thousand pictures are as good as those of all (Wu & Johnson, 2021)."""


class WeightAverage:
    """Adds the weights of each epoch after `training.swa_from` up; does nothing where that is 0.

    The moving average of `training.average_weights` is the optimiser's; here it only gets its statistics.

    Args:
        how: Epochs, and the share of them after which it begins.
        learner: Whose network it is.
        table: The divided pictures.
        pixels: Where they come from.
    """

    def __init__(self, how: TrainingSettings, learner: Learner, table: Table, pixels: Pixels) -> None:
        self._first = how.swa_from * how.epochs if how.swa_from else np.inf
        self._network, self._moving = learner.network, how.average_weights > 0
        self._mean, self._last = WeightMean(learner.network), 0
        count = min(len(table.rows("train")), _MOST_PICTURES)
        # As they are, not augmented: so the network sees them when it answers.
        self._batches = Batches(
            table,
            "train",
            pixels,
            heads=(),
            batch_size=_BATCH,
            shuffle=True,
            seed=how.seed,
            pictures_per_epoch=count,
        )

    def epoch_ended(self, epoch: int) -> None:
        """Take the weights of an epoch, counted from 1, if it is late enough.

        An epoch whose validation was broken off ends once more, with the same weights: it counts once.
        """
        if epoch > max(self._first, self._last):
            self._mean.add()
            self._last = epoch

    def applied(self, stop_asked: Callable[[], object]) -> AbstractContextManager[None]:
        """Inside, the network's weights are the mean, if there is one yet, and its statistics belong to them.

        A moving average is not put in place here: `checkpoint.averaged` must have done so.

        Args:
            stop_asked: Looked at before each batch of pictures that the statistics are taken of.

        Raises:
            Cancelled: It was asked to stop; the weights are the network's own again.
        """
        if self._moving:
            return own_statistics(self._network, self._pictures(stop_asked))
        return self._mean.applied(lambda: self._pictures(stop_asked))

    def _pictures(self, stop_asked: Callable[[], object]) -> Iterator[NDArray[np.uint8]]:
        """Training pictures, always the same ones."""
        for index in range(len(self._batches)):
            if stop_asked():
                raise Cancelled("asked to stop")
            yield self._batches.batch(0, index)[0]

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {"epoch": self._last, **self._mean.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave."""
        self._last = state["epoch"]
        self._mean.restore({name: value for name, value in state.items() if name != "epoch"})
