"""Loss and metrics that leave out what has no label: means over labelled pictures, 0 where there are none.

A class index of -1 ("cannot tell", or not labelled for this head) is masked. Neither its loss nor its
gradient reaches the network, and a batch without any label for a head gives 0, never NaN.
"""

from collections.abc import Sequence
from typing import Any

import keras  # noqa: TID251 - model/ builds networks and what trains them
import numpy as np
from keras import ops  # noqa: TID251

_TINY = 1e-7


def _entropy(truth: Any, probabilities: Any) -> tuple[Any, Any]:
    """(cross-entropy of each picture (B,), 0 where masked; 1 where it has a label (B,)); both float32."""
    truth = ops.cast(ops.reshape(truth, (-1,)), "int32")
    valid = ops.cast(truth >= 0, "float32")
    safe = ops.maximum(truth, 0)
    hot = ops.one_hot(safe, ops.shape(probabilities)[-1], dtype="float32")
    chosen = ops.sum(hot * ops.cast(probabilities, "float32"), axis=-1)
    return -ops.log(ops.clip(chosen, _TINY, 1.0)) * valid, valid


@keras.saving.register_keras_serializable(package="workbench")
class MaskedCrossEntropy(keras.losses.Loss):
    """Categorical cross-entropy of class indices, averaged over the labelled pictures of a batch."""

    def __init__(
        self, class_weights: Sequence[float] | None = None, name: str = "masked_cross_entropy", **options: Any
    ) -> None:
        """Args:
        class_weights: A weight for each class; the mean is divided by the weights' sum. None = all 1.
        name: As Keras uses it.
        options: What Keras hands back when it loads a model.
        """
        options["reduction"] = "sum"  # of the one number that `call` returns
        super().__init__(name=name, **options)
        self.class_weights = None if class_weights is None else [float(weight) for weight in class_weights]

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Args: y_true (B,) or (B, 1) indices, y_pred (B, K) probabilities. Returns: a scalar."""
        entropy, weights = _entropy(y_true, y_pred)
        if self.class_weights is not None:
            truth = ops.maximum(ops.cast(ops.reshape(y_true, (-1,)), "int32"), 0)
            weights = weights * ops.take(ops.convert_to_tensor(self.class_weights, "float32"), truth)
        return ops.sum(entropy * weights) / ops.maximum(ops.sum(weights), _TINY)

    def get_config(self) -> dict[str, Any]:
        """What a saved model needs to make this loss again."""
        return {"class_weights": self.class_weights, "name": self.name}


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
        return _entropy(y_true, y_pred)


@keras.saving.register_keras_serializable(package="workbench")
class MaskedAccuracy(_MaskedMean):
    """Share of the labelled pictures whose most probable class is theirs."""

    def __init__(self, name: str = "accuracy", **options: Any) -> None:
        super().__init__(name, **options)

    def _measure(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        truth = ops.cast(ops.reshape(y_true, (-1,)), "int32")
        guess = ops.cast(ops.argmax(y_pred, axis=-1), "int32")
        return ops.cast(guess == truth, "float32"), ops.cast(truth >= 0, "float32")


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
