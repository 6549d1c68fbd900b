"""One time for all events of a run, whatever clocks its workers had."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workbench.monitoring.clock import Clock

TIMES = st.floats(allow_nan=True, allow_infinity=True)
DAY = 86_400.0


def test_within_a_worker_the_monotonic_clock_counts() -> None:
    clock = Clock()
    assert clock.time(1000.0, 5.0) == 1000.0
    assert clock.time(1000.0 + DAY, 15.0) == 1010.0, "the wall clock was set while it trained"
    assert clock.take_jump() == DAY - 10
    assert clock.take_jump() == 0.0, "said once"
    assert clock.time(1000.0 + DAY + 5, 20.0) == 1015.0
    assert clock.take_jump() == 0.0
    assert clock.time(1025.0, 30.0) == 1025.0
    assert clock.take_jump() < -DAY + 100, "set back"


def test_the_next_worker_begins_at_its_own_wall_clock_but_not_before_the_last_one() -> None:
    clock = Clock()
    clock.times(np.array([1000.0, 1010.0]), np.array([5.0, 15.0]))
    clock.restart()
    assert clock.time(5000.0, 3.0) == 5000.0
    clock.restart()
    assert clock.time(4000.0, 9.0) == 5000.0, "its machine's clock is behind"
    assert clock.time(4002.0, 11.0) == 5002.0


def test_a_monotonic_clock_that_falls_is_another_worker_s() -> None:
    clock = Clock()
    found = clock.times(np.array([100.0, 110.0, 500.0, 501.0]), np.array([50.0, 60.0, 1.0, 2.0]))
    assert found.tolist() == [100.0, 110.0, 500.0, 501.0]


def test_an_event_without_a_time_has_that_of_the_one_before() -> None:
    clock = Clock()
    assert clock.time(math.nan, math.nan) == 0.0
    assert clock.time(100.0, math.nan) == 100.0
    assert clock.time(1e300, math.nan) == 100.0
    assert clock.time(-5.0, math.nan) == 100.0
    assert clock.time(102.0, math.nan) == 102.0


@given(st.lists(st.tuples(TIMES, TIMES), min_size=1, max_size=30), st.integers(1, 5))
def test_time_never_falls_and_is_always_a_number(pairs: list[tuple[float, float]], size: int) -> None:
    clock, before = Clock(), 0.0
    for at in range(0, len(pairs), size):
        walls, monos = np.array(pairs[at : at + size]).T
        found = clock.times(walls, monos)
        assert np.isfinite(found).all()
        assert (np.diff(found, prepend=before) >= 0).all()
        before = float(found[-1])
