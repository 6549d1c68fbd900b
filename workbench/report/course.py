"""How one figure of one head went: its lines for a chart, its axis, and the same in words."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.monitoring.curves import Curve
from workbench.monitoring.snapshot import RunSnapshot
from workbench.report import scale
from workbench.report.markup import Html, element
from workbench.report.scale import Scale
from workbench.report.svg import Stroke
from workbench.report.thin import thin

_SMOOTHED_FROM = {"train": 60, "validation": 160}
"""Points from which on a curve is smoothed, over a hundredth of them; the points themselves stand behind."""
_LEAST_SPAN = 10.0
_BEHIND = {"train": "raw", "validation": "spread"}


@dataclass(frozen=True)
class Course:
    """The curves of a figure; at least one of the two is there.

    Attributes:
        head: The head; "" for all together.
        figure: "loss", "accuracy" or "macro_f1".
        train: Of every batch, or the means of epochs where batches do not have the figure.
        validation: Of every epoch.
    """

    head: str
    figure: str
    train: Curve | None
    validation: Curve | None

    @property
    def curves(self) -> tuple[tuple[str, Curve], ...]:
        """Those that there are, each under the look of its line."""
        both = (("train", self.train), ("validation", self.validation))
        return tuple((look, curve) for look, curve in both if curve is not None)

    @property
    def reached(self) -> float:
        """Epochs behind its last point."""
        return max(float(curve.places[-1]) for _, curve in self.curves)


def course_of(snapshot: RunSnapshot, head: str, figure: str) -> Course | None:
    """The curves of a figure, or None where there are none."""
    batches, epochs, validation = (
        one if (one := snapshot.curves.get((head, figure, split))) is not None and len(one) else None
        for split in ("train", "train_epoch", "validation")
    )
    train = batches if batches is not None else epochs
    return None if train is None and validation is None else Course(head, figure, train, validation)


def strokes(course: Course, columns: int) -> list[Stroke]:
    """The lines of a chart of so many columns: what is faint behind what is smoothed."""
    found = [one for look, curve in course.curves for one in _strokes(look, curve, columns)]
    return sorted(found, key=lambda one: one.look not in _BEHIND.values())


def _strokes(look: str, curve: Curve, columns: int) -> Iterator[Stroke]:
    """A curve as it is, and smoothed where it has many points; its extremes stay either way."""
    points = int(curve.counts.sum())
    every = thin(curve.places, curve.low, curve.high, columns, curve.gaps)
    if points < _SMOOTHED_FROM[look]:
        yield Stroke(look, every, "epoch" if look == "validation" else "")
        return
    yield Stroke(_BEHIND[look], every)
    smooth = curve.smoothed(max(_LEAST_SPAN, points / 100))
    yield Stroke(look, thin(curve.places, smooth, smooth, columns))


def axis(course: Course, lines: Sequence[Stroke]) -> Scale:
    """The axis to the left: shares from 0 to 1; a loss from 0, or logarithmic over decades."""
    if course.figure != "loss":
        return Scale(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))
    every = [part[:, 1] for one in lines for part in one.line.parts]
    if not every:
        return scale.from_zero(1.0)
    told = [part[:, 1] for one in lines if one.look not in _BEHIND.values() for part in one.line.parts]
    values = np.concatenate(told or every)
    positive = values[values > 0]
    least = float(positive.min()) if positive.size else 0.0
    return scale.of_loss(least, float(np.concatenate(every).max()))


def figure(value: float) -> str:
    """A figure as the screens show it."""
    if not math.isfinite(value):
        return "no number"
    return f"{value:.3f}" if abs(value) < 100 else f"{value:.3g}"


def newest(course: Course) -> list[Html]:
    """The newest value of each curve."""
    return [
        element("span", f"{_WORDS[look]} ", element("b", figure(curve.newest)))
        for look, curve in course.curves
    ]


_WORDS = {"train": "training", "validation": "validation"}


def in_words(course: Course, best: int, level: float | None) -> str:
    """What is to be seen, for who cannot see it.

    Args:
        course: The curves.
        best: The best epoch; 0 for none.
        level: The majority baseline, or None.
    """
    sentences = []
    for look, curve in course.curves:
        words, values = _WORDS[look].capitalize(), curve.mean[np.isfinite(curve.mean)]
        if values.size:
            first, last = figure(float(values[0])), figure(float(values[-1]))
            least, greatest = figure(float(np.nanmin(curve.low))), figure(float(np.nanmax(curve.high)))
            sentences.append(f"{words}: {first} at first, {last} at last, from {least} to {greatest}.")
        gaps = int(curve.gaps.sum())
        often = "once" if gaps == 1 else f"{gaps:,} times"
        sentences += [f"{words} was no number {often}."] if gaps else []
    sentences += [f"Best epoch: {best}."] if best else []
    if level is not None:
        sentences.append(f"Always answering the most frequent class reaches {figure(level)}.")
    return " ".join(sentences)
