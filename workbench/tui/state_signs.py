"""The sign beside the state of a run, for eyes that take in a shape before a word."""

from collections.abc import Mapping

from workbench.training.state import RunState

STATE_SIGNS: Mapping[RunState, str] = {
    RunState.PAUSED: "‖",
    RunState.PAUSING: "‖",
    RunState.FINISHED: "✓",
    RunState.STOPPED: "■",
    RunState.FAILED: "✗",
    RunState.DIED: "✗",
}


def signed(state: RunState) -> str:
    """The state as a sign and a word, such as "✓ finished"."""
    return f"{STATE_SIGNS.get(state, '●')} {state}"
