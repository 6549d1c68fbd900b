"""The parallel list: a trial a line, the best first, each parameter a track on which its value is marked.

It is read downwards like a chart of parallel coordinates on its side (Inselberg, The Visual Computer, 1985):
where the marks of the upper lines stand together, that value is good; where they are strewn, it matters
little.
"""

from workbench.sweep.parameter import Parameter
from workbench.sweep.result import StudyResult, TrialRow
from workbench.sweep.space import as_word

_TRACK = 9
_MARK, _LINE = "●", "·"


def parallel_list(result: StudyResult) -> tuple[list[str], list[list[str]]]:
    """The heading and the lines; no lines before a trial has a value.

    Args:
        result: The study.

    Returns:
        Column names and one row of cells a trial, sorted by value; the last column is the metric's track.
    """
    rows = result.ranked
    heading = ["trial", *(one.name for one in result.parameters), result.metric]
    values = [one.best for one in rows if one.best is not None]
    low, high = (min(values), max(values)) if values else (0.0, 0.0)
    return heading, [_line(result, row, low, high) for row in rows]


def _line(result: StudyResult, row: TrialRow, low: float, high: float) -> list[str]:
    """One trial."""
    best = row.best or 0.0
    share = (best - low) / (high - low) if high > low else 0.0
    state = "" if row.state == "complete" else f" {row.state}"
    cells = [_cell(one, row) for one in result.parameters]
    return [str(row.number), *cells, f"{_track(share)} {best:.4f}{state}"]


def _cell(parameter: Parameter, row: TrialRow) -> str:
    """A parameter's track with the value beside it."""
    if parameter.key not in row.values:
        return ""
    value = row.values[parameter.key]
    return f"{_track(parameter.place(value))} {as_word(value)}"


def _track(share: float) -> str:
    """A line with a mark: 0 at its left, 1 at its right."""
    at = round(share * (_TRACK - 1))
    return _LINE * at + _MARK + _LINE * (_TRACK - 1 - at)
