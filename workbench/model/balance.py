"""Weights between the heads' losses that are learned, or follow each head's learning speed.

What such a weighting remembers lies in variables of a layer that the training's model holds: the optimiser
moves those that are trainable, and a checkpoint keeps all. The network that is kept for others lacks them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import keras  # noqa: TID251 - model/ builds networks and what trains them
import numpy as np
from keras import ops  # noqa: TID251

from workbench.model.losses import has_label

_TEMPERATURE = 2.0
"""T of Liu et al., section 3.2; larger makes the weights more alike."""


class HeadBalance(keras.layers.Layer):
    """A weighting between the heads' losses; its kinds are below."""

    def __init__(self, heads: Sequence[str]) -> None:
        """Args:
        heads: Their names, in the schema's order.
        """
        super().__init__(name="head_balance", dtype="float32")
        self._heads = tuple(heads)

    def weighed(self, head: str, loss: Any, y_true: Any) -> Any:
        """A head's loss as the sum takes it; scalars, 0 for a batch in which the head has no label."""
        raise NotImplementedError

    def epoch_ended(self, losses: Mapping[str, float]) -> None:
        """Hear of each head's mean loss over an epoch; NaN, or 0, where it had no label."""


class Uncertainty(HeadBalance):
    """Learned log-variances (Kendall, Gal and Cipolla, CVPR 2018, equations 7 and 10): exp(-s) · L + s / 2.

    The weight decay of AdamW draws s towards 0, the even weights, by a ten-thousandth of a step.
    """

    def __init__(self, heads: Sequence[str]) -> None:
        super().__init__(heads)
        self.log_variances = self.add_weight(
            name="log_variances", shape=(len(self._heads),), initializer="zeros"
        )

    def weighed(self, head: str, loss: Any, y_true: Any) -> Any:
        """See `HeadBalance.weighed`."""
        log_variance = self.log_variances[self._heads.index(head)]
        return (ops.exp(-log_variance) * loss + log_variance / 2) * has_label(y_true)


class Speed(HeadBalance):
    """Dynamic weight averaging (Liu, Johns and Davison, CVPR 2019, equation 7): slow heads weigh more."""

    def __init__(self, heads: Sequence[str]) -> None:
        super().__init__(heads)
        count = len(self._heads)
        self.factors = self.add_weight(name="factors", shape=(count,), initializer="ones", trainable=False)
        self.before = self.add_weight(
            name="losses_before", shape=(count,), initializer="zeros", trainable=False
        )

    def weighed(self, head: str, loss: Any, y_true: Any) -> Any:  # noqa: ARG002
        """See `HeadBalance.weighed`."""
        return self.factors[self._heads.index(head)] * loss

    def epoch_ended(self, losses: Mapping[str, float]) -> None:
        """Weigh the next epoch by this one's loss over the one's before; even where either is not known."""
        now = np.nan_to_num(np.array([losses.get(head, 0.0) for head in self._heads], dtype=np.float64))
        before = np.asarray(ops.convert_to_numpy(self.before.value), dtype=np.float64)
        self.before.assign(now.astype(np.float32))
        if not np.any(before):
            return
        known = (now > 0) & (before > 0)
        pace = np.where(known, now / np.where(known, before, 1.0), 1.0) / _TEMPERATURE
        # Less the greatest, which changes no share: a head that lost a nearly perfect fit has a ratio of
        # thousands, whose exponential no number holds.
        pace = np.exp(pace - pace.max())
        self.factors.assign((len(now) * pace / pace.sum()).astype(np.float32))


class WeighedLoss(keras.losses.Loss):
    """A head's loss as its balance weighs it."""

    def __init__(self, head: str, loss: keras.losses.Loss, balance: HeadBalance) -> None:
        """Args:
        head: Its name.
        loss: Gives a scalar.
        balance: Of all heads; its model must hold it.
        """
        super().__init__(name="weighed", reduction="sum")  # of the one number that `call` returns
        self._head, self._loss, self._balance = head, loss, balance

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Args: as `MaskedCrossEntropy.call`. Returns: a scalar."""
        return self._balance.weighed(self._head, self._loss.call(y_true, y_pred), y_true)


_KINDS = {"uncertainty": Uncertainty, "speed": Speed}


def make_balance(kind: str, heads: Sequence[str]) -> HeadBalance | None:
    """The weighting of this name; None for fixed weights, which need no memory."""
    return _KINDS[kind](heads) if kind in _KINDS else None
