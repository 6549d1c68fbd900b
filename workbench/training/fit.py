"""The training itself: epochs of steps, each validated, judged, written down and saved.

The loop is ours rather than `keras.Model.fit`, because a run is to stop after any batch, go on from there in
another process, and tell each head's loss over the pictures that have a label.
"""

import math
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from workbench.dataset.batches import Batches, Labels
from workbench.dataset.cache import PixelCache
from workbench.dataset.table import Table
from workbench.errors import Cancelled, RunError
from workbench.images.augment import Augmenter
from workbench.schema import Schema
from workbench.settings import Settings
from workbench.training.checkpoint import Checkpoints, averaged, save_network
from workbench.training.data import run_pixels
from workbench.training.events import EventLog
from workbench.training.feed import Feed
from workbench.training.figures import SplitFigures, head_figures
from workbench.training.history import History
from workbench.training.judge import Judge
from workbench.training.learner import Learner, device
from workbench.training.pace import Pace
from workbench.training.run import RunFolder
from workbench.training.tally import Tally

_EVENT_EVERY_S = 0.1
_VALIDATION_BATCH = 64
StopAsked = Callable[[], bool]


@dataclass(frozen=True)
class Ended:
    """How a training ended, and why, in words."""

    kind: Literal["finished", "stopped"]
    text: str
    epoch: int
    best_epoch: int


def fit(run: RunFolder, log: EventLog, stop_asked: StopAsked) -> Ended:
    """Train a run to its end, or until it is asked to stop; goes on from its last checkpoint if there is one.

    Args:
        run: The run.
        log: Where to tell how it goes.
        stop_asked: Looked at after each batch and while pictures are read.

    Raises:
        RunError: The run's folder or checkpoint is damaged, or the training diverged.
        InputError: Not one picture can be read.
        WorkbenchError: The disk is full.
    """
    settings, schema = run.settings(), run.schema()
    try:
        table, cache = run_pixels(run, settings.dataset, log, stop_asked)
    except Cancelled:
        return Ended("stopped", "before the first batch", 0, 0)
    with closing(cache):
        log.phase("building", settings.model.architecture)
        training = Training(run, log, settings, schema, table, cache)
        return training.go(stop_asked)


