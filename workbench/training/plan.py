"""The plan of a training while it runs: its settings, and the changes to them, each made at its place."""

from collections.abc import Callable
from typing import Protocol

from workbench.settings import TrainingSettings
from workbench.training.changes import Changes, MoreEpochs, RateChange, added, read_changes, record
from workbench.training.control import Request
from workbench.training.events import EventLog
from workbench.training.run import RunFolder


class Rated(Protocol):
    """Of a learner what a plan changes; see `Learner`."""

    rate_factor: float

    @property
    def learning_rate(self) -> float:
        """Of the step to come."""
        ...

    def begin_leg(self, start: int, steps: int, peak: float, *, falls: bool) -> None:
        """The rate of steps added to the plan."""
        ...


class Plan:
    """How many epochs, and which learning rate from which batch on.

    Args:
        run: The run.
        how: Its settings.
        learner: Whose rate is changed.
        batches: Of an epoch.
        log: Hears of each change.
        patient: Told the epoch from which early stopping counts anew.
    """

    def __init__(
        self,
        run: RunFolder,
        how: TrainingSettings,
        learner: Rated,
        batches: int,
        log: EventLog,
        patient: Callable[[int], None],
    ) -> None:
        self._run, self._how, self._learner, self._log = run, how, learner, log
        self._batches, self._patient = batches, patient
        self._changes: Changes = read_changes(run)
        self._rates: list[RateChange] = []
        self._leg: MoreEpochs | None = None

    @property
    def epochs(self) -> int:
        """How many there are to be."""
        return self._changes.epochs(self._how.epochs)

    def resume(self, epoch: int, batch: int) -> None:
        """Go on from a place; the learner is as it was there."""
        self._rates = [change for change in self._changes.rates if change.place >= (epoch, batch)]
        begun = [more for more in self._changes.more if more.start <= epoch]
        if begun:
            self._patient(begun[-1].start)
        if begun and (begun[-1].start, 0) < (epoch, batch):
            self._begin(begun[-1])

    def reach(self, epoch: int, batch: int) -> None:
        """Make the changes that belong before this batch; both are counted from 0."""
        for more in self._changes.more:
            if more != self._leg and (more.start, 0) == (epoch, batch):
                self._begin(more)
                if more.rate is not None:  # else the schedule goes on, and what was changed of it too
                    self._learner.rate_factor = 1.0
                self._patient(epoch)
        while self._rates and self._rates[0].place <= (epoch, batch):
            self._make(self._rates.pop(0))

    def serve(self, request: Request, epoch: int, batch: int) -> str:
        """Change the plan as asked, from this batch on.

        Returns:
            Why it cannot be done; "" if it was.
        """
        if request.action == "rate" and request.value is not None:
            return self._change_rate(request.value, epoch, batch)
        if request.action == "epochs" and request.value is not None:
            before = self.epochs
            record(self._run, added(self._how, before, int(request.value), request.rate))
            self._changes = read_changes(self._run)
            self._log.emit(
                "epochs", durable=True, epoch=epoch + 1, batch=batch, **{"from": before, "to": self.epochs}
            )
            return ""
        return f"this version does not know how to {request.action!r}"

    def _change_rate(self, rate: float, epoch: int, batch: int) -> str:
        """Take this rate from the next step on; the schedule goes on from there in proportion."""
        before = self._learner.learning_rate
        scheduled = before / self._learner.rate_factor
        if scheduled <= 0:
            return "the schedule has fallen to 0 here, and no factor makes another rate of that"
        change = RateChange(epoch, batch, rate / scheduled, before, rate)
        record(self._run, change)
        self._rates = []  # what was asked before a kill for a later batch, and this outweighs it
        self._make(change)
        return ""

    def _make(self, change: RateChange) -> None:
        """Take the rate of a change."""
        before = self._learner.learning_rate
        self._learner.rate_factor = change.factor
        after = self._learner.learning_rate
        self._log.emit(
            "rate",
            durable=True,
            epoch=change.epoch + 1,
            batch=change.batch,
            **{"from": before, "to": after},
        )

    def _begin(self, more: MoreEpochs) -> None:
        """The learning rate of added epochs begins."""
        self._leg = more
        if more.rate is not None:
            steps = (more.until - more.start) * self._batches
            self._learner.begin_leg(more.start * self._batches, steps, more.rate, falls=more.falls)
