"""Names of metrics: every one that is measured, and no other."""

import math

import pytest

from workbench.errors import ConfigError
from workbench.schema import Schema
from workbench.training.metric_names import (
    better,
    check_distinct,
    check_metric,
    larger_is_better,
    metric_names,
)

HEADS = Schema.from_dict(
    {"name": "odd", "heads": [{"name": name, "classes": ["no", "yes"]} for name in ("loss", "hair_top")]}
)


def test_every_name_of_two_heads() -> None:
    assert set(metric_names(HEADS)) == {
        *("loss", "accuracy", "loss_loss", "loss_accuracy", "hair_top_loss", "hair_top_accuracy"),
        *("val_loss", "val_accuracy", "val_macro_f1"),
        *("val_loss_loss", "val_loss_accuracy", "val_loss_macro_f1"),
        *("val_hair_top_loss", "val_hair_top_accuracy", "val_hair_top_macro_f1"),
    }
    assert len(metric_names(HEADS)) == len(set(metric_names(HEADS)))


def test_heads_whose_metrics_would_be_one_are_refused() -> None:
    heads = [{"name": name, "classes": ["no", "yes"]} for name in ("a", "val_a")]
    with pytest.raises(ConfigError, match="share the metric 'val_a_loss'; rename"):
        check_distinct(Schema.from_dict({"name": "odd", "heads": heads}))
    check_distinct(HEADS)


@pytest.mark.parametrize("name", ["val_loss", "val_hair_top_macro_f1", "loss_accuracy"])
def test_a_measured_metric_passes(name: str) -> None:
    check_metric(name, HEADS)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("val_los", "val_loss"),
        ("val_hair_top_acuracy", "val_hair_top_accuracy"),
        ("val_hairtop_macro_f1", "val_hair_top_macro_f1"),
        ("macro_f1", "val_macro_f1"),
    ],
)
def test_a_misspelt_one_names_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_metric(name, HEADS)
    assert str(caught.value).startswith("training.early_stopping.metric: no metric is named")
    assert f"did you mean {nearest!r}" in str(caught.value)


def test_only_the_last_word_says_which_way_is_better() -> None:
    assert not larger_is_better("val_loss")
    assert larger_is_better("val_loss_accuracy"), "the accuracy of a head named loss"
    assert not larger_is_better("val_loss_loss")


@pytest.mark.parametrize(
    ("value", "best", "name", "expected"),
    [
        (1.0, None, "val_loss", True),
        (0.9, 1.0, "val_loss", True),
        (1.0, 1.0, "val_loss", False),
        (0.95, 1.0, "val_loss", False),
        (0.6, 0.5, "val_accuracy", True),
        (0.4, 0.5, "val_accuracy", False),
        (0.55, 0.5, "val_accuracy", False),
        (math.nan, None, "val_loss", False),
        (math.inf, None, "val_loss", False),
        (math.inf, 0.5, "val_accuracy", False),
    ],
)
def test_better(value: float, best: float | None, name: str, expected: bool) -> None:
    assert better(value, best, name, 0.09) is expected
