"""The training itself: epochs of steps, each validated, judged, written down and saved.

The loop is ours rather than `keras.Model.fit`, because a run is to stop after any batch, go on from there in
another process, and tell each head's loss over the pictures that have a label.
"""

import math
import time
from contextlib import closing
from typing import Any, Literal

from workbench.dataset.batches import Labels
from workbench.dataset.cache import PixelCache
from workbench.dataset.table import Table
from workbench.errors import Cancelled
from workbench.schema import Schema
from workbench.settings import Settings
from workbench.training import profile as parts
from workbench.training.beginning import begin_with_parent
from workbench.training.checkpoint import Checkpoints, Part, averaged, save_network
from workbench.training.contradictions import doubts
from workbench.training.data import run_pixels
from workbench.training.ending import Ended, StopAsked, kind_of
from workbench.training.events import EventLog
from workbench.training.failures import diverged
from workbench.training.feed import Feed
from workbench.training.heads import loss_notes
from workbench.training.history import History
from workbench.training.judge import Judge
from workbench.training.learner import Learner
from workbench.training.material import training_batches
from workbench.training.pace import Pace
from workbench.training.plan import Plan
from workbench.training.plateau import Plateau
from workbench.training.profile_step import take_apart
from workbench.training.run import RunFolder
from workbench.training.saver import Saver
from workbench.training.steering import NoWishes, Wishes
from workbench.training.swa import WeightAverage
from workbench.training.tally import Tally
from workbench.training.tensorboard import written_for_tensorboard
from workbench.training.validation import Validation

_EVENT_EVERY_S = 0.1
__all__ = ["Ended", "Training", "fit"]


