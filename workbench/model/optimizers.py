"""Optimisers by their settings."""

from typing import Any

import keras  # noqa: TID251 - model/ builds networks and what trains them

from workbench.model.schedules import LearningRate
from workbench.settings import TrainingSettings


def make_optimizer(settings: TrainingSettings, rate: LearningRate) -> keras.optimizers.Optimizer:
    """The optimiser of a run.

    Args:
        settings: Kind, momentum, weight decay, weight averaging.
        rate: The learning rate of each step.
    """
    average: dict[str, Any] = {}
    if settings.average_weights:
        average = {"use_ema": True, "ema_momentum": settings.average_weights}
    match settings.optimizer:
        case "sgd":
            return keras.optimizers.SGD(rate, momentum=settings.momentum, **average)
        case "rmsprop":
            return keras.optimizers.RMSprop(rate, momentum=settings.momentum, **average)
        case "adam":
            return keras.optimizers.Adam(rate, **average)
        case "adamw":
            optimizer = keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay, **average)
            # Decay of biases and normalisation only pulls activations to 0 (Goyal et al., 2017, section 5.3).
            optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
            return optimizer
