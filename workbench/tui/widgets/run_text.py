"""What a monitor says of a run, from a snapshot of it."""

from collections.abc import Sequence
from typing import Literal

from rich.style import Style
from rich.text import Text

from workbench.monitoring.snapshot import RunSnapshot
from workbench.text import neutralise
from workbench.training.state import RunState
from workbench.tui.hints import resume_command
from workbench.tui.state_signs import STATE_SIGNS
from workbench.tui.times import duration
from workbench.tui.widgets.request_text import SILENT_AFTER, requests_words
from workbench.tui.widgets.wrapping import wrap

_NOW_S = 2.0
"""Seconds that are not worth a figure: it would change all the time."""
_NAME_CELLS = 41
_MOST_SKIPPED = 3
Looks = dict[Literal["title", "muted", "error"], Style]


def mark_of(state: RunState) -> str:
    """The sign of a state."""
    return "?" if state is RunState.UNKNOWN else STATE_SIGNS.get(state, "▶")


def figures(snapshot: RunSnapshot) -> list[str]:
    """Progress, speed, time left, memory; what is not known is left out."""
    parts = []
    if snapshot.reading is not None:
        parts.append(f"reading {100 * snapshot.reading:.0f} %")
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


def state_words(snapshot: RunSnapshot) -> str:
    """The state; of one that begins or prepares also with what, of a table what can be said of it."""
    name, _, doing = snapshot.phase.partition(": ")
    if snapshot.state is RunState.UNKNOWN and not snapshot.elsewhere and snapshot.phase:
        return neutralise(snapshot.phase, 60)
    if snapshot.state is RunState.STARTING and snapshot.phase:
        return f"starting: {neutralise(snapshot.phase if name != 'starting' else doing, 60)}".removesuffix(
            ": "
        )
    return snapshot.state.value


def age_words(seconds: float) -> str:
    """ "now", "4 s ago" or "2 d ago"."""
    if seconds < _NOW_S:
        return "now"
    return f"{seconds / 86_400:.0f} d ago" if seconds >= 2 * 86_400 else f"{duration(seconds)} ago"


def life_words(snapshot: RunSnapshot) -> tuple[str, bool]:
    """When the worker was last heard of and how old the data is; and whether that should worry anybody."""
    if not snapshot.sign_wall:
        return "no sign of life yet", False
    sign, data = snapshot.sign_age, snapshot.data_age
    if snapshot.state is RunState.UNKNOWN and not snapshot.elsewhere:
        row = f" · last row {age_words(data)}" if snapshot.data_wall else ""
        return f"written {age_words(sign)}{row}", False
    silent = snapshot.state.live and sign >= SILENT_AFTER
    life = f"no sign of life for {duration(sign)}" if silent else f"sign of life {age_words(sign)}"
    if not snapshot.state.live:
        return f"ended {age_words(sign)}", False
    return life + (f" · data {age_words(data).removesuffix(' ago')}" if snapshot.data_wall else ""), silent


def title_words(snapshot: RunSnapshot) -> str:
    """For the terminal's title: "▶ 0007 6/10 · .412"."""
    number = snapshot.name.partition("-")[0] if snapshot.name[:4].isdigit() else snapshot.name
    words = f"{mark_of(snapshot.state)} {neutralise(number, 30)}"
    if snapshot.epochs:
        words += f" {snapshot.epoch}/{snapshot.epochs}"
    for split in ("validation", "train_epoch"):
        curve = snapshot.curves.get(("", "loss", split))
        if curve is not None and len(curve):
            return f"{words} · {f'{curve.newest:.3f}'.removeprefix('0')}"
    return words


