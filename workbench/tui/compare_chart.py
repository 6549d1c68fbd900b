"""One chart with a curve a run: of a head, over epochs, steps or the time since each run began."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from rich.text import Text

from workbench.monitoring.curves import Axis, Curve, Numbers
from workbench.monitoring.snapshot import RunSnapshot
from workbench.text import neutralise
from workbench.tui.chart_content import last_x, point_of
from workbench.tui.chart_lines import Frame, number
from workbench.tui.chart_view import AXIS_WORDS, METRICS, horizon, metric_words, next_of
from workbench.tui.charts import DOTS, Plot, Role, columns, draw
from workbench.tui.scales import time_horizon, x_scale
from workbench.tui.thinning import Trace, place, trace_of

Split = Literal["validation", "train_epoch"]
SPLITS: Mapping[Split, str] = {"validation": "validation", "train_epoch": "training"}
AXES: tuple[Axis, ...] = ("epoch", "step", "relative")
"""Runs of different days have no clock time in common."""
_MARK_EVERY = 8
"""Columns between two marks of a curve that has more points than there is room to mark."""


@dataclass(frozen=True)
class CompareView:
    """How the curves are shown.

    Attributes:
        metric: "loss", "accuracy" or "macro_f1".
        split: Of validation, or of the training pictures.
        axis: What x is.
        log: Whether y is logarithmic.
    """

    metric: str = METRICS[0]
    split: Split = "validation"
    axis: Axis = AXES[0]
    log: bool = False

    def other(self, what: str) -> "CompareView":
        """The next "metric", "split", "axis" or "log"."""
        if what == "metric":
            return replace(self, metric=next_of(METRICS, self.metric))
        if what == "axis":
            return replace(self, axis=next_of(AXES, self.axis))
        if what == "log":
            return replace(self, log=not self.log)
        return replace(self, split="train_epoch" if self.split == "validation" else "validation")

    def words(self) -> str:
        """In words, for a line of its own."""
        metric = metric_words(self.metric)
        return f"{metric} · {SPLITS[self.split]} · {AXIS_WORDS[self.axis]}{' · log y' if self.log else ''}"


@dataclass(frozen=True)
class RunCurve:
    """One run's line.

    Attributes:
        role: Decides its mark and colour.
        curve: None where the run has none.
        best: Its best epoch; 0 while there is none.
        origin: Unix seconds of its first event.
    """

    role: Role
    curve: Curve | None
    best: int
    origin: float


@dataclass(frozen=True)
class CompareContent:
    """What a chart is of; equal contents are drawn alike.

    Attributes:
        title: What the head is called, harmless to show.
        view: How it is shown.
        lines: One a run.
        right: The x of the right edge; the left one is 0.
    """

    title: str
    view: CompareView
    lines: tuple[RunCurve, ...]
    right: float


def right_edge(snapshots: Sequence[RunSnapshot | None], view: CompareView) -> float:
    """Where the x axis of all charts ends: behind the longest run, and with room where one goes on."""
    reached = planned = 0.0
    for snapshot in snapshots:
        if snapshot is None:
            continue
        ends = [
            last_x(curve, view.axis, snapshot.started)
            for (_, _, split), curve in snapshot.curves.items()
            if split == view.split and len(curve)
        ]
        newest = max(ends, default=0.0)
        reached = max(reached, newest)
        per_epoch = {"epoch": 1, "step": snapshot.batches}.get(view.axis, 0)
        planned = max(planned, snapshot.epochs * per_epoch if snapshot.state.live else newest)
        if snapshot.state.live and view.axis == "relative":
            planned = max(planned, time_horizon(newest))
    return horizon(reached, planned)


def content_of(
    head: str, title: str, snapshots: Sequence[RunSnapshot | None], view: CompareView, right: float
) -> CompareContent:
    """What the chart of a head shows.

    Args:
        head: Its name; "" for all together.
        title: What it is called.
        snapshots: One a run; None for one that was not read yet.
        view: How it is shown.
        right: See `right_edge`.
    """
    lines = tuple(
        RunCurve(role, None, 0, 0.0)
        if one is None
        else RunCurve(role, one.curves.get((head, view.metric, view.split)), one.best_epoch, one.started)
        for role, one in zip(DOTS, snapshots, strict=False)
    )
    return CompareContent(title, view, lines, right)


def compare_chart(content: CompareContent, frame: Frame) -> list[Text]:
    """Draw a chart with its title and the newest value of each run."""
    view, cells = content.view, columns(frame.width)
    curves, dots, stars = [], [], []
    for index, line in enumerate(content.lines):
        if line.curve is None or not len(line.curve):
            continue
        x = line.curve.x(view.axis, line.origin)
        trace = trace_of(line.curve, x)
        curves.append((line.role, trace))
        dots.append((line.role, _marked(line.curve.mean, x, content.right, cells, index)))
        if view.split == "validation" and (star := point_of(line.curve, line.best, x)):
            stars.append(star)
    plot = Plot(
        curves=tuple(curves),
        dots=tuple(dots),
        stars=tuple(stars),
        right=content.right,
        width=frame.width,
        height=frame.height - frame.heading,
        bounds=(None, None) if view.metric == "loss" else (0.0, 1.0),
        x=x_scale(view.axis, 0.0, content.right, frame.width),
        log=view.log,
    )
    return [*_heading(content, frame), *draw(plot, frame.looks)]


def _marked(values: Numbers, x: Numbers, right: float, cells: int, index: int) -> Trace:
    """Points by which a line is told from others: all where there is room, else some, of each run others."""
    finite = np.flatnonzero(np.isfinite(values))
    if len(finite) * (_MARK_EVERY // 2) > cells:
        at = place(x[finite], 0.0, right, cells)
        wanted = np.arange(2 + index * _MARK_EVERY // len(DOTS), cells, _MARK_EVERY)
        near = np.searchsorted(at, wanted)
        finite = finite[np.unique(near[near < len(finite)])]
    return Trace(x[finite], values[finite], values[finite])


def _heading(content: CompareContent, frame: Frame) -> list[Text]:
    """Title and values, on one line or two."""
    legend = Text(no_wrap=True)
    for run in content.lines:
        value = run.curve.newest if run.curve is not None and len(run.curve) else None
        legend.append(f"{DOTS[run.role]} ", frame.looks.get(run.role, frame.looks["axis"]))
        legend.append(f"{number(value)}  ")
    legend.rstrip()
    title = Text(neutralise(content.title), frame.title, no_wrap=True)
    if frame.heading == 2:
        title.append(f"  {metric_words(content.view.metric)}", "not bold not underline")
        title.truncate(frame.width, overflow="ellipsis")
        legend.truncate(frame.width, overflow="ellipsis")
        return [title, legend]
    title.truncate(max(4, frame.width - legend.cell_len - 2), overflow="ellipsis")
    line = title.append("  ").append_text(legend)
    line.truncate(frame.width, overflow="ellipsis")
    return [line]
