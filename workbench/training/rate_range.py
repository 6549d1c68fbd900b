"""The learning-rate range test: which rates make the loss fall, found in one short training.

The rate rises at each step, from one at which nothing happens to one at which the loss blows up (Smith,
"Cyclical Learning Rates for Training Neural Networks", WACV 2017, section 3.3). It rises exponentially, as in
fastai's `lr_find`, since nobody knows the power of ten beforehand; Smith's own rise is linear.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.settings import Settings

if TYPE_CHECKING:
    from workbench.training.learner import Learner  # which loads Keras; judging a test needs none

LOWEST, HIGHEST, STEPS = 1e-6, 10.0, 100
RULE = "where the smoothed loss falls most steeply over the rate's logarithm"
_BLOWN_UP = 4.0
"""Times the best loss; and the next are of the running mean that is watched meanwhile. Both as in fastai."""
_MEMORY = 0.9
_WINDOW = 0.04
"""Standard deviation of the smoothing that is drawn, over the steps of the test."""
_LEAST_FALL = 0.02
"""Share of its first value by which the smoothed loss must fall, or else no rate did anything."""
Numbers = NDArray[np.float64]


@dataclass
class RangeTest:
    """A test under way: the rates, and the losses so far.

    Args:
        lowest: The first step's rate.
        highest: The last step's rate, if the loss does not blow up before.
        steps: At least 2.
    """

    lowest: float
    highest: float
    steps: int
    losses: list[float] = field(default_factory=list)
    blown_up: bool = False
    _running: float = 0.0
    _best: float = math.inf

    @property
    def rates(self) -> list[float]:
        """The rate of each step that is done."""
        return [self._rate(step) for step in range(len(self.losses))]

    @property
    def rate(self) -> float:
        """The rate of the step to come."""
        return self._rate(len(self.losses))

    def _rate(self, step: int) -> float:
        return float(self.lowest * (self.highest / self.lowest) ** (step / (self.steps - 1)))

    def take(self, loss: float) -> bool:
        """Take a step's loss; whether to go on: no, after the last step or when the loss has blown up."""
        self.losses.append(loss)
        self._running = _MEMORY * self._running + (1 - _MEMORY) * loss
        mean = self._running / (1 - _MEMORY ** len(self.losses))
        if not math.isfinite(mean) or mean > _BLOWN_UP * self._best:
            self.blown_up = True
            return False
        self._best = min(self._best, mean)
        return len(self.losses) < self.steps


@dataclass(frozen=True)
class RangeResult:
    """What came of a test.

    Attributes:
        rates: Of each step.
        losses: Of each step, the sum of the heads' losses; the last one may be no finite number.
        smoothed: Of each step whose loss is a finite number.
        suggestion: The rate by `RULE`; None if no rate lowered the loss.
        lowest: The rate at which the smoothed loss was least.
        blown_up: Whether the loss blew up, at the last rate.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    suggestion: float | None
    lowest: float | None
    blown_up: bool

    @property
    def setting(self) -> str:
        """The suggestion as `--set` takes it, with two digits: more would be noise; "" if there is none."""
        return "" if self.suggestion is None else f"training.learning_rate={self.suggestion:.2g}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; a loss that is no finite number is null."""
        losses = [loss if math.isfinite(loss) else None for loss in self.losses]
        found = {"suggestion": self.suggestion, "set": self.setting, "rule": RULE, "lowest": self.lowest}
        series = {"rates": list(self.rates), "losses": losses, "smoothed": list(self.smoothed)}
        return {**found, "blown_up": self.blown_up, **series}


def result_of(test: RangeTest) -> RangeResult:
    """Judge a test that is over.

    The smoothing looks both ways, so that it does not move the fall to higher rates as a running mean does.
    """
    rates, losses = np.array(test.rates), np.array(test.losses)
    known = len(losses) if np.isfinite(losses).all() else int(np.argmin(np.isfinite(losses)))
    smoothed = _smoothed(losses[:known], _WINDOW * test.steps)
    at, least = _steepest(rates, smoothed), int(np.argmin(smoothed)) if known else None
    return RangeResult(
        tuple(test.rates),
        tuple(test.losses),
        tuple(smoothed.tolist()),
        None if at is None else float(rates[at]),
        None if least is None else float(rates[least]),
        test.blown_up,
    )


def _smoothed(values: Numbers, deviation: float) -> Numbers:
    """The mean of the neighbours, weighed by a normal curve of so many steps; cut off at the ends."""
    places = np.arange(len(values))
    weights = np.exp(-0.5 * ((places[:, None] - places[None, :]) / max(deviation, 0.5)) ** 2)
    smoothed: Numbers = (weights @ values) / weights.sum(axis=1)
    return smoothed


def _steepest(rates: Numbers, smoothed: Numbers) -> int | None:
    """The step of the suggestion, before the least loss; None if the loss does not fall."""
    least = int(np.argmin(smoothed)) if len(smoothed) else 0
    if least < 1 or smoothed[least] > smoothed[0] * (1 - _LEAST_FALL):
        return None
    slopes = np.gradient(smoothed[: least + 1], np.log10(rates[: least + 1]))
    return int(np.argmin(slopes))


def for_range_test(settings: Settings) -> Settings:
    """The settings with a learning rate that only its factor decides, and nothing averaged."""
    changes = {
        "learning_rate": 1.0,
        "schedule": "constant",
        "warmup_epochs": 0.0,
        "average_weights": 0.0,
        "swa_from": 0.0,
    }
    return settings.model_copy(update={"training": settings.training.model_copy(update=changes)})


def run_range_test(
    learner: "Learner",
    batches: Iterable[tuple[Any, Any]],
    test: RangeTest,
    told: Callable[[float], None] = lambda _loss: None,
) -> None:
    """Train until the test is over.

    Args:
        learner: Fresh, with settings of `for_range_test`; its weights are of no use afterwards.
        batches: Pictures and labels, as many as the test has steps.
        test: Takes each step's loss.
        told: Hears of each loss.
    """
    for images, labels in batches:
        learner.rate_factor = test.rate
        figures = learner.step(images, labels).values()
        loss = sum(one.loss for one in figures if one.labelled)
        goes_on = test.take(loss)
        told(loss)
        if not goes_on:
            return
