"""A run whose worker is, or was, on another machine: its lock says nothing here."""

import os
import time

import pytest

from tests.unit.training.conftest import batch, phase, worker_on, write
from workbench.errors import RunRefused
from workbench.monitoring.follow import Follower
from workbench.training.control import ask, requests
from workbench.training.host import machine, other_machine
from workbench.training.launcher import take_lock
from workbench.training.run import RunFolder, RunState
from workbench.training.state import AFAR_S

AFAR = "gpu-box 00000000-0000-0000-0000-000000000000\n"


@pytest.fixture
def afar(run: RunFolder) -> RunFolder:
    """A run that another machine's worker has begun."""
    write(run, {**phase("training"), "wall": time.time()}, {**batch(1, 1), "wall": time.time()})
    run.log.touch()
    run.lock.write_text(AFAR)
    return run


def test_a_young_sign_of_life_is_believed(afar: RunFolder) -> None:
    found = Follower(afar).poll()
    assert (found.state, found.elsewhere, found.failure) == (RunState.RUNNING, "gpu-box", "")
    assert afar.state() is RunState.RUNNING


def test_silence_is_not_called_death(afar: RunFolder) -> None:
    later = time.time() + AFAR_S + 1
    found = Follower(afar, clock=lambda: later).poll()
    assert (found.state, found.elsewhere) == (RunState.UNKNOWN, "gpu-box")
    assert found.state.resumable, "who knows that it is dead can go on with it"


def test_its_end_is_its_end(afar: RunFolder) -> None:
    write(afar, {"type": "finished", "text": "all epochs done", "best_epoch": 1, "wall": time.time()})
    found = Follower(afar).poll()
    assert (found.state, found.elsewhere) == (RunState.FINISHED, "")


def test_a_lock_that_can_be_seen_is_believed(afar: RunFolder) -> None:
    with worker_on(afar):
        found = Follower(afar).poll()
    assert (found.state, found.elsewhere) == (RunState.RUNNING, "")


def test_what_is_asked_of_it_is_written_down(afar: RunFolder) -> None:
    ask(afar, "stop")
    assert [one.action for one in requests(afar)] == ["stop"]
    assert Follower(afar).poll().state is RunState.STOPPING
    write(afar, {"type": "stopped", "text": "", "wall": time.time()})
    with pytest.raises(RunRefused, match="is not running"):
        ask(afar, "pause")


def test_whoever_takes_the_lock_leaves_the_name_of_the_machine(run: RunFolder) -> None:
    run.lock.write_text(AFAR * 3)
    os.close(take_lock(run))
    assert run.lock.read_text() == f"{machine()}\n"
    assert run.elsewhere() == ""


@pytest.mark.parametrize("line", ["", "\n", machine(), f"renamed {machine().partition(' ')[2]}"])
def test_this_machine_is_known_by_name_or_start(line: str) -> None:
    assert other_machine(line) == ""


def test_another_one_is_another_whatever_it_is_called() -> None:
    assert other_machine(AFAR) == "gpu-box"
    assert other_machine("gpu-box") == "gpu-box"