class Training:
    """One run in memory; see `fit`."""

    def __init__(
        self,
        run: RunFolder,
        log: EventLog,
        settings: Settings,
        schema: Schema,
        table: Table,
        cache: PixelCache,
    ) -> None:
        self._run, self._log, self._settings, self._schema = run, log, settings, schema
        self._how = how = settings.training
        heads = schema.head_names
        self._batches = Batches(
            table,
            "train",
            cache,
            heads=heads,
            batch_size=how.batch_size,
            shuffle=True,
            seed=how.seed,
            augmenter=Augmenter(settings.augment, how.seed) if settings.augment.active else None,
            generator_batch=how.generator_batch,
            pictures_per_epoch=how.pictures_per_epoch,
        )
        self._validation = Batches(
            table, "validation", cache, heads=heads, batch_size=_VALIDATION_BATCH, shuffle=False, seed=0
        )
        self.learner = Learner(settings, schema, table, len(self._batches))
        self._checkpoints = Checkpoints(run.checkpoints, self.learner.model)
        self._judge, self._tally, self._recent = Judge(how), Tally(heads), Tally(heads)
        self._epoch = self._batch = 0
        self._resume()
        self._history = History(run.history, schema, keep_epochs=self._epoch)
        self._pace = Pace(how.epochs, len(self._batches))
        self._told = self._saved_seconds = 0.0

    def _resume(self) -> None:
        """Go on from the last checkpoint, if there is one."""
        place = self._checkpoints.restore()
        if place is not None:
            self._epoch, self._batch = place["epoch"], place["batch"]
            self._judge.restore(place["judge"])
            self._tally.restore(place["tally"])
            self.learner.rate_factor = place.get("rate_factor", 1.0)
            self._log.note(f"goes on after epoch {self._epoch}, batch {self._batch}")

    def go(self, stop_asked: StopAsked) -> Ended:
        """Train."""
        self._log.emit(
            "started",
            epochs=self._how.epochs,
            batches=len(self._batches),
            batch_size=self._how.batch_size,
            pictures=self._batches.pictures,
            parameters=self.learner.parameters,
            device=device(),
            resumed_epoch=self._epoch,
            resumed_batch=self._batch,
        )
        while self._epoch < self._how.epochs:
            if verdict := self._judge.verdict:
                return self._ended("finished", f"stopped early: {verdict}")
            self._log.phase("training")
            if not self._train_epoch(stop_asked):
                self._log.phase("stopping", "saving")
                self._save()
                return self._ended("stopped", f"after batch {self._batch} of epoch {self._epoch + 1}")
        return self._ended("finished", "all epochs done")

    def _ended(self, kind: Literal["finished", "stopped"], text: str) -> Ended:
        """The end; a run that was stopped before its first epoch's end leaves the network it has."""
        if not self._run.model.exists() and (self._epoch or self._batch):
            save_network(self.learner.network, self._run.model)
        return Ended(kind, text, self._epoch, self._judge.best.epoch)

    def _train_epoch(self, stop_asked: StopAsked) -> bool:
        """Train one epoch, or the rest of one; False if it was stopped before its end."""
        started = time.monotonic()
        self._pace.start()
        with Feed(self._batches, self._epoch, self._batch) as feed:
            for index, (images, labels) in feed:
                if stop_asked():
                    return False
                self._step(images, labels)
                self._batch = index + 1
                self._tell(len(images))
        self._end_epoch(started)
        return not (stop_asked() and self._epoch < self._how.epochs)

    def _step(self, images: Any, labels: Labels) -> None:
        """One step; its figures are added up for the epoch and for the next event.

        Raises:
            RunError: A loss is no number any more.
        """
        for head, figures in self.learner.step(images, labels).items():
            if figures.labelled and not math.isfinite(figures.loss):
                raise RunError(
                    f"the loss of {head} is {figures.loss} in epoch {self._epoch + 1}: the training diverged",
                    where=self._run.name,
                    cure=f"train again with training.learning_rate below {self._how.learning_rate:g}",
                )
            for tally in (self._tally, self._recent):
                tally.add(head, figures.labelled, figures.loss, figures.accuracy)

    def _tell(self, pictures: int) -> None:
        """Write a batch event, not more than ten a second."""
        self._pace.step(pictures)
        now, last = time.monotonic(), self._batch == len(self._batches)
        if now - self._told < _EVENT_EVERY_S and not last:
            return
        self._told = now
        self._log.emit(
            "batch",
            epoch=self._epoch + 1,
            batch=self._batch,
            batches=len(self._batches),
            step=self._epoch * len(self._batches) + self._batch,
            images_per_second=self._pace.images_per_second,
            seconds_left=self._pace.seconds_left(self._epoch + 1, self._batch),
            **self._recent.figures().to_dict(),
        )
        self._recent.clear()

    def _end_epoch(self, started: float) -> None:
        """Validate, judge, write down, save."""
        self._epoch, self._batch = self._epoch + 1, 0
        self._log.phase("validating")
        train = self._tally.figures()
        self._tally.clear()
        with averaged(self.learner.model):
            validation = self.validate()
            values = {**train.named(), **validation.named("val_")}
            if best := self._judge.look(self._epoch, values):
                save_network(self.learner.network, self._run.model)
        rate, seconds = self.learner.learning_rate, time.monotonic() - started
        self._history.add(self._epoch, seconds, rate, values)
        self._log.emit(
            "epoch",
            durable=True,
            epoch=self._epoch,
            epochs=self._how.epochs,
            seconds=seconds,
            learning_rate=rate,
            train=train.to_dict(),
            validation=validation.to_dict(),
            metric=self._judge.best.metric,
            value=values.get(self._judge.best.metric),
            best_value=self._judge.best.value,
            best_epoch=self._judge.best.epoch,
        )
        self._log.phase("saving")
        self._save(best=best)
        self._pace.epoch_ended()

    def _save(self, *, best: bool = False) -> None:
        """Write a checkpoint of this moment."""
        place = {"epoch": self._epoch, "batch": self._batch}
        state = {"judge": self._judge.state(), "tally": self._tally.state()}
        size = self._checkpoints.save({**place, **state, "rate_factor": self.learner.rate_factor})
        self._log.emit("checkpoint", durable=True, **place, best=best, megabytes=size / 2**20)

    def validate(self) -> SplitFigures:
        """The figures of the validation split with the weights as they are."""
        heads = self._schema.head_names
        answers: dict[str, list[Any]] = {head: [] for head in heads}
        truths: dict[str, list[Any]] = {head: [] for head in heads}
        for index in range(len(self._validation)):
            images, labels = self._validation.batch(0, index)
            found = self.learner.answers(images)
            for head in heads:
                answers[head].append(found[head])
                truths[head].append(labels[head])
        return SplitFigures(
            {
                head: head_figures(np.concatenate(truths[head]), np.concatenate(answers[head]))
                for head in heads
            }
        )
