"""Which charts a run has: of each head loss, accuracy and macro-F1, and what was used of the machine."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.monitoring.curves import Curve
from workbench.monitoring.snapshot import RunSnapshot
from workbench.report import scale, svg
from workbench.report.markup import Html, element, join
from workbench.report.scale import Scale
from workbench.report.svg import Chart, Sign, Stroke
from workbench.report.thin import Line, thin

METRICS = {"loss": "loss", "accuracy": "accuracy", "macro_f1": "macro-F1"}
_LEGEND = {
    "train": "training, smoothed",
    "raw": "training, every batch",
    "validation": "validation",
    "level": "always the most frequent class",
    "best": "best epoch",
    "restart": "went on after an interruption",
    "rate": "learning rate changed",
    "epochs": "epochs added",
    "gap": "no number",
}
_SMOOTHED_FROM = 60
"""Points of a training curve from which on it is smoothed, over a hundredth of it."""
_MOST_SIGNS = 40
_MOST_GRID = 50
_POINTS = 60_000
"""About how many points all lines together may have, so that many heads do not make a huge page."""
_FEWEST = 80


@dataclass(frozen=True)
class _Part:
    """What a chart shows of one metric of one head."""

    head: str
    metric: str
    raw: Curve | None
    train: Curve | None
    validation: Curve | None

    @property
    def curves(self) -> tuple[Curve, ...]:
        """Those that there are."""
        return tuple(one for one in (self.raw, self.train, self.validation) if one is not None)


def curves(snapshot: RunSnapshot, titles: Mapping[str, str]) -> Html | None:
    """All charts of the training, under one legend; None where there is not one curve.

    Args:
        snapshot: The run.
        titles: What each head is called, in the order of the charts.
    """
    heads = ["", *titles]
    found = {head: [part for metric in METRICS if (part := _part(snapshot, head, metric))] for head in heads}
    count = sum(map(len, found.values()))
    if not count:
        return None
    columns = max(_FEWEST, min(svg.COLUMNS, _POINTS // (6 * count)))
    reached = max(float(one.places[-1]) for parts in found.values() for part in parts for one in part.curves)
    x, signs = scale.from_zero(reached, 8), _signs(snapshot)
    rows = []
    for number, (head, parts) in enumerate(found.items()):
        title = titles.get(head, "all heads together")
        drawn = [_figure(snapshot, part, title, x, signs, columns, f"curve-{number}") for part in parts]
        if drawn:
            rows.append(element("section", element("h3", title), element("div", *drawn, class_="charts")))
    return join(_legend([part for parts in found.values() for part in parts], snapshot, signs), *rows)


def _part(snapshot: RunSnapshot, head: str, metric: str) -> _Part | None:
    """The curves of a metric; the means of epochs stand in for those of batches where there are none."""
    raw, train, validation = (
        one if (one := snapshot.curves.get((head, metric, split))) is not None and len(one) else None
        for split in ("train", "train_epoch", "validation")
    )
    if raw is None and train is None and validation is None:
        return None
    return _Part(head, metric, raw, None if raw is not None else train, validation)


def _signs(snapshot: RunSnapshot) -> list[Sign]:
    """The best epoch, restarts and what was changed on the way."""
    signs = [
        Sign(kind, mark.place, mark.text)
        for kind in ("restart", "rate", "epochs")
        for mark in [one for one in snapshot.marks if one.kind == kind][-_MOST_SIGNS:]
    ]
    best = snapshot.best_epoch
    return [*signs, Sign("best", float(best), f"epoch {best} is the best one")] if best else signs


def _figure(
    snapshot: RunSnapshot, part: _Part, title: str, x: Scale, signs: Sequence[Sign], columns: int, name: str
) -> Html:
    """A chart under a line that says its newest figures."""
    level = snapshot.majority.get(part.head) if part.metric == "accuracy" else None
    metric = METRICS[part.metric]
    strokes = list(_strokes(part, columns))
    chart = Chart(
        title=f"{title}: {metric}",
        description=_words(part, snapshot.best_epoch, level),
        x=x,
        y=_values(part, strokes),
        strokes=strokes,
        signs=signs,
        level=level,
        grid=np.arange(1.0, x.high + 1e-9).tolist() if x.high <= _MOST_GRID else (),
    )
    drawn = svg.draw(chart, f"{name}-{part.metric.replace('_', '-')}")
    return element("figure", element("figcaption", element("b", metric), _newest(part)), drawn)


def _strokes(part: _Part, columns: int) -> Iterator[Stroke]:
    """Every batch behind, then its smoothed course, then validation."""
    if part.raw is not None:
        points = int(part.raw.counts.sum())
        yield Stroke("raw", thin(part.raw.places, part.raw.low, part.raw.high, columns))
        if points >= _SMOOTHED_FROM:
            smooth = part.raw.smoothed(max(10.0, points / 100))
            yield Stroke("train", thin(part.raw.places, smooth, smooth, columns))
    if part.train is not None:
        yield Stroke("train", _extremes(part.train, columns), "epoch")
    if part.validation is not None:
        yield Stroke("validation", _extremes(part.validation, columns), "epoch")


def _extremes(curve: Curve, columns: int) -> Line:
    return thin(curve.places, curve.low, curve.high, columns)


def _values(part: _Part, strokes: Sequence[Stroke]) -> Scale:
    """The axis to the left: shares from 0 to 1; a loss from 0, or logarithmic over decades."""
    if part.metric != "loss":
        return Scale(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))
    drawn = {one.look: one.line for one in strokes if one.line.parts}
    everything = [points[:, 1] for line in drawn.values() for points in line.parts]
    if not everything:
        return scale.from_zero(1.0)
    told = [points[:, 1] for look, line in drawn.items() if look != "raw" for points in line.parts]
    values = np.concatenate(told or everything)
    positive = values[values > 0]
    return scale.of_loss(
        float(positive.min()) if positive.size else 0.0, float(np.concatenate(everything).max())
    )


def figure(value: float) -> str:
    """A figure as the screens show it."""
    return f"{value:.3f}" if abs(value) < 100 else f"{value:.3g}"


def _newest(part: _Part) -> list[Html]:
    """The newest value of each line."""
    said = [
        (words, curve.newest)
        for words, curve in (("training", part.raw or part.train), ("validation", part.validation))
        if curve is not None
    ]
    return [
        element("span", f"{words} ", element("b", figure(value) if math.isfinite(value) else "no number"))
        for words, value in said
    ]


def _words(part: _Part, best: int, level: float | None) -> str:
    """What is to be seen, in a sentence a line."""
    sentences = []
    for words, curve in (("Training", part.raw or part.train), ("Validation", part.validation)):
        values = np.empty(0) if curve is None else curve.mean[np.isfinite(curve.mean)]
        if curve is not None and values.size:
            first, last = figure(float(values[0])), figure(float(values[-1]))
            least, greatest = figure(float(values.min())), figure(float(values.max()))
            sentences.append(f"{words}: {first} at first, {last} at last, from {least} to {greatest}.")
        gaps = 0 if curve is None else int(curve.gaps.sum())
        sentences += [f"{words} was no number {gaps} times."] if gaps else []
    sentences += [f"Best epoch: {best}."] if best else []
    sentences += [f"Always answering the most frequent class reaches {figure(level)}."] if level else []
    return " ".join(sentences)


def _legend(parts: Sequence[_Part], snapshot: RunSnapshot, signs: Sequence[Sign]) -> Html:
    """What the lines and marks in use are."""
    used = {sign.kind for sign in signs}
    for part in parts:
        raw = part.raw is not None
        smoothed = part.raw is not None and int(part.raw.counts.sum()) >= _SMOOTHED_FROM
        shown = {
            "raw": raw,
            "train": smoothed or part.train is not None,
            "validation": part.validation is not None,
        }
        used |= {look for look, there in shown.items() if there}
        used |= {"gap"} if any(curve.gaps.any() for curve in part.curves) else set()
        used |= {"level"} if part.metric == "accuracy" and part.head in snapshot.majority else set()
    entries = [element("li", svg.sample(look), words) for look, words in _LEGEND.items() if look in used]
    return element("ul", *entries, class_="legend")
