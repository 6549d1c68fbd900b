"""Where a run's log stands, but for its curves: plain values, so that an index can keep them."""

from dataclasses import dataclass, field
from typing import Any

from workbench.monitoring.clock import Clock
from workbench.monitoring.marks import Mark


@dataclass
class LogState:
    """What the events said so far.

    Attributes:
        wall: Unix seconds of the last event, by the clock of the worker's machine.
        data_wall: Of the last batch or epoch.
        started: Of the first event.
        epochs: How many there are to be; 0 while no event has said.
        notes: (epochs behind it, text); those of no place have minus infinity, and are never taken back.
        rates: (epochs behind it, the learning rate before, after) of each change by a person.
        skipped: How many lines were skipped, by the reason.
        seq: The last event's number; 0 where it had none.
        two_writers: Whether two workers wrote at once.
        gpus: Names of the worker's GPUs.
    """

    phase: str = ""
    text: str = ""
    failure: str = ""
    epoch: int = 0
    batch: int = 0
    batches: int = 0
    step: int = 0
    epochs: int = 0
    best_epoch: int = 0
    speed: float = 0.0
    seconds_left: float | None = None
    rate: float | None = None
    metric: str = ""
    wall: float = 0.0
    data_wall: float = 0.0
    started: float = 0.0
    notes: list[tuple[float, str]] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    rates: list[tuple[float, float, float]] = field(default_factory=list)
    profile: dict[str, Any] | None = None
    skipped: dict[str, int] = field(default_factory=dict)
    seq: int = 0
    two_writers: bool = False
    gpus: list[str] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)
