"""How the curves of a run are shown: which figure, over which axis, in which window, and where a cursor is.

Frozen, so that a key makes another one of it, and so that what is drawn can be compared with what is wanted.
A window that a person chose is HELD: a live curve grows past it. In FOLLOW its right edge goes with the
newest point.
"""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeVar

from workbench.tui.scales import time_horizon

if TYPE_CHECKING:
    from workbench.monitoring.curves import Axis

AXES: "tuple[Axis, ...]" = ("epoch", "step", "relative", "wall")

METRICS = ("accuracy", "loss", "macro_f1")
SPANS = (10, 50, 200, 1)
"""Over how many batches a training curve can be averaged; 1 is not at all."""
Shown = Literal["auto", "charts", "list"]
SHOWN: tuple[Shown, ...] = ("auto", "charts", "list")
_Choice = TypeVar("_Choice")
AXIS_WORDS = {"epoch": "epochs", "step": "steps", "relative": "time since the start", "wall": "clock time"}
_STRIDES = 8
"""In FOLLOW a window moves on by an eighth of its width, so that most points move nothing else."""


@dataclass(frozen=True)
class Extent:
    """What there is on an axis.

    Attributes:
        start: Where the run began.
        newest: Where its newest point lies.
        right: Where the axis ends if everything so far is shown.
        planned: Where it ends if everything that is planned is shown.
        least: The narrowest window.
    """

    start: float = 0.0
    newest: float = 0.0
    right: float = 1.0
    planned: float = 1.0
    least: float = 0.01


@dataclass(frozen=True)
class ChartView:
    """How curves are shown.

    Attributes:
        metric: "loss", "accuracy" or "macro_f1" of the heads.
        span: About how many batches are averaged in training curves; 1 for none.
        axis: What x is.
        log: Whether y is logarithmic.
        whole: Whether all that is planned is shown rather than what has come so far.
        window: The (left, right) edge that a person chose; None for everything.
        held: Whether the window stays where it is.
        cursor: The x that is read off; None without a cursor.
        shown: Charts, or a list of sparklines; "auto" by the size of the place.
    """

    metric: str = METRICS[0]
    span: int = SPANS[0]
    axis: "Axis" = AXES[0]
    log: bool = False
    whole: bool = False
    window: tuple[float, float] | None = None
    held: bool = False
    cursor: float | None = None
    shown: Shown = SHOWN[0]

    def other(self, what: str) -> "ChartView":
        """The next "metric", "smoothing", "axis", "log" or "shown"; another axis shows everything."""
        if what == "metric":
            return replace(self, metric=next_of(METRICS, self.metric))
        if what == "smoothing":
            return replace(self, span=next_of(SPANS, self.span))
        if what == "shown":
            return replace(self, shown=next_of(SHOWN, self.shown))
        if what == "log":
            return replace(self, log=not self.log)
        return replace(self, axis=next_of(AXES, self.axis), window=None, held=False, cursor=None)

    def everything(self) -> "ChartView":
        """All there is so far; asked again, all that is planned."""
        if self.window is None:
            return replace(self, whole=not self.whole)
        return replace(self, window=None, held=False)

    def follow(self) -> "ChartView":
        """Let the right edge go with the newest point."""
        return replace(self, held=False)

    def without_cursor(self) -> "ChartView":
        """Nothing is read off."""
        return replace(self, cursor=None)

    @property
    def state(self) -> str:
        """Whether the charts go along with the run, for the status line."""
        return "HELD" if self.held else "FOLLOW"

    def words(self) -> list[str]:
        """How the curves are shown, for the status line."""
        found = ["f follows"] if self.held else []
        found += [f"{metric_words(self.metric)} of heads"]
        found.append(f"mean of {self.span} points" if self.span > 1 else "not smoothed")
        found += ["log y"] if self.log else []
        found.append(f"all planned {AXIS_WORDS[self.axis]}" if self.whole else AXIS_WORDS[self.axis])
        return found


