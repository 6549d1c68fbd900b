"""Charts of what a run used of the machine: memory, processor, GPUs, and pictures a second beside them."""

import re

from workbench.monitoring.curves import Curve, CurveKey
from workbench.monitoring.snapshot import RunSnapshot
from workbench.report import scale, svg
from workbench.report.course import figure
from workbench.report.markup import Html, element
from workbench.report.svg import Chart, Stroke
from workbench.report.thin import thin

SPEED: CurveKey = ("", "images_per_second", "train")
_UNITS = {"mb": "MB", "percent": "%", "watts": "W", "w": "W", "celsius": "°C", "c": "°C", "gb": "GB"}
_COLUMNS = 240
_MOST = 24
"""Charts: a machine of eight GPUs has five figures of each, and a log from elsewhere may have any number."""


def machine_charts(snapshot: RunSnapshot) -> list[Html]:
    """A chart a figure of the `system` events, and of the pictures a second; none where there are none."""
    keys = [SPEED, *(key for key in snapshot.curves if key[2] == "system")]
    found = [(key, snapshot.curves[key]) for key in keys if key in snapshot.curves]
    drawn = [
        _figure(key, curve, snapshot.started, f"machine-{number}")
        for number, (key, curve) in enumerate(found)
        if curve.counts.any()
    ]
    return drawn[:_MOST]


def field_words(key: CurveKey) -> str:
    """A figure's name for people: "memory (MB)", "gpu 0: power (W)"."""
    owner, field, _ = key
    if key == SPEED:
        return "pictures a second"
    words, _, last = field.rpartition("_")
    named = (
        f"{words.replace('_', ' ')} ({_UNITS[last]})" if words and last in _UNITS else field.replace("_", " ")
    )
    return f"{owner}: {named}" if owner else named


def _figure(key: CurveKey, curve: Curve, started: float, name: str) -> Html:
    """The extremes of every moment, over the time since the run began."""
    title = field_words(key)
    seconds = curve.x("relative", started)
    unit, size = next(
        (one for one in (("hours", 3600), ("minutes", 60)) if seconds[-1] >= 2 * one[1]), ("seconds", 1)
    )
    line = thin(seconds / size, curve.low, curve.high, _COLUMNS, curve.gaps)
    values = curve.mean[curve.counts > 0]
    least, mean, greatest = float(values.min()), float(values.mean()), float(values.max())
    top = max(float(points[:, 1].max()) for points in line.parts) if line.parts else greatest
    bottom = min(0.0, *(float(points[:, 1].min()) for points in line.parts)) if line.parts else 0.0
    chart = Chart(
        title=title,
        description=f"Least {figure(least)}, mean {figure(mean)}, greatest {figure(greatest)}.",
        x=scale.from_zero(float(seconds[-1]) / size, 6),
        y=scale.rounded(bottom, top),
        strokes=[Stroke("figure", line)],
        x_name=unit,
    )
    said = element("span", "mean ", element("b", figure(mean)), ", at most ", element("b", figure(greatest)))
    return element(
        "figure",
        element("figcaption", element("b", re.sub(r"^gpu ", "GPU ", title)), said),
        svg.draw(chart, name),
    )
