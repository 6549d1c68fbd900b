"""One word for what a run is doing, from the last phase and the lock."""

import pytest

from workbench.training.state import RunState, state_of


@pytest.mark.parametrize(
    ("phase", "alive", "launched", "expected"),
    [
        ("", False, False, RunState.STARTING),
        ("", True, True, RunState.STARTING),
        ("", False, True, RunState.DIED),
        ("data", True, True, RunState.STARTING),
        ("training", True, True, RunState.RUNNING),
        ("training", False, True, RunState.DIED),
        ("validating", True, True, RunState.VALIDATING),
        ("saving", True, True, RunState.SAVING),
        ("saving", False, True, RunState.DIED),
        ("stopping", True, True, RunState.STOPPING),
        ("a phase of a later version", True, True, RunState.RUNNING),
        ("finished", False, True, RunState.FINISHED),
        ("finished", True, True, RunState.FINISHED),
        ("stopped", False, True, RunState.STOPPED),
        ("failed", False, True, RunState.FAILED),
    ],
)
def test_state(phase: str, alive: bool, launched: bool, expected: RunState) -> None:
    assert state_of(phase, alive=alive, launched=launched) is expected


def test_a_stop_that_was_asked_shows_only_while_somebody_can_take_it() -> None:
    assert state_of("training", alive=True, launched=True, asked="stop") is RunState.STOPPING
    assert state_of("training", alive=False, launched=True, asked="stop") is RunState.DIED
    assert state_of("finished", alive=True, launched=True, asked="stop") is RunState.FINISHED


def test_every_state_is_either_live_or_ended() -> None:
    assert {state for state in RunState if state.ended} == {"finished", "stopped", "paused", "failed", "died"}
    assert all(state.live is not state.ended for state in RunState)
