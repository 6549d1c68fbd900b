"""Optimisers and learning rates by their settings."""

import math
from typing import Any

import keras  # noqa: TID251 - model/ builds networks and what trains them
from keras import ops  # noqa: TID251

from workbench.config import TrainingSettings


@keras.saving.register_keras_serializable(package="workbench")
class LearningRate(keras.optimizers.schedules.LearningRateSchedule):
    """A linear rise from 0, then constant, half a cosine down to 0 (Loshchilov & Hutter, 2017), or steps."""

    def __init__(
        self,
        peak: float,
        kind: str,
        steps: int,
        warmup_steps: int = 0,
        fall_every: int = 1,
        fall_factor: float = 1.0,
    ) -> None:
        """Args:
        peak: The greatest rate.
        kind: "constant", "cosine" or "step".
        steps: Steps of the whole training.
        warmup_steps: Steps of the rise.
        fall_every: For "step": steps between two falls.
        fall_factor: For "step": what each fall multiplies by.
        """
        super().__init__()
        self.options = {
            "peak": peak,
            "kind": kind,
            "steps": steps,
            "warmup_steps": warmup_steps,
            "fall_every": fall_every,
            "fall_factor": fall_factor,
        }
        self.peak, self.kind, self.steps, self.warmup_steps = peak, kind, steps, warmup_steps
        self.fall_every, self.fall_factor = fall_every, fall_factor
        # A variable, because a compiled step reads it each time; a plain number would stay what it was.
        self._factor = keras.Variable(1.0, trainable=False, dtype="float32", name="rate_factor")
        # A leg after the plan: first step, steps, rate at its beginning, how much of that it falls by.
        self._leg = keras.Variable([math.inf, 1.0, 0.0, 0.0], trainable=False, dtype="float32", name="leg")

    @property
    def factor(self) -> float:
        """What every rate is multiplied by, from the next step on; no part of the optimiser's variables."""
        return float(self._factor)

    @factor.setter
    def factor(self, value: float) -> None:
        self._factor.assign(value)

    def begin_leg(self, start: int, steps: int, peak: float, *, falls: bool) -> None:
        """Epochs that are added to the plan have a rate of their own, whatever the kind.

        Args:
            start: The first step of the leg; from there on nothing else counts.
            steps: Its steps.
            peak: The rate at its beginning.
            falls: Whether it falls to 0 as half a cosine, a "warm restart" (Loshchilov & Hutter, ICLR 2017,
                equation 5), or stays.
        """
        self._leg.assign([start, max(steps, 1), peak, float(falls)])

    def __call__(self, step: Any) -> Any:
        """The rate of a step, counted from 0."""
        step = ops.cast(step, "float32")
        rate = ops.cast(self.peak, "float32")
        if self.kind == "cosine":
            rest = max(self.steps - self.warmup_steps, 1)
            done = ops.clip((step - self.warmup_steps) / rest, 0.0, 1.0)
            rate = rate * 0.5 * (1.0 + ops.cos(math.pi * done))
        elif self.kind == "step":
            rate = rate * ops.power(self.fall_factor, ops.floor(step / self.fall_every))
        if self.warmup_steps:
            rate = rate * ops.minimum((step + 1.0) / self.warmup_steps, 1.0)
        start, steps, peak, falls = ops.unstack(ops.convert_to_tensor(self._leg), 4)
        fallen = 0.5 * (1.0 - ops.cos(math.pi * ops.clip((step - start) / steps, 0.0, 1.0)))
        return ops.where(step >= start, peak * (1.0 - falls * fallen), rate) * self._factor

    def get_config(self) -> dict[str, Any]:
        """What a checkpoint needs to make this schedule again."""
        return dict(self.options)


def make_rate(settings: TrainingSettings, steps_per_epoch: int) -> LearningRate:
    """The learning rate of a run.

    Args:
        settings: Rate, schedule, epochs.
        steps_per_epoch: Batches an epoch.
    """
    return LearningRate(
        settings.learning_rate,
        settings.schedule,
        steps=settings.epochs * steps_per_epoch,
        warmup_steps=round(settings.warmup_epochs * steps_per_epoch),
        fall_every=settings.step_epochs * steps_per_epoch,
        fall_factor=settings.step_factor,
    )


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
