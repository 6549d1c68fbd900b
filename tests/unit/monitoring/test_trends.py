"""Trends of a loss: what its level, its noise and its lowest are, and that no verdict looks ahead."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.monitoring.curves import Curve, Numbers
from workbench.monitoring.track import Track
from workbench.monitoring.trends import PATIENCE, SUSTAINED, Trend

FINITE = st.floats(-5, 5, allow_nan=False)


def curve(values: Sequence[float] | Numbers) -> Curve:
    """A loss with a point an epoch."""
    places = np.arange(1.0, len(values) + 1)
    track = Track()
    axes = np.column_stack([places * 10, places, places, places])
    track.extend(axes, [("h", "loss", "validation")], np.array(values, float)[:, None])
    return track.curves()["h", "loss", "validation"]


def trend(values: Sequence[float] | Numbers) -> Trend:
    """Its trend."""
    return Trend.of(curve(values))


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0], [math.nan] * 5, [1.0, math.nan, math.inf, 2.0]])
def test_fewer_than_three_numbers_have_no_trend(values: list[float]) -> None:
    found = trend(values) if values else Trend.of(curve([1.0]))
    assert len(found) == 0
    assert len(found.raised()) == len(found.flat()) == 0
    assert math.isnan(found.at(3.0))
    assert not found.fell(1.0, 3.0)


def test_the_level_is_the_median_of_three_epochs() -> None:
    found = trend([5.0, 1.0, 3.0, 100.0, 2.0])
    assert found.level.tolist() == [3.0, 3.0, 3.0]
    assert found.places.tolist() == [3.0, 4.0, 5.0]
    assert found.at(4.5) == 3.0
    assert math.isnan(found.at(2.0))


def test_an_epoch_without_a_number_is_left_out() -> None:
    found = trend([1.0, 2.0, math.nan, 3.0, math.inf, 4.0])
    assert found.rows.tolist() == [3, 5]
    assert found.level.tolist() == [2.0, 3.0]


def test_the_lowest_level_is_placed_at_its_last_epoch() -> None:
    found = trend([3.0, 2.0, 1.0, 1.0, 1.0, 4.0, 4.0, 4.0])
    assert found.lowest.tolist() == [2.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    assert found.places[found.lowest_at].tolist() == [3.0, 4.0, 5.0, 6.0, 6.0, 6.0]


@pytest.mark.parametrize("spread", [0.01, 0.1, 1.0])
def test_the_noise_is_about_the_standard_deviation_whatever_the_trend(spread: float) -> None:
    values = 9 - np.arange(400) / 50 + np.random.default_rng(1).normal(0, spread, 400)
    measured = float(np.median(trend(values).noise))
    assert measured == pytest.approx(spread, rel=0.15)
    assert trend(np.arange(50) / 7).noise.max() < 1e-12


def test_a_rise_counts_once_it_has_lasted() -> None:
    values = [1.0] * 10 + [2.0] * 8
    raised = trend(values).raised()
    first = int(np.argmax(raised))
    assert raised.any()
    assert first >= 9 + SUSTAINED - 1  # the level follows in the second epoch above
    assert raised[first:].all()


def test_a_rise_of_less_than_five_per_cent_is_none() -> None:
    assert not trend([1.0] * 10 + [1.04] * 20).raised().any()
    assert trend([1.0] * 10 + [1.2] * 40).raised().any()


def test_a_longer_run_has_to_rise_further_above_its_noise() -> None:
    """The lowest of more values lies lower by chance alone."""
    jitter = np.where(np.arange(2000) % 2, 0.1, -0.1)
    step = np.full(12, 0.75)
    short = np.concatenate([1 + jitter[:20], 1 + step + jitter[:12]])
    long = np.concatenate([1 + jitter, 1 + step + jitter[:12]])
    margin = [one._rise()[-1] / one.noise[-1] for one in (trend(short), trend(long))]
    assert margin[1] > margin[0] + 0.5


def test_flat_takes_patience_and_ends_with_an_improvement() -> None:
    values = np.concatenate([np.full(20, 0.5), np.linspace(0.5, 0.1, 20)])
    flat = trend(values).flat()
    assert not flat[:PATIENCE].any()
    assert flat[12:17].all()
    assert not flat[-5:].any()


def test_better_than_needs_more_than_a_trifle() -> None:
    found = trend([0.5] * 10 + [0.499] * 5 + [0.2] * 5)
    better = found.better_than(5)
    assert not better[:13].any()
    assert better[-1]


def test_fell_compares_two_places() -> None:
    found = trend(np.linspace(2, 1, 20))
    assert found.fell(5.0, 15.0)
    assert not found.fell(15.0, 15.0)
    assert not found.fell(1.0, 15.0)  # before there is a level
    assert not trend([1.0] * 20).fell(5.0, 15.0)


@settings(max_examples=60, deadline=None)
@given(st.lists(FINITE, min_size=4, max_size=60), st.integers(3, 60))
def test_no_verdict_looks_ahead(values: list[float], length: int) -> None:
    whole, part = trend(values), trend(values[:length])
    kept = len(part)
    for name in ("level", "noise", "lowest", "lowest_at"):
        assert getattr(whole, name)[:kept].tolist() == getattr(part, name).tolist()
    for one, other in ((whole.raised(), part.raised()), (whole.flat(), part.flat())):
        assert one[:kept].tolist() == other.tolist()


@settings(max_examples=60, deadline=None)
@given(st.lists(FINITE, min_size=3, max_size=60))
def test_what_is_raised_is_not_flat_in_the_same_epoch(values: list[float]) -> None:
    found = trend(values)
    assert not (found.raised() & found.flat()).any()
