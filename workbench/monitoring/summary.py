"""One line of the list of runs: what each was, how far it came, what became of it."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.training.failures import death
from workbench.training.run import RunFolder, run_folders
from workbench.training.state import RunState
from workbench.training.tail import RunTail, number, read_tail, whole


@dataclass(frozen=True)
class RunSummary:
    """One line of the list of runs."""

    name: str
    state: RunState
    preset: str
    parent: str
    architecture: str
    epochs_done: int
    epochs: int
    metric: str
    best: float | None
    best_epoch: int
    started: float
    seconds: float
    failure: str

    @property
    def best_text(self) -> str:
        """Such as "val_loss 1.234 (epoch 7)"."""
        return f"{self.metric} {self.best:.4g} (epoch {self.best_epoch})" if self.best is not None else ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def list_runs(runs_dir: Path) -> list[RunSummary]:
    """Every run of a bench, the newest first; cheap, because only the end of each log is read."""
    return [summary for run in run_folders(runs_dir) if (summary := _summary(run)) is not None]


def _summary(run: RunFolder) -> RunSummary | None:
    """One run's line, or None for a folder that cannot be read."""
    try:
        described = run.read()
    except WorkbenchError:
        return None
    alive = run.alive()
    tail: RunTail = read_tail(run.events)
    state = run.state_after(tail, alive=alive)
    settings = _table(described, "settings")
    started = max(0.0, min(time.time(), number(described.get("created"))))
    return RunSummary(
        name=run.name,
        state=state,
        preset=str(described.get("preset", "")),
        parent=str(described.get("parent", "")),
        architecture=str(_table(settings, "model").get("architecture", "")),
        epochs_done=tail.epoch,
        epochs=tail.epochs or whole(_table(settings, "training").get("epochs")),
        metric=tail.metric,
        best=tail.best,
        best_epoch=tail.best_epoch,
        started=started,
        seconds=max(0.0, tail.wall - started) if tail.wall else 0.0,
        failure=death(run) if state is RunState.DIED else tail.failure,
    )


def _table(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A table in a table; empty where it is damaged."""
    found = table.get(name)
    return found if isinstance(found, Mapping) else {}
