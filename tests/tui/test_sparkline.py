"""Curves in a few cells of text."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.tui.sparkline import BLOCKS, GAP, spark

ANY = st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=60)


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([], ""),
        ([0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▆▇█"),
        ([7, 0], "█▁"),
        ([2, 2, 2], "▄▄▄"),
        ([5], "▄"),
        ([0, math.nan, 7], "▁·█"),
        ([math.inf, 0, -math.inf, 7], "·▁·█"),
        ([math.nan, math.nan], "··"),
        ([-1e308, 1e308], "▁█"),
    ],
)
def test_a_block_a_value(values: list[float], drawn: str) -> None:
    assert spark(values, 10) == drawn
    assert spark(np.array(values), 10) == drawn


@pytest.mark.parametrize(
    ("low", "high", "drawn"),
    [(0, 8, "▂▃▅"), (0, None, "▃▅█"), (None, 7, "▁▂▅"), (2, 3, "▁▁█"), (0, 0, "▁▁▁"), (9, None, "▁▁▁")],
)
def test_bounds_that_stay_where_they_are(low: float | None, high: float | None, drawn: str) -> None:
    assert spark([1, 2, 4], 3, low=low, high=high) == drawn


def test_nothing_has_risen_above_a_bound_of_nothing() -> None:
    assert spark([0, 0], 2, low=0.0, high=0.0) == "▁▁", "a disk that is not used is not in the middle"


@pytest.mark.parametrize("place", [0, 1, 499_999, 999_998, 999_999])
@pytest.mark.parametrize(("spike", "block"), [(9.0, "█"), (-9.0, "▁")])
def test_a_spike_of_one_value_in_a_million_is_seen(place: int, spike: float, block: str) -> None:
    values = np.zeros(1_000_000)
    values[place] = spike
    drawn = spark(values, 12)
    assert drawn.count(block) == 1
    assert drawn.index(block) == min(11, place * 12 // 1_000_000)


def test_the_greatest_and_the_least_value_are_both_seen_where_one_stands_out_more() -> None:
    values = [0.0, 0.0, 0.0, 10.0, 8.0, 11.0, 0.0, 0.0, 10.0, 10.0, 10.0, 9.0]
    drawn = spark(values, 3)
    assert "█" in drawn
    assert "▁" in drawn


def test_a_gap_as_long_as_a_cell_stays_one_and_a_shorter_one_does_not() -> None:
    assert spark([0, 0, math.nan, math.nan, 1, 1], 3) == "▁·█"
    assert spark([0, 0, math.nan, 0, 1, 1], 3) == "▁▁█"
    assert spark([math.nan] * 9, 3) == "···"


@given(ANY, st.integers(0, 20))
def test_as_many_cells_as_there_are_values_or_room_for(values: list[float], width: int) -> None:
    drawn = spark(values, width)
    assert len(drawn) == min(len(values), width)
    assert set(drawn) <= {*BLOCKS, GAP}


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200), st.integers(1, 20))
def test_higher_values_are_never_drawn_lower(values: list[float], width: int) -> None:
    drawn = spark(values, width)
    if len(values) <= width:
        order = np.argsort(values, kind="stable")
        heights = [BLOCKS.index(drawn[place]) for place in order]
        assert heights == sorted(heights)
    if max(values) > min(values) and width > 1 and len(values) > 1:
        assert "▁" in drawn or "█" in drawn
