"""The learning-rate range test on made-up losses: which rate it suggests, when it stops, what it tells."""

import json
import math
import random
import subprocess
import sys
from collections.abc import Callable

import pytest

from workbench.settings import Settings
from workbench.training.rate_range import RangeResult, RangeTest, for_range_test, result_of


def range_result(loss: Callable[[float], float]) -> RangeResult:
    """A test whose loss depends on the rate alone."""
    test = RangeTest(1e-6, 10.0, 100)
    while test.take(loss(test.rate)):
        pass
    return result_of(test)


def falling(rate: float) -> float:
    """From 3 to 1, most steeply at 1e-3; above 0.3 it blows up."""
    return 1.0 + 2.0 / (1.0 + rate / 1e-3) + (100.0 * rate if rate > 0.3 else 0.0)


def test_the_rate_rises_by_the_same_factor_at_each_step() -> None:
    test = RangeTest(1e-4, 1.0, 5)
    while test.take(1.0):
        pass
    assert test.rates == pytest.approx([1e-4, 1e-3, 1e-2, 1e-1, 1.0])
    assert not test.blown_up


def test_suggested_is_where_the_loss_falls_most_steeply() -> None:
    found = range_result(falling)
    assert found.suggestion == pytest.approx(1e-3, rel=0.3)
    assert found.lowest is not None
    assert found.suggestion is not None
    assert found.suggestion < found.lowest <= 0.35


@pytest.mark.parametrize("seed", range(5))
def test_noise_moves_the_suggestion_little(seed: int) -> None:
    chance = random.Random(seed)
    found = range_result(lambda rate: falling(rate) + chance.gauss(0.0, 0.1))
    assert found.suggestion is not None
    assert 1e-4 < found.suggestion < 1e-2


def test_it_stops_when_the_loss_blows_up_and_the_end_spoils_nothing() -> None:
    found = range_result(falling)
    assert found.blown_up
    assert 0.3 < found.rates[-1] < 2.0
    assert len(found.rates) < 100


@pytest.mark.parametrize("end", [math.nan, math.inf])
def test_a_loss_that_is_no_number_ends_it_and_is_null_in_json(end: float) -> None:
    found = range_result(lambda rate: falling(rate) if rate < 0.1 else end)
    assert found.blown_up
    assert found.rates[-1] < 0.13
    assert len(found.smoothed) == len(found.losses) - 1
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert document["losses"][-1] is None
    assert document["suggestion"] == pytest.approx(1e-3, rel=0.3)


@pytest.mark.parametrize(
    "loss", [lambda _rate: 2.0, lambda rate: 2.0 + rate, lambda rate: 2.0 - 0.001 * math.log10(rate)]
)
def test_a_loss_that_does_not_fall_suggests_nothing(loss: Callable[[float], float]) -> None:
    found = range_result(loss)
    assert (found.suggestion, found.setting) == (None, "")


def test_a_first_loss_that_is_no_number_suggests_nothing() -> None:
    found = range_result(lambda _rate: math.nan)
    assert (found.suggestion, found.lowest, found.smoothed) == (None, None, ())
    assert found.blown_up


def test_the_suggestion_is_ready_to_be_typed() -> None:
    found = RangeResult((), (), (), 0.00123456, None, False)
    assert found.setting == "training.learning_rate=0.0012"


def test_in_the_test_only_the_factor_decides_the_rate() -> None:
    how = for_range_test(Settings.from_dict({"training": {"swa_from": 0.5, "optimizer": "sgd"}})).training
    assert (how.learning_rate, how.schedule, how.warmup_epochs, how.swa_from) == (1.0, "constant", 0.0, 0.0)
    assert how.optimizer == "sgd"


def test_judging_a_test_and_drawing_it_load_no_keras() -> None:
    code = "import workbench.cli.rates, workbench.training.rate_finder, workbench.tui.rate_chart, sys; "
    code += "print([name for name in ('keras', 'tensorflow', 'pandas', 'textual') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
