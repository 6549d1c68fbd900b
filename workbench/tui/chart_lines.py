"""A run's chart as lines: title, each line with its newest value or that at the cursor, and the curves."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from workbench.monitoring.curves import Curve, CurveKey, Numbers
from workbench.text import neutralise
from workbench.tui.chart_content import ChartContent, point_of
from workbench.tui.chart_view import metric_words
from workbench.tui.charts import MARKS, Looks, Plot, Role, Sign, columns, draw
from workbench.tui.scales import short_exponent, x_scale
from workbench.tui.thinning import Trace, averaged, place, trace_of, traced

_TWO_LINES = 10
"""Cells of height from which title and legend stand on lines of their own."""
_CELLS_A_MARK = 4
"""Epochs are marked on the axis if each has so many cells."""
_NUMBER = 5
"""Cells of most numbers: a legend should not move with each digit."""
_RANGED: tuple[Role, ...] = ("train", "validation")
Smooth = Callable[[CurveKey, Curve, int], Numbers]
"""The smoothed values of a curve, over so many points."""


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


@dataclass(frozen=True)
class Reading:
    """What is said of one line of a chart.

    Attributes:
        role: Which line.
        value: Its newest value, or that at the cursor; NaN for one that is no number, None for none.
        low: The least value at the cursor, where several are drawn as one.
        high: The greatest one.
    """

    role: Role
    value: float | None
    low: float | None = None
    high: float | None = None


def number(value: float | None) -> str:
    """A value as the legend shows it: three digits that count."""
    if value is None:
        return "–"
    if math.isnan(value):
        return "no number"
    return short_exponent(f"{value:#.3g}".rstrip(".")).replace(".e", "e")


def chart_lines(content: ChartContent, frame: Frame, smooth: Smooth) -> list[Text]:
    """Draw a chart, in the thread that `smooth` belongs to.

    Args:
        content: What to draw.
        frame: Where.
        smooth: Smooths curves; knows those that it has smoothed before.
    """
    smooth_values = smoothed(content, smooth)
    cells = columns(frame.width)
    curves = traces(content, smooth_values)
    if smooth_values is not None:
        curves["train"] = averaged(curves["train"], content.left, content.right, cells)
    best = _best_point(content)
    plot = Plot(
        curves=tuple(curves.items()),
        left=content.left,
        right=content.right,
        width=frame.width,
        height=frame.height - frame.heading,
        level=content.level,
        bounds=(None, None) if content.metric == "loss" else (0.0, 1.0),
        x=x_scale(content.axis, content.left, content.right, frame.width),
        log=content.log,
        signs=(*_roomy(content, cells), *content.signs),
        stars=() if best is None else (best,),
        cursor=content.cursor,
    )
    said = readings(content, smooth_values, cells)
    lost = content.log and any(bool((trace.low <= 0).any()) for trace in curves.values())
    return heading(content, frame, said, lost=lost) + draw(plot, frame.looks)


def smoothed(content: ChartContent, smooth: Smooth) -> Numbers | None:
    """The training curve smoothed; None where it is not to be."""
    if content.train is None or content.span <= 1:
        return None
    return smooth((content.head, content.metric, content.which), content.train, content.span)


def traces(content: ChartContent, smoothed: Numbers | None) -> dict[Role, Trace]:
    """The lines to draw, the faint ones first."""
    found: dict[Role, Trace] = {}
    if content.train is not None:
        x = content.x(content.train)
        if smoothed is not None:
            found["range"] = traced(x, content.train.low, content.train.high)
        found["train"] = trace_of(content.train, x, smoothed)
    if content.validation is not None:
        found["validation"] = trace_of(content.validation, content.x(content.validation))
    return found


def _roomy(content: ChartContent, cells: int) -> tuple[Sign, ...]:
    """The ends of epochs and the checkpoints, if each has room on the axis."""
    shown = [one for one in content.frequent if content.left <= one.x <= content.right]
    return tuple(shown) if len({one.x for one in shown}) * _CELLS_A_MARK <= cells else ()


def readings(content: ChartContent, smoothed: Numbers | None, cells: int) -> list[Reading]:
    """What is said of each line: its newest values, or those at the cursor."""
    found = []
    for role, curve, smooth in (
        ("train", content.train, smoothed),
        ("validation", content.validation, None),
    ):
        if curve is None or not len(curve):
            found.append(Reading(role, None))  # type: ignore[arg-type]
        elif content.cursor is None:
            found.append(Reading(role, _newest(curve, smooth)))  # type: ignore[arg-type]
        else:
            found.append(_at_cursor(role, content, curve, smooth, cells))  # type: ignore[arg-type]
    best = _best_point(content)
    if best is not None and content.cursor is None:
        found.append(Reading("best", best[1]))
    return found


def _best_point(content: ChartContent) -> tuple[float, float] | None:
    """(x, y) of the best epoch on the validation curve; None where there is none."""
    curve = content.validation
    return None if curve is None else point_of(curve, content.best, content.x(curve))


def _newest(curve: Curve, smooth: Numbers | None) -> float:
    """The newest value, smoothed where the line is; NaN where the newest point is no number."""
    if smooth is None or not math.isfinite(curve.newest):
        return curve.newest
    return float(smooth[-1])


def _at_cursor(
    role: Role, content: ChartContent, curve: Curve, smooth: Numbers | None, cells: int
) -> Reading:
    """The values in the cursor's column; where there are none, the nearest."""
    at = place(content.x(curve), content.left, content.right, cells)
    column = math.floor(place(np.array([content.cursor]), content.left, content.right, cells)[0])
    first, last = np.searchsorted(at, (column, column + 1))
    if first == last:
        near = int(np.argmin(np.abs(at - column - 0.5)))
        first, last = near, near + 1
    low, high = curve.low[first:last], curve.high[first:last]
    if not np.isfinite(low).any():
        return Reading(role, math.nan)
    values = curve.mean if smooth is None else smooth
    value = float(values[first:last][np.isfinite(values[first:last])][-1])
    least, most = float(np.nanmin(low)), float(np.nanmax(high))
    return Reading(role, value, least, most) if most > least or smooth is not None else Reading(role, value)


