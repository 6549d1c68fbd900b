"""Curves grow, are cut back and smoothed, and gaps stay gaps."""

import math

import pytest

from workbench.training.curves import Curve, Series


def test_smoothing_by_hand() -> None:
    """A span of 3 keeps half: averages 0.5, 1.25, 2.125 over weights 0.5, 0.75, 0.875."""
    smooth = Series((1, 2, 3), (1.0, 2.0, 3.0)).smoothed(3)
    assert list(smooth.x) == [1, 2, 3]
    assert smooth.y == pytest.approx((1.0, 1.25 / 0.75, 2.125 / 0.875))


def test_the_first_points_do_not_lean_towards_0() -> None:
    assert Series(tuple(range(5)), (7.0,) * 5).smoothed(100).y == pytest.approx((7.0,) * 5)


@pytest.mark.parametrize("span", [1, 0, -3])
def test_no_smoothing_is_the_curve_itself(span: float) -> None:
    curve = Series((1, 2), (5.0, 1.0))
    assert curve.smoothed(span) is curve


@pytest.mark.parametrize("hole", [math.nan, math.inf, -math.inf])
def test_a_gap_stays_a_gap_and_does_not_spoil_what_follows(hole: float) -> None:
    smooth = Series((1, 2, 3), (4.0, hole, 4.0)).smoothed(3).y
    assert math.isnan(smooth[1])
    assert smooth[2] == pytest.approx(4.0)


def test_points_only_go_on() -> None:
    curve = Curve()
    for x, y in ((1, 10.0), (2, 20.0), (2, 99.0), (1.5, 99.0), (3, 30.0)):
        curve.add(x, y)
    assert curve.series() == Series((1, 2, 3), (10.0, 20.0, 30.0))


def test_cutting_makes_room_for_the_same_epochs_again() -> None:
    curve = Curve()
    for x in (1, 2, 3):
        curve.add(x, 0.0)
    curve.cut(1)
    curve.add(2, 5.0)
    assert curve.series() == Series((1, 2), (0.0, 5.0))
    curve.cut(0)
    assert curve.series() == Series()


def test_an_unchanged_curve_is_not_made_again() -> None:
    curve = Curve()
    curve.add(1, 1.0)
    first = curve.series()
    curve.cut(1)
    assert curve.series() is first
    curve.add(2, 1.0)
    assert curve.series() is not first
