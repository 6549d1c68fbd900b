"""One line of the list of runs: what each was, how far it came, what became of it, what people say of it."""

import csv
import math
import os
import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.errors import RunRefused, WorkbenchError
from workbench.monitoring.remarks import Remarks, read_remarks
from workbench.training.failures import death
from workbench.training.host import run_number
from workbench.training.lines import open_log
from workbench.training.metric_names import MONITORED
from workbench.training.run import RunFolder, run_folders
from workbench.training.state import RunState
from workbench.training.tail import RunTail, number, part, read_tail, whole

_MOST_RUN_JSON = 16 << 20
_MOST_HISTORY = 4 << 20
"""Bytes that a file can have that is one of ours; one epoch is a row of less than a kilobyte."""


@dataclass(frozen=True)
class RunSummary:
    """One line of the list of runs.

    Attributes:
        best: The value of `metric` in its best epoch, `best_epoch`; None before there is one.
        loss: Of that epoch on validation, all heads together.
        accuracy: The mean of the heads' accuracies there.
        macro_f1: The mean of their macro-F1.
        images_per_second: The median of its last batches.
        started: Unix seconds.
        seconds: From then to the last line of its log.
        failure: Why it failed or died.
    """

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
    loss: float | None = None
    accuracy: float | None = None
    macro_f1: float | None = None
    images_per_second: float | None = None
    tags: tuple[str, ...] = ()
    note: str = ""

    @property
    def best_text(self) -> str:
        """Such as "val_loss 1.234 (epoch 7)"."""
        return f"{self.metric} {self.best:.4g} (epoch {self.best_epoch})" if self.best is not None else ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Unreadable:
    """A folder that is there in a run's place and cannot be listed, and why."""

    name: str
    why: str


def list_runs(runs_dir: Path) -> list[RunSummary]:
    """Every run of a bench, the newest first; cheap, because only the end of each log is read."""
    return look_through(runs_dir)[0]


def look_through(runs_dir: Path) -> tuple[list[RunSummary], list[Unreadable]]:
    """`list_runs`, and what it leaves out although it looks like a run: damaged, newer, not to be read."""
    folders = run_folders(runs_dir)
    found = [summarise(run) for run in folders]
    hurt = [one for one in found if isinstance(one, Unreadable)]
    closed = closed_folders(runs_dir, {run.name for run in folders})
    return [one for one in found if isinstance(one, RunSummary)], [*hurt, *closed]


def closed_folders(runs_dir: Path, known: Collection[str]) -> list[Unreadable]:
    """Folders with a run's name into which this user may not look.

    Args:
        runs_dir: The bench's folder of runs.
        known: Names of the runs that could be read.
    """
    try:
        with os.scandir(runs_dir) as entries:
            names = sorted(one.name for one in entries if one.name not in known and run_number(one.name) >= 0)
    except FileNotFoundError:
        return []
    except OSError as error:
        return [Unreadable(runs_dir.name, error.strerror or "it cannot be read")]
    return [Unreadable(name, "no permission") for name in names if _closed(runs_dir / name / "run.json")]


def _closed(path: Path) -> bool:
    """Whether only a permission hides a file."""
    try:
        path.stat()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def describe(run: RunFolder) -> dict[str, Any]:
    """A run's run.json, unless it is far too large to be one.

    Raises:
        RunRefused: See `RunFolder.read`.
    """
    try:
        size = run.run_json.stat().st_size
    except OSError:
        size = 0  # what is wrong is said by the one who reads it
    if size > _MOST_RUN_JSON:
        raise RunRefused(f"{size >> 20} MB are no run's", where=run.run_json, cure="it is damaged")
    return run.read()


def summarise(run: RunFolder) -> RunSummary | Unreadable:
    """One run's line, or why there is none; reads run.json, the end of the log and one row of the history."""
    try:
        described = describe(run)
    except WorkbenchError as error:
        return Unreadable(run.name, error.what.partition(";")[0])
    alive = run.alive()  # before the log: a worker that ends in between has written its end
    tail: RunTail = read_tail(run.events)
    state = run.state_after(tail.phase, tail.wall, time.time() - tail.wall, alive=alive)
    return _summary(run, described, tail, state, read_remarks(run))


def _summary(
    run: RunFolder, described: Mapping[str, Any], tail: RunTail, state: RunState, remarks: Remarks
) -> RunSummary:
    """All that is known, put together."""
    settings = part(described, "settings")
    started = max(0.0, min(time.time(), number(described.get("created"))))
    loss, accuracy, macro_f1 = tail.best_figures or _from_history(run.history, tail.best_epoch)
    return RunSummary(
        name=run.name,
        state=state,
        preset=str(described.get("preset", "")),
        parent=str(described.get("parent", "")),
        architecture=str(part(settings, "model").get("architecture", "")),
        epochs_done=tail.epoch,
        epochs=tail.epochs or whole(part(settings, "training").get("epochs")),
        metric=tail.metric,
        best=tail.best,
        best_epoch=tail.best_epoch,
        started=started,
        seconds=max(0.0, tail.wall - started) if tail.wall else 0.0,
        failure=death(run) if state is RunState.DIED else tail.failure,
        loss=loss,
        accuracy=accuracy,
        macro_f1=macro_f1,
        images_per_second=tail.images_per_second,
        tags=remarks.tags,
        note=remarks.note,
    )


def _from_history(history: Path, epoch: int) -> tuple[float | None, ...]:
    """An epoch's figures on validation from its row of history.csv."""
    cells = epoch_row(history, epoch)
    values = [number(cells.get(f"val_{name}") or None) for name in MONITORED]
    return tuple(value if math.isfinite(value) else None for value in values)


def epoch_row(history: Path, epoch: int) -> Mapping[str, str]:
    """An epoch's row of history.csv by column, empty where there is none; other rows are not even parted."""
    if epoch < 1:
        return {}
    try:
        with open_log(history) as file:
            raw = file.read(_MOST_HISTORY)
    except OSError:
        return {}
    begins = raw.find(f"\n{epoch},".encode())
    ends = raw.find(b"\n", begins + 1)
    if begins < 0 or ends < 0:
        return {}
    two = [raw[: raw.find(b"\n")], raw[begins + 1 : ends]]
    try:
        header, row = csv.reader(line.decode(errors="replace") for line in two)
    except (csv.Error, ValueError):
        return {}
    return dict(zip(header, row, strict=False)) if header[:1] == ["epoch"] else {}