def metric_words(metric: str) -> str:
    """A figure as people write it: "macro-F1"."""
    return metric.replace("_f1", "-F1")


def next_of(choices: tuple[_Choice, ...], one: _Choice) -> _Choice:
    """The choice after one, the first after the last."""
    return choices[(choices.index(one) + 1) % len(choices)]


def horizon(reached: float, planned: float, *, least: float = 1.0) -> float:
    """The right edge for what is counted: all that is planned halved while the curve fits; seldom changes.

    Args:
        reached: The newest place.
        planned: The last one there will be.
        least: The narrowest axis.
    """
    right = max(planned, reached, least)
    while right / 2 >= max(reached, least / 2):
        right /= 2
    return right


def extent(axis: "Axis", start: float, newest: float, planned: float, *, live: bool, batches: int) -> Extent:
    """What there is on an axis.

    Args:
        axis: Which.
        start: Where the run began: Unix seconds for "wall", else 0.
        newest: The place of the newest point.
        planned: The last place that there will be, as far as it is known.
        live: Whether more will come; else the axis ends with the newest point.
        batches: Of an epoch.
    """
    per_epoch = max(1, batches)
    least = {"epoch": 2 / per_epoch, "step": 2.0}.get(axis, 1.0)
    planned = max(planned, newest, start + least)
    if not live:
        right = newest if newest > start else planned
    elif axis in ("epoch", "step"):
        right = horizon(newest, planned, least=1.0 if axis == "epoch" else float(per_epoch))
    else:
        right = start + time_horizon(newest - start)
    return Extent(start, newest, max(right, start + least), planned, least)


def edges(view: ChartView, there: Extent) -> tuple[float, float]:
    """The x of the left and of the right edge."""
    if view.window is None:
        return there.start, max(there.planned, there.right) if view.whole else there.right
    left, right = view.window
    if view.held:
        return left, right
    width = right - left
    stride = width / _STRIDES
    end = there.start + math.ceil((there.newest - there.start) / stride - 1e-9) * stride
    end = max(end, there.start + width)
    return end - width, end


def zoomed(view: ChartView, there: Extent, factor: float) -> ChartView:
    """A window so many times as wide: around the cursor, else around the newest point, else the middle."""
    left, right = edges(view, there)
    width = (right - left) * factor
    if factor < 1 and width < there.least:
        width = min(there.least, right - left)
    if width >= there.right - there.start and factor > 1:
        return replace(view, window=None, held=False)
    seen = [one for one in (view.cursor, there.newest) if one is not None and left <= one <= right]
    still = seen[0] if seen else (left + right) / 2
    begin = still - (still - left) / (right - left) * width
    return replace(view, window=_within(begin, width, there), held=True)


def panned(view: ChartView, there: Extent, share: float) -> ChartView:
    """The window moved by a share of its width, as far as there is something; nothing while all is shown."""
    if view.window is None:
        return view
    left, right = edges(view, there)
    return replace(view, window=_within(left + share * (right - left), right - left, there), held=True)


def _within(left: float, width: float, there: Extent) -> tuple[float, float]:
    """A window that does not leave what there is."""
    most = max(there.right, there.newest)
    left = max(there.start, min(left, most - width))
    return left, left + width


def with_cursor(view: ChartView, there: Extent, columns: int, step: float) -> ChartView:
    """The cursor moved by so many columns, to an edge at most; without one it begins at the newest point.

    Args:
        view: As it is.
        there: What there is.
        columns: Cells between the edges.
        step: Columns; infinite for the first or last one.
    """
    left, right = edges(view, there)
    if view.cursor is None:
        return replace(view, cursor=min(max(there.newest, left), right))
    last = max(1, columns - 1)
    at = round((view.cursor - left) / (right - left) * last)
    column = min(max(at + step, 0), min(last, math.ceil((there.newest - left) / (right - left) * last)))
    return replace(view, cursor=min(max(left, left + max(column, 0) * (right - left) / last), right))
