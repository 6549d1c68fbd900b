"""Curves as lines of text, drawn by plotext; nothing else in the workbench may import it.

plotext keeps one figure for the whole process, so drawing is behind a lock. It takes time with the number of
points and stops at infinity: what comes here is thinned out and finite (`thinning.py`).
"""

import math
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import plotext
from rich.style import Style
from rich.text import Text

from workbench.tui.thinning import Points

Role = Literal["axis", "train", "validation", "level", "gap", "a", "b", "c", "d", "e", "f"]
Looks = Mapping[Role, Style]
MARKS: Mapping[Role, str] = {"train": "⠒", "validation": "▀", "level": "·", "gap": "×"}
"""What the legend shows of each line: they differ in form, not in colour alone."""
LEAST_WIDTH, LEAST_HEIGHT = 16, 4
DOTS: Mapping[Role, str] = {"a": "o", "b": "x", "c": "+", "d": "*", "e": "#", "f": "@"}
"""Single points of up to six kinds, which any terminal and any font can tell apart."""
_MARKERS: Mapping[Role, str] = {
    "axis": " ",
    "train": "braille",
    "validation": "hd",
    "level": "·",
    "gap": "×",
    **DOTS,
}
_CODES: Mapping[Role, int] = {
    "train": 1,
    "validation": 2,
    "level": 3,
    "gap": 4,
    "axis": 5,
    **{role: 6 + place for place, role in enumerate(DOTS)},
}
_ROLES = {str(code): role for role, code in _CODES.items()}
_ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")
_LABEL = 6
_LEAST_SPAN = 1e-280
"""A smaller one cannot be parted into steps: floating point ends there."""
_LOCK = threading.Lock()


@dataclass(frozen=True)
class Plot:
    """One chart.

    Attributes:
        curves: What is drawn, each in its role; later ones over earlier ones.
        right: The epoch at the right edge.
        width: Cells.
        height: Cells, the axis included.
        level: A horizontal line, such as a majority's share; None for none.
        bounds: What y can be at all; None where nothing limits it.
        dots: What is drawn as single points, over the curves.
        left: The x of the left edge.
        words: What stands under the x axis where; round numbers if it is empty.
    """

    curves: tuple[tuple[Role, Points], ...]
    right: float
    width: int
    height: int
    level: float | None = None
    bounds: tuple[float | None, float | None] = (None, None)
    dots: tuple[tuple[Role, Points], ...] = ()
    left: float = 0.0
    words: tuple[tuple[float, str], ...] = ()


def columns(width: int) -> int:
    """Cells between the axis and the right edge of a chart that is `width` cells wide."""
    return max(1, width - _LABEL - 1)


def nice_step(span: float, most: int) -> float:
    """The least of 1, 2, 5 times a power of ten of which `most` steps cover `span`."""
    raw = span / max(1, most)
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9))


def y_range(plot: Plot) -> tuple[float, float]:
    """Round limits around everything, so that they seldom change while a curve grows."""
    reaches = [reach for _, points in (*plot.curves, *plot.dots) if (reach := points.reach)]
    values = [value for reach in reaches for value in reach] + ([] if plot.level is None else [plot.level])
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if high - low <= max(1e-9 * max(abs(low), abs(high)), _LEAST_SPAN):
        pad = max(abs(low), abs(high)) * 0.1
        pad = pad if pad > _LEAST_SPAN else 0.5
        low, high = low - pad, high + pad
    step = nice_step(high - low, 4)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    least, most = plot.bounds
    return (low if least is None else max(low, least)), (high if most is None else min(high, most))


def ticks(low: float, high: float, most: int) -> tuple[list[float], list[str]]:
    """Round numbers from `low` to `high`, at most so many steps apart, with their words."""
    step = nice_step(high - low, most)
    first = math.ceil(low / step - 1e-6)
    found = [first * step]
    while found[-1] + step <= high + step * 1e-6:
        found.append((first + len(found)) * step)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    words = [f"{one:.{decimals}f}" for one in found]
    return found, words if max(map(len, words)) <= _LABEL else [f"{one:.2g}" for one in found]


def draw(plot: Plot, looks: Looks) -> list[Text]:
    """Draw a chart as lines; none where there is no room for it."""
    if plot.width < LEAST_WIDTH or plot.height < LEAST_HEIGHT:
        return []
    with _LOCK:
        built = _build(plot)
    return [_line(one, looks) for one in built.rstrip("\n").split("\n")]


def _build(plot: Plot) -> str:
    """plotext's output, its colours standing for the roles."""
    low, high = y_range(plot)
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.limit_size(False, False)  # else it asks for the size of a terminal that need not be there
    plotext.plotsize(plot.width, plot.height)
    plotext.xaxes(True, False)
    plotext.yaxes(True, False)
    plotext.xlim(plot.left, plot.right)
    plotext.ylim(low, high)
    at, words = ticks(low, high, min(5, max(1, (plot.height - 3) // 2)))
    plotext.yticks(at, [word.rjust(_LABEL) for word in words])
    if plot.words:
        plotext.xticks([x for x, _ in plot.words], [word for _, word in plot.words])
    else:
        plotext.xticks(*ticks(plot.left, plot.right, max(1, min(8, plot.width // 8))))
    _add("axis", [plot.left], [low], line=False)  # without any point it would draw no ticks
    if plot.level is not None:
        _add("level", [plot.left, plot.right], [plot.level, plot.level])
    for role, points in plot.curves:
        for x, y in points.segments:
            _add(role, x, y)
    for role, points in plot.dots:
        for x, y in points.segments:
            _add(role, x, y, line=False)
    for _, points in (*plot.curves, *plot.dots):
        if points.gaps:
            _add("gap", list(points.gaps), [high] * len(points.gaps), line=False)
    return str(plotext.build())


def _add(role: Role, x: list[float], y: list[float], *, line: bool = True) -> None:
    """One line, or single marks."""
    (plotext.plot if line else plotext.scatter)(x, y, marker=_MARKERS[role], color=_CODES[role])


def _line(built: str, looks: Looks) -> Text:
    """One line of the output, colours turned back into roles."""
    line, role = Text(no_wrap=True), "axis"
    for index, part in enumerate(_ESCAPE.split(built)):
        if index % 2:
            role = _ROLES.get(part.rpartition(";")[2], "axis") if part.startswith("38;5;") else "axis"
        elif part:
            line.append(part, looks[role])  # type: ignore[index]
    return line
