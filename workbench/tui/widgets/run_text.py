"""What the Train screen says of a run, from a snapshot of it."""

from typing import Literal

from rich.style import Style
from rich.text import Text

from workbench.monitoring.follow import RunSnapshot
from workbench.text import neutralise
from workbench.training.state import RunState
from workbench.tui.charts import MARKS
from workbench.tui.times import clock, duration
from workbench.tui.widgets.chart_grid import ChartChoice
from workbench.tui.widgets.wrapping import wrap

SILENT_AFTER = 20.0
"""Seconds without a sign of life after which the screen says so."""
UNTAKEN_AFTER = 3
"""Seconds after which it is said that nobody has taken a request: longer than most batches."""
_MARKS = {
    RunState.PAUSED: "‖",
    RunState.PAUSING: "‖",
    RunState.FINISHED: "✓",
    RunState.STOPPED: "■",
    RunState.FAILED: "✗",
    RunState.DIED: "✗",
}
Looks = dict[Literal["title", "muted", "error"], Style]


def figures(snapshot: RunSnapshot) -> list[str]:
    """Progress, speed, time left, memory; what is not known is left out."""
    parts = []
    if snapshot.epochs:
        parts.append(f"epoch {snapshot.epoch}/{snapshot.epochs}")
    if snapshot.batches and snapshot.state.live:
        parts.append(f"batch {snapshot.batch}/{snapshot.batches}")
    if snapshot.images_per_second:
        parts.append(f"{snapshot.images_per_second:.3g} images/s")
    if snapshot.seconds_left is not None:
        parts.append(f"{duration(snapshot.seconds_left)} left")
    if snapshot.best_epoch:
        parts.append(f"best epoch {snapshot.best_epoch}")
    if snapshot.memory_mb is not None and snapshot.state.live:
        parts.append(f"{snapshot.memory_mb / 1024:.1f} GB")
    if snapshot.learning_rate is not None:
        parts.append(f"rate {snapshot.learning_rate:.2g}")
    return parts


def request_words(snapshot: RunSnapshot) -> str:
    """What was last asked, as "stop: asked → taken after 0.4 s → done after 1.2 s"; "" if nothing was."""
    request = snapshot.asked
    if request is None:
        return ""
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
    if snapshot.untaken_seconds >= UNTAKEN_AFTER:
        return f"{reached} at {clock(request.wall)}; nobody took it for {duration(snapshot.untaken_seconds)}"
    return f"{reached} at {clock(request.wall)}; waits for the end of the batch"


_TAKEN = {"stop": "saves", "pause": "saves", "checkpoint": "saves", "resume": "waits for the first batch"}


def _seconds(seconds: float) -> str:
    """ "0.4 s"; a clock that was set back gives 0."""
    return f"{max(0.0, seconds):.1f} s"


def status_lines(
    snapshot: RunSnapshot, choice: ChartChoice, place: str, message: str, width: int, looks: Looks
) -> list[Text]:
    """Three lines: name, state and figures; phase and how the curves are shown; what matters most now."""
    mark, state = _MARKS.get(snapshot.state, "▶"), snapshot.state.value
    first = Text(f" {neutralise(snapshot.name)}", looks["title"], no_wrap=True)
    first.truncate(41, overflow="ellipsis")  # in cells, so that the state stays in sight
    if snapshot.parent:
        first.append(f" from {neutralise(snapshot.parent, 20)}", "not bold")
    first.append(" · ", "not bold").append(f"{mark} {state}", looks["error"] if mark == "✗" else "")
    for part in figures(snapshot):
        if first.cell_len + len(part) + 4 <= width:
            first.append(f" · {part}", "not bold")
    how = [f"{MARKS['train']} train {MARKS['validation']} validation"]
    how += [f"{choice.metric.replace('_f1', '-F1')} of heads", _smoothing(choice.span)]
    how += ["all epochs" if choice.whole else "epochs so far", place]
    phase = neutralise(snapshot.phase, max(10, width // 3)) if snapshot.state.live else ""
    second = Text(" " + " · ".join(part for part in (phase, *how) if part), looks["muted"], no_wrap=True)
    second.truncate(width, overflow="ellipsis")
    words, bad = news(snapshot, message)
    lines = wrap(words, width - 2, 2) if words else []
    third = [Text(f" {line}", looks["error"] if bad else "", no_wrap=True) for line in lines]
    return [first, second, *(third or [Text("")])]


def _smoothing(span: int) -> str:
    """How much is smoothed."""
    return f"mean of {span} points" if span > 1 else "not smoothed"


def news(snapshot: RunSnapshot, message: str) -> tuple[str, bool]:
    """The one thing to know now, and whether it is bad: a failure, a refusal, a stop, silence."""
    if snapshot.state in (RunState.FAILED, RunState.DIED):
        words = f"{snapshot.failure}; its log: {snapshot.log_path} (w shows it)"
        return neutralise(words), True
    if message:
        return message, True
    asked = request_words(snapshot)
    if snapshot.state is RunState.PAUSED:
        return f"paused, its memory is free; space goes on{f' · {asked}' if asked else ''}", False
    if asked:
        return asked, False
    if snapshot.state.live and snapshot.age_seconds >= SILENT_AFTER:
        return f"no sign of life for {duration(snapshot.age_seconds)}; w shows its log", False
    if not snapshot.series:
        waiting = "the first batches are on their way" if snapshot.state.live else "no batch was trained"
        return waiting, False
    if snapshot.skipped_lines:
        return f"{snapshot.skipped_lines} lines of its log cannot be read and were skipped", False
    return "", False


def event_lines(notes: tuple[str, ...], width: int, height: int, muted: Style) -> list[Text]:
    """The last notes, the newest at the bottom."""
    shown = notes[-height:] if height > 0 else ()
    if not shown:
        return [Text(" events  nothing yet", muted)]
    starts = [" events  ", *("         " for _ in shown[1:])]
    return [
        Text(no_wrap=True).append(start, muted).append(neutralise(note, max(8, width - 10)))
        for start, note in zip(starts, shown, strict=True)
    ]


def note_page(notes: tuple[str, ...], width: int) -> list[Text]:
    """All notes, the newest first."""
    lines = [line for note in reversed(notes) for line in wrap(neutralise(note), width)]
    return [Text(line) for line in lines] or [Text("nothing yet")]


def log_page(log: bytes, width: int) -> list[Text]:
    """The end of a worker's log, the newest line at the bottom."""
    words = log.decode("utf-8", "replace").splitlines()
    return [Text(neutralise(line, max(8, width))) for line in words] or [Text("the log is empty")]
