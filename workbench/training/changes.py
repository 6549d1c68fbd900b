"""What was changed of a run's plan after it was made: `changes.jsonl`, only appended to.

`run.json` stays as it was. A change bears its place (epochs and batches behind it), so that a worker that
goes back to a checkpoint makes it again before the same batch, and the curve is the undisturbed one.

  rate    epoch, batch: its place; factor: of the schedule's rate; from, to: the rate
  epochs  start, until: epochs behind the first added one, and after the last; rate, falls: see `MoreEpochs`
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.settings import TrainingSettings
from workbench.training.control import append_json
from workbench.training.lines import open_log
from workbench.training.run import RunFolder
from workbench.training.tail import number, read_tail, whole

RESTART_SHARE = 0.1
"""Of the greatest rate: where a schedule that has fallen to 0 begins again, if no rate is named."""
_STAYING = ("constant", "step", "plateau")
_MAX_BYTES = 1 << 20
_MOST = 10**7


@dataclass(frozen=True)
class RateChange:
    """Another learning rate from a place on: `factor` times what the schedule says."""

    epoch: int
    batch: int
    factor: float
    before: float
    after: float

    @property
    def place(self) -> tuple[int, int]:
        """Epochs and batches behind it."""
        return self.epoch, self.batch

    def to_dict(self) -> dict[str, Any]:
        """Its line."""
        place = {"epoch": self.epoch, "batch": self.batch}
        return {"change": "rate", **place, "factor": self.factor, "from": self.before, "to": self.after}


@dataclass(frozen=True)
class MoreEpochs:
    """Epochs added to the plan.

    Attributes:
        start: Epochs behind the first of them.
        until: How many there are then to be in all.
        rate: The learning rate at their beginning; None to go on with the run's schedule.
        falls: Whether it falls from there to 0 as half a cosine, or stays.
    """

    start: int
    until: int
    rate: float | None
    falls: bool

    def to_dict(self) -> dict[str, Any]:
        """Its line."""
        return {"change": "epochs", **vars(self)}


@dataclass(frozen=True)
class Changes:
    """Everything that was changed, in order of place: a later one outweighs what lay after its place."""

    rates: tuple[RateChange, ...] = ()
    more: tuple[MoreEpochs, ...] = ()

    def epochs(self, planned: int) -> int:
        """How many epochs there are to be, of a run that was made for so many."""
        return self.more[-1].until if self.more else planned


def added(how: TrainingSettings, start: int, epochs: int, rate: float | None = None) -> MoreEpochs:
    """Epochs to add after `start`, with a learning rate that makes sense.

    A schedule that ends at 0 (cosine and the like) would teach nothing more: the added epochs fall once more
    from `rate`, or from a tenth of the greatest one, to 0. A schedule that does not end goes on as it is, or
    stays at `rate`.
    """
    falls = how.schedule not in _STAYING
    if rate is None and falls:
        rate = how.learning_rate * RESTART_SHARE
    return MoreEpochs(start, start + epochs, rate, falls)


def record(run: RunFolder, change: RateChange | MoreEpochs) -> None:
    """Write a change down.

    Raises:
        WorkbenchError: The disk is full, or the folder cannot be written.
    """
    append_json(run.changes, change.to_dict())


def read_changes(run: RunFolder) -> Changes:
    """What was changed of a run; senseless lines left out."""
    rates: list[RateChange] = []
    more: list[MoreEpochs] = []
    for line in _lines(run):
        change = _rate(line) if line.get("change") == "rate" else _more(line)
        if isinstance(change, RateChange):
            rates = [one for one in rates if one.place <= change.place]
            rates.append(change)
        elif change is not None:
            more = [one for one in more if one.start < change.start]
            more.append(change)
    return Changes(tuple(rates), tuple(more))


def waits_for_more(run: RunFolder) -> bool:
    """Whether epochs were added to a finished run after its last one, and none of them was trained yet."""
    more = read_changes(run).more
    return bool(more) and more[-1].start == read_tail(run.events).epoch


def _lines(run: RunFolder) -> Iterator[Mapping[str, Any]]:
    """The objects in the file."""
    try:
        with open_log(run.changes) as file:
            lines = file.read(_MAX_BYTES).splitlines()
    except OSError:
        return
    for line in lines:
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, Mapping):
            yield found


def _rate(line: Mapping[str, Any]) -> RateChange | None:
    """A line as a change of the rate, or None."""
    epoch, batch = whole(line.get("epoch"), -1), whole(line.get("batch"), -1)
    factor, before, after = (number(line.get(name)) for name in ("factor", "from", "to"))
    if min(epoch, batch) < 0 or not (math.isfinite(factor) and factor > 0):
        return None
    return RateChange(epoch, batch, factor, before, after)


def _more(line: Mapping[str, Any]) -> MoreEpochs | None:
    """A line as epochs added, or None."""
    start, until = whole(line.get("start"), -1), whole(line.get("until"), -1)
    rate = None if line.get("rate") is None else number(line.get("rate"))
    if line.get("change") != "epochs" or not 0 <= start < until <= _MOST:
        return None
    if rate is not None and not (math.isfinite(rate) and rate > 0):
        return None
    return MoreEpochs(start, until, rate, bool(line.get("falls")))
