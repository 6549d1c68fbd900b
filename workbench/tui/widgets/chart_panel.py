"""One chart of a run: title, what each line is with its newest value, and the curves."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual import events
from textual.message import Message

from workbench.text import neutralise
from workbench.training.curves import Series
from workbench.tui.charts import MARKS, Looks, Plot, Role, columns, draw
from workbench.tui.thinning import GrowingPoints, Points
from workbench.tui.widgets.lines import LinesWidget
from workbench.tui.widgets.looks import look

ROLES: tuple[Role, ...] = ("axis", "train", "validation", "level", "gap")
_TWO_LINES = 10
"""Cells of height from which title and legend stand on lines of their own."""
Curves = Callable[[tuple[str, str, str]], GrowingPoints]


@dataclass(frozen=True)
class ChartContent:
    """What a chart is of; equal contents are drawn alike.

    Attributes:
        head: The head's name; "" for all heads together.
        title: What the chart is called, harmless to show.
        metric: "loss", "accuracy" or "macro_f1".
        which: The split under which the training curve is kept: "train" or "train_epoch".
        train: The training curve.
        validation: The validation curve.
        majority: Accuracy of always guessing the most frequent class; None where it is not known.
        right: The epoch at the right edge.
        span: About how many batches are averaged in the training curve.
    """

    head: str
    title: str
    metric: str
    which: str
    train: Series
    validation: Series
    majority: float | None
    right: float
    span: int

    def same(self, other: "ChartContent | None") -> bool:
        """Whether the same would be drawn; long curves are compared by identity."""
        if other is None or self.train is not other.train or self.validation is not other.validation:
            return False
        empty = Series()
        return replace(self, train=empty, validation=empty) == replace(other, train=empty, validation=empty)

    @property
    def level(self) -> float | None:
        """The line to beat: a majority's share is an accuracy."""
        return self.majority if self.metric == "accuracy" else None


@dataclass(frozen=True)
class Frame:
    """Where and how a chart is drawn."""

    width: int
    height: int
    title: Style
    looks: Looks

    @property
    def heading(self) -> int:
        """Lines over the curves."""
        return 2 if self.height >= _TWO_LINES else 1


def number(value: float | None) -> str:
    """A value as the legend shows it."""
    if value is None:
        return "–"
    if math.isnan(value):
        return "no number"
    return f"{value:.3f}" if abs(value) < 100 else f"{value:.3g}"


def chart_lines(content: ChartContent, frame: Frame, curves: Curves) -> list[Text]:
    """Draw a chart; takes milliseconds, so in a thread.

    Args:
        content: What to draw.
        frame: Where.
        curves: Gives the points that were taken of a (head, metric, split) so far.
    """
    wide = columns(frame.width)
    found: dict[Role, Points] = {}
    for role, split, series in (
        ("train", content.which, content.train),
        ("validation", "validation", content.validation),
    ):
        points = curves((content.head, content.metric, split))
        points.take(series)
        found[role] = points.thinned(content.right, wide)  # type: ignore[index]
    plot = Plot(
        curves=tuple(found.items()),
        right=content.right,
        width=frame.width,
        height=frame.height - frame.heading,
        level=content.level,
        bounds=(None, None) if content.metric == "loss" else (0.0, 1.0),
    )
    return heading(content, frame, found) + draw(plot, frame.looks)


def heading(content: ChartContent, frame: Frame, found: dict[Role, Points]) -> list[Text]:
    """Title and legend, on one line or two."""
    two = frame.heading == 2
    legend = legend_line(found, frame, words=two)
    if two and legend.cell_len > frame.width:
        legend = legend_line(found, frame, words=False)
    metric = Text(f"  {content.metric.replace('_f1', '-F1')}", no_wrap=True)
    level = Text("", frame.looks["level"], no_wrap=True)
    if two and content.level is not None:
        full, short = (f"  {MARKS['level']} {words}{content.level:.3f}" for words in ("majority ", ""))
        fits = cell_len(content.title) + metric.cell_len + len(full) <= frame.width
        level.append(full if fits else short)
    room = frame.width - (0 if two else legend.cell_len + 2)
    title = Text(neutralise(content.title), frame.title, no_wrap=True)
    title.truncate(max(4, room - level.cell_len), overflow="ellipsis")
    line = Text(no_wrap=True).append_text(title)
    if title.cell_len + metric.cell_len + level.cell_len <= room:
        line.append_text(metric)
    line.append_text(level)
    if two:
        return [line, legend]
    return [line.append(" " * max(1, frame.width - line.cell_len - legend.cell_len)).append_text(legend)]


def legend_line(found: dict[Role, Points], frame: Frame, *, words: bool) -> Text:
    """What each curve looks like, with its newest value."""
    line = Text(no_wrap=True)
    for role, points in found.items():
        mark = MARKS["gap"] if points.newest is not None and math.isnan(points.newest) else MARKS[role]
        line.append("  " if line else "").append(
            f"{mark} {role} " if words else f"{mark} ", frame.looks[role]
        )
        line.append(number(points.newest))
    return line


class ChartPanel(LinesWidget):
    """The place of one chart; the lines come from a thread.

    Args:
        head: Name of the head; "" for all together.
    """

    COMPONENT_CLASSES = {f"chart-panel--{name}" for name in (*ROLES, "title", "chosen")}

    class BoxChanged(Message):
        """The place became larger or smaller, so the chart must be drawn anew."""

    def __init__(self, head: str) -> None:
        super().__init__()
        self.head = head
        self.drawn: ChartContent | None = None
        self.chosen = False
        self._drawn_in: tuple[int, int, bool] | None = None
        self._drawn_lines: list[Text] = []

    def frame(self) -> Frame:
        """The place as it is now."""
        width, height = self.size
        looks: dict[Role, Style] = {role: look(self, f"chart-panel--{role}") for role in ROLES}
        title = look(self, "chart-panel--chosen" if self.chosen else "chart-panel--title")
        return Frame(width, height, title, looks)

    def stale(self, content: ChartContent) -> bool:
        """Whether the chart must be drawn to show `content`."""
        return self._drawn_in != (*self.size, self.chosen) or not content.same(self.drawn)

    def show(self, lines: list[Text], content: ChartContent, frame: Frame, *, chosen: bool) -> None:
        """Show what was drawn, unless the place has changed meanwhile."""
        if (frame.width, frame.height) == tuple(self.size):
            self._drawn_lines, self.drawn = lines, content
            self._drawn_in = (frame.width, frame.height, chosen)
            self.rebuild()

    def forget(self) -> None:
        """Draw anew in any case: another run, other colours."""
        self._drawn_in = None

    def build(self, width: int, height: int) -> list[Text]:  # noqa: ARG002
        """What was drawn last."""
        return self._drawn_lines

    def on_resize(self, event: events.Resize) -> None:
        """What was drawn no longer fits."""
        self._drawn_lines = [line for line in self._drawn_lines if line.cell_len <= event.size.width]
        super().on_resize(event)
        self.post_message(self.BoxChanged())

    def notify_style_update(self) -> None:
        """Other colours."""
        super().notify_style_update()
        self.forget()
        self.post_message(self.BoxChanged())
