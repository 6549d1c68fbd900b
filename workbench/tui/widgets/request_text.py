"""What was asked of a run, as its monitor says it: asked, taken, done, and what if nobody takes it."""

from workbench.monitoring.snapshot import RunSnapshot
from workbench.text import neutralise
from workbench.training.control import Request
from workbench.training.state import RunState
from workbench.tui.times import clock, duration

SILENT_AFTER = 20.0
"""Seconds without a sign of life after which the screen says so."""
UNTAKEN_AFTER = 3
"""Seconds after which it is said that nobody has taken a request: longer than most batches."""
_NEWS_S = 30.0
_MOST = 3
_ENDING = frozenset({"stop", "pause", "abort"})
_TAKEN = {"stop": "saves", "pause": "saves", "checkpoint": "saves", "resume": "waits for the first batch"}
_WAITS = {
    RunState.STARTING: "it begins; taken after its first batch",
    RunState.VALIDATING: "it validates; taken after that",
    RunState.SAVING: "it saves; taken after that",
}


def recent(snapshot: RunSnapshot, now: float) -> tuple[Request, ...]:
    """What still waits, what was done or refused just now, and of a run that has ended the last one."""
    ended = {one.id: one.ended_wall for one in snapshot.requests}
    fresh = [
        one
        for one in snapshot.requests
        if (wall := ended[one.id]) is None or now - wall < _NEWS_S or not snapshot.state.live
    ]
    return tuple(fresh[-_MOST:] if snapshot.state.live else fresh[-1:])


def requests_words(snapshot: RunSnapshot, now: float) -> str:
    """All that is recent, the newest first; "" if nothing is."""
    return " · ".join(request_words(one, snapshot, now) for one in reversed(recent(snapshot, now)))


def request_words(request: Request, snapshot: RunSnapshot, now: float) -> str:
    """One request, as "stop: asked → taken after 0.4 s → done after 1.2 s"."""
    value = "" if request.value is None else f" {request.value:g}"
    words = [f"{neutralise(request.action, 20)}{value}: asked"]
    if request.taken_wall is not None:
        words.append(f"taken after {_seconds(request.taken_wall - request.wall)}")
    if request.ended_wall is not None:
        words.append(f"{request.stage} after {_seconds(request.ended_wall - request.wall)}")
    reached = " → ".join(words)
    if request.stage == "refused":
        return f"{reached}: {neutralise(request.reason)}"
    if request.stage == "done" or not snapshot.state.live:
        return reached
    if request.stage == "taken":
        return f"{reached}; {_TAKEN.get(request.action, 'under way')}"
    waited = now - request.wall
    if waited < UNTAKEN_AFTER:
        return f"{reached} at {clock(request.wall)}; waits for the end of the batch"
    return f"{reached} at {clock(request.wall)}; nobody took it for {duration(waited)}: {_cure(snapshot)}"


def _cure(snapshot: RunSnapshot) -> str:
    """What to think of a worker that takes nothing, and what to do."""
    if snapshot.sign_age >= SILENT_AFTER:
        return "the worker is silent too; w shows its log, and if it hangs, end its process: checkpoints stay"
    return _WAITS.get(snapshot.state, "it works on; taken after the batch, or w shows its log")


def already_asked(snapshot: RunSnapshot, action: str, now: float) -> str:
    """Why an action need not be asked once more, or what stands against it; "" if nothing does."""
    for one in snapshot.requests:
        if not one.open or one.action not in (_ENDING if action in _ENDING else {action}):
            continue
        if action in ("rate", "epochs") or (action == "abort" and one.action != "abort"):
            continue  # another value may follow, and whoever will not wait for the saving may say so
        more = "" if action == "abort" or one.action not in _ENDING else "; A ends it without saving"
        return f"{one.action} was asked {duration(max(0.0, now - one.wall))} ago and is under way{more}"
    return ""


def _seconds(seconds: float) -> str:
    """ "0.4 s"; a clock that was set back gives 0."""
    return f"{max(0.0, seconds):.1f} s"
