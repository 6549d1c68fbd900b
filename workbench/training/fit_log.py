"""The log of one training that is not ours, written as our worker writes its own; no Keras here.

A training must not fail for want of a log: a full disk is warned of once, and what could not be written is
missing.
"""

import math
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any, Literal

from workbench.errors import WorkbenchError
from workbench.settings import HardwareSettings
from workbench.training.events import EventLog
from workbench.training.foreign import About
from workbench.training.judge import Best
from workbench.training.log_names import LOSSES, Names, Place, grouped
from workbench.training.pace import Pace
from workbench.training.recent_means import RecentMeans
from workbench.training.run import RunFolder
from workbench.training.system import SystemTeller
from workbench.training.tail import read_tail

_EVENT_EVERY_S = 0.1
_SYNC_EVERY_S = 10.0
_NO_LENGTH = "how many batches an epoch has is not known before the end of the first"


class FitLog:
    """Writes what a training reports; safe for several threads, of which a backend may use many.

    Args:
        run: Its folder, in whose log the training goes on.
        about: What is known of it.
        clock: Seconds that only ever rise.

    Raises:
        WorkbenchError: The log cannot be written.
    """

    def __init__(self, run: RunFolder, about: About, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        before = read_tail(run.events)
        self._best = Best(before.metric, before.best, before.best_epoch)
        self._about, self._batches = about, about.batches
        self._pace = Pace(about.epochs, about.batches, clock)
        self._names, self._means = Names(about.outputs), RecentMeans(about.running_means)
        self._mutex = threading.RLock()
        self._begun = self._epoch_begun = self._clock()
        self._told = self._synced = -math.inf
        self._batch = self._told_batch = 0
        self._phase = ""
        self._compiled = self._warned = self._ended = self._closed = False
        self.epoch = 0
        self._log, self._beside = EventLog(run.events), ExitStack()
        self.phase("starting")
        self._beside.enter_context(SystemTeller(self._log, run.root, HardwareSettings()))

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        if self._batch:
            return f"after batch {self._batch} of epoch {self.epoch + 1}"
        return f"after epoch {self.epoch}" if self.epoch else "before the first batch"

    def started(self, epoch: int, more: int = 0) -> None:
        """The first epoch begins.

        Args:
            epoch: How many are behind it.
            more: Epochs that there will be beside those that are known, for those of an earlier training.
        """
        with self._mutex:
            self.epoch = epoch
            self._pace.epochs += more
            if self._best.epoch > epoch or not epoch:
                self._best = Best("")
            self._tell(
                "started",
                epochs=self._pace.epochs,
                batches=self._batches,
                batch_size=self._about.batch_size or None,
                parameters=self._about.parameters,
                resumed_epoch=epoch,
                resumed_batch=0,
                best_epoch=self._best.epoch,
                best_value=self._best.value,
            )

    def phase(self, name: str, text: str = "") -> None:
        """What it does from now on, if that is another thing."""
        with self._mutex:
            if name != self._phase:
                self._phase = name
                self._tell("phase", name=name, text=text)

    def epoch_began(self) -> None:
        """Batches come."""
        with self._mutex:
            self.phase("training", "" if self._batches else _NO_LENGTH)
            self._batch = self._told_batch = 0
            self._means.forget()
            self._epoch_begun = self._clock()
            self._pace.start()

    def batch_ended(self, batch: int, logs: Mapping[str, float]) -> None:
        """A batch has ended, counted from 1 in its epoch; most are told of together with later ones."""
        now = self._clock()
        with self._mutex:
            if batch <= self._batch or self._ended:
                return  # another thread has told of a later one
            # Several at once may be more than there are.
            self._batch = min(batch, self._about.batches or batch)
            # Of an epoch that is longer than the last one, the rest has no place before its end.
            if self._batch <= self._batches and now - self._told >= _EVENT_EVERY_S:
                self._told = now
                self._tell_batches(logs)

    def _tell_batches(self, logs: Mapping[str, float]) -> None:
        """An event of the batches since the last one."""
        self._count()
        self._tell(
            "batch",
            epoch=self.epoch + 1,
            batch=self._batch,
            batches=self._batches,
            step=self.epoch * self._batches + self._batch,
            images_per_second=self._pace.images_per_second or None,
            seconds_left=self._pace.seconds_left(self.epoch + 1, self._batch),
            **grouped(self._means.take(self._batch, self._names.read(logs)), "train_epoch"),
        )

    def _count(self) -> None:
        """The pace of the batches since the last time; not of the first one, which is compiled."""
        since, self._told_batch = self._batch - self._told_batch, self._batch
        if self._compiled and since:
            self._pace.step(since * self._about.batch_size, since)
        elif since:
            self._compiled = True
            self._pace.start()

    def validating(self) -> None:
        """Validation has begun; in an epoch of no time, that is not worth a line."""
        with self._mutex:
            self._count()
            if self._clock() - self._epoch_begun >= _EVENT_EVERY_S:
                self.phase("validating")

    def epoch_ended(self, logs: Mapping[str, float], learning_rate: float | None) -> None:
        """An epoch has ended, validation included."""
        with self._mutex:
            now = self._clock()
            self._count()
            if not self._about.batches and self._batches != self._batch:
                self._batches = self._batch
                self._pace = Pace(self._pace.epochs, self._batches, self._clock)
            self.epoch, self._batch = self.epoch + 1, 0
            figures = self._names.read(logs)
            value = self._judge(figures)
            # An epoch may take milliseconds, and the disk longer to say that it has it.
            durable = now - self._synced >= _SYNC_EVERY_S
            self._synced = now if durable else self._synced
            self._tell(
                "epoch",
                durable=durable,
                epoch=self.epoch,
                epochs=self._pace.epochs,
                seconds=now - self._epoch_begun,
                learning_rate=learning_rate,
                train=grouped(figures, "train_epoch"),
                validation=grouped(figures, "validation"),
                metric=self._best.metric,
                value=value,
                best_value=self._best.value,
                best_epoch=self._best.epoch,
            )
            self._pace.epoch_ended()

    def _judge(self, figures: Mapping[Place, float]) -> float:
        """The loss that tells which epoch is the best: on validation, if there ever was one; NaN for none."""
        metric = next((name for name, place in LOSSES.items() if place in figures), "")
        if metric == "val_loss" != self._best.metric or not self._best.metric:
            self._best = Best(metric)
        value = figures.get(LOSSES.get(self._best.metric, ("", "", "")), math.nan)
        self._best.take(value, self.epoch)
        return value

    def rate(self, before: float, after: float) -> None:
        """A person has changed the learning rate."""
        change: dict[str, Any] = {"from": before, "to": after}
        self._tell("rate", epoch=self.epoch + 1, batch=self._batch, **change)

    def end(self, kind: Literal["finished", "stopped", "failed"], text: str) -> None:
        """The last line; after an end there is no other.

        Args:
            kind: How it ended.
            text: The cause of a failure, or a word about the end.
        """
        with self._mutex:
            if self._ended:
                return
            self._ended = True
        self._beside.close()
        seconds = self._clock() - self._begun
        more: dict[str, Any] = {"text": text, "best_epoch": self._best.epoch, "seconds": seconds}
        self._tell(kind, durable=True, epoch=self.epoch, **({"cause": text} if kind == "failed" else more))
        self._closed = True
        self._log.close()

    def _tell(self, kind: str, *, durable: bool = False, **fields: Any) -> None:
        """Write an event, if that is possible."""
        if self._closed:
            return
        try:
            self._log.emit(kind, durable=durable, **fields)
        except WorkbenchError as error:
            if not self._warned:
                warnings.warn(f"the training goes on, but its log has gaps: {error}", stacklevel=2)
            self._warned = True
