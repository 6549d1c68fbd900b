"""Axes begin, end and tick at round numbers, and a loss over decades gets a logarithmic one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.report import scale

SIZES = st.floats(1e-6, 1e9)


@given(SIZES, st.integers(2, 10))
def test_an_axis_from_zero_ends_where_asked_with_few_round_ticks_on_it(high: float, most: int) -> None:
    axis = scale.from_zero(high, most)
    assert (axis.low, axis.high, axis.ticks[0]) == (0.0, high, 0.0)
    assert 1 <= len(axis.ticks) <= most + 1
    assert all(0 <= tick <= high * (1 + 1e-6) for tick in axis.ticks)


@given(SIZES)
def test_a_rounded_axis_holds_everything_and_ends_at_ticks(high: float) -> None:
    axis = scale.rounded(0.0, high)
    assert axis.high >= high * (1 - 1e-6)
    assert axis.ticks[0] == pytest.approx(axis.low)
    assert axis.ticks[-1] == pytest.approx(axis.high)
    assert len(axis.ticks) <= 7


@pytest.mark.parametrize(
    ("high", "ticks"),
    [(25, (0, 5, 10, 15, 20, 25)), (3, (0, 0.5, 1, 1.5, 2, 2.5, 3)), (1000, (0, 200, 400, 600, 800, 1000))],
)
def test_epochs_tick_at_numbers_that_people_count_in(high: float, ticks: tuple[float, ...]) -> None:
    assert scale.from_zero(high, 8).ticks == ticks


def test_an_axis_of_nothing_is_still_an_axis() -> None:
    assert scale.from_zero(0.0).high == 1.0
    flat = scale.rounded(0.0, 0.0)
    assert flat.low < flat.high


def test_a_loss_within_a_decade_begins_at_zero() -> None:
    axis = scale.of_loss(0.4, 2.3)
    assert (axis.low, axis.high, axis.logarithmic) == (0.0, 2.5, False)


@given(st.floats(1e-9, 1e3), st.floats(31, 1e12))
def test_a_loss_over_decades_is_logarithmic_and_holds_everything(least: float, ratio: float) -> None:
    axis = scale.of_loss(least, least * ratio)
    assert axis.logarithmic
    assert axis.low <= least * (1 + 1e-6)
    assert axis.high >= least * ratio * (1 - 1e-6)
    assert 2 <= len(axis.ticks) <= 9
    places = axis.place(np.array(axis.ticks))
    assert (np.diff(places) > 0).all()
    assert 0 <= places[0] <= places[-1] <= 1


def test_a_loss_that_is_zero_or_less_somewhere_does_not_break_the_axis() -> None:
    assert not scale.of_loss(0.0, 5.0).logarithmic
    low = scale.of_loss(0.001, 5.0).at(0.0)
    assert low == 0.0  # at the edge, not at minus infinity


@pytest.mark.parametrize(
    ("tick", "words"),
    [
        (0.0, "0"),
        (0.25, "0.25"),
        (0.1 + 0.2, "0.3"),
        (1500, "1,500"),
        (2e6, "2M"),
        (3e9, "3G"),
        (1e-5, "1e-05"),
    ],
)
def test_ticks_are_words_of_few_letters(tick: float, words: str) -> None:
    assert scale.words(tick) == words
