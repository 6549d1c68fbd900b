"""One frozen picture of where a run stands, as every screen and `--json` show it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.monitoring.advice import Advice
from workbench.monitoring.curves import Curve, CurveKey
from workbench.monitoring.marks import Mark
from workbench.training.control import Request, Stage
from workbench.training.metric_names import MONITORED
from workbench.training.state import RunState

_NOT_PLAIN = ("curves", "log_path", "asked", "requests", "marks", "advice")


@dataclass(frozen=True)
class RunSnapshot:
    """Where a run stands.

    Attributes:
        curves: By (head, or "" for all heads together; the figure; which). The third part is "train" (each
            batch), "train_epoch" (mean of an epoch), "validation" (each epoch) or "system" (the machine).
        majority: For each head, the accuracy of always guessing its most frequent class, on validation.
        marks: What stands at a place of the charts, in the order of the log; the best epoch last.
        advice: What is worth knowing of the curves, in order of place.
        started: Unix seconds of the first event.
        sign_wall, data_wall: Of the last event, and of the last batch or epoch, by the clock of the worker's
            machine; 0 before there is one.
        sign_age, data_age: Seconds since then, by the clock here.
        reading: Share of the log that was read so far; None once all of it was.
        skipped: Lines that were skipped, by the reason; `skipped_lines` is their sum.
        two_writers: Whether two workers have written the log at once.
        gone: Whether the log is no longer there.
        stop: How far a request to stop this worker, or the last one, has come.
        asked: What was last asked of the worker, whatever it is; None if nothing was, or long done.
        requests: All that was asked of this worker, the newest last.
        untaken_seconds: For how many whole seconds nobody has taken what was last asked.
        rate_changes: (epochs behind it, the learning rate before, and after) of each change by a person.
        memory_mb: Resident memory of the worker, in MiB; None while it is not known.
        gpus: Names of its GPUs.
        parent: The run whose weights it began with, or "".
        elsewhere: The machine of the worker, if its lock cannot be seen from here, so that the state is what
            the log says; else "".
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
    metric: str = ""
    curves: Mapping[CurveKey, Curve] = field(default_factory=dict)
    majority: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    advice: tuple[Advice, ...] = ()
    started: float = 0.0
    sign_wall: float = 0.0
    data_wall: float = 0.0
    sign_age: float = 0.0
    data_age: float = 0.0
    reading: float | None = None
    failure: str = ""
    log_path: Path = Path()
    skipped: Mapping[str, int] = field(default_factory=dict)
    two_writers: bool = False
    gone: bool = False
    stop: Stage = ""
    asked: Request | None = None
    requests: tuple[Request, ...] = ()
    untaken_seconds: int = 0
    rate_changes: tuple[tuple[float, float, float], ...] = ()
    memory_mb: float | None = None
    gpus: tuple[str, ...] = ()
    learning_rate: float | None = None
    preset: str = ""
    parent: str = ""
    elsewhere: str = ""
    profile: Mapping[str, Any] | None = None

    @property
    def skipped_lines(self) -> int:
        """How many lines of the log were skipped."""
        return sum(self.skipped.values())

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON: of each curve only the last point."""
        plain = {name: value for name, value in vars(self).items() if name not in _NOT_PLAIN}
        return {
            **plain,
            "skipped_lines": self.skipped_lines,
            "log_path": str(self.log_path),
            "asked": None if self.asked is None else vars(self.asked),
            "requests": [vars(request) for request in self.requests],
            "marks": [vars(mark) for mark in self.marks],
            "advice": [vars(advice) for advice in self.advice],
            "last": self._last("train", "train_epoch", "validation"),
            "machine": {f"{head} {name}".strip(): value for head, name, value in self._machine()},
        }

    def _last(self, *splits: str) -> list[dict[str, Any]]:
        """The last point of each curve of the heads."""
        return [
            {
                "head": head,
                "metric": metric,
                "split": split,
                "epoch": float(curve.places[-1]),
                "value": _finite(curve.newest),
            }
            for (head, metric, split), curve in sorted(self.curves.items())
            if split in splits and metric in MONITORED and len(curve)
        ]

    def _machine(self) -> list[tuple[str, str, float | None]]:
        """(device, figure, last value) of the machine's curves."""
        return [
            (device, name, _finite(curve.newest))
            for (device, name, split), curve in sorted(self.curves.items())
            if split == "system"
        ]


def _finite(value: float) -> float | None:
    """The value, or None for what JSON cannot hold."""
    return value if math.isfinite(value) else None
