"""What the chart of a head is of: its curves, the window in which they are seen, and what is marked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from workbench.monitoring.curves import Axis, Curve, CurveKey, Numbers
from workbench.monitoring.snapshot import RunSnapshot
from workbench.tui.chart_view import ChartView, Extent, edges, extent
from workbench.tui.charts import Sign
from workbench.tui.scales import span_word
from workbench.tui.times import clock

FORMS = {"restart": "↻", "rate": "◆", "epochs": "+"}
"""What is marked on the x axis."""
EPOCH, CHECKPOINT = "┴", "▴"
"""What is marked there if there is room, for there may be many."""
TROUBLE, OVER = "!", "✓"
"""Advice, at the upper edge: what to look at, and what is over."""
_SPLITS = ("train", "train_epoch", "validation")
_MOST = 1e15
"""Steps: an absurd number in a log must not make an axis on which floating point ends."""


@dataclass(frozen=True)
class ChartContent:
    """What a chart is of; equal contents are drawn alike.

    Attributes:
        head: The head's name; "" for all heads together.
        title: What the chart is called, harmless to show.
        metric: "loss", "accuracy" or "macro_f1".
        which: The split under which the training curve is kept: "train" or "train_epoch".
        train: The training curve; None if there is none.
        validation: The validation curve.
        majority: Accuracy of always guessing the most frequent class; None where it is not known.
        best: The best epoch; 0 while there is none.
        axis: What x is.
        origin: Unix seconds of the run's first event.
        left: The x of the left edge.
        right: That of the right one.
        span: About how many batches are averaged in the training curve.
        log: Whether y is logarithmic.
        cursor: The x that is read off; None without a cursor.
        signs: What is marked at the edges.
        frequent: Where epochs end and checkpoints were saved, to be marked if there is room.
        detailed: Whether the training curve was read again from the log for this window.
    """

    head: str
    title: str
    metric: str
    which: str
    train: Curve | None
    validation: Curve | None
    majority: float | None
    best: int
    axis: Axis
    origin: float
    left: float
    right: float
    span: int
    log: bool = False
    cursor: float | None = None
    signs: tuple[Sign, ...] = ()
    frequent: tuple[Sign, ...] = ()
    detailed: bool = False

    @property
    def level(self) -> float | None:
        """The line to beat: a majority's share is an accuracy."""
        return self.majority if self.metric == "accuracy" else None

    def x(self, curve: Curve) -> Numbers:
        """Shape (n,). Where a curve's buckets lie."""
        return curve.x(self.axis, self.origin)


class _Placed(Protocol):
    """What has a place on each axis."""

    @property
    def place(self) -> float: ...
    @property
    def step(self) -> float: ...
    @property
    def wall(self) -> float: ...


def contents_of(titles: Mapping[str, str], snapshot: RunSnapshot, view: ChartView) -> dict[str, ChartContent]:
    """What the charts of heads show; what is the same for all of them is found once.

    Args:
        titles: Head → what it is called, harmless to show; "" for all heads together, which show the loss.
        snapshot: Where the run stands.
        view: How its curves are shown.
    """
    window = edges(view, extent_of(snapshot, view.axis))
    frequent = _epoch_ends(snapshot, view.axis) + _checkpoints(snapshot, view.axis)
    return {head: _content(head, title, snapshot, view, window, frequent) for head, title in titles.items()}


def _content(
    head: str,
    title: str,
    snapshot: RunSnapshot,
    view: ChartView,
    window: tuple[float, float],
    frequent: tuple[Sign, ...],
) -> ChartContent:
    """What the chart of a head shows."""
    metric = view.metric if head else "loss"
    which, train = _training(head, metric, snapshot)
    return ChartContent(
        head=head,
        title=title,
        metric=metric,
        which=which,
        train=train,
        validation=snapshot.curves.get((head, metric, "validation")),
        majority=snapshot.majority.get(head),
        best=snapshot.best_epoch,
        axis=view.axis,
        origin=snapshot.started,
        left=window[0],
        right=window[1],
        span=view.span if which == "train" else 1,
        log=view.log,
        cursor=view.cursor,
        signs=_signs(head, snapshot, view.axis),
        frequent=frequent,
    )


def _training(head: str, metric: str, snapshot: RunSnapshot) -> tuple[str, Curve | None]:
    """The training curve: of batches, or of epochs where a figure is known only then."""
    which = "train" if (head, metric, "train") in snapshot.curves else "train_epoch"
    return which, snapshot.curves.get((head, metric, which))


