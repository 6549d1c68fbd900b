"""Schedules of the learning rate: what each step's rate is, and a factor to change it while a training runs.

`constant` stays at its peak; `plateau` too, until `training/plateau.py` lowers the factor. The warm-up is a
linear rise in front of any of them but `one_cycle`, which rises by itself.
"""

import math
from typing import Any

import keras  # noqa: TID251 - model/ builds networks and what trains them
from keras import ops  # noqa: TID251

from workbench.settings import TrainingSettings

ONE_CYCLE_START = 1 / 25
"""Where one cycle begins and ends, over its peak; this and the next as in PyTorch's OneCycleLR."""
ONE_CYCLE_END = ONE_CYCLE_START / 10_000
"""What the rate is annihilated to, over its peak."""


@keras.saving.register_keras_serializable(package="workbench")
class LearningRate(keras.optimizers.schedules.LearningRateSchedule):
    """The rate of each step."""

    def __init__(
        self,
        peak: float,
        kind: str,
        steps: int,
        warmup_steps: int = 0,
        fall_every: int = 1,
        fall_factor: float = 1.0,
        rise_share: float = 0.45,
    ) -> None:
        """Args:
        peak: The greatest rate.
        kind: One of `training.schedule`.
        steps: Steps of the whole training.
        warmup_steps: Steps of the rise.
        fall_every: For "step": steps between two falls.
        fall_factor: For "step": what each fall multiplies by.
        rise_share: For "one_cycle": the share of the steps in which the rate rises.
        """
        super().__init__()
        self.options = {
            "peak": peak,
            "kind": kind,
            "steps": steps,
            "warmup_steps": warmup_steps,
            "fall_every": fall_every,
            "fall_factor": fall_factor,
            "rise_share": rise_share,
        }
        self.peak, self.kind, self.steps, self.warmup_steps = peak, kind, steps, warmup_steps
        self.fall_every, self.fall_factor, self.rise_share = fall_every, fall_factor, rise_share
        # A variable, because a compiled step reads it each time; a plain number would stay what it was.
        self._factor = keras.Variable(1.0, trainable=False, dtype="float32", name="rate_factor")
        # A leg after the plan: first step, steps, rate at its beginning, how much of that it falls by.
        self._leg = keras.Variable([math.inf, 1.0, 0.0, 0.0], trainable=False, dtype="float32", name="leg")

    @property
    def factor(self) -> float:
        """What every rate is multiplied by, from the next step on; no part of the optimiser's variables."""
        return float(ops.convert_to_numpy(self._factor))  # of several devices, too

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
        start, steps, peak, falls = ops.unstack(ops.convert_to_tensor(self._leg), 4)
        leg = peak * (1.0 - falls * (1.0 - _half_cosine((step - start) / steps)))
        return ops.where(step >= start, leg, self.peak * self._planned(step)) * self._factor

    def _planned(self, step: Any) -> Any:
        """The rate of the plan, over its peak."""
        match self.kind:
            case "cosine":
                rest = max(self.steps - self.warmup_steps, 1)
                return _half_cosine((step - self.warmup_steps) / rest) * self._warmup(step)
            case "one_cycle":
                return self._one_cycle(step)
            case "step":
                return ops.power(self.fall_factor, ops.floor(step / self.fall_every)) * self._warmup(step)
            case _:
                return self._warmup(step)

    def _warmup(self, step: Any) -> Any:
        """From one part in `warmup_steps` to 1 (Goyal et al., 2017, section 2.2, "gradual warmup")."""
        return ops.minimum((step + 1.0) / max(self.warmup_steps, 1), 1.0)

    def _one_cycle(self, step: Any) -> Any:
        """Linear up, linear down in as many steps, then annihilated (Smith & Topin, 2018, section 3).

        The momentum stays as it is; that it may cycle too is Smith's "A disciplined approach" of 2018.
        """
        last = max(self.steps - 1, 1)
        top = max(self.rise_share * last, 1.0)
        up_down = ONE_CYCLE_START + (1.0 - ONE_CYCLE_START) * (1.0 - ops.absolute(step - top) / top)
        rest = max(last - 2.0 * top, 1.0)
        done = ops.clip((step - 2.0 * top) / rest, 0.0, 1.0)
        down = ONE_CYCLE_START + (ONE_CYCLE_END - ONE_CYCLE_START) * done
        return ops.where(step <= 2.0 * top, up_down, down)

    def get_config(self) -> dict[str, Any]:
        """What a checkpoint needs to make this schedule again."""
        return dict(self.options)


def _half_cosine(done: Any) -> Any:
    """From 1 at 0 down to 0 at 1 (Loshchilov & Hutter, ICLR 2017, equation 5)."""
    return 0.5 * (1.0 + ops.cos(math.pi * ops.clip(done, 0.0, 1.0)))


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
        rise_share=settings.one_cycle_rise,
    )
