"""However long a curve is, its line is short, and no spike, no end and no gap is lost."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.report.thin import Line, thin

VALUES = st.lists(
    st.one_of(st.floats(-1e6, 1e6), st.just(math.nan), st.just(math.inf)), min_size=1, max_size=300
)


def line_of(values: list[float], columns: int) -> Line:
    array = np.array(values)
    return thin(np.arange(1.0, len(values) + 1), array, array, columns)


@given(VALUES, st.integers(1, 40))
def test_extremes_are_kept_and_points_are_few(values: list[float], columns: int) -> None:
    line = line_of(values, columns)
    finite = [value for value in values if math.isfinite(value)]
    assert line.points <= 2 * columns
    assert bool(line.parts) == bool(finite)
    if finite:
        drawn = np.concatenate(line.parts)
        assert (drawn[:, 1].min(), drawn[:, 1].max()) == (min(finite), max(finite))
        assert (np.diff(drawn[:, 0]) >= 0).all()
    assert bool(line.gaps) == (len(finite) < len(values))
    assert len(line.gaps) <= columns


def test_a_spike_of_one_step_in_a_million_stands_out() -> None:
    values = np.ones(1_000_000)
    values[654_321] = 99.0
    line = thin(np.arange(1.0, 1_000_001), values, values, 320)
    assert line.points <= 640
    assert [654_322.0, 99.0] in line.parts[0].tolist()


def test_a_gap_parts_the_line_and_is_marked() -> None:
    line = line_of([1.0, 2.0, math.nan, 4.0], 100)
    assert [part.tolist() for part in line.parts] == [[[1.0, 1.0], [2.0, 2.0]], [[4.0, 4.0]]]
    assert line.gaps == (3.0,)


def test_a_gap_within_a_bucket_that_has_values_is_marked_and_parts_nothing() -> None:
    x, y = np.array([1.0, 2.0]), np.array([5.0, 6.0])
    line = thin(x, y, y, 10, np.array([0, 3]))
    assert len(line.parts) == 1
    assert line.gaps == (2.0,)


def test_a_merged_bucket_shows_both_of_its_extremes() -> None:
    line = thin(np.array([1.0, 2.0]), np.array([0.0, 1.0]), np.array([9.0, 1.0]), 10)
    assert line.parts[0].tolist() == [[1.0, 0.0], [1.0, 9.0], [2.0, 1.0]]


@pytest.mark.parametrize("value", [1e301, -1e305])
def test_a_value_too_large_to_be_drawn_is_a_gap(value: float) -> None:
    assert line_of([1.0, value], 10).gaps == (2.0,)


def test_nothing_gives_nothing() -> None:
    assert thin(np.empty(0), np.empty(0), np.empty(0), 10) == Line()
