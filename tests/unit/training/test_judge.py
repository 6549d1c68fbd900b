"""The best epoch and stopping early, by lists of values, without a training."""

import json
import math

import pytest

from workbench.settings import EarlyStopping, TrainingSettings
from workbench.training.judge import Judge


def judge(
    metric: str = "val_loss", patience: int = 0, watched: str = "val_loss", minimum_change: float = 0.0
) -> Judge:
    stopping = EarlyStopping(metric=watched, patience=patience, minimum_change=minimum_change)
    return Judge(TrainingSettings(checkpoint_metric=metric, early_stopping=stopping))


def stops_after(judged: Judge, values: list[float], metric: str = "val_loss") -> int | None:
    """The epoch after which the verdict is to stop."""
    for epoch, value in enumerate(values, 1):
        judged.look(epoch, {metric: value})
        if judged.verdict:
            return epoch
    return None


def test_the_best_epoch_is_the_least_loss_or_the_greatest_accuracy() -> None:
    falling = judge()
    assert [falling.look(epoch, {"val_loss": value}) for epoch, value in enumerate([3, 2, 2.5, 1.9], 1)] == [
        True,
        True,
        False,
        True,
    ]
    assert (falling.best.value, falling.best.epoch) == (1.9, 4)
    rising = judge("val_accuracy")
    assert [
        rising.look(epoch, {"val_accuracy": value}) for epoch, value in enumerate([0.5, 0.4, 0.5], 1)
    ] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("values", "patience", "expected"),
    [
        ([3, 2, 1, 0.5], 2, None),
        ([3, 2, 2, 2], 2, 4),
        ([3, 4, 2, 3, 3], 2, 5),
        ([1, 2, 3], 0, None),
        ([math.nan, math.nan], 2, 2),
    ],
)
def test_patience(values: list[float], patience: int, expected: int | None) -> None:
    assert stops_after(judge(patience=patience), values) == expected


def test_a_small_change_is_no_improvement() -> None:
    assert stops_after(judge(patience=1, minimum_change=0.1), [1.0, 0.95]) == 2


def test_the_verdict_names_the_metric_that_stopped_it() -> None:
    judged = judge(patience=1, watched="val_glasses_accuracy")
    judged.look(1, {"val_loss": 5.0, "val_glasses_accuracy": 0.9})
    judged.look(2, {"val_loss": 4.0, "val_glasses_accuracy": 0.8})
    assert judged.verdict == "val_glasses_accuracy did not improve on 0.9 (epoch 1) in 1 epoch"
    assert judged.best.epoch == 2


def test_patience_and_best_survive_a_checkpoint() -> None:
    judged = judge(patience=3)
    for epoch, value in enumerate([1.0, 2.0, 2.0], 1):
        judged.look(epoch, {"val_loss": value})
    restored = judge(patience=3)
    restored.restore(json.loads(json.dumps(judged.state())))
    assert restored.verdict == ""
    assert not restored.look(4, {"val_loss": 1.5})
    assert "did not improve on 1 (epoch 1) in 3 epochs" in restored.verdict
    assert restored.best.epoch == 1


def test_another_metric_than_the_checkpoints_begins_anew() -> None:
    judged = judge()
    judged.look(1, {"val_loss": 0.1})
    other = judge("val_accuracy", watched="val_accuracy", patience=1)
    other.restore(judged.state())
    assert other.best.value is None
