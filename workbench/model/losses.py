"""Loss and metrics that leave out what has no label: means over labelled pictures, 0 where there are none.

A class index of -1 ("cannot tell", or not labelled for this head) is masked. Neither its loss nor its
gradient reaches the network, and a batch without any label for a head gives 0, never NaN. Labels may be those
of mixed pictures (`dataset.mixing`); metrics look at each picture's own label only.
"""

from collections.abc import Sequence
from typing import Any

import keras  # noqa: TID251 - model/ builds networks and what trains them
import numpy as np
from keras import ops  # noqa: TID251

from workbench.dataset.mixing import MIXED_COLUMNS

_TINY = 1e-7
_LEAST = 1e-20
"""The least probability that is told from others while learning: a picture answered wrongly beyond doubt must
still pull (plain Keras goes by the logits). Its inverse, times what scales a loss, is still a float32."""


def _is_mixed(truth: Any) -> bool:
    """Whether labels are (B, 3), not (B,) or (B, 1)."""
    return len(truth.shape) == 2 and truth.shape[-1] == MIXED_COLUMNS


def _own(truth: Any) -> Any:
    """Each picture's own class index (B,) int32, -1 where masked."""
    return ops.cast(truth[:, 0] if _is_mixed(truth) else ops.reshape(truth, (-1,)), "int32")


def has_label(truth: Any) -> Any:
    """1.0 if any picture of a batch has a label, a mixed one of either part, else 0.0."""
    own = ops.any(_own(truth) >= 0)
    known = ops.logical_or(own, ops.any(truth[:, 1] >= 0)) if _is_mixed(truth) else own
    return ops.cast(known, "float32")


def _entropy(codes: Any, probabilities: Any, least: float = _TINY) -> tuple[Any, Any]:
    """(cross-entropy of each picture (B,), 0 where masked; 1 where it has a label (B,)); both float32."""
    valid = ops.cast(codes >= 0, "float32")
    safe = ops.maximum(codes, 0)
    hot = ops.one_hot(safe, ops.shape(probabilities)[-1], dtype="float32")
    chosen = ops.sum(hot * ops.cast(probabilities, "float32"), axis=-1)
    return -ops.log(ops.clip(chosen, least, 1.0)) * valid, valid


