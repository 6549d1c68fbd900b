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
from workbench.schema import Schema
from workbench.settings import Settings
from workbench.training.checkpoint import Checkpoints, Part, averaged, save_network
from workbench.training.contradictions import doubts
from workbench.training.data import run_pixels
from workbench.training.events import EventLog
from workbench.training.feed import Feed
from workbench.training.figures import SplitFigures, head_figures
from workbench.training.heads import loss_notes
from workbench.training.history import History
from workbench.training.judge import Judge
from workbench.training.learner import Learner, device
from workbench.training.material import training_batches
from workbench.training.pace import Pace
from workbench.training.plateau import Plateau
from workbench.training.run import RunFolder
from workbench.training.saver import Saver
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
        for line in (*loss_notes(settings.training, schema), *doubts(settings.training)):
            log.note(line)
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
        self._batches = training_batches(settings, schema, table, cache)
        self._validation = Batches(
            table, "validation", cache, heads=heads, batch_size=_VALIDATION_BATCH, shuffle=False, seed=0
        )
        self.learner = Learner(settings, schema, table, len(self._batches))
        self._judge, self._tally, self._recent = Judge(how), Tally(heads), Tally(heads)
        self._plateau = Plateau(how)
        parts: dict[str, Part] = {
            "judge": self._judge,
            "tally": self._tally,
            "plateau": self._plateau,
            "learner": self.learner,
        }
        checkpoints = Checkpoints(run.checkpoints, self.learner.model, parts, how.keep_checkpoints)
        self._saver = Saver(checkpoints, log, how)
        self._epoch, self._batch = self._saver.restore()
        self._history = History(run.history, schema, keep_epochs=self._epoch)
        self._pace = Pace(how.epochs, len(self._batches))
        self._told, self._untold = 0.0, 0

    def go(self, stop_asked: StopAsked) -> Ended:
        """Train."""
        self._saver.announce(self._run.checkpoints)
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
            best_epoch=self._judge.best.epoch,
            best_value=self._judge.best.value,
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
                if self._saver.due and self._batch < len(self._batches):
                    self._save()
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
        self._untold += 1
        last = self._batch == len(self._batches)
        if last or time.monotonic() - self._told >= _EVENT_EVERY_S:
            self._tell_batches()

    def _tell_batches(self) -> None:
        """Write an event of the batches since the last one."""
        self._told, self._untold = time.monotonic(), 0
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
        self.learner.epoch_ended({head: figures.loss for head, figures in train.heads.items()})
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
        if standstill := self._plateau.look(self._epoch, values):
            self.learner.rate_factor *= self._how.plateau.factor
            self._log.note(f"{standstill}: the learning rate falls to {self.learner.learning_rate:.3g}")
        self._log.phase("saving")
        self._save(best=best)
        self._pace.epoch_ended()

    def _save(self, *, best: bool = False) -> None:
        """Write a checkpoint of this moment."""
        if self._untold:  # what is not told by now, a worker that goes on from here does not know
            self._tell_batches()
        self._saver.save((self._epoch, self._batch), self._judge.best.epoch, best=best)

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
