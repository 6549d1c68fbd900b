"""The curve of a learning-rate range test: the loss over the rate's logarithm; no Textual."""

import math

from rich.style import Style

from workbench.training.rate_range import RangeResult
from workbench.tui.charts import DOTS, MARKS, Plot, Role, draw
from workbench.tui.scales import Scale
from workbench.tui.thinning import Trace, joined

_HEIGHT = 18
_LEAST = 2
_LOOKS: dict[Role, Style] = {role: Style() for role in ("axis", *MARKS, *DOTS)}


def rate_chart(result: RangeResult, width: int) -> list[str]:
    """The chart and its legend, as lines of plain text; none before two steps have a loss.

    What lies above the smoothed curve's first value is cut off: a loss that blows up would hide the fall.

    Args:
        result: The test.
        width: Cells.
    """
    if len(result.smoothed) < _LEAST:
        return []
    x = [math.log10(rate) for rate in result.rates]
    ceiling = result.smoothed[0] + 0.25 * (result.smoothed[0] - min(result.smoothed))
    smoothed = [(at, y) for at, y in zip(x, result.smoothed, strict=False) if y <= ceiling]
    raw = [(at, y) for at, y in zip(x, result.losses, strict=True) if y <= ceiling]
    dots: list[tuple[Role, Trace]] = [("c", _points(raw))]
    legend = f"{MARKS['train']} smoothed   {DOTS['c']} a step"
    if result.suggestion is not None:
        at = result.rates.index(result.suggestion)
        dots.append(("b", _points([(x[at], result.smoothed[at])])))
        legend += f"   {DOTS['b']} steepest fall"
    powers = range(math.ceil(x[0]), math.floor(x[-1]) + 1)
    marked = Scale(x[0], x[-1], tuple(map(float, powers)), tuple(f"1e{power}" for power in powers))
    plot = Plot(
        curves=(("train", _points(smoothed)),),
        right=x[-1],
        width=width,
        height=_HEIGHT,
        dots=tuple(dots),
        left=x[0],
        x=marked,
    )
    return [f"loss over the learning rate   {legend}", *(line.plain for line in draw(plot, _LOOKS))]


def _points(places: list[tuple[float, float]]) -> Trace:
    """Points that are drawn as they are."""
    return joined([x for x, _ in places], [y for _, y in places])
