"""A study as charts: the best value so far over the trials, and the value over a parameter; no Textual."""

import itertools
import math
from dataclasses import replace

import numpy as np
from rich.style import Style

from workbench.sweep.parameter import Parameter
from workbench.sweep.result import StudyResult, TrialRow
from workbench.sweep.space import as_word
from workbench.tui.charts import DOTS, MARKS, Plot, Role, draw
from workbench.tui.scales import Scale
from workbench.tui.thinning import Trace, joined

_HEIGHT = 14
_LEAST = 2
"""A chart of one point says nothing."""
_LOOKS: dict[Role, Style] = {role: Style() for role in ("axis", *MARKS, *DOTS)}
_MARGIN = 0.05


def study_charts(result: StudyResult, width: int) -> list[str]:
    """Both charts with their legends, as lines of plain text; none before two trials have a value.

    Args:
        result: The study.
        width: Cells.
    """
    if len(result.ranked) < _LEAST:
        return []
    over = next((one for one in _by_use(result) if _distinct(one, result) >= _LEAST), None)
    lines = [*_best_so_far(result, width)]
    return lines if over is None else [*lines, "", *_over_parameter(result, over, width)]


def _best_so_far(result: StudyResult, width: int) -> list[str]:
    """Each trial's value, and the best so far as a line."""
    rows = [one for one in result.trials if one.best is not None]
    x = [float(one.number) for one in rows]
    y = [one.best for one in rows if one.best is not None]
    best = list(itertools.accumulate(y, max if result.larger_is_better else min))
    failed = [float(one.number) for one in result.trials if one.state == "failed" and one.best is None]
    plot = Plot(
        curves=(("train", joined(x, best)),),
        right=max(float(len(result.trials) - 1), 1.0),
        width=width,
        height=_HEIGHT,
        dots=(("a", _points(list(zip(x, y, strict=True)), failed)),),
    )
    legend = f"{MARKS['train']} the best so far   {DOTS['a']} a trial"
    legend += f"   {MARKS['gap']} failed" if failed else ""
    return [f"{result.metric} over the trials   {legend}", *_drawn(plot)]


def _over_parameter(result: StudyResult, over: Parameter, width: int) -> list[str]:
    """The value over one parameter, marked by the choices of another one."""
    kinds = next(
        (one for one in result.parameters if one is not over and 1 < len(one.choices) <= len(DOTS)), None
    )
    groups: dict[str, list[TrialRow]] = {}
    for row in result.trials:
        if over.key in row.values:
            groups.setdefault(as_word(row.values[kinds.key]) if kinds else "a trial", []).append(row)
    order = [as_word(one) for one in kinds.choices] if kinds else list(groups)
    roles = [(role, name) for role, name in zip(DOTS, order, strict=False) if name in groups]
    dots = tuple((role, _tried(groups[name], over)) for role, name in roles)
    low, high = (_x(over, one) for one in (min(over.numbers), max(over.numbers)))
    margin = (high - low) * _MARGIN
    marked = _ticks(over)
    plot = Plot(
        curves=(),
        right=high + margin,
        width=width,
        height=_HEIGHT,
        dots=dots,
        left=low - margin,
        x=Scale(
            low - margin,
            high + margin,
            tuple(_x(over, one) for one in marked),
            tuple(as_word(one) for one in marked),
        ),
    )
    legend = [f"{DOTS[role]} {name}" for role, name in roles]
    legend += [f"{MARKS['gap']} failed"] if any(trace.gaps.size for _, trace in dots) else []
    return [f"{result.metric} over {over.name}   {'   '.join(legend)}", *_drawn(plot)]


def _by_use(result: StudyResult) -> list[Parameter]:
    """Numeric parameters, those of a wide range first."""
    return sorted((one for one in result.parameters if one.numbers), key=lambda one: not one.by_factors)


def _distinct(parameter: Parameter, result: StudyResult) -> int:
    """How many values of a parameter were tried."""
    return len({row.values[parameter.key] for row in result.ranked if parameter.key in row.values})


def _points(places: list[tuple[float, float]], failed: list[float]) -> Trace:
    """Points in any order, and where there is none."""
    ordered = sorted(places)
    values = joined([x for x, _ in ordered], [y for _, y in ordered])
    return replace(values, gaps=np.array(failed))


def _tried(rows: list[TrialRow], over: Parameter) -> Trace:
    """Trials as points; those that failed without a value as gaps."""
    at = [(_x(over, float(row.values[over.key])), row) for row in rows]
    known = [(x, row.best) for x, row in at if row.best is not None]
    return _points(known, [x for x, row in at if row.best is None and row.state == "failed"])


def _x(over: Parameter, value: float) -> float:
    """Where a value stands on the axis."""
    return math.log10(value) if over.by_factors else value


def _ticks(over: Parameter) -> tuple[float, ...]:
    """The choices, or the powers of ten within the range and its ends."""
    if over.choices or not over.by_factors:
        return over.numbers
    low, high = over.numbers
    powers = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    return tuple(sorted({low, high, *(10.0**power for power in powers)}))


def _drawn(plot: Plot) -> list[str]:
    """The chart without colours, for pipes and terminals alike."""
    return [line.plain.rstrip() for line in draw(plot, _LOOKS)]
