"""Metrics of a head, honest about imbalance: the majority guess stands beside every accuracy.

Counting is scikit-learn's. Where a share has no denominator (a class without pictures, or never predicted)
the figure is None with its reason; scikit-learn's own 0 would look like a result.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, f1_score  # noqa: TID251 - evaluation/ only

from workbench.evaluation.report import ClassMetrics, HeadMetrics

_TINY = 1e-7
"""The least probability in the loss, as in training: a sure mistake costs 16.1, not infinity."""
_Z95 = 1.959963984540054


def head_metrics(
    truth: NDArray[np.integer[Any]],
    probabilities: NDArray[np.floating[Any]],
    classes: Sequence[str],
    majority_class: int | None = None,
) -> HeadMetrics:
    """Measure one head on one split.

    Args:
        truth: Class indices (N,); -1 is masked.
        probabilities: The network's answers (N, K).
        classes: Names of the K classes.
        majority_class: The most frequent class of the training split; None measures no majority guess.

    Raises:
        ValueError: The probabilities hold something that is no number.
    """
    known = truth >= 0
    labels, chances = truth[known].astype(np.intp), probabilities[known].astype(np.float64)
    majority = None if majority_class is None else classes[majority_class]
    if not len(labels):
        return _nothing(classes, majority)
    if not np.isfinite(chances).all():
        raise ValueError("the network's answers are not numbers")
    answers = chances.argmax(axis=1)
    confusion = confusion_matrix(labels, answers, labels=range(len(classes)))
    measured = _classes(confusion, classes)
    weakest = min((one for one in measured if one.support), key=lambda one: one.recall or 0.0)
    accuracy = float((answers == labels).mean())
    guess = None if majority_class is None else np.full_like(labels, majority_class)
    return HeadMetrics(
        n=len(labels),
        accuracy=accuracy,
        interval=wilson_interval(round(accuracy * len(labels)), len(labels)),
        macro_f1=_macro_f1(labels, answers),
        majority=None if guess is None else float((labels == guess).mean()),
        majority_macro_f1=None if guess is None else _macro_f1(labels, guess),
        majority_class=majority,
        loss=_loss(labels, chances),
        weakest=weakest.name,
        weakest_recall=weakest.recall,
        classes=measured,
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
    )


def most_frequent(codes: NDArray[np.integer[Any]]) -> int | None:
    """The most frequent class, the first of equals; None if nothing is labelled."""
    known = codes[codes >= 0]
    return int(np.bincount(known).argmax()) if len(known) else None


def wilson_interval(hits: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of a share (J. Am. Stat. Assoc. 22, 1927), sound for small n too.

    Args:
        hits: 0 to `n`.
        n: At least 1.
    """
    share, z2 = hits / n, _Z95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    low = 0.0 if hits == 0 else max(0.0, centre - half)
    high = 1.0 if hits == n else min(1.0, centre + half)
    return low, high


def _macro_f1(truth: NDArray[np.intp], answers: NDArray[np.intp]) -> float:
    """Mean F1 over the classes that occur in `truth`; one of them that is never answered has F1 0."""
    return float(f1_score(truth, answers, labels=np.unique(truth), average="macro", zero_division=0.0))


def _loss(truth: NDArray[np.intp], chances: NDArray[np.float64]) -> float:
    """Mean cross-entropy, the same as the training's."""
    return float(-np.log(np.clip(chances[np.arange(len(truth)), truth], _TINY, 1.0)).mean())


def _classes(confusion: NDArray[np.integer[Any]], names: Sequence[str]) -> tuple[ClassMetrics, ...]:
    """Each class's figures from the confusion matrix."""
    support, predicted = confusion.sum(axis=1), confusion.sum(axis=0)
    return tuple(
        _class(name, int(confusion[index, index]), int(support[index]), int(predicted[index]))
        for index, name in enumerate(names)
    )


def _class(name: str, hits: int, support: int, predicted: int) -> ClassMetrics:
    """One class's figures from its counts."""
    reasons = []
    if not support:
        reasons.append("no picture of this class in the split")
    if not predicted:
        reasons.append("never predicted")
    return ClassMetrics(
        name=name,
        support=support,
        predicted=predicted,
        precision=hits / predicted if predicted else None,
        recall=hits / support if support else None,
        f1=2 * hits / (support + predicted) if support else None,
        reason="; ".join(reasons),
    )


def _nothing(classes: Sequence[str], majority: str | None) -> HeadMetrics:
    """The figures of a head without labelled pictures: none."""
    reason = "no labelled picture in the split"
    return HeadMetrics(
        n=0,
        accuracy=None,
        interval=None,
        macro_f1=None,
        majority=None,
        majority_macro_f1=None,
        majority_class=majority,
        loss=None,
        weakest=None,
        weakest_recall=None,
        classes=tuple(ClassMetrics(name, 0, 0, None, None, None, reason) for name in classes),
        confusion=tuple((0,) * len(classes) for _ in classes),
        reason=reason,
    )