def fit(
    run: RunFolder,
    log: EventLog,
    stop_asked: StopAsked,
    wishes: Wishes | None = None,
    profile: parts.Unprofiled = parts.UNPROFILED,
) -> Ended:
    """Train a run to its end, or until it is asked to end; goes on from its last checkpoint if there is one.

    Args:
        run: The run.
        log: Where to tell how it goes.
        stop_asked: Looked at after each batch and while pictures are read.
        wishes: What is asked of it that does not end it.
        profile: Measures where the time goes.

    Raises:
        RunError: The run's folder or checkpoint is damaged, or the training diverged.
        InputError: Not one picture can be read.
        WorkbenchError: The disk is full.
    """
    settings, schema = run.settings(), run.schema()
    try:
        with profile.part(parts.DATA):
            table, cache = run_pixels(run, settings.dataset, log, lambda: bool(stop_asked()))
    except Cancelled:
        return Ended(kind_of(stop_asked()), "before the first batch", None, None)
    with closing(cache), written_for_tensorboard(run, log, settings.training.tensorboard):
        for line in (*loss_notes(settings.training, schema), *doubts(settings.training)):
            log.note(line)
        log.phase("building", settings.model.architecture)
        with profile.part(parts.BUILDING):
            training = Training(run, log, settings, schema, table, cache, profile)
        ended = training.go(stop_asked, wishes or NoWishes())
        if ended.kind == "finished":
            take_apart(profile, training.learner, log, stop_asked)
        return ended


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
        profile: parts.Unprofiled,
    ) -> None:
        self._run, self._log, self._settings, self._schema = run, log, settings, schema
        self._profile = profile
        self._how = how = settings.training
        heads = schema.head_names
        self._batches = training_batches(settings, schema, table, cache, profile)
        self.learner = Learner(settings, schema, table, len(self._batches))
        self._validation = Validation(table, cache, self.learner, heads)
        self._judge, self._tally, self._recent = Judge(how), Tally(heads), Tally(heads)
        self._plateau = Plateau(how)
        self._average = WeightAverage(how, self.learner, table, cache)
        held: dict[str, Part] = {
            "judge": self._judge,
            "tally": self._tally,
            "plateau": self._plateau,
            "learner": self.learner,
            "average": self._average,
        }
        checkpoints = Checkpoints(run.checkpoints, self.learner.model, held, how.keep_checkpoints)
        self._saver = Saver(checkpoints, log, how)
        self._epoch, self._batch = self._saver.restore()
        if self._saver.last is None and (begun := begin_with_parent(run, self.learner)):
            log.note(begun)
        self._history = History(run.history, schema, keep_epochs=self._epoch)
        patient = self._judge.begin_anew
        self._plan = Plan(run, how, self.learner, len(self._batches), log, patient)
        self._plan.resume(self._epoch, self._batch)
        self._pace = Pace(self._plan.epochs, len(self._batches))
        self._told, self._untold = 0.0, 0

    def go(self, stop_asked: StopAsked, wishes: Wishes) -> Ended:
        """Train."""
        self._stop_asked, self._wishes = stop_asked, wishes
        self._saver.announce(self._run.checkpoints)
        self._log.emit(
            "started",
            epochs=self._plan.epochs,
            batches=len(self._batches),
            batch_size=self._how.batch_size,
            pictures=self._batches.pictures,
            parameters=self.learner.parameters,
            **self.learner.place.to_dict(),
            resumed_epoch=self._epoch,
            resumed_batch=self._batch,
            best_epoch=self._judge.best.epoch,
            best_value=self._judge.best.value,
        )
        while self._epoch < self._plan.epochs:
            if verdict := self._judge.verdict:
                return self._ended("finished", f"stopped early: {verdict}")
            self._log.phase("training")
            if not self._train_epoch():
                return self._stopped()
        return self._ended("finished", "all epochs done")

    def _stopped(self) -> Ended:
        """Save, unless it is to be left as it was, and end."""
        ending = self._stop_asked()
        place = f"after batch {self._batch} of epoch {self._epoch + 1}"
        if ending == "abort":
            return Ended("stopped", f"aborted {place}, nothing saved", self._epoch, self._judge.best.epoch)
        self._log.phase("pausing" if ending == "pause" else "stopping", "saving")
        self._save()
        return self._ended(kind_of(ending), place)

    def _ended(self, kind: Literal["finished", "stopped", "paused"], text: str) -> Ended:
        """The end; a run that was stopped before its first epoch's end leaves the network it has."""
        if not self._run.model.exists() and (self._epoch or self._batch):
            save_network(self.learner.network, self._run.model)
        return Ended(kind, text, self._epoch, self._judge.best.epoch)

    def _train_epoch(self) -> bool:
        """Train one epoch, or the rest of one; False if it was stopped before its end."""
        started = time.monotonic()
        self._pace.start()
        ready = self._profile.timed(parts.MOVING, self.learner.place.ahead)
        with Feed(self._batches, self._epoch, self._batch, ready) as feed:
            for index, (images, labels) in self._profile.waits(feed):
                if self._asked_to_end():
                    return False
                with self._profile.step(len(images)):
                    self._step(images, labels)
                self._batch = index + 1
                self._tell(len(images))
                if self._saver.due and self._batch < len(self._batches):
                    self._save()
        if self._asked_to_end():
            return False
        try:
            self._end_epoch(started)
        except Cancelled:
            return False
        return not (self._asked_to_end() and self._epoch < self._plan.epochs)

    def _asked_to_end(self) -> bool:
        """Whether it was asked to end; what else was asked since the last batch is done first."""
        self._plan.reach(self._epoch, self._batch)
        ending = self._stop_asked()
        for request in self._wishes.wishes():
            reason = ""
            if request.action == "checkpoint":
                self._save()
            else:
                reason = self._plan.serve(request, self._epoch, self._batch)
                self._pace.epochs = self._plan.epochs
            self._wishes.answer(request, reason)
        return bool(ending)

    def _step(self, images: Any, labels: Labels) -> None:
        """One step; its figures are added up for the epoch and for the next event.

        Raises:
            RunError: A loss is no number any more.
        """
        for head, figures in self.learner.step(images, labels).items():
            if figures.labelled and not math.isfinite(figures.loss):
                rates = self._how.learning_rate, self.learner.learning_rate
                raise diverged(head, figures.loss, self._place(), self._saver.last, *rates)
            for tally in (self._tally, self._recent):
                tally.add(head, figures.labelled, figures.loss, figures.accuracy)

    def _place(self) -> tuple[int, int, int]:
        """Epoch, batch and step that are under way, each counted from 1."""
        return self._epoch + 1, self._batch + 1, self._epoch * len(self._batches) + self._batch + 1

    def _tell(self, pictures: int) -> None:
        """Write a batch event, not more than ten a second."""
        self._pace.step(pictures)
        self._untold += 1
        last = self._batch == len(self._batches)
        if last or time.monotonic() - self._told >= _EVENT_EVERY_S:
            with self._profile.part(parts.TELLING):
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
        """Validate, judge, write down, save.

        Raises:
            Cancelled: It was asked to end before all was validated; it is as if this had not begun.
        """
        self._log.phase("validating")
        train = self._tally.figures()
        self._average.epoch_ended(self._epoch + 1)
        mean = self._average.applied(self._stop_asked)
        with self._profile.part(parts.VALIDATING), averaged(self.learner.model), mean:
            validation = self._validation.figures(self._stop_asked)
            self._epoch, self._batch = self._epoch + 1, 0
            values = {**train.named(), **validation.named("val_")}
            if best := self._judge.look(self._epoch, values):
                with self._profile.part(parts.SAVING):
                    save_network(self.learner.network, self._run.model)
        self._tally.clear()
        self.learner.epoch_ended({head: figures.loss for head, figures in train.heads.items()})
        rate, seconds = self.learner.learning_rate, time.monotonic() - started
        self._history.add(self._epoch, seconds, rate, values)
        self._log.emit(
            "epoch",
            durable=True,
            epoch=self._epoch,
            epochs=self._plan.epochs,
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
        with self._profile.part(parts.SAVING):
            self._saver.save((self._epoch, self._batch), self._judge.best.epoch, best=best)
