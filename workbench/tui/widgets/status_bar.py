"""The lines under the picture: the active head's rule, how much is done and how fast, what just happened."""

from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.geometry import Size

from workbench.annotation.counts import QueueProgress
from workbench.annotation.progress import SessionProgress
from workbench.text import neutralise
from workbench.tui.times import duration as duration
from workbench.tui.widgets.head_panel import filled
from workbench.tui.widgets.lines import LinesWidget
from workbench.tui.widgets.looks import look
from workbench.tui.widgets.wrapping import wrap

_BAR = (10, 32)  # the least and the most cells of the bar
_RULE_LINES = 2


@dataclass(frozen=True)
class Status:
    """What the bar shows.

    Attributes:
        rule: The active head's rule.
        progress: Counts and pace; None before anything is opened.
        saved: Whether the last answer was committed; None before anything was answered.
        refused: Whether the message says why something was refused.
        message: What just happened.
        scan: How far the work beside the labelling is; empty when it is over.
        queue: How far the queue is; None for all pictures.
    """

    rule: str = ""
    progress: SessionProgress | None = None
    saved: bool | None = None
    refused: bool = False
    message: str = ""
    scan: str = ""
    queue: QueueProgress | None = None

    @property
    def counts(self) -> tuple[int, int, float | None]:
        """Done, all, and seconds to go: of the queue, or of all pictures."""
        if self.queue is not None:
            return self.queue.done, self.queue.total, self.queue.seconds_left
        assert self.progress is not None
        return self.progress.done, self.progress.total, self.progress.seconds_left


def progress_parts(status: Status, progress: SessionProgress, *, short: bool) -> list[tuple[int, str]]:
    """The words after the bar, each with its rank: the highest go first where even short words do not fit."""
    picture, to_go = ("", "") if short else ("/picture", " to go")
    done, total, seconds_left = status.counts
    parts = [(0, f"{done}/{total} done"), (3, f"{total - done} left")]
    if progress.seconds_per_picture is not None:
        parts.append((1, f"{progress.seconds_per_picture:.1f} s{picture}"))
    if progress.keys_per_picture is not None:
        parts.append((2, f"{progress.keys_per_picture:.1f} keys{picture}"))
    if seconds_left is not None:
        parts.append((1, f"{duration(seconds_left)}{to_go}"))
    if progress.today:
        parts.append((4, f"{progress.today} today"))
    if status.saved is not None:
        parts.append((0, "saved ✓" if status.saved else "NOT SAVED ✗"))
    return parts


def progress_line(status: Status, width: int, bar: Style | str, rest: Style | str) -> Text:
    """Bar, counts, pace and "saved ✓" on one line of `width` cells."""
    line = Text(no_wrap=True)
    progress = status.progress
    if progress is None:
        return line
    gap, parts = 3, progress_parts(status, progress, short=False)
    if _cells(parts, gap) > width:
        gap, parts = 2, progress_parts(status, progress, short=True)
    while _cells(parts, gap) > width and len(parts) > 1:
        parts.remove(max(parts))
    cells = max(_BAR[0], min(_BAR[1], width - _cells(parts, gap) + _BAR[0]))
    full = filled(*status.counts[:2], cells)
    line.append(" " + "▓" * full, bar).append("░" * (cells - full), rest)
    for _, words in parts:
        line.append(" " * gap + words)
    return line


def _cells(parts: list[tuple[int, str]], gap: int) -> int:
    """Columns of the words with the smallest bar and a cell at either side."""
    return sum(cell_len(words) + gap for _, words in parts) + _BAR[0] + 2


class StatusBar(LinesWidget):
    """Rule, progress and message."""

    COMPONENT_CLASSES = {
        "status-bar--label",
        "status-bar--bar",
        "status-bar--bar-rest",
        "status-bar--error",
        "status-bar--message",
    }

    def __init__(self) -> None:
        super().__init__()
        self.status = Status()

    def show(self, status: Status) -> None:
        """Show this."""
        if status != self.status:
            before, self.status = self._height(self.size.width), status
            if self._height(self.size.width) != before:
                self.refresh(layout=True)
            self.rebuild()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Two lines for the rule, so that nothing jumps from head to head; two more below."""
        return self._height(width)

    def _height(self, width: int) -> int:
        """A long refusal has a line more."""
        long = self.status.refused and cell_len(self.status.message) > width - 2
        return _RULE_LINES + (3 if long else 2)

    def build(self, width: int, height: int) -> list[Text]:  # noqa: ARG002
        """All lines."""
        label, error = look(self, "status-bar--label"), look(self, "status-bar--error")
        rule = wrap(neutralise(self.status.rule), width - 8, _RULE_LINES)
        lines = [Text.assemble((" rule  ", label), rule[0]) if self.status.rule else Text("")]
        lines += [Text("       " + more) for more in rule[1:]]
        lines += [Text("")] * (_RULE_LINES - len(lines))
        bar, rest = look(self, "status-bar--bar"), look(self, "status-bar--bar-rest")
        lines.append(progress_line(self.status, width, bar, rest))
        refused = self.status.refused
        words = wrap(self.status.message, width - 2, 2 if refused else 1) if self.status.message else [""]
        lines += [Text(" " + line, error if refused else look(self, "status-bar--message")) for line in words]
        if self.status.scan and not refused:
            room = width - lines[-1].cell_len - 1
            scan = neutralise(self.status.scan, max(0, room - 2)) if room > 20 else ""
            lines[-1].append(" " * max(0, room - cell_len(scan)) + scan, label)
        return lines
