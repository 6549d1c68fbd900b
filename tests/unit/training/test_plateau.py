"""A learning rate that falls when a metric stands still, by lists of values, without a training."""

import json
import math

import pytest

from workbench.settings import TrainingSettings
from workbench.settings.training import PlateauSettings
from workbench.training.plateau import Plateau


def plateau(
    patience: int = 2, metric: str = "", minimum_change: float = 0.0, schedule: str = "plateau"
) -> Plateau:
    how = PlateauSettings(metric=metric, patience=patience, minimum_change=minimum_change)
    return Plateau(TrainingSettings(schedule=schedule, plateau=how, checkpoint_metric="val_loss"))


def falls(watch: Plateau, values: list[float], metric: str = "val_loss") -> list[int]:
    """The epochs after which the rate falls."""
    return [epoch for epoch, value in enumerate(values, 1) if watch.look(epoch, {metric: value})]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3.0, 2.0, 1.0, 0.5], []),
        ([3.0, 3.0, 3.0], [3]),
        ([3.0, 4.0, 2.0, 2.0, 2.0], [5]),
        ([1.0] * 7, [3, 5, 7]),  # after a fall as many epochs are waited again
        ([math.nan] * 4, [2, 4]),
        ([2.0, 2.0, math.inf], [3]),
    ],
)
def test_it_falls_after_as_many_epochs_without_a_better_value(
    values: list[float], expected: list[int]
) -> None:
    assert falls(plateau(), values) == expected


def test_it_watches_the_metric_that_decides_the_best_epoch_or_its_own() -> None:
    assert falls(plateau(1), [1.0, 1.0]) == [2]
    assert falls(plateau(1, "val_macro_f1"), [0.5, 0.6, 0.6], "val_macro_f1") == [3]


def test_a_change_that_is_too_small_is_none() -> None:
    values = [1.0, 0.95, 0.9]
    assert falls(plateau(minimum_change=0.2), values) == [3]
    assert falls(plateau(minimum_change=0.01), values) == []


def test_with_another_schedule_it_says_nothing() -> None:
    assert falls(plateau(1, schedule="cosine"), [1.0] * 9) == []


def test_the_reason_names_the_metric_its_best_value_and_epoch() -> None:
    watch = plateau(1, "val_glasses_macro_f1")
    watch.look(1, {"val_glasses_macro_f1": 0.75})
    said = watch.look(2, {"val_glasses_macro_f1": 0.5})
    assert said == "val_glasses_macro_f1 did not improve on 0.75 (epoch 1) in 1 epoch"
    assert plateau(1).look(1, {}) == "val_loss was never a number in 1 epoch"


def test_the_patience_survives_a_restart() -> None:
    watch = plateau(3)
    assert falls(watch, [1.0, 2.0, 2.0]) == []
    again = plateau(3)
    again.restore(json.loads(json.dumps(watch.state())))
    assert again.look(4, {"val_loss": 2.0})
    other = plateau(3, "val_accuracy")
    other.restore(watch.state())
    assert not other.look(4, {"val_accuracy": 0.1})
