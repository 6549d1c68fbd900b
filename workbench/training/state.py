"""What a run is doing, as one word that every screen uses."""

from enum import StrEnum


class RunState(StrEnum):
    """What a run is doing."""

    STARTING = "starting"
    RUNNING = "running"
    VALIDATING = "validating"
    SAVING = "saving"
    STOPPING = "stopping"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    DIED = "died"

    @property
    def ended(self) -> bool:
        """Whether no worker is, or is about to be, at work."""
        return not self.live

    @property
    def live(self) -> bool:
        """Whether a worker is (or is about to be) at work."""
        return self not in (RunState.FINISHED, RunState.STOPPED, RunState.FAILED, RunState.DIED)


_PHASE_STATES = {
    "starting": RunState.STARTING,
    "data": RunState.STARTING,
    "building": RunState.STARTING,
    "training": RunState.RUNNING,
    "validating": RunState.VALIDATING,
    "saving": RunState.SAVING,
    "evaluating": RunState.VALIDATING,
    "stopping": RunState.STOPPING,
    "finished": RunState.FINISHED,
    "stopped": RunState.STOPPED,
    "failed": RunState.FAILED,
}


def state_of(phase: str, *, alive: bool, launched: bool, stop_asked: bool = False) -> RunState:
    """The state that follows from the last phase in the log and from the lock.

    Args:
        phase: The last phase or end in `events.jsonl`; "" if there is none.
        alive: Whether the lock is held.
        launched: Whether a worker was ever started on the folder.
        stop_asked: Whether a stop was asked that is not done.
    """
    state = _PHASE_STATES.get(phase, RunState.RUNNING if phase else RunState.STARTING)
    if not state.live:
        return state
    if alive:
        return RunState.STOPPING if stop_asked else state
    return RunState.DIED if launched else RunState.STARTING
