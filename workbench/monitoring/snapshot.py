"""One frozen picture of where a run stands, as every screen and `--json` show it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.training.control import Request, Stage
from workbench.training.curves import Series
from workbench.training.state import RunState

SeriesKey = tuple[str, str, str]


@dataclass(frozen=True)
class RunSnapshot:
    """Where a run stands.

    Attributes:
        series: By (head, or "" for all heads together; "loss", "accuracy" or "macro_f1"; which). The third
            part is "train" (each batch), "train_epoch" (mean of an epoch) or "validation" (each epoch).
        majority: For each head, the accuracy of always guessing its most frequent class, on validation.
        age_seconds: Since the last sign of life.
        stop: How far a request to stop this worker, or the last one, has come.
        asked: What was last asked of the worker, whatever it is; None if nothing was, or long done.
        untaken_seconds: For how many whole seconds nobody has taken it.
        rate_changes: (epochs behind it, the learning rate before, and after) of each change by a person.
        parent: The run whose weights it began with, or "".
        profile: Where the time of the last worker went that measured it, as `profile.Report.to_dict` with an
            `advice`; None if none did.
    """

    name: str
    state: RunState
    phase: str = ""
    epoch: int = 0
    epochs: int = 0
    batch: int = 0
    batches: int = 0
    step: int = 0
    images_per_second: float = 0.0
    seconds_left: float | None = None
    best_epoch: int = 0
    series: Mapping[SeriesKey, Series] = field(default_factory=dict)
    majority: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    age_seconds: float = 0.0
    failure: str = ""
    log_path: Path = Path()
    skipped_lines: int = 0
    stop: Stage = ""
    asked: Request | None = None
    untaken_seconds: int = 0
    rate_changes: tuple[tuple[float, float, float], ...] = ()
    memory_mb: float | None = None
    learning_rate: float | None = None
    preset: str = ""
    parent: str = ""
    profile: Mapping[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON: of each curve only the last point."""
        plain = {name: value for name, value in vars(self).items() if name not in ("series", "log_path")}
        plain["asked"] = None if self.asked is None else vars(self.asked)
        last = [
            {
                "head": head,
                "metric": metric,
                "split": split,
                "epoch": curve.x[-1],
                "value": _finite(curve.y[-1]),
            }
            for (head, metric, split), curve in sorted(self.series.items())
            if curve.x
        ]
        return {**plain, "log_path": str(self.log_path), "last": last}


def _finite(value: float) -> float | None:
    """The value, or None for what JSON cannot hold."""
    return value if math.isfinite(value) else None
