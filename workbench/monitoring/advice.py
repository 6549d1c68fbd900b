"""What a person should know of a run's curves, in words: the best epoch, and heads that are in trouble.

A function of the curves alone, so that each monitor of a run says the same. Every verdict but the best epoch
looks back only and is given once a head, where it first holds: what is said of the beginning of a run stays
word for word what is said of the whole, in front of what comes later. The best epoch is one line that moves
on. Both hold while each epoch has a bucket of its own (`Curve.exact`); in longer runs places are as exact as
the buckets.

kinds: best · nan (a loss became no number) · plateau · overfitting · worse · below-majority · recovered (what
was said of this head is over)
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.monitoring.curves import Curve, CurveKey
from workbench.monitoring.trends import SUSTAINED, Flags, Trend
from workbench.text import neutralise

Kind = Literal["best", "nan", "plateau", "overfitting", "worse", "below-majority", "recovered"]
_ORDER: tuple[Kind, ...] = (
    "nan", "overfitting", "worse", "plateau", "below-majority", "recovered", "best",
)  # fmt: skip
_SPLITS = {"train": "training", "train_epoch": "training", "validation": "validation"}
_MAJORITY_AFTER = 4  # epochs: the first three say nothing yet
_ROUNDING = 1e-6  # figures in the log have six digits


@dataclass(frozen=True)
class Advice:
    """One thing to know.

    Attributes:
        kind: What it is about.
        head: The head concerned; "" for the whole run.
        place: Where on the chart, in epochs.
        step: The optimiser's step there.
        wall: Unix seconds there; 0 if it is not known.
        text: In words, with the figures; harmless to show.
    """

    kind: Kind
    head: str
    place: float
    step: float
    wall: float
    text: str


def advise(
    curves: Mapping[CurveKey, Curve], *, metric: str, best_epoch: int, majority: Mapping[str, float]
) -> tuple[Advice, ...]:
    """Everything to know of a run so far, in order of place.

    Args:
        curves: Of "train", only what is no number is looked at; of "train_epoch" and "validation", trends.
        metric: The figure that chooses the best epoch, such as "val_loss".
        best_epoch: The best epoch so far; 0 for none.
        majority: For each head, the accuracy of always guessing its most frequent class.
    """
    heads = sorted({head for head, _, split in curves if head and split in _SPLITS}) or [""]
    found = [one for one in (_best(curves, metric, best_epoch),) if one is not None]
    with np.errstate(all="ignore"):  # absurd figures are compared as they are, and lead to nothing
        for head in heads:
            found += _not_a_number(curves, head)
            found += _of_loss(curves, head)
            found += _of_majority(curves, head, majority.get(head, math.nan))
    return tuple(sorted(found, key=lambda one: (one.place, _ORDER.index(one.kind), one.head, one.text)))


def _best(curves: Mapping[CurveKey, Curve], metric: str, epoch: int) -> Advice | None:
    """The best epoch so far, with its figure where there is one."""
    if epoch < 1:
        return None
    words, step, wall = f"epoch {epoch} is the best so far", 0.0, 0.0
    for key, curve in curves.items():
        if _metric_name(key) != metric:
            continue
        row = int(np.searchsorted(curve.places, epoch))
        if row < len(curve):
            step, wall = float(curve.steps[row]), float(curve.walls[row])
        if row < len(curve) and curve.places[row] == epoch and math.isfinite(curve.mean[row]):
            words += f": {neutralise(metric)} {curve.mean[row]:.3g}"
    return Advice("best", "", float(epoch), step, wall, words)


def _metric_name(key: CurveKey) -> str:
    """The name that settings and checkpoints use, such as "val_glasses_accuracy"; "" where there is none."""
    head, figure, split = key
    prefix = {"validation": "val_", "train_epoch": ""}.get(split)
    return "" if prefix is None else f"{prefix}{head}_{figure}" if head else f"{prefix}{figure}"


def _not_a_number(curves: Mapping[CurveKey, Curve], head: str) -> Iterator[Advice]:
    """Where a head's loss first became no number.

    Where no picture of a batch has a label for the head, there is no loss, but no accuracy either: an
    accuracy without a loss is one of a loss that is no number.
    """
    first: Advice | None = None
    for split, words in _SPLITS.items():
        loss, accuracy = curves.get((head, "loss", split)), curves.get((head, "accuracy", split))
        if loss is None or not len(loss):
            continue
        if accuracy is not None and len(accuracy) == len(loss):
            broken = (loss.gaps > 0) & (accuracy.counts > loss.counts)
        else:
            broken = (loss.gaps > 0) & (np.cumsum(loss.counts) > 0)
        row = _first(broken)
        if row is None or (first is not None and first.place <= loss.places[row]):
            continue
        step = f" (step {loss.steps[row]:.0f})" if split == "train" else ""
        text = f"the {words} loss became no number in epoch {math.ceil(loss.places[row])}{step}"
        first = _advice("nan", head, loss, row, text)
    if first is not None:
        yield first


def _of_loss(curves: Mapping[CurveKey, Curve], head: str) -> Iterator[Advice]:
    """Flat, over-fitting or worse, and whether it got over that."""
    curve, train_curve = curves.get((head, "loss", "validation")), curves.get((head, "loss", "train_epoch"))
    if curve is None:
        return
    trend = Trend.of(curve)
    raised, flat = _first(trend.raised()), _first(trend.flat())
    if raised is not None:
        yield _raised(head, curve, trend, Trend.of(train_curve) if train_curve is not None else None, raised)
    if flat is not None and (raised is None or flat < raised):
        since = trend.places[trend.lowest_at[flat]]
        words = f"validation loss flat since about epoch {since:.0f}, at {trend.lowest[flat]:.3g}"
        yield _advice("plateau", head, curve, int(trend.rows[flat]), words)
    complaints = [row for row in (raised, flat) if row is not None]
    if complaints:
        again = _first(trend.better_than(min(complaints)))
        if again is not None:
            words = f"validation loss falls again: {trend.level[again]:.3g}"
            yield _advice("recovered", head, curve, int(trend.rows[again]), words)


def _raised(head: str, curve: Curve, trend: Trend, train: Trend | None, row: int) -> Advice:
    """The validation loss has risen: over-fitting if the training loss fell meanwhile."""
    then, now = float(trend.places[trend.lowest_at[row]]), float(trend.places[row])
    change = f"{trend.lowest[row]:.3g} → {trend.level[row]:.3g}"
    if train is not None and train.fell(then, now):
        training = f"{train.at(then):.3g} → {train.at(now):.3g}"
        words = (
            f"over-fitting since about epoch {then:.0f}: training loss {training}, validation loss {change}"
        )
        return _advice("overfitting", head, curve, int(trend.rows[row]), words)
    words = f"validation loss worse than at epoch {then:.0f} for {SUSTAINED} epochs in a row: {change}"
    return _advice("worse", head, curve, int(trend.rows[row]), words)


def _of_majority(curves: Mapping[CurveKey, Curve], head: str, share: float) -> Iterator[Advice]:
    """A head that never did better than always guessing its most frequent class, and when it did at last."""
    curve = curves.get((head, "accuracy", "validation"))
    if curve is None or not share < 1:
        return
    rows = np.flatnonzero(np.isfinite(curve.mean))
    above = curve.mean[rows] > share + _ROUNDING
    if len(rows) < _MAJORITY_AFTER or above[:_MAJORITY_AFTER].any():
        return
    row = int(rows[_MAJORITY_AFTER - 1])
    best = curve.mean[rows[:_MAJORITY_AFTER]].max()
    words = (
        f"no better than its majority guess ({share:.3g}) in {_MAJORITY_AFTER} epochs: accuracy {best:.3g}"
    )
    yield _advice("below-majority", head, curve, row, words)
    twice = above.copy()
    twice[1:] &= above[:-1]
    if (again := _first(twice)) is not None:
        row = int(rows[again])
        words = f"better than its majority guess ({share:.3g}): accuracy {curve.mean[row]:.3g}"
        yield _advice("recovered", head, curve, row, words)


def _advice(kind: Kind, head: str, curve: Curve, row: int, words: str) -> Advice:
    """An advice at a row of a curve."""
    text = f"{neutralise(head)}: {words}" if head else words
    place, step, wall = curve.places[row], curve.steps[row], curve.walls[row]
    return Advice(kind, head, float(place), float(step), float(wall), text)


def _first(flags: Flags) -> int | None:
    """The first row that is set."""
    row = int(np.argmax(flags)) if len(flags) else 0
    return row if len(flags) and flags[row] else None