@keras.saving.register_keras_serializable(package="workbench")
class MaskedCrossEntropy(keras.losses.Loss):
    """Categorical cross-entropy of class indices, averaged over the labelled pictures of a batch.

    A picture's loss is -Σ t · (1 - q)^γ · log q over the classes. The target t is, with label smoothing,
    (1 - ε) of the class and ε / K of each (Szegedy et al., CVPR 2016, section 7). With logit adjustment q is
    the softmax of log p + a, with a = τ · log of the classes' shares (Menon et al., ICLR 2021, equation 10).
    γ is the focus (Lin et al., ICCV 2017, equation 4, here for each class of a smoothed target).
    """

    def __init__(
        self,
        class_weights: Sequence[float] | None = None,
        name: str = "masked_cross_entropy",
        *,
        focal_gamma: float = 0.0,
        label_smoothing: float = 0.0,
        adjustment: Sequence[float] | None = None,
        **options: Any,
    ) -> None:
        """Args:
        class_weights: A weight for each class; the mean is divided by the weights' sum. None = all 1.
        name: As Keras uses it.
        focal_gamma: γ; 0 leaves the cross-entropy.
        label_smoothing: ε; 0 leaves the target whole.
        adjustment: a for each class; None adds nothing.
        options: What Keras hands back when it loads a model.
        """
        options["reduction"] = "sum"  # of the one number that `call` returns
        super().__init__(name=name, **options)
        self.class_weights = None if class_weights is None else [float(weight) for weight in class_weights]
        self.focal_gamma, self.label_smoothing = focal_gamma, label_smoothing
        self.adjustment = None if adjustment is None else [float(one) for one in adjustment]

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Args: y_true (B,) or (B, 1) indices, or (B, 3) mixed; y_pred (B, K). Returns: a scalar."""
        losses, weights = self._weighted(_own(y_true), y_pred)
        if _is_mixed(y_true):
            share = ops.cast(y_true[:, 2], "float32")
            others, more = self._weighted(ops.cast(y_true[:, 1], "int32"), y_pred)
            losses = losses * share + others * (1.0 - share)
            weights = weights * share + more * (1.0 - share)
        return ops.sum(losses) / ops.maximum(ops.sum(weights), _TINY)

    def _weighted(self, codes: Any, probabilities: Any) -> tuple[Any, Any]:
        """(loss of each picture times its weight, that weight), both (B,) and 0 where masked."""
        if self.focal_gamma or self.label_smoothing or self.adjustment is not None:
            losses, weights = self._shaped(codes, probabilities)
        else:
            losses, weights = _entropy(codes, probabilities, _LEAST)
        if self.class_weights is not None:
            known = ops.convert_to_tensor(self.class_weights, "float32")
            weights = weights * ops.take(known, ops.maximum(codes, 0))
        return losses * weights, weights

    def _shaped(self, codes: Any, probabilities: Any) -> tuple[Any, Any]:
        """As `_entropy`, with smoothing, adjustment and focus."""
        classes = probabilities.shape[-1]
        target = ops.one_hot(ops.maximum(codes, 0), classes, dtype="float32")
        target = target * (1.0 - self.label_smoothing) + self.label_smoothing / classes
        surprise = -ops.log(ops.clip(ops.cast(probabilities, "float32"), _LEAST, 1.0))
        if self.adjustment is not None:
            surprise = -ops.log_softmax(ops.convert_to_tensor(self.adjustment, "float32") - surprise)
        if self.focal_gamma:
            # The clip keeps the gradient of a power below 1 finite where a picture is answered for certain.
            missing = ops.clip(1.0 - ops.exp(-surprise), _TINY, 1.0)
            surprise = surprise * ops.power(missing, self.focal_gamma)
        valid = ops.cast(codes >= 0, "float32")
        return ops.sum(target * surprise, axis=-1) * valid, valid

    def get_config(self) -> dict[str, Any]:
        """What a saved model needs to make this loss again."""
        return {
            "class_weights": self.class_weights,
            "name": self.name,
            "focal_gamma": self.focal_gamma,
            "label_smoothing": self.label_smoothing,
            "adjustment": self.adjustment,
        }


class _MaskedMean(keras.metrics.Metric):
    """The mean of something over the labelled pictures seen since the last reset."""

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name=name, **options)
        self.total = self.add_weight(name="total", initializer="zeros")
        self.count = self.add_weight(name="count", initializer="zeros")

    def _measure(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """(value of each picture, 0 where masked; 1 where valid)."""
        raise NotImplementedError

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # noqa: ARG002
        """Add a batch."""
        values, valid = self._measure(y_true, y_pred)
        self.total.assign_add(ops.cast(ops.sum(values), self.total.dtype))
        self.count.assign_add(ops.cast(ops.sum(valid), self.count.dtype))

    def result(self) -> Any:
        """The mean; 0 if nothing had a label."""
        return self.total / ops.maximum(self.count, 1.0)


@keras.saving.register_keras_serializable(package="workbench")
class MaskedLoss(_MaskedMean):
    """Cross-entropy over the labelled pictures, without class weights: comparable between runs."""

    def __init__(self, name: str = "mean_loss", **options: Any) -> None:
        super().__init__(name, **options)

    def _measure(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        return _entropy(_own(y_true), y_pred)


@keras.saving.register_keras_serializable(package="workbench")
class MaskedAccuracy(_MaskedMean):
    """Share of the labelled pictures whose most probable class is theirs."""

    def __init__(self, name: str = "accuracy", **options: Any) -> None:
        super().__init__(name, **options)

    def _measure(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        truth = _own(y_true)
        guess = ops.cast(ops.argmax(y_pred, axis=-1), "int32")
        return ops.cast(guess == truth, "float32"), ops.cast(truth >= 0, "float32")


def adjustments(counts: Sequence[int], tau: float) -> list[float]:
    """What logit adjustment adds in the loss (Menon et al., ICLR 2021, equation 10).

    Args:
        counts: Pictures of each class; one without any is taken for one with a single picture.
        tau: τ of the paper, 1 for the balanced error.

    Returns:
        τ · log π for each class, π its share of the pictures.
    """
    known = np.maximum(np.asarray(counts, dtype=np.float64), 1)
    return [float(one) for one in tau * np.log(known / known.sum())]


def effective_weights(counts: Sequence[int], beta: float = 0.999) -> list[float]:
    """Weights of classes by their effective number of samples (Cui et al., CVPR 2019, equation 3).

    Args:
        counts: Pictures of each class; a class without any gets the weight of one with a single picture.
        beta: Near 1 weighs by frequency, 0 not at all.

    Returns:
        (1 - beta) / (1 - beta^n) for each class, scaled so that the mean over the pictures is 1.
    """
    known = np.maximum(np.asarray(counts, dtype=np.float64), 1)
    weights = (1 - beta) / (1 - beta**known)
    return [float(weight) for weight in weights * known.sum() / (weights * known).sum()]