def heading(
    content: ChartContent, frame: Frame, readings: list[Reading], *, lost: bool = False
) -> list[Text]:
    """Title and legend, on one line or two.

    Args:
        content: What the chart is of.
        frame: Where it is drawn.
        readings: What is said of each line.
        lost: Whether a logarithm leaves values out.
    """
    two = frame.heading == 2
    room = frame.width if two else frame.width * 3 // 4
    options = [(False, _RANGED), (False, _RANGED[:1]), (False, ())]
    options = [(True, _RANGED), (True, _RANGED[:1]), *options] if two else options
    legends = [legend_line(readings, frame, words=words, ranges=ranges) for words, ranges in options]
    legend = next((one for one in legends if one.cell_len <= room), legends[-1])
    first = _title(content, frame, frame.width if two else frame.width - legend.cell_len - 2, two, lost)
    if two:
        return [first, legend]
    return [first.append(" " * max(1, frame.width - first.cell_len - legend.cell_len)).append_text(legend)]


def _title(content: ChartContent, frame: Frame, room: int, two: bool, lost: bool) -> Text:
    """Name, figure and what to beat, as far as there is room."""
    extra = f"  {metric_words(content.metric)}" + ("  log" if content.log else "")
    extra += "  ≤ 0 not shown" if lost else ""
    level = ""
    if two and content.level is not None:
        full, short = (f"  {MARKS['level']} {words}{content.level:.3f}" for words in ("majority ", ""))
        fits = cell_len(content.title) + cell_len(extra) + len(full) <= frame.width
        level = full if fits else short
    line = Text(neutralise(content.title), frame.title, no_wrap=True)
    line.truncate(max(4, room - len(level)), overflow="ellipsis")
    title = Text(no_wrap=True).append_text(line)
    if line.cell_len + cell_len(extra) + len(level) <= room:
        title.append(extra)
    return title.append(level, frame.looks["level"])


def legend_line(readings: list[Reading], frame: Frame, *, words: bool, ranges: tuple[Role, ...] = ()) -> Text:
    """What each line looks like, with its value; of some of them also the range at the cursor."""
    line = Text(no_wrap=True)
    for one in readings:
        bad = one.value is not None and math.isnan(one.value)
        mark = MARKS["gap"] if bad else MARKS[one.role]
        look = frame.looks.get(one.role, frame.looks["axis"])
        line.append("  " if line else "").append(f"{mark} {one.role} " if words else f"{mark} ", look)
        line.append(number(one.value).ljust(_NUMBER))
        if one.role in ranges and one.low is not None:
            line.append(f" ({number(one.low)} … {number(one.high)})", frame.looks.get("range", look))
    line.rstrip()
    return line
