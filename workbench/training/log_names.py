"""What other programs call their figures: `loss`, `val_acc`, `hair_colour_accuracy`, read as ours.

Keras names the metrics of a model of several outputs `{output}_{metric}`. Both may hold underscores, so a
name is compared with the outputs that are known, and never split.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Place = tuple[str, str, str]
"""(head, or "" for all of them; figure; "train_epoch" or "validation")."""
LOSSES: Mapping[str, Place] = {
    "val_loss": ("", "loss", "validation"),
    "loss": ("", "loss", "train_epoch"),
}
"""By which the best epoch of a training that is not ours is known; of those there are, the first."""
_VALIDATION = "val_"
_PLAIN = {"loss": "loss", "accuracy": "accuracy", "acc": "accuracy", "macro_f1": "macro_f1"}
_KERAS = ("binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy")
_FIGURES = {**_PLAIN, **dict.fromkeys(_KERAS, "accuracy")}


def outputs_in(described: Mapping[str, Any]) -> tuple[str, ...]:
    """The outputs of a training that is not ours, of its `run.json`."""
    found = described.get("outputs")
    return tuple(name for name in found if isinstance(name, str)) if isinstance(found, list) else ()


def place_of(name: str, heads: Sequence[str]) -> Place:
    """What a name stands for; a figure that we do not know keeps its own name.

    Args:
        name: Such as "val_glasses_accuracy".
        heads: The outputs that have figures of their own.
    """
    base = name.removeprefix(_VALIDATION)
    split = "train_epoch" if base == name else "validation"
    if base not in _PLAIN:
        for head in sorted(heads, key=len, reverse=True):
            for rest, of in ((name, "train_epoch"), (base, split)):
                figure = rest.removeprefix(f"{head}_")
                if figure != rest:
                    return head, _FIGURES.get(figure, figure), of
    return "", _FIGURES.get(base, base), split


def places(names: Sequence[str], heads: Sequence[str]) -> dict[str, Place]:
    """What each name stands for; of several names of one figure, the shortest counts."""
    found: dict[Place, str] = {}
    for name in sorted(names, key=len):
        found.setdefault(place_of(name, heads), name)
    kept = {name: place for place, name in found.items()}
    return {name: kept[name] for name in names if name in kept}


def heads_in(names: Sequence[str]) -> tuple[str, ...]:
    """The heads in columns of an unknown model: each has a loss of its own, and another column beside it."""
    known = dict.fromkeys(names)
    bases = dict.fromkeys(name.removeprefix(_VALIDATION) for name in known)
    heads = [base.removesuffix("_loss") for base in bases if base.endswith("_loss")]
    return tuple(head for head in heads if head and sum(column in known for column in _columns(head)) > 1)


def _columns(head: str) -> list[str]:
    """The columns that a head may have."""
    return [f"{prefix}{head}_{figure}" for prefix in ("", _VALIDATION) for figure in _FIGURES]


class Names:
    """Reads what is reported under always the same names.

    Args:
        heads: The outputs that have figures of their own; None to find them in the names.
    """

    def __init__(self, heads: Sequence[str] | None) -> None:
        self._heads = heads
        self._places: dict[str, Place | None] = {}

    def read(self, logs: Mapping[str, float]) -> dict[Place, float]:
        """What is reported, by what it stands for."""
        if self._places.keys() != logs.keys():
            heads = heads_in(list(logs)) if self._heads is None else self._heads
            self._places = {**dict.fromkeys(logs), **places(list(logs), heads)}
        return {place: float(logs[name]) for name, place in self._places.items() if place is not None}


def grouped(figures: Mapping[Place, float], split: str) -> dict[str, Any]:
    """The figures of a split as an event holds them: {figure: value, "heads": {head: {figure: value}}}.

    Where there is no accuracy (or macro-F1) of everything, the mean of the heads' stands for it, as in the
    log of our own trainings.
    """
    overall: dict[str, Any] = {}
    heads: dict[str, dict[str, float]] = {}
    for (head, figure, of), value in figures.items():
        if of == split:
            (heads.setdefault(head, {}) if head else overall)[figure] = value
    for figure in ("accuracy", "macro_f1"):
        if values := [one[figure] for one in heads.values() if figure in one]:
            overall.setdefault(figure, sum(values) / len(values))
    return {**overall, **({"heads": heads} if heads else {})}
