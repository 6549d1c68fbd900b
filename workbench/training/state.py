"""What a run is doing, as one word that every screen uses."""

from enum import StrEnum
from pathlib import Path


class RunState(StrEnum):
    """What a run is doing."""

    STARTING = "starting"
    RUNNING = "running"
    VALIDATING = "validating"
    SAVING = "saving"
    PAUSING = "pausing"
    STOPPING = "stopping"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    DIED = "died"
    UNKNOWN = "unknown"
    """Nothing tells whether it lives: a table is all of it, or it is silent on another machine."""

    @property
    def ended(self) -> bool:
        """Whether no worker is, or is about to be, at work."""
        return not self.live

    @property
    def live(self) -> bool:
        """Whether a worker is (or is about to be) at work, or nobody can say that none is."""
        return self not in _ENDED

    @property
    def resumable(self) -> bool:
        """Whether a worker could be started that goes on."""
        return self in _RESUMABLE


_ENDED = frozenset(
    {RunState.PAUSED, RunState.FINISHED, RunState.STOPPED, RunState.FAILED, RunState.DIED},
)
_RESUMABLE = _ENDED - {RunState.FINISHED} | {RunState.STARTING, RunState.UNKNOWN}
_PHASE_STATES = {
    "starting": RunState.STARTING,
    "data": RunState.STARTING,
    "building": RunState.STARTING,
    "training": RunState.RUNNING,
    "validating": RunState.VALIDATING,
    "saving": RunState.SAVING,
    "evaluating": RunState.VALIDATING,
    "pausing": RunState.PAUSING,
    "stopping": RunState.STOPPING,
    "paused": RunState.PAUSED,
    "finished": RunState.FINISHED,
    "stopped": RunState.STOPPED,
    "failed": RunState.FAILED,
}


def state_of(
    phase: str, *, alive: bool, launched: bool, asked: str = "", started_anew: bool = False
) -> RunState:
    """The state that follows from the last phase in the log and from the lock.

    Args:
        phase: The last phase or end in `events.jsonl`; "" if there is none.
        alive: Whether the lock is held.
        launched: Whether a worker was ever started on the folder.
        asked: The action that was asked of this worker and would end it, if it is not done: "stop", "abort"
            or "pause".
        started_anew: Whether the lock was taken after the last line of the log, which is of another worker.
    """
    state = _PHASE_STATES.get(phase, RunState.RUNNING if phase else RunState.STARTING)
    if not state.live:
        return RunState.STARTING if alive and started_anew else state
    if alive:
        return _ASKED_STATES.get(asked, state)
    return RunState.DIED if launched else RunState.STARTING


def state_from_afar(word: RunState, age_s: float) -> RunState:
    """The state of a run that seems to have died, but on another machine, where a free lock says nothing.

    Args:
        word: As it would be if the lock were held: what the log says.
        age_s: Seconds since the last sign of life.
    """
    return word if age_s < AFAR_S else RunState.UNKNOWN


AFAR_S = 60.0
"""A worker gives a sign of life every few seconds; clocks of machines may differ by some more."""
_ASKED_STATES = {"stop": RunState.STOPPING, "abort": RunState.STOPPING, "pause": RunState.PAUSING}


def started_anew(lock: Path, wall: float) -> bool:
    """Whether a run's lock was taken after this time, that of the last line of its log; 0 for none."""
    try:
        return 0 < wall < lock.stat().st_mtime - _ROUNDING_S
    except OSError:
        return False


_ROUNDING_S = 0.001
"""Times in the log are whole milliseconds."""
