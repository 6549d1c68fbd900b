"""The charts of a run's training: of each head loss, accuracy and macro-F1, under one legend."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from workbench.monitoring.snapshot import RunSnapshot
from workbench.report import scale, svg
from workbench.report.course import Course, axis, course_of, in_words, newest, strokes
from workbench.report.markup import Html, element, join
from workbench.report.scale import Scale
from workbench.report.svg import Chart, Sign

FIGURES = {"loss": "loss", "accuracy": "accuracy", "macro_f1": "macro-F1"}
_LEGEND = {
    "train": "training",
    "raw": "training, every batch",
    "validation": "validation",
    "spread": "validation, every epoch",
    "level": "always the most frequent class",
    "best": "best epoch",
    "restart": "went on after an interruption",
    "rate": "learning rate changed",
    "epochs": "epochs added",
    "gap": "no number",
}
_SMOOTHED = {"raw": "train", "spread": "validation"}
"""What a faint line in use says of the strong one."""
_MOST_SIGNS = 40
_MOST_GRID = 50
_POINTS = 60_000
"""About how many points all lines together may have, so that many heads do not make a huge page."""
_FEWEST = 60
_LINES = 4
Drawn = Sequence[tuple[Course, Chart]]


def curves(snapshot: RunSnapshot, titles: Mapping[str, str]) -> Html | None:
    """All charts of the training; None where there is not one curve.

    Args:
        snapshot: The run.
        titles: What each head is called, in the order of the charts.
    """
    named = {"": "all heads together", **titles}
    courses = {
        head: [one for figure in FIGURES if (one := course_of(snapshot, head, figure))] for head in named
    }
    everything = [one for of_head in courses.values() for one in of_head]
    if not everything:
        return None
    columns = max(_FEWEST, min(svg.COLUMNS, _POINTS // (2 * _LINES * len(everything))))
    x = scale.from_zero(max(one.reached for one in everything), 8)
    signs = _signs(snapshot)
    charts = {
        head: [(one, _chart(snapshot, one, named[head], x, signs, columns)) for one in of_head]
        for head, of_head in courses.items()
    }
    rows = [
        _row(named[head], drawn, f"curve-{at}") for at, (head, drawn) in enumerate(charts.items()) if drawn
    ]
    return join(_legend(chart for drawn in charts.values() for _, chart in drawn), *rows)


def _signs(snapshot: RunSnapshot) -> list[Sign]:
    """Restarts and what was changed on the way, then the best epoch."""
    signs = [
        Sign(kind, mark.place, mark.text)
        for kind in ("restart", "rate", "epochs")
        for mark in [one for one in snapshot.marks if one.kind == kind][-_MOST_SIGNS:]
    ]
    best = snapshot.best_epoch
    return [*signs, Sign("best", float(best), f"epoch {best} is the best one")] if best else signs


def _chart(
    snapshot: RunSnapshot, course: Course, title: str, x: Scale, signs: Sequence[Sign], columns: int
) -> Chart:
    """What the chart of a figure shows."""
    level = snapshot.majority.get(course.head) if course.figure == "accuracy" else None
    lines = strokes(course, columns)
    return Chart(
        title=f"{title}: {FIGURES[course.figure]}",
        description=in_words(course, snapshot.best_epoch, level),
        x=x,
        y=axis(course, lines),
        strokes=lines,
        signs=signs,
        level=level,
        grid=np.arange(1.0, x.high + 1e-9).tolist() if x.high <= _MOST_GRID else (),
    )


def _row(title: str, drawn: Drawn, name: str) -> Html:
    """A head's charts, each under its newest figures."""
    figures = [
        element(
            "figure",
            element("figcaption", element("b", FIGURES[course.figure]), newest(course)),
            svg.draw(chart, f"{name}-{at}"),
        )
        for at, (course, chart) in enumerate(drawn)
    ]
    return element("section", element("h3", title), element("div", *figures, class_="charts"))


def _legend(charts: Iterable[Chart]) -> Html:
    """What the lines and marks in use are."""
    used: set[str] = set()
    for chart in charts:
        used |= {stroke.look for stroke in chart.strokes} | {sign.kind for sign in chart.signs}
        used |= {"gap"} if any(stroke.line.gaps for stroke in chart.strokes) else set()
        used |= {"level"} if chart.level is not None else set()
    smoothed = {strong for faint, strong in _SMOOTHED.items() if faint in used}
    entries = [
        element("li", svg.sample(look), f"{words}, smoothed" if look in smoothed else words)
        for look, words in _LEGEND.items()
        if look in used
    ]
    return element("ul", *entries, class_="legend")
