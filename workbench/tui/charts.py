"""Charts as lines of text: axes by plotext, which nothing else may import, and curves over them.

plotext's time grows with what it draws, and it keeps one figure for the whole process. So it draws what
seldom changes, the axes, behind a lock and once; the curves are put over them (`raster.py`).
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import plotext
from numpy.typing import NDArray
from rich.style import Style
from rich.text import Span, Text

from workbench.tui.raster import braille, quarters, row_of
from workbench.tui.scales import LABEL, Scale, log_scale, x_scale, y_scale
from workbench.tui.thinning import Spans, Trace, gap_cells, logarithmic, place, spans

Role = Literal[
    "axis", "level", "range", "train", "validation", "cursor", "best", "gap", "mark", "advice",
    "a", "b", "c", "d", "e", "f",
]  # fmt: skip
Looks = Mapping[Role, Style]
MARKS: Mapping[Role, str] = {
    "train": "⠒",
    "validation": "▀",
    "level": "·",
    "gap": "×",
    "range": "⢕",
    "best": "★",
}
"""What the legend shows of each line: they differ in form, not in colour alone."""
LEAST_WIDTH, LEAST_HEIGHT = 16, 4
DOTS: Mapping[Role, str] = {"a": "o", "b": "x", "c": "+", "d": "*", "e": "#", "f": "@"}
"""Single points of up to six kinds, which any terminal and any font can tell apart."""
ROLES: tuple[Role, ...] = (
    "axis", "level", "range", "train", "validation", "cursor", "best", "gap", "mark", "advice", *DOTS,
)  # fmt: skip
_NUMBERS = {role: index for index, role in enumerate(ROLES)}
_BLANK = -1
_CURSOR = "│"
_JOINED = 4
"""Empty cells between two parts of a curve that are given its look: another one would cost bytes twice."""
_LINES_BELOW = 2
"""The axis and its words."""
_LOCK = threading.Lock()


@dataclass(frozen=True)
class Sign:
    """A mark at an edge of a chart.

    Attributes:
        x: Where.
        form: One character.
        role: How it looks.
        above: Whether it stands at the upper edge; else on the x axis.
    """

    x: float
    form: str
    role: Role = "mark"
    above: bool = False


@dataclass(frozen=True, eq=False)
class Plot:
    """One chart.

    Attributes:
        curves: What is drawn, each in its role; later ones over earlier ones.
        right: The x of the right edge.
        width: Cells.
        height: Cells, the axis included.
        level: A horizontal line, such as a majority's share; None for none.
        bounds: What y can be at all; None where nothing limits it.
        dots: What is drawn as single points, over the curves.
        left: The x of the left edge.
        x: What is marked on the x axis; round numbers if it is None.
        log: Whether y is logarithmic; what is not above 0 is a gap then.
        signs: Marks at the edges.
        stars: (x, y) of points that are marked with a star.
        cursor: The x of a vertical line; None for none.
    """

    curves: tuple[tuple[Role, Trace], ...]
    right: float
    width: int
    height: int
    level: float | None = None
    bounds: tuple[float | None, float | None] = (None, None)
    dots: tuple[tuple[Role, Trace], ...] = ()
    left: float = 0.0
    x: Scale | None = None
    log: bool = False
    signs: tuple[Sign, ...] = ()
    stars: tuple[tuple[float, float], ...] = ()
    cursor: float | None = None


class _Canvas:
    """Cells between the axes, each a character in a role."""

    def __init__(self, plot: Plot, scale: Scale, height: int) -> None:
        self._plot, self._scale = plot, scale
        self._cells, self._height = columns(plot.width), height
        self._characters: NDArray[np.str_] = np.full((height, self._cells), " ")
        self._roles: NDArray[np.int64] = np.full((height, self._cells), _BLANK)

    def curve(self, role: Role, covered: Spans) -> None:
        """Draw a line over what is there."""
        place = covered, self._scale.low, self._scale.high, self._height
        characters, where = (
            quarters(*place) if role == "validation" else braille(*place, sparse=role == "range")
        )
        self._characters[where], self._roles[where] = characters[where], _NUMBERS[role]

    def level(self, y: float) -> None:
        """Draw a horizontal line of points."""
        row = row_of(y, self._scale.low, self._scale.high, self._height)
        self._characters[row], self._roles[row] = MARKS["level"], _NUMBERS["level"]

    def point(self, x: float, y: float, form: str, role: Role) -> None:
        """Put a character on a point."""
        column = self.column(x)
        if column is not None:
            self.put(row_of(y, self._scale.low, self._scale.high, self._height), column, form, role)

    def put(self, row: int, column: int, form: str, role: Role) -> None:
        """Put a character into a cell."""
        self._characters[row, column], self._roles[row, column] = form, _NUMBERS[role]

    def column(self, x: float) -> int | None:
        """The column of an x; None outside."""
        return column_of(self._plot, x)

    def upright(self, column: int) -> None:
        """Draw a vertical line behind everything."""
        free = self._roles[:, column] == _BLANK
        self._characters[free, column], self._roles[free, column] = _CURSOR, _NUMBERS["cursor"]

    def lines(self, looks: Looks) -> list[tuple[str, list[Span]]]:
        """The rows, from the highest, with the looks of their parts."""
        found = []
        for characters, roles in zip(self._characters, _bridged(self._roles), strict=True):
            starts = np.flatnonzero(np.diff(roles, prepend=_BLANK - 1)).tolist()
            ends = [*starts[1:], self._cells]
            parts = [
                Span(start, end, looks.get(ROLES[roles[start]], looks["axis"]))
                for start, end in zip(starts, ends, strict=True)
                if roles[start] != _BLANK
            ]
            found.append(("".join(characters), parts))
        return found


def _bridged(roles: NDArray[np.int64]) -> NDArray[np.int64]:
    """The roles of all cells; short gaps within a curve have its role."""
    bridged = roles.copy()
    for gap in range(_JOINED, 0, -1):
        left, right = roles[:, : -gap - 1], roles[:, gap + 1 :]
        rows, starts = np.nonzero((left == right) & (left != _BLANK))
        for inner in range(1, gap + 1):
            empty = roles[rows, starts + inner] == _BLANK
            bridged[rows[empty], (starts + inner)[empty]] = roles[rows, starts][empty]
    return bridged


def columns(width: int) -> int:
    """Cells between the axis and the right edge of a chart that is `width` cells wide."""
    return max(1, width - LABEL - 1)


def column_of(plot: Plot, x: float) -> int | None:
    """The column in which an x lies; None outside."""
    at = float(place(np.array([x]), plot.left, plot.right, columns(plot.width))[0])
    return int(at) if 0 <= at < columns(plot.width) else None


def draw(plot: Plot, looks: Looks) -> list[Text]:
    """Draw a chart as lines; none where there is no room for it."""
    if plot.width < LEAST_WIDTH or plot.height < LEAST_HEIGHT:
        return []
    height, cells = plot.height - _LINES_BELOW, columns(plot.width)
    curves, dots = (
        tuple((role, logarithmic(trace) if plot.log else trace) for role, trace in some)
        for some in (plot.curves, plot.dots)
    )
    covered = [(role, spans(trace, plot.left, plot.right, cells)) for role, trace in curves]
    scale = _scale(plot, [one for _, one in covered], dots, min(5, max(1, (height - 1) // 2)))
    canvas = _Canvas(plot, scale, height)
    if (level := _height(plot, plot.level)) is not None:
        canvas.level(level)
    for role, one in covered:
        canvas.curve(role, one)
    _put_points(plot, canvas, curves, dots)
    axis = plot.x or x_scale("epoch", plot.left, plot.right, plot.width)
    return _with_axes(canvas.lines(looks), plot, _axes(axis, scale, plot.width, plot.height), looks)


def _put_points(
    plot: Plot,
    canvas: _Canvas,
    curves: tuple[tuple[Role, Trace], ...],
    dots: tuple[tuple[Role, Trace], ...],
) -> None:
    """What is drawn over the curves: single points, stars, gaps, marks at the upper edge, the cursor."""
    for role, trace in dots:
        for x, y in zip(trace.x.tolist(), trace.low.tolist(), strict=True):
            if y == y:
                canvas.point(x, y, DOTS[role], role)
    for x, y in plot.stars:
        if (star := _height(plot, y)) is not None:
            canvas.point(x, star, MARKS["best"], "best")
    for sign in plot.signs:
        if sign.above and (column := canvas.column(sign.x)) is not None:
            canvas.put(0, column, sign.form, sign.role)
    for role, trace in (*curves, *dots):
        for column in () if role == "range" else gap_cells(trace, plot.left, plot.right, columns(plot.width)):
            canvas.put(0, column, MARKS["gap"], "gap")
    if plot.cursor is not None and (column := canvas.column(plot.cursor)) is not None:
        canvas.upright(column)


def _height(plot: Plot, y: float | None) -> float | None:
    """A value as the y axis has it; None where it has none."""
    if y is None or not np.isfinite(y):
        return None
    if not plot.log:
        return y
    return float(np.log10(y)) if y > 0 else None


def _scale(plot: Plot, covered: list[Spans], dots: tuple[tuple[Role, Trace], ...], most: int) -> Scale:
    """The y axis: round limits around everything that is in the window."""
    reaches = [reach for one in covered if (reach := one.reach)]
    for _, trace in dots:
        if np.isfinite(trace.low).any():
            reaches.append((float(np.nanmin(trace.low)), float(np.nanmax(trace.high))))
    if (level := _height(plot, plot.level)) is not None:
        reaches.append((level, level))
    return log_scale(reaches, most) if plot.log else y_scale(reaches, plot.bounds, most)


@lru_cache(maxsize=64)
def _axes(x: Scale, y: Scale, width: int, height: int) -> tuple[str, ...]:
    """plotext's output for an empty chart: it is asked only where limits or the size have changed."""
    with _LOCK:
        plotext.clear_figure()
        plotext.theme("clear")
        plotext.limit_size(False, False)  # else it asks for the size of a terminal that need not be there
        plotext.plotsize(width, height)
        plotext.xaxes(True, False)
        plotext.yaxes(True, False)
        plotext.xlim(x.low, x.high)
        plotext.ylim(y.low, y.high)
        plotext.yticks(list(y.at), [word.rjust(LABEL) for word in y.words])
        plotext.xticks(list(x.at), list(x.words))
        plotext.scatter([x.low], [y.low], marker=" ")  # without any point it would draw no ticks
        built = str(plotext.build())
    return tuple(plotext.uncolorize(built).rstrip("\n").split("\n"))


def _with_axes(
    rows: list[tuple[str, list[Span]]], plot: Plot, axes: tuple[str, ...], looks: Looks
) -> list[Text]:
    """The canvas between the axes, and the marks on the x axis."""
    start = LABEL + 1
    found = []
    for (plain, parts), axis in zip(rows, axes, strict=False):
        moved = [Span(part.start + start, part.end + start, part.style) for part in parts]
        found.append(
            Text(
                axis[:start].ljust(start) + plain, spans=[Span(0, start, looks["axis"]), *moved], no_wrap=True
            )
        )
    base = list(axes[len(rows)].ljust(plot.width))
    styled = []
    for sign in plot.signs:
        if not sign.above and (column := column_of(plot, sign.x)) is not None:
            base[start + column] = sign.form
            styled.append(Span(start + column, start + column + 1, looks.get(sign.role, looks["axis"])))
    line = Text("".join(base), spans=[Span(0, plot.width, looks["axis"]), *styled], no_wrap=True)
    return [*found, line, *(Text(one, looks["axis"], no_wrap=True) for one in axes[len(rows) + 1 :])]