def extent_of(snapshot: RunSnapshot, axis: Axis) -> Extent:
    """What there is of a run on an axis."""
    start = snapshot.started if axis == "wall" else 0.0
    ends = [last_x(curve, axis, snapshot.started) for key, curve in snapshot.curves.items()
            if key[2] in _SPLITS and len(curve)]  # fmt: skip
    newest = max(ends, default=start)
    epochs = float(min(max(snapshot.epochs, 0), _MOST))
    planned = {"epoch": epochs, "step": min(epochs * min(max(snapshot.batches, 0), _MOST), _MOST)}.get(
        axis, newest + (snapshot.seconds_left or 0.0)
    )
    return extent(axis, start, newest, planned, live=snapshot.state.live, batches=snapshot.batches)


def last_x(curve: Curve, axis: Axis, started: float) -> float:
    """The x of a curve's newest bucket, without those of all others."""
    if axis == "epoch":
        return float(curve.places[-1])
    if axis == "step":
        return float(curve.steps[-1])
    return float(curve.walls[-1]) - (started if axis == "relative" else 0.0)


def _x(one: _Placed, axis: Axis, started: float) -> float:
    """Where something lies on an axis."""
    return {"epoch": one.place, "step": one.step, "wall": one.wall}.get(axis, one.wall - started)


def _signs(head: str, snapshot: RunSnapshot, axis: Axis) -> tuple[Sign, ...]:
    """What happened to the run, and what should be known of the head."""
    placed = [(one, FORMS[one.kind]) for one in snapshot.marks if one.kind in FORMS]
    found = [Sign(_x(one, axis, snapshot.started), form) for one, form in placed]
    for advice in snapshot.advice:
        if advice.head == head and advice.kind not in ("best", "nan"):
            form = OVER if advice.kind == "recovered" else TROUBLE
            found.append(Sign(_x(advice, axis, snapshot.started), form, "advice", above=True))
    return tuple(found)


def _epoch_ends(snapshot: RunSnapshot, axis: Axis) -> tuple[Sign, ...]:
    """The end of each epoch that has one point of its own."""
    keys: Iterable[CurveKey] = (("", "loss", split) for split in ("validation", "train_epoch"))
    curve = next((snapshot.curves[key] for key in keys if key in snapshot.curves), None)
    if curve is None or not curve.exact or len(curve) > _MOST_EPOCHS:
        return ()
    return tuple(Sign(x, EPOCH, "axis") for x in curve.x(axis, snapshot.started).tolist())


def _checkpoints(snapshot: RunSnapshot, axis: Axis) -> tuple[Sign, ...]:
    """Where checkpoints were saved."""
    marks = [one for one in snapshot.marks if one.kind == "checkpoint"]
    return tuple(Sign(_x(one, axis, snapshot.started), CHECKPOINT, "axis") for one in marks[-_MOST_EPOCHS:])


_MOST_EPOCHS = 400
"""More have no room on any screen."""


def point_of(curve: Curve, epoch: int, x: Numbers) -> tuple[float, float] | None:
    """(x, y) of an epoch on a curve that lies at `x`; None where it has none, as for epoch 0."""
    at = int(np.searchsorted(curve.places, epoch - 1e-6))
    if not epoch or at == len(curve) or abs(curve.places[at] - epoch) > 1e-6:
        return None
    value = float(curve.mean[at])
    return (float(x[at]), value) if np.isfinite(value) else None


def merged(content: ChartContent, columns: int) -> bool:
    """Whether the window shows buckets where there is room for the points in them."""
    curve = content.train
    if curve is None or content.detailed or curve.exact:
        return False
    first, last = np.searchsorted(content.x(curve), (content.left, content.right))
    return 0 < int(last - first) < columns


def lead_in(content: ChartContent) -> float:
    """How far left of the window the mean of `span` points still sees something."""
    curve = content.train
    if curve is None or content.span <= 1 or len(curve) < 2:
        return 0.0
    x = content.x(curve)
    first, last = np.searchsorted(x, (content.left, content.right))
    first, last = max(0, int(first) - 1), min(len(x) - 1, int(last))
    points = float((curve.counts + curve.gaps)[first + 1 : last + 1].sum())
    return 3 * content.span * float(x[last] - x[first]) / points if points else 0.0


def place_words(snapshot: RunSnapshot, axis: Axis, at: float) -> str:
    """A place on every axis, as "epoch 3.4 · step 1 204 · 12:31:07 · 2 h 05"."""
    curve = max((one for key, one in snapshot.curves.items() if key[2] in _SPLITS), key=len, default=None)
    if curve is None or not len(curve):
        return ""
    x = curve.x(axis, snapshot.started)
    epoch, step, wall = (float(np.interp(at, x, other)) for other in (curve.places, curve.steps, curve.walls))
    grouped = f"{step:,.0f}".replace(",", " ")
    since = span_word(max(0.0, wall - snapshot.started))
    return f"epoch {epoch:.2f} · step {grouped} · {clock(wall)} · {since}"
