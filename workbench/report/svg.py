"""A chart as inline SVG: lines told apart by dashes as well as by colour, marks in place, words for ears."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.monitoring.curves import Numbers, Whole
from workbench.report import scale
from workbench.report.markup import Html, element, join
from workbench.report.scale import Scale
from workbench.report.thin import Line

WIDTH, HEIGHT = 400, 216
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 14, 18, 30
_WIDE, _HIGH = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
COLUMNS = 320
"""Columns of a chart at the most: about as many as pixels, so that a line has at most 640 points."""
_MOST_DOTS = 40
SIGNS = {
    "best": "M0-5.5 1.5-1.8 5.3-1.7 2.3.7 3.3 4.5 0 2.3-3.3 4.5-2.3.7-5.3-1.7-1.5-1.8Z",
    "restart": "M3.6-1A3.7 3.7 0 1 1 1.2-3.5L3.8-3.7M1.2-3.5 1.5-6",
    "rate": "M-4.2-3.2H4.2L0 4.2Z",
    "epochs": "M-4 0H4M0-4V4",
    "gap": "M-2.6-2.6 2.6 2.6M-2.6 2.6 2.6-2.6",
}
"""How each kind of mark is drawn, around (0, 0)."""


@dataclass(frozen=True)
class Stroke:
    """A line of a chart.

    Attributes:
        look: What it is, which decides colour, width and dashes: train or validation; raw or spread behind
            these; or figure.
        line: Its points.
        unit: What a dot's x is, such as "epoch"; "" for a line without dots.
    """

    look: str
    line: Line
    unit: str = ""


@dataclass(frozen=True)
class Sign:
    """A mark at a place: one of `SIGNS`, and what it says where a pointer rests on it."""

    kind: str
    x: float
    words: str


@dataclass(frozen=True)
class Chart:
    """What a chart shows.

    Attributes:
        title: What it is of.
        description: What is to be seen, for who cannot see it.
        x: The axis below; `y` the one to the left.
        strokes: Lines, the hindmost first.
        signs: Marks along the top.
        level: A dotted line across, such as the majority baseline, or None.
        grid: X of faint lines beside those at the ticks, such as each epoch.
        x_name: What the axis below counts.
    """

    title: str
    description: str
    x: Scale
    y: Scale
    strokes: Sequence[Stroke]
    signs: Sequence[Sign] = ()
    level: float | None = None
    grid: Sequence[float] = ()
    x_name: str = "epoch"


def draw(chart: Chart, name: str) -> Html:
    """The chart.

    Args:
        chart: What it shows.
        name: Unlike any other's on the page; of letters, digits and hyphens.
    """
    return element(
        "svg",
        element("title", chart.title, id=f"{name}-title"),
        element("desc", chart.description, id=f"{name}-words"),
        _grid(chart),
        *[_sign_line(chart, one) for one in chart.signs],
        *[_stroke(chart, one) for one in chart.strokes],
        None if chart.level is None else _level(chart, chart.level),
        *[_sign(chart, one) for one in chart.signs],
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_labelledby=f"{name}-title {name}-words",
        class_="chart",
    )


def sample(look: str) -> Html:
    """A short piece of a line, or a mark, for the legend."""
    if look in SIGNS:
        inside = element("path", d=SIGNS[look], transform="translate(14 7)", class_=f"sign {look}")
    else:
        dot = element("circle", cx=14, cy=7, r=2.4, class_="dot") if look == "validation" else None
        inside = join(_path(look, "M1 7h26"), dot)
    return element("svg", inside, viewBox="0 0 28 14", class_="sample", aria_hidden="true")


def _x(chart: Chart, value: float) -> float:
    return _LEFT + _WIDE * chart.x.at(value)


def _y(chart: Chart, value: float) -> float:
    return _TOP + _HIGH * (1 - chart.y.at(value))


def _path(look: str, d: str) -> Html:
    return element("path", d=d, class_=look)


def _grid(chart: Chart) -> Html:
    """Grid, axes and numbers."""
    fine = "".join(f"M{_x(chart, x):.1f} {_TOP}v{_HIGH}" for x in chart.grid)
    across = [(_y(chart, tick), scale.words(tick)) for tick in chart.y.ticks]
    along = [(_x(chart, tick), scale.words(tick)) for tick in chart.x.ticks]
    lines = "".join(f"M{_LEFT} {y:.1f}h{_WIDE}" for y, _ in across)
    lines += "".join(f"M{x:.1f} {_TOP}v{_HIGH}" for x, _ in along)
    below = _TOP + _HIGH
    return join(
        _path("fine", fine) if fine else None,
        _path("grid", lines),
        _path("axis", f"M{_LEFT} {_TOP}v{_HIGH}h{_WIDE}"),
        [element("text", said, x=_LEFT - 5, y=f"{y + 3.5:.1f}", class_="left") for y, said in across],
        [element("text", said, x=f"{x:.1f}", y=below + 13, class_="below") for x, said in along],
        element("text", chart.x_name, x=_LEFT + _WIDE, y=HEIGHT - 4, class_="name"),
        element("text", "log scale", x=2, y=HEIGHT - 4) if chart.y.logarithmic else None,
    )


def _stroke(chart: Chart, stroke: Stroke) -> Html:
    """One line, its dots, and a cross below where it has no number."""
    places = [_places(chart, part) for part in stroke.line.parts]
    d = "".join(_steps(part) for part in places)
    dots = stroke.unit and stroke.line.points <= _MOST_DOTS
    return join(
        _path(stroke.look, d) if d else None,
        [_dots(stroke, *one) for one in zip(stroke.line.parts, places, strict=True)] if dots else None,
        [_gap(chart, x) for x in stroke.line.gaps[:COLUMNS]],
    )


def _places(chart: Chart, part: Numbers) -> Whole:
    """Points in tenths of the drawing's units."""
    x, y = _LEFT + _WIDE * chart.x.place(part[:, 0]), _TOP + _HIGH * (1 - chart.y.place(part[:, 1]))
    return np.rint(10 * np.column_stack([x, y])).astype(np.int64)


