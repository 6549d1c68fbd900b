"""What came of a study: its trials as frozen rows, for tables, charts and JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from workbench.sweep.parameter import Parameter, Value


@dataclass(frozen=True)
class TrialRow:
    """One trial.

    Attributes:
        state: "complete", "pruned", "failed", "running", "interrupted" or "waiting".
        values: Its parameters by key; empty before they were chosen.
        best: The metric's best value over the epochs; None before the first.
        images_per_second: The median over its batches.
        cause: Why it failed, or was given up by hand.
        data: The fingerprint of the labels and splits that it learned from.
    """

    number: int
    state: str
    values: Mapping[str, Value]
    best: float | None
    best_epoch: int
    epochs: int
    images_per_second: float | None
    run: str
    host: str
    cause: str
    data: str


@dataclass(frozen=True)
class StudyResult:
    """A study as it stands.

    Attributes:
        name: Its name.
        metric: What is to be best.
        larger_is_better: Whether that is to rise.
        sampler: How trials are chosen.
        preset: The preset under them.
        place: Where it is kept.
        parameters: What is varied.
        trials: By number.
    """

    name: str
    metric: str
    larger_is_better: bool
    sampler: str
    preset: str
    place: str
    parameters: tuple[Parameter, ...]
    trials: tuple[TrialRow, ...]

    @property
    def ranked(self) -> tuple[TrialRow, ...]:
        """Trials with a value, the best first."""
        sign = -1 if self.larger_is_better else 1
        found = [(sign * one.best, one.number, one) for one in self.trials if one.best is not None]
        return tuple(one for _, _, one in sorted(found, key=lambda entry: entry[:2]))

    @property
    def best(self) -> TrialRow | None:
        """The best trial of those that were trained to their end; None before there is one."""
        return next((one for one in self.ranked if one.state == "complete"), None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be known before figures are compared."""
        kinds = {one.data for one in self.trials if one.data}
        if len(kinds) < 2:
            return ()
        return (
            f"the trials learned from {len(kinds)} states of the labels: they cannot be compared exactly",
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        best = self.best
        return {
            "study": self.name,
            "metric": self.metric,
            "direction": "maximize" if self.larger_is_better else "minimize",
            "sampler": self.sampler,
            "config": self.preset,
            "storage": self.place,
            "best": asdict(best) if best else None,
            "trials": [asdict(one) for one in self.trials],
            "warnings": list(self.warnings),
        }
