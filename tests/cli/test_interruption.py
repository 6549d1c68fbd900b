"""Ctrl+c while long work goes on: obeyed at the next safe place, at once when pressed twice."""

import os
import signal
import threading
from collections.abc import Callable

import pytest

from workbench.cli.interruption import Interruption
from workbench.cli.output import Progress


def press() -> None:
    """Ctrl+c, as a terminal sends it."""
    os.kill(os.getpid(), signal.SIGINT)


def test_the_first_waits_for_the_next_safe_place() -> None:
    done = []

    def work() -> None:
        with Interruption() as interruption:
            press()
            done.append("went on")
            interruption.check()
            done.append("never")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["went on"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_second_is_raised_at_once() -> None:
    def work() -> None:
        with Interruption():
            press()
            press()
            pytest.fail("it went on")

    with pytest.raises(KeyboardInterrupt):
        work()


def test_work_that_ends_meanwhile_is_still_interrupted() -> None:
    with pytest.raises(KeyboardInterrupt), Interruption():
        press()


def test_an_error_of_the_work_is_told_rather_than_the_interruption() -> None:
    def work() -> None:
        with Interruption():
            press()
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        work()


def test_without_ctrl_c_nothing_happens() -> None:
    with Interruption() as interruption:
        interruption.check()


def test_a_handler_of_someone_else_is_left_alone() -> None:
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        with Interruption() as interruption:
            press()
            interruption.check()
    finally:
        signal.signal(signal.SIGINT, before)
    assert pressed == [signal.SIGINT]


def in_thread(work: Callable[[], None]) -> list[BaseException]:
    """What `work` raised in a thread of its own."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return raised


def test_it_does_nothing_in_another_thread() -> None:
    def work() -> None:
        with Interruption() as interruption:
            interruption.check()

    assert in_thread(work) == []


def test_progress_is_a_safe_place() -> None:
    told = []

    def work() -> None:
        with Progress("pictures") as bar:
            for done in range(10):
                told.append(done)
                if done == 3:
                    press()
                bar.update(done, 10)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert told == [0, 1, 2, 3]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
