"""Adding up where the time goes, with a clock that the test turns."""

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from tests.conftest import Clock
from workbench.training import profile
from workbench.training.profile import UNPROFILED, Numbered, Profile, Report


@pytest.fixture
def measured(clock: Clock) -> Profile:
    """Measures by that clock."""
    return Profile(clock)


class Slow:
    """Pictures that take a second each."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def read(self, fingerprints: Sequence[str]) -> Any:
        self.clock.now += len(fingerprints)
        return np.zeros((len(fingerprints), 1, 1, 3), dtype=np.uint8)


def test_what_is_done_again_is_added_up_and_counted(measured: Profile, clock: Clock) -> None:
    for seconds in (1.0, 2.5):
        with measured.part(profile.SAVING):
            clock.now += seconds
    clock.now += 4.0
    found = measured.report()
    assert (found.seconds, found.times) == ({"saving": 3.5}, {"saving": 2})
    assert (found.whole, found.rest) == (7.5, 4.0)


def test_a_part_within_a_part_counts_for_itself_only(measured: Profile, clock: Clock) -> None:
    with measured.part(profile.VALIDATING):
        clock.now += 1.0
        with measured.part(profile.SAVING):
            clock.now += 2.0
            with measured.part(profile.TELLING):
                clock.now += 4.0
        clock.now += 8.0
    found = measured.report()
    assert found.seconds == {"validating": 9.0, "saving": 2.0, "telling": 4.0}
    assert (sum(found.seconds.values()), found.rest) == (found.whole, 0.0)


def test_the_time_until_something_fails_counts(measured: Profile, clock: Clock) -> None:
    def fill() -> None:
        clock.now += 2.0
        raise OSError("full")

    with measured.part(profile.VALIDATING):
        with pytest.raises(OSError, match="full"):
            measured.timed(profile.SAVING, fill)()
        clock.now += 1.0
    assert measured.report().seconds == {"saving": 2.0, "validating": 1.0}


def test_threads_do_not_count_for_each_other(measured: Profile, clock: Clock) -> None:
    inside, over = threading.Event(), threading.Event()

    def make() -> None:
        with measured.part(profile.READING):
            inside.set()
            assert over.wait(30)

    thread = threading.Thread(target=make)
    with measured.part(profile.WAITING):
        thread.start()
        assert inside.wait(30)
        clock.now += 3.0
        over.set()
        thread.join()
    found = measured.report()
    assert found.seconds == {"reading": 3.0, "waiting": 3.0}
    assert found.rest == 0.0, "what goes on beside it is no time of the training's own"


def test_the_first_step_of_each_size_compiles_and_stands_apart(measured: Profile, clock: Clock) -> None:
    for pictures, seconds in ((32, 5.0), (32, 1.0), (7, 3.0), (32, 1.0), (7, 0.25)):
        with measured.step(pictures):
            clock.now += seconds
    found = measured.report()
    assert found.seconds == {"first_steps": 8.0, "step": 2.25}
    assert (found.times["step"], found.pictures, found.settled) == (3, 110, 71)


def test_waiting_is_what_passes_until_a_batch_is_there(measured: Profile, clock: Clock) -> None:
    def feed() -> Iterator[Numbered]:
        for index, pictures in enumerate(("abcd", "efgh", "ij")):
            clock.now += 2.0
            yield index, (pictures, index)

    seen = []
    for index, batch in measured.waits(feed()):
        clock.now += 10.0
        seen.append((index, batch))
    assert seen == [(0, ("abcd", 0)), (1, ("efgh", 1)), (2, ("ij", 2))]
    assert measured.report().seconds == {"waiting": 6.0}
    assert measured.batch == ("efgh", 1), "the rest of an epoch is not what a step is like"
    assert measured.report().batch == 4


def test_reading_and_augmenting_give_what_they_gave_and_are_measured(measured: Profile, clock: Clock) -> None:
    def augment(images: Any, step: int) -> Any:
        clock.now += 0.5
        return images + step

    pixels, augmenter = Slow(clock), measured.timed(profile.AUGMENTING, augment)
    images = measured.timed_pixels(pixels).read(["a", "b", "c"])
    assert images.shape == (3, 1, 1, 3)
    assert (augmenter(images, step=4) == 4).all()
    assert measured.report().seconds == {"reading": 3.0, "augmenting": 0.5}


def test_without_profile_everything_is_handed_on_as_it_is(clock: Clock) -> None:
    feed, pixels = [(0, ("pictures", "labels"))], Slow(clock)
    assert UNPROFILED.waits(feed) is feed
    assert UNPROFILED.timed(profile.MIXING, len) is len
    assert UNPROFILED.timed_pixels(pixels) is pixels
    with UNPROFILED.part(profile.SAVING), UNPROFILED.part(profile.SAVING), UNPROFILED.step(8):
        pass


def test_a_report_comes_back_from_its_event_as_it_was(measured: Profile, clock: Clock) -> None:
    with measured.step(8), measured.part(profile.READING):
        clock.now += 1.5
    measured.of_a_step = {profile.FORWARD: 0.5, profile.BACKWARD: 1.5}
    report = measured.report()
    back = Report.from_dict({**report.to_dict(), "type": "profile", "seq": 3})
    assert back.seconds == report.seconds
    assert (back.whole, back.pictures, back.settled) == (1.5, 8, 0)
    assert back.of_a_step == {"forward": 0.5, "backward": 1.5}


def test_the_steps_are_divided_as_one_alone_and_what_they_took_longer_is_left() -> None:
    alone = {"forward": 0.5, "backward": 1.5}
    found = Report(100.0, {"step": 30.0}, pictures=120, settled=80, of_a_step=alone, batch=8)
    assert found.of_the_steps == {"forward": 5.0, "backward": 15.0, "crowd": 10.0}


def test_steps_that_were_quicker_than_the_one_alone_are_divided_wholly() -> None:
    alone = {"forward": 0.5, "backward": 1.5}
    found = Report(100.0, {"step": 10.0}, pictures=120, settled=80, of_a_step=alone, batch=8)
    assert found.of_the_steps == {"forward": 2.5, "backward": 7.5, "crowd": 0.0}


@pytest.mark.parametrize("odd", [None, "much", -1, float("nan"), float("inf"), True, [], {"a": 1}, 10**400])
def test_a_foreign_event_is_no_trouble(odd: object) -> None:
    found = Report.from_dict(
        {
            "whole": odd,
            "seconds": {"step": odd, "\x1b[2J": 1.0},
            "times": odd,
            "pictures": odd,
            "of_a_step": odd,
        }
    )
    assert found == Report(0.0, {"step": 0.0})
    assert (found.rest, found.of_the_steps) == (0.0, {})
