"""The learning rate of a training: what the settings make of it, and how it is changed while it runs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from workbench.config import Settings, load_settings
from workbench.dataset.table import Table
from workbench.model.schedules import LearningRate, make_rate
from workbench.schema import Schema
from workbench.training.learner import Learner

SCHEMA = Schema.from_dict({"name": "test", "heads": [{"name": "one", "classes": ["no", "yes"]}]})
SMALL = ("dataset.size=32", "model.width=4", "model.depth=2", "model.dense=8", "training.warmup_epochs=0")
MakeLearner = Callable[..., Learner]


def settings_of(*overrides: str) -> Settings:
    return load_settings(None, [*SMALL, *overrides])


def a_table(count: int = 8) -> Table:
    """Pictures that exist only as labels, all of them for training."""
    names = tuple(f"{index}.jpg" for index in range(count))
    codes = {"one": (np.arange(count) % 2).astype(np.int16)}
    return Table(names, names, names, codes, np.array(["train"] * count))


def a_batch(count: int = 8) -> tuple[Any, dict[str, Any]]:
    images = np.random.default_rng(0).integers(0, 255, (count, 32, 32, 3), dtype=np.uint8)
    return images, {"one": (np.arange(count) % 2).astype(np.int32)}


@pytest.fixture
def new_learner() -> MakeLearner:
    """A function that makes a small learner, four steps an epoch."""
    return lambda *overrides: Learner(settings_of(*overrides), SCHEMA, a_table(), 4)


def kernels(learner: Learner) -> list[Any]:
    return [weight.numpy().copy() for weight in learner.model.trainable_variables]


def moved(before: list[Any], after: list[Any]) -> float:
    """How far the weights are from where they were."""
    return sum(float(np.abs(new - old).sum()) for old, new in zip(before, after, strict=True))


def test_the_factor_holds_from_the_next_step_on_without_compiling_again(new_learner: MakeLearner) -> None:
    learner = new_learner("training.optimizer=sgd", "training.momentum=0", "training.learning_rate=0.01")
    assert learner.rate_factor == 1.0
    learner.step(*a_batch())
    compiled = learner.model.train_function
    start = kernels(learner)
    learner.rate_factor = 0.0
    learner.step(*a_batch())
    assert moved(start, kernels(learner)) == 0.0
    learner.rate_factor = 0.5
    learner.step(*a_batch())
    assert moved(start, kernels(learner)) > 0.0
    assert learner.model.train_function is compiled


def test_the_learning_rate_told_is_the_schedules_times_the_factor(new_learner: MakeLearner) -> None:
    learner = new_learner("training.learning_rate=0.01", "training.schedule=cosine", "training.epochs=2")
    assert learner.learning_rate == pytest.approx(0.01)
    learner.rate_factor = 0.25
    assert learner.learning_rate == pytest.approx(0.0025)
    for _ in range(4):  # half of the training: half of the cosine's height
        learner.step(*a_batch())
    assert learner.learning_rate == pytest.approx(0.25 * 0.005)


def test_the_factor_is_none_of_the_variables_that_a_checkpoint_holds(new_learner: MakeLearner) -> None:
    learner = new_learner()
    learner.step(*a_batch())
    held = [*learner.model.variables, *learner.model.optimizer.variables]
    assert not [variable.path for variable in held if "rate_factor" in variable.path]


@pytest.mark.parametrize(
    ("kind", "step", "expected"),
    [
        ("constant", 0, 0.25),  # the rise: a quarter, two quarters …
        ("constant", 1, 0.5),
        ("constant", 50, 1.0),
        ("cosine", 4, 1.0),
        ("cosine", 52, 0.5),
        ("cosine", 100, 0.0),
        ("step", 10, 0.1),
        ("step", 20, 0.01),
        ("one_cycle", 0, 0.04),
        ("one_cycle", 20, 0.52),
        ("one_cycle", 40, 1.0),
        ("one_cycle", 80, 0.04),
        ("one_cycle", 90, 0.020002),
        ("one_cycle", 100, 0.000004),
        ("plateau", 50, 1.0),
    ],
)
def test_the_rate_of_a_step_is_the_schedules(kind: str, step: int, expected: float) -> None:
    steps = 101 if kind == "one_cycle" else 100
    rate = LearningRate(1.0, kind, steps, warmup_steps=4, fall_every=10, fall_factor=0.1, rise_share=0.4)
    assert float(rate(step)) == pytest.approx(expected, abs=1e-6)
    again = LearningRate.from_config(rate.get_config())
    assert float(again(step)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("steps", [1, 2, 3, 7])
def test_one_cycle_is_a_rate_in_the_shortest_training_too(steps: int) -> None:
    rate = LearningRate(1.0, "one_cycle", steps)
    assert all(0.0 < float(rate(step)) <= 1.0 for step in range(steps))


def test_a_leg_after_the_plan_counts_alone_and_bears_the_factor() -> None:
    rate = LearningRate(1.0, "cosine", steps=100)
    rate.begin_leg(100, 10, 0.5, falls=True)
    rate.factor = 0.1
    assert float(rate(50)) == pytest.approx(0.05)
    assert [float(rate(step)) for step in (100, 105, 110)] == pytest.approx([0.05, 0.025, 0.0])


def test_the_settings_reach_the_schedule() -> None:
    how = settings_of("training.epochs=10", "training.schedule=one_cycle", "training.one_cycle_rise=0.25")
    rate = make_rate(how.training, 11)
    assert float(rate(0.25 * 109)) == pytest.approx(how.training.learning_rate)
    assert float(rate(109)) < 1e-5 * how.training.learning_rate
