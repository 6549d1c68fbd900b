"""The evaluation of a run as plain values, and `evaluation.json`, in which it lies beside the run.

Whatever shows results reads this module only: it needs neither Keras nor pandas nor scikit-learn. What
cannot be said stands as None with a reason, never as 0.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from workbench.dataset.table import SPLITS
from workbench.errors import RunError, WorkbenchError
from workbench.files import read_json, write_atomically
from workbench.training.run import RunFolder

__all__ = [
    "SPLITS",
    "ClassMetrics",
    "Evaluation",
    "HeadMetrics",
    "SplitResult",
    "read_evaluation",
    "write_evaluation",
]
VERSION = 1


@dataclass(frozen=True)
class ClassMetrics:
    """One class of one head on one split.

    Attributes:
        name: The class.
        support: Pictures that are of this class.
        predicted: Pictures that the network takes for it.
        precision: Share of `predicted` that are right; None if there are none.
        recall: Share of `support` that was found; None if there is none.
        f1: 2 · hits / (support + predicted); None if `support` is 0.
        reason: Why something is None.
    """

    name: str
    support: int
    predicted: int
    precision: float | None
    recall: float | None
    f1: float | None
    reason: str = ""


@dataclass(frozen=True)
class HeadMetrics:
    """One head on one split; every figure is None if no picture has a label there (n = 0).

    Attributes:
        n: Labelled pictures.
        accuracy: Share of them that the network answers right.
        interval: Wilson's 95 % interval of the accuracy.
        macro_f1: Mean of F1 over the classes that have pictures in this split.
        majority: The accuracy on this split of always answering `majority_class`.
        majority_macro_f1: The macro-F1 of that answer.
        majority_class: The most frequent class of the training split.
        loss: Mean cross-entropy, natural logarithm.
        weakest: The class with pictures in this split that is found least often.
        weakest_recall: Its recall.
        classes: Every class, in the schema's order.
        confusion: confusion[t][p] pictures of class t that were taken for class p.
        reason: Why figures are None.
    """

    n: int
    accuracy: float | None
    interval: tuple[float, float] | None
    macro_f1: float | None
    majority: float | None
    majority_macro_f1: float | None
    majority_class: str | None
    loss: float | None
    weakest: str | None
    weakest_recall: float | None
    classes: tuple[ClassMetrics, ...]
    confusion: tuple[tuple[int, ...], ...]
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, classes by name."""
        classes = {
            one.name: {key: value for key, value in asdict(one).items() if key != "name"}
            for one in self.classes
        }
        lists = {
            "interval": None if self.interval is None else list(self.interval),
            "confusion": [list(row) for row in self.confusion],
        }
        return {**vars(self), **lists, "classes": classes}

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> "HeadMetrics":
        """What `to_dict` gave."""
        interval = table["interval"]
        return cls(
            **{
                **table,
                "interval": None if interval is None else (interval[0], interval[1]),
                "classes": tuple(ClassMetrics(name, **one) for name, one in table["classes"].items()),
                "confusion": tuple(tuple(row) for row in table["confusion"]),
            }
        )


@dataclass(frozen=True)
class SplitResult:
    """All heads on one split.

    Attributes:
        pictures: Pictures in the split, labelled for this head or that.
        loss: The sum of the heads' losses, as in the reference; None if no head has a label.
        heads: By name, in the schema's order.
    """

    pictures: int
    loss: float | None
    heads: Mapping[str, HeadMetrics]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        heads = {name: head.to_dict() for name, head in self.heads.items()}
        return {"pictures": self.pictures, "loss": self.loss, "heads": heads}

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> "SplitResult":
        """What `to_dict` gave."""
        heads = {name: HeadMetrics.from_dict(head) for name, head in table["heads"].items()}
        return cls(table["pictures"], table["loss"], heads)


@dataclass(frozen=True)
class Evaluation:
    """What a run's network is worth.

    Attributes:
        run: The run's name.
        splits: By name; those that were asked for.
        model: 16 hex digits of the network's file.
        set_aside: Picture → why it could not be read.
        notes: What a reader should know, such as that the bench's schema has changed since.
    """

    run: str
    splits: Mapping[str, SplitResult]
    model: str = ""
    set_aside: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def head_names(self) -> tuple[str, ...]:
        """The heads, in the schema's order."""
        return tuple(next(iter(self.splits.values())).heads) if self.splits else ()

    @property
    def focus(self) -> str:
        """The split that says most about new pictures: test, else validation, else train."""
        return next((split for split in reversed(SPLITS) if split in self.splits), "")

    def only(self, splits: Iterable[str]) -> "Evaluation":
        """The same with these splits only.

        Raises:
            RunError: One of them was not evaluated.
        """
        wanted = [split for split in SPLITS if split in set(splits)]
        if lacking := [split for split in wanted if split not in self.splits]:
            raise RunError(
                f"the {lacking[0]} split was not evaluated", where=self.run, cure="evaluate the run again"
            )
        return replace(self, splits={split: self.splits[split] for split in wanted})

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; nothing in them is infinite or not a number."""
        return {
            "version": VERSION,
            "run": self.run,
            "model": self.model,
            "splits": {name: split.to_dict() for name, split in self.splits.items()},
            "set_aside": dict(self.set_aside),
            "notes": list(self.notes),
        }

    @classmethod
    def from_dict(cls, table: Mapping[str, Any], where: object = "evaluation") -> "Evaluation":
        """What `to_dict` gave.

        Raises:
            RunError: It is damaged, or of another version.
        """
        cure = "evaluate the run again"
        if table.get("version") != VERSION:
            raise RunError(f"version {table.get('version')!r}, not {VERSION}", where=where, cure=cure)
        try:
            splits = {
                name: SplitResult.from_dict(table["splits"][name])
                for name in SPLITS
                if name in table["splits"]
            }
            return cls(
                str(table["run"]),
                splits,
                str(table["model"]),
                dict(table["set_aside"]),
                tuple(table["notes"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise RunError("the file is damaged", where=where, cure=cure) from error


def read_evaluation(run: RunFolder) -> Evaluation | None:
    """The evaluation beside a run; None if there is none, or if it is of another network than the run's now.

    Raises:
        RunError: The file is damaged, or of another version.
    """
    if not run.evaluation.exists():
        return None
    try:
        table = read_json(run.evaluation)
    except WorkbenchError as error:
        raise RunError(error.what, where=run.evaluation, cure="evaluate the run again") from error
    found = Evaluation.from_dict(table, where=run.evaluation)
    return found if not run.model.exists() or found.model == model_digest(run.model) else None


def model_digest(path: Path) -> str:
    """16 hex digits of a network's file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=8)).hexdigest()


def write_evaluation(run: RunFolder, evaluation: Evaluation) -> None:
    """Put the evaluation beside the run, whole or not at all.

    Raises:
        WorkbenchError: The disk is full or the run cannot be written.
    """
    write_atomically(run.evaluation, json.dumps(evaluation.to_dict(), indent=1, allow_nan=False) + "\n")
