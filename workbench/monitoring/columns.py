"""The columns of the list of runs: how they are called on the screen, in JSON and in a filter, and sorted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import InputError
from workbench.monitoring.summary import RunSummary
from workbench.ordering import in_order
from workbench.text import neutralise
from workbench.toml import suggestion
from workbench.training.host import run_number


@dataclass(frozen=True)
class RunColumn:
    """One column.

    Attributes:
        key: Its name in JSON: the field of `RunSummary`.
        title: Its heading.
        number: Whether it holds figures, which can be compared.
        words: How a sentence calls it; by default its heading.
        names: How else a person may call it.
    """

    key: str
    title: str
    number: bool = False
    words: str = ""
    names: tuple[str, ...] = ()

    @property
    def typed(self) -> str:
        """The name that a person types."""
        return self.names[0] if self.names else self.key


COLUMNS = (
    RunColumn("name", "run", names=("run",)),
    RunColumn("state", "state"),
    RunColumn("tags", "tags", names=("tag",)),
    RunColumn("best", "best", number=True),
    RunColumn("best_epoch", "at", number=True, words="best epoch", names=("at",)),
    RunColumn("loss", "val loss", number=True, names=("loss", "val_loss")),
    RunColumn("accuracy", "accuracy", number=True, names=("accuracy", "val_accuracy")),
    RunColumn("macro_f1", "macro-F1", number=True, names=("f1", "val_macro_f1")),
    RunColumn("epochs_done", "epochs", number=True, names=("epochs", "epoch")),
    RunColumn("seconds", "duration", number=True, names=("duration",)),
    RunColumn("images_per_second", "pictures/s", number=True, names=("speed", "pictures/s")),
    RunColumn("started", "started", number=True),
    RunColumn("preset", "preset"),
    RunColumn("parent", "parent"),
    RunColumn("architecture", "architecture", names=("architecture", "arch")),
    RunColumn("note", "note"),
)


def find_column(name: str, where: str = "") -> RunColumn:
    """The column that a person calls so.

    Args:
        name: As in JSON, as its heading, or shorter.
        where: What was typed it in, for the error.

    Raises:
        InputError: There is none; names those that there are.
    """
    wanted = name.strip().lower().replace("-", "_").replace(" ", "_")
    for column in COLUMNS:
        if wanted in (column.key, column.title.lower().replace("-", "_").replace(" ", "_"), *column.names):
            return column
    cure = suggestion(wanted, [column.typed for column in COLUMNS])
    raise InputError(f"no column is named {neutralise(name, 40)!r}", where=where, cure=cure)


def sort_value(run: RunSummary, key: str) -> Any:
    """What decides a run's place by a column; None for what it does not have."""
    if key == "name":
        return (run_number(run.name), run.name)
    if key == "best":  # values of different metrics cannot be compared
        return None if run.best is None else (run.metric, run.best)
    if key == "tags":
        return run.tags or None
    value = getattr(run, key)
    if key in ("best_epoch", "seconds", "started"):
        return value or None
    return str(value).casefold() or None if isinstance(value, str) else value


def sort_runs(runs: Sequence[RunSummary], key: str, *, falling: bool = False) -> list[RunSummary]:
    """Runs by the column of this key, "" for as they are; those without the figure come last."""
    return in_order(runs, lambda run: sort_value(run, key), falling=falling) if key else list(runs)
