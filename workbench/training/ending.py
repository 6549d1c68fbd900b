"""How a training ends: what it is asked, and what it says."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from workbench.training.steering import Ending

StopAsked = Callable[[], Ending | bool]
"""How the training is to end, if it is; True for "stop"."""


@dataclass(frozen=True)
class Ended:
    """How a training ended, and why, in words.

    Attributes:
        epoch: Epochs done; None where it ended before it knew what an earlier worker had done.
        best_epoch: The best of them, or None as well.
    """

    kind: Literal["finished", "stopped", "paused"]
    text: str
    epoch: int | None
    best_epoch: int | None


def kind_of(ending: Ending | bool) -> Literal["stopped", "paused"]:
    """How a run ends that was asked to."""
    return "paused" if ending == "pause" else "stopped"
