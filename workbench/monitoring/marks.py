"""What stands at a place of a run's charts, beside its curves."""

from dataclasses import dataclass
from typing import Literal

MarkKind = Literal["restart", "rate", "epochs", "checkpoint", "best"]


@dataclass(frozen=True)
class Mark:
    """Something that happened at a place of the training.

    Attributes:
        kind: A worker went on from a checkpoint; a person changed the learning rate, or added epochs; a
            checkpoint was saved; the best epoch so far.
        place: Epochs behind it, such as 2.5.
        step: Batches behind it.
        wall: Unix seconds, of the time that never falls.
        text: In words.
    """

    kind: MarkKind
    place: float
    step: float
    wall: float
    text: str
