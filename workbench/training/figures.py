"""Figures of one pass over a split: per head loss, accuracy and macro-F1 over the pictures that have a label.

The worker measures them after each epoch, so they are plain NumPy; the evaluation table has its own, far more
detailed metrics.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TINY = 1e-7


@dataclass(frozen=True)
class HeadFigures:
    """One head on one split; NaN where no picture has a label, or what was not measured."""

    loss: float = math.nan
    accuracy: float = math.nan
    macro_f1: float = math.nan


@dataclass(frozen=True)
class SplitFigures:
    """All heads on one split."""

    heads: Mapping[str, HeadFigures] = field(default_factory=dict)

    @property
    def loss(self) -> float:
        """The sum of the heads' losses, as the reference gives it; heads without a label count as 0."""
        losses = [one.loss for one in self.heads.values() if not math.isnan(one.loss)]
        return sum(losses) if losses else math.nan

    @property
    def accuracy(self) -> float:
        """The mean of the heads' accuracies."""
        return _mean(one.accuracy for one in self.heads.values())

    @property
    def macro_f1(self) -> float:
        """The mean of the heads' macro-F1."""
        return _mean(one.macro_f1 for one in self.heads.values())

    def named(self, prefix: str = "") -> dict[str, float]:
        """By the names of `metric_names`, such as "val_glasses_accuracy" with the prefix "val_"."""
        named = {f"{prefix}loss": self.loss, f"{prefix}accuracy": self.accuracy}
        if prefix:
            named[f"{prefix}macro_f1"] = self.macro_f1
        for head, one in self.heads.items():
            named[f"{prefix}{head}_loss"] = one.loss
            named[f"{prefix}{head}_accuracy"] = one.accuracy
            if prefix:
                named[f"{prefix}{head}_macro_f1"] = one.macro_f1
        return named

    def to_dict(self) -> dict[str, Any]:
        """As an event holds it."""
        heads = {head: _measured(vars(one)) for head, one in self.heads.items()}
        return {
            **_measured({"loss": self.loss, "accuracy": self.accuracy, "macro_f1": self.macro_f1}),
            "heads": heads,
        }


def head_figures(truth: NDArray[np.integer[Any]], probabilities: NDArray[np.floating[Any]]) -> HeadFigures:
    """Figures of a head.

    Args:
        truth: Class indices (N,); negative ones are masked.
        probabilities: Softmax outputs (N, K).

    Returns:
        Cross-entropy (natural logarithm), accuracy and macro-F1: the mean of F1 over the classes that occur
        in `truth`. The loss of outputs that are no numbers is infinite, not NaN: a head that diverged must
        not drop out of the sum as one without labels does.
    """
    known = truth >= 0
    if not known.any():
        return HeadFigures()
    truth, probabilities = truth[known], probabilities[known].astype(np.float64)
    guess = probabilities.argmax(axis=1)
    chosen = np.clip(probabilities[np.arange(len(truth)), truth], _TINY, 1.0)
    size = probabilities.shape[1]
    hit = np.bincount(truth[guess == truth], minlength=size)
    support, guessed = np.bincount(truth, minlength=size), np.bincount(guess, minlength=size)
    f1 = 2 * hit[support > 0] / (support + guessed)[support > 0]
    loss = float(-np.log(chosen).mean())
    accuracy = float((guess == truth).mean())
    return HeadFigures(math.inf if math.isnan(loss) else loss, accuracy, float(f1.mean()))


def majority_shares(codes: Mapping[str, NDArray[np.integer[Any]]]) -> dict[str, float]:
    """For each head that has labels, the share of its most frequent class among them."""
    known = {head: values[values >= 0] for head, values in codes.items()}
    return {
        head: float(np.bincount(values).max() / len(values)) for head, values in known.items() if len(values)
    }


def _mean(values: Any) -> float:
    """The mean of what was measured."""
    measured = [value for value in values if not math.isnan(value)]
    return sum(measured) / len(measured) if measured else math.nan


def _measured(values: Mapping[str, float]) -> dict[str, float]:
    """Without what was not measured; an infinite loss stays, as a gap to see."""
    return {name: value for name, value in values.items() if not math.isnan(value) or name == "loss"}
