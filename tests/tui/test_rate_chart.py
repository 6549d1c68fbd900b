"""The curve of a range test in cells."""

import math

from workbench.training.rate_range import RangeResult, RangeTest, result_of
from workbench.tui.rate_chart import rate_chart


def a_result(steps: int = 60) -> RangeResult:
    test = RangeTest(1e-6, 10.0, steps)
    while test.take(1.0 + 2.0 / (1.0 + test.rate / 1e-3) + max(0.0, 100.0 * (test.rate - 0.3))):
        pass
    return result_of(test)


def test_the_axis_names_the_powers_of_ten_and_the_suggestion_is_marked() -> None:
    title, *lines = rate_chart(a_result(), 80)
    assert title == "loss over the learning rate   ⠒ smoothed   + a step   x steepest fall"
    assert all(len(line) <= 80 for line in lines)
    assert lines[-1].split() == ["1e-6", "1e-5", "1e-4", "1e-3", "1e-2", "1e-1"]
    marked = next(line for line in lines if "x" in line)
    assert abs(marked.index("x") - lines[-1].index("1e-3") - 1) <= 4


def test_a_loss_that_blows_up_does_not_hide_the_fall() -> None:
    result = a_result()
    assert max(result.losses) > 10
    highest = max(float(line.split("┤")[0]) for line in rate_chart(result, 80)[1:] if "┤" in line)
    assert highest <= 4.0


def test_a_narrow_terminal_and_a_test_that_ended_at_once_are_no_error() -> None:
    assert len(rate_chart(a_result(), 10)) == 1
    once = RangeTest(1e-6, 10.0, 60)
    once.take(math.nan)
    assert rate_chart(result_of(once), 80) == []


def test_without_a_suggestion_none_is_marked() -> None:
    test = RangeTest(1e-6, 10.0, 20)
    while test.take(2.0):
        pass
    title, *lines = rate_chart(result_of(test), 60)
    assert "steepest" not in title
    assert not any("x" in line for line in lines)
