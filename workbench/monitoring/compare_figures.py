"""Figures of several runs side by side: each head in the best epoch, and on test where it was evaluated."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import WorkbenchError
from workbench.files import read_json
from workbench.monitoring.summary import RunSummary, epoch_row
from workbench.training.metric_names import MONITORED
from workbench.training.run import RunFolder
from workbench.training.tail import number, part

FigureKey = tuple[str, str, str]
"""(head or "" for all, one of MONITORED, "validation" or "test")."""
_SPLITS = ("validation", "test")
_MOST_EVALUATION = 64 << 20
_SAME = 1e-9


@dataclass(frozen=True)
class Figure:
    """One figure of all runs.

    Attributes:
        head: "" for all heads together.
        figure: One of `MONITORED`.
        split: "validation" (in the best epoch) or "test".
        values: One a run; None where it has none.
    """

    head: str
    figure: str
    split: str
    values: tuple[float | None, ...]

    @property
    def differences(self) -> tuple[float | None, ...]:
        """By how much each run differs from the first."""
        first = self.values[0]
        return tuple(None if first is None or one is None else one - first for one in self.values)

    @property
    def verdicts(self) -> tuple[str, ...]:
        """Whether each run is "better" or "worse" than the first, the "same", or "" if that is not known."""
        sign = -1 if self.figure == "loss" else 1
        return tuple(
            "" if one is None else "same" if abs(one) < _SAME else "better" if one * sign > 0 else "worse"
            for one in self.differences
        )

    @property
    def best(self) -> tuple[bool, ...]:
        """Which runs have the best value; none where all have the same."""
        known = [one for one in self.values if one is not None]
        if len(known) < 2 or max(known) - min(known) < _SAME:
            return (False,) * len(self.values)
        wanted = min(known) if self.figure == "loss" else max(known)
        return tuple(one is not None and abs(one - wanted) < _SAME for one in self.values)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**vars(self), "differences": self.differences, "verdicts": self.verdicts}


def figures_of(run: RunFolder, summary: RunSummary) -> dict[FigureKey, float]:
    """What is known of a run's best epoch and of its test split.

    Args:
        run: The run; of its files only history.csv and evaluation.json are read.
        summary: Knows the best epoch, and its figures of all heads together.
    """
    of_all = zip(MONITORED, (summary.loss, summary.accuracy, summary.macro_f1), strict=True)
    found = {("", name, "validation"): value for name, value in of_all if value is not None}
    for name, cell in epoch_row(run.history, summary.best_epoch).items():
        value = number(cell or None)
        parts = name.removeprefix("val_")
        figure = next((one for one in MONITORED if parts == one or parts.endswith(f"_{one}")), "")
        if name.startswith("val_") and figure and math.isfinite(value):
            found[parts.removesuffix(figure).removesuffix("_"), figure, "validation"] = value
    return found | _tested(run)


def _tested(run: RunFolder) -> dict[FigureKey, float]:
    """The figures of the test split in evaluation.json; empty where it was not evaluated."""
    try:
        if run.evaluation.stat().st_size > _MOST_EVALUATION:
            return {}
        evaluation = read_json(run.evaluation)
    except (OSError, WorkbenchError):
        return {}
    table = part(part(evaluation, "splits"), "test")
    parts: dict[str, Any] = {"": table, **part(table, "heads")}
    return {
        (str(head), figure, "test"): number(one[figure])
        for head, one in parts.items()
        if isinstance(one, Mapping)
        for figure in MONITORED
        if math.isfinite(number(one.get(figure)))
    }


def side_by_side(runs: Sequence[Mapping[FigureKey, float]], heads: Sequence[str]) -> tuple[Figure, ...]:
    """A row a figure that any run has.

    Args:
        runs: What `figures_of` gave for each.
        heads: The order of the rows; "" for all heads.
    """
    rows = [
        Figure(head, figure, split, tuple(run.get((head, figure, split)) for run in runs))
        for head in heads
        for split in _SPLITS
        for figure in MONITORED
    ]
    return tuple(row for row in rows if any(one is not None for one in row.values))
