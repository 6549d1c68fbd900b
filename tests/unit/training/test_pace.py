"""Speed and time left, with a clock that the test turns."""

import pytest

from tests.conftest import Clock
from workbench.training.pace import Pace


def test_before_the_first_step_nothing_is_claimed() -> None:
    pace = Pace(10, 4, Clock())
    assert pace.images_per_second == 0.0
    assert pace.seconds_left(1, 0) is None


def test_images_per_second_are_pictures_over_the_seconds_of_steps() -> None:
    clock = Clock()
    pace = Pace(2, 4, clock)
    pace.start()
    for seconds, pictures in ((2.0, 32), (2.0, 32), (1.0, 11)):
        clock.now += seconds
        pace.step(pictures)
    assert pace.images_per_second == pytest.approx(75 / 5)


def test_the_time_left_counts_steps_and_what_stands_between_epochs() -> None:
    clock = Clock()
    pace = Pace(3, 2, clock)
    for _ in range(2):
        clock.now += 1.0
        pace.step(8)
    assert pace.seconds_left(1, 2) == pytest.approx(4.0)
    clock.now += 0.5
    pace.epoch_ended()
    pace.start()
    clock.now += 1.0
    pace.step(8)
    assert pace.seconds_left(2, 1) == pytest.approx(3.0 + 2 * 0.5)


def test_time_between_epochs_is_no_time_of_a_step() -> None:
    clock = Clock()
    pace = Pace(2, 1, clock)
    clock.now += 1.0
    pace.step(10)
    clock.now += 100.0
    pace.start()
    clock.now += 1.0
    pace.step(10)
    assert pace.images_per_second == pytest.approx(10.0)