def _steps(places: Whole) -> str:
    """A path from point to point; a point alone is a dot of the line's width."""
    x, y = places[0].tolist()
    rest = " ".join(f"{dx / 10:g} {dy / 10:g}" for dx, dy in np.diff(places, axis=0).tolist())
    return f"M{x / 10:g} {y / 10:g}" + (f"l{rest}" if rest else "h0")


def _dots(stroke: Stroke, values: Numbers, places: Whole) -> list[Html]:
    """Dots that say their value where a pointer rests on them."""
    return [
        element(
            "circle",
            element("title", f"{stroke.unit} {x:g}: {y:.4g}"),
            cx=f"{across / 10:g}",
            cy=f"{down / 10:g}",
            r=2.2,
            class_="dot",
        )
        for (x, y), (across, down) in zip(values.tolist(), places.tolist(), strict=True)
    ]


def _gap(chart: Chart, x: float) -> Html:
    """A cross on the axis: here the value is no number."""
    place = f"translate({_x(chart, x):.1f} {_TOP + _HIGH - 4})"
    return element("path", d=SIGNS["gap"], transform=place, class_="sign gap")


def _level(chart: Chart, level: float) -> Html:
    """A dotted line across, and its value over its end."""
    y = _y(chart, level)
    above = y - 4 if y > _TOP + 14 else y + 12
    said = element("text", f"{level:.3f}", x=_LEFT + _WIDE - 2, y=f"{above:.1f}", class_="name halo")
    return join(_path("level", f"M{_LEFT} {y:.1f}h{_WIDE}"), said)


def _sign_line(chart: Chart, sign: Sign) -> Html:
    return _path(f"at {sign.kind}", f"M{_x(chart, sign.x):.1f} {_TOP}v{_HIGH}")


def _sign(chart: Chart, sign: Sign) -> Html:
    place = f"translate({_x(chart, sign.x):.1f} {_TOP - 9})"
    mark = element("path", d=SIGNS[sign.kind], class_=f"sign {sign.kind}")
    return element("g", element("title", sign.words), mark, transform=place)