def status_lines(
    snapshot: RunSnapshot,
    how: Sequence[str],
    message: str,
    width: int,
    looks: Looks,
    *,
    now: float = 0.0,
    held: str = "",
) -> list[Text]:
    """Three lines or four: name, state, figures; life and how the curves are shown; what matters most now.

    Args:
        snapshot: Where the run stands.
        how: How the curves are shown, in parts, the most important first.
        message: Why something was refused, or "".
        width: In cells.
        looks: The styles.
        now: Unix seconds.
        held: "FOLLOW" or "HELD", or "" where there are no charts.
    """
    state, mark = state_words(snapshot), mark_of(snapshot.state)
    first = Text(f" {neutralise(snapshot.name)}", looks["title"], no_wrap=True)
    first.truncate(min(_NAME_CELLS, max(12, width // 2)), overflow="ellipsis")  # the state stays in sight
    if snapshot.parent and width >= 80:
        first.append(f" from {neutralise(snapshot.parent, 20)}", "not bold")
    first.append(" · ", "not bold").append(f"{mark} {state}", looks["error"] if mark == "✗" else "")
    for part in figures(snapshot):
        if first.cell_len + len(part) + 4 <= width:
            first.append(f" · {part}", "not bold")
    life, silent = life_words(snapshot)
    second = Text(f" {life}", looks["error"] if silent else looks["muted"], no_wrap=True)
    if held:
        second.append(" · ", looks["muted"]).append(held, looks["title" if held == "HELD" else "muted"])
    second.append("".join(f" · {part}" for part in how if part), looks["muted"])
    for line in (first, second):
        line.truncate(width, overflow="ellipsis")
    words, bad = news(snapshot, message, now)
    lines = wrap(words, width - 2, 2) if words else []
    third = [Text(f" {line}", looks["error"] if bad else "", no_wrap=True) for line in lines]
    return [first, second, *(third or [Text("")])]


def news(snapshot: RunSnapshot, message: str, now: float = 0.0) -> tuple[str, bool]:
    """The one thing to know now, and whether it is bad: a refusal, a failure, a request, silence."""
    if message:
        return message, True
    if snapshot.state in (RunState.FAILED, RunState.DIED):
        cause = neutralise(snapshot.failure)
        return f"{cause}; its log: {neutralise(snapshot.log_path)} (w shows it); space goes on", True
    if snapshot.gone:
        return (
            "its log has vanished; what had been read is shown, and it is read again once it is there",
            True,
        )
    asked = requests_words(snapshot, now)
    if snapshot.state is RunState.PAUSED:
        goes_on = f"space goes on, or: {neutralise(resume_command(snapshot.log_path))}"
        return f"paused, its memory is free; {goes_on}{f' · {asked}' if asked else ''}", False
    if asked:
        return asked, False
    if snapshot.elsewhere:
        return elsewhere_words(snapshot), False
    silent = snapshot.state.live and snapshot.state is not RunState.UNKNOWN
    if silent and snapshot.sign_wall and snapshot.sign_age >= SILENT_AFTER:
        return "silent: a long batch, a machine that sleeps, or a worker that hangs; w shows its log", False
    if skipped := skipped_words(snapshot):
        return skipped, False
    if not snapshot.curves and snapshot.reading is None:
        waiting = "the first batches are on their way" if snapshot.state.live else "no batch was trained"
        return waiting, False
    return "", False


def elsewhere_words(snapshot: RunSnapshot) -> str:
    """What to think of the state of a run on another machine."""
    place = f"on {neutralise(snapshot.elsewhere, 60)}"
    if snapshot.state is not RunState.UNKNOWN:
        return f"{place}, whose lock cannot be seen from here: the state is what its log says"
    command = neutralise(resume_command(snapshot.log_path))
    return f"{place}: whether it lives cannot be seen from here; if it does not: {command}"


def skipped_words(snapshot: RunSnapshot) -> str:
    """How much of the log could not be read, and why; "" if all could."""
    if not snapshot.skipped_lines:
        return ""
    reasons = sorted(snapshot.skipped.items(), key=lambda one: -one[1])
    named = [f"{count} {neutralise(reason, 40)}" for reason, count in reasons[:_MOST_SKIPPED]]
    rest = snapshot.skipped_lines - sum(count for _, count in reasons[:_MOST_SKIPPED])
    named += [f"{rest} others"] if rest > 0 and named else []
    lines = "line" if snapshot.skipped_lines == 1 else "lines"
    why = f": {', '.join(named)}" if named else ""
    return f"{snapshot.skipped_lines} {lines} of its log skipped{why}"


def event_lines(snapshot: RunSnapshot, width: int, height: int, looks: Looks) -> list[Text]:
    """The newest piece of advice where there is room, and the last notes, the newest at the bottom."""
    advice = [one for one in snapshot.advice if one.kind != "best"][-1:] if height > 1 else []
    notes = snapshot.notes[-(height - len(advice)) :] if height > 0 else ()
    if not notes and not advice:
        return [Text(" events  nothing yet", looks["muted"])]
    room = max(8, width - 10)
    lines = [
        Text(no_wrap=True)
        .append(" advice  ", looks["muted"])
        .append(neutralise(f"epoch {one.place:.3g}: {one.text}", room), looks["title"])
        for one in advice
    ]
    starts = [" events  ", *("         " for _ in notes[1:])]
    return lines + [
        Text(no_wrap=True).append(start, looks["muted"]).append(neutralise(note, room))
        for start, note in zip(starts, notes, strict=False)
    ]


def note_page(snapshot: RunSnapshot, width: int) -> list[Text]:
    """All advice by place and all notes, the newest first; and what of the log could not be read."""
    told = [f"epoch {one.place:.3g}: {one.text}" for one in reversed(snapshot.advice)]
    lines = [("advice", "bold"), *((one, "") for one in told), ("", "")] if told else []
    lines += [("events", "bold")] if told else []
    lines += [(note, "") for note in reversed(snapshot.notes)]
    if skipped := skipped_words(snapshot):
        lines += [("", ""), (skipped, "bold")]
    shown = [Text(line, style) for words, style in lines for line in wrap(neutralise(words), width) or [""]]
    return shown or [Text("nothing yet")]


def log_page(log: bytes, width: int) -> list[Text]:
    """The end of a worker's log, the newest line at the bottom."""
    words = log.decode("utf-8", "replace").splitlines()
    return [Text(neutralise(line, max(8, width))) for line in words] or [Text("the log is empty")]
