"""That a call of `fit` was left by an exception is noticed, and nothing else is."""

import sys
import threading
from collections.abc import Callable
from contextlib import closing, suppress

import pytest

from workbench.training.fit_watch import FitWatch


class Fit:
    """Something with a call of the watched name."""

    def __init__(self, look_seconds: float = 0.01) -> None:
        self.told: list[BaseException | None] = []
        self.happened, self._look_s = threading.Event(), look_seconds

    def _left(self, error: BaseException | None) -> None:
        self.told.append(error)
        self.happened.set()

    def fit(self, body: Callable[[FitWatch], object]) -> None:
        """A training."""
        body(FitWatch(self._left, self._look_s))


def test_a_training_that_ends_well_is_not_told_of() -> None:
    training = Fit()
    training.fit(lambda watch: watch.close())
    assert not training.happened.wait(0.1)


def test_it_is_noticed_that_a_training_was_left_by_an_exception() -> None:
    training = Fit()

    def fail(_watch: FitWatch) -> None:
        raise ValueError("bad data")

    with pytest.raises(ValueError, match="bad data"):
        training.fit(fail)
    assert training.happened.wait(10)
    assert training.told == [None], "nobody keeps what was caught"


def test_the_exception_that_a_notebook_shows_is_the_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    training = Fit()
    shown = KeyboardInterrupt()
    monkeypatch.setattr(sys, "last_value", ValueError("an older one"), raising=False)

    def interrupt(_watch: FitWatch) -> None:
        raise shown

    with suppress(KeyboardInterrupt):
        training.fit(interrupt)
    monkeypatch.setattr(sys, "last_value", shown)
    assert training.happened.wait(10)
    assert training.told == [shown]


def test_one_that_is_under_way_is_left_alone_and_its_variables_are_seen() -> None:
    training = Fit()
    seen: list[object] = []

    def work(watch: FitWatch) -> None:
        seen.append(watch.local("body"))
        assert not training.happened.wait(0.1)
        watch.close()

    training.fit(work)
    assert seen == [work]


def test_without_such_a_call_nothing_is_watched() -> None:
    told: list[object] = []
    with closing(FitWatch(told.append, 0.01)) as watch:
        assert watch.local("told") is None
        assert not watch._stands()
    assert told == []
