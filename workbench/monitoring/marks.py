"""What stands at a place of a run's charts, beside its curves."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.monitoring.curves import Curve

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


def best_mark(epoch: int, curve: Curve | None) -> tuple[Mark, ...]:
    """The best epoch so far, where it stands on the charts.

    Args:
        epoch: Which it is; 0 for none.
        curve: One that has a point for it.
    """
    if not epoch or curve is None or not len(curve):
        return ()
    row = min(int(np.searchsorted(curve.places, epoch)), len(curve) - 1)
    step, wall = float(curve.steps[row]), float(curve.walls[row])
    return (Mark("best", float(epoch), step, wall, f"epoch {epoch} is the best so far"),)
