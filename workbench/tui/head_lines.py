"""All heads of a run in a line each, for a small place: name, sparkline, newest values and the best one."""

import math
from dataclasses import dataclass

import numpy as np
from rich.cells import cell_len
from rich.text import Text

from workbench.monitoring.curves import Numbers
from workbench.text import neutralise
from workbench.tui.chart_content import ChartContent
from workbench.tui.chart_lines import Frame, Reading, Smooth, number, readings, smoothed, traces
from workbench.tui.charts import MARKS, Role
from workbench.tui.sparkline import GAP, spark
from workbench.tui.thinning import PARTS, logarithmic, spans

_VALUE = 7
_LEAST_SPARK, _LEAST_NAME = 8, 8
_COLUMNS: tuple[tuple[Role, str], ...] = (("train", "train"), ("validation", "valid."), ("best", "best"))


@dataclass(frozen=True)
class HeadsContent:
    """What the list is of; equal contents are drawn alike.

    Attributes:
        heads: What the chart of each head would show.
        chosen: Which of them is marked.
    """

    heads: tuple[ChartContent, ...]
    chosen: int


def head_lines(content: HeadsContent, frame: Frame, smooth: Smooth) -> list[Text]:
    """A heading, and a line a head.

    Args:
        content: What is listed.
        frame: Where; its title's look is that of the marked line.
        smooth: Smooths curves, in the thread that calls this.
    """
    names = [_name(one) for one in content.heads]
    values = len(_COLUMNS) * (_VALUE + 2)
    room = max(1, frame.width - values - 2)
    wide = min(max(map(cell_len, names), default=1) + 1, max(_LEAST_NAME, room * 3 // 5))
    spark = room - wide if room - wide >= _LEAST_SPARK else 0
    if not spark:
        wide = room
    muted = frame.looks["axis"]
    heading = Text("  " + " " * (wide + spark), muted, no_wrap=True)
    for role, word in _COLUMNS:
        heading.append(f"  {MARKS[role]} {word}".ljust(_VALUE + 2), frame.looks.get(role, muted))
    heading.truncate(frame.width)
    found = [heading]
    for place, (head, name) in enumerate(zip(content.heads, names, strict=True)):
        line = Text("▸ " if place == content.chosen else "  ", no_wrap=True)
        title = Text(name, frame.title if place == content.chosen else "", no_wrap=True)
        title.truncate(wide - 1, overflow="ellipsis")
        line.append_text(title).append(" " * (wide - title.cell_len))
        smooth_values = smoothed(head, smooth)
        line.append(_sparkline(head, spark, smooth_values) if spark else "", frame.looks["train"])
        for one in _values(head, smooth_values):
            line.append("  ").append(number(one.value)[:_VALUE].rjust(_VALUE), _look(one, frame))
        line.truncate(frame.width)
        found.append(line)
    return found


def _name(content: ChartContent) -> str:
    """The head, and its figure where that is not the one of all others."""
    return neutralise(content.title) if content.head else f"{neutralise(content.title)}, {content.metric}"


def _values(content: ChartContent, smooth_values: Numbers | None) -> list[Reading]:
    """What is said of the training, of the validation, and of the best epoch."""
    known = {one.role: one for one in readings(content, smooth_values, 100)}
    return [known.get(role, Reading(role, None)) for role, _ in _COLUMNS]


def _look(one: Reading, frame: Frame) -> str:
    """A value that is no number stands out."""
    return str(frame.looks["gap"]) if one.value is not None and math.isnan(one.value) else ""


def _sparkline(content: ChartContent, cells: int, smooth_values: Numbers | None) -> str:
    """The training curve, or the validation curve where there is none, in one line of bars."""
    curves = traces(content, smooth_values)
    trace = curves.get("train", curves.get("validation"))
    if trace is None:
        return " " * cells
    trace = logarithmic(trace) if content.log else trace
    covered = spans(trace, content.left, content.right, cells)
    middle = ((covered.low + covered.high) / 2).reshape(cells, PARTS)
    there = np.isfinite(middle)
    counts, sums = there.sum(axis=1), np.where(there, middle, 0.0).sum(axis=1)
    means = np.divide(sums, counts, out=np.full(cells, math.nan), where=counts > 0)
    drawn = spark(means, cells)  # what has not come yet is no gap
    return drawn.rstrip(GAP).ljust(cells)
