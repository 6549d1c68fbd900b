"""One trial of a study and the run that it is: followed, reported epoch by epoch, given up, ended.

The run's folder is the truth. A trial that was left in the middle, however that came about, is taken up from
there: its worker may still be at work, have ended meanwhile, or go on from its last checkpoint.
"""

import math
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

from workbench.bench import Bench
from workbench.errors import ConfigError, RunRefused, WorkbenchError
from workbench.monitoring.follow import Follower, RunSnapshot
from workbench.sweep.place import without_password
from workbench.sweep.space import in_words
from workbench.sweep.study import Study, StudyTrial, TrialTaken
from workbench.training.control import ask
from workbench.training.launcher import launch
from workbench.training.lines import LineReader
from workbench.training.metric_names import MONITORED, better
from workbench.training.run import RunFolder, run_folders
from workbench.training.start import prepare_run
from workbench.training.state import RunState
from workbench.training.tail import number, parse_line

Tell = Callable[[str], None]


class ActiveTrial:
    """A trial whose run is at work."""

    def __init__(self, study: Study, trial: StudyTrial, run: RunFolder, tell: Tell) -> None:
        """Args:
        study: The study.
        trial: The trial.
        run: Its run.
        tell: Told in a line what happens.
        """
        self._study, self._trial, self.run, self._tell = study, trial, run, tell
        self._follower = Follower(run)
        self._split, self._key = _place_of_metric(study.plan.metric, run.schema().head_names)
        self._best: float | None = None
        self._best_epoch = self.epochs = 0
        self.left = self._paused = False
        """`left`: whether it was interrupted, so that the study goes on with it next time."""

    @property
    def number(self) -> int:
        """The trial's number."""
        return self._trial.number

    def look(self) -> bool:
        """Report what is new; whether the trial has ended.

        Raises:
            TrialTaken: Another machine has ended it; the run is asked to stop.
            StoreError: The database cannot be reached; the run goes on.
        """
        working = self.run.alive()  # before the log: a worker that ends in between has written its end
        seen = self._follower.poll()
        try:
            self._trial.alive()
            for epoch, value in self._new_values(seen):
                self._report(epoch, value, seen)
            ended = not working and not self._waits(seen)
            if ended:
                self._end(seen)
        except TrialTaken:
            self._ask_to_stop()
            raise
        return ended

    def interrupt(self) -> None:
        """Ask the run to stop and save; the next start of the study goes on with it, if it is still ours."""
        self.left = True
        with suppress(TrialTaken):
            self._trial.note(interrupted=True)
        self._ask_to_stop()

    def _waits(self, seen: RunSnapshot) -> bool:
        """Whether somebody has paused the run; the study waits until it is resumed."""
        waits = seen.state is RunState.PAUSED and not self.left
        if waits and not self._paused:
            self._tell(f"trial {self.number}  run {self.run.name} is paused; it is waited for")
        self._paused = waits
        return waits

    def _new_values(self, seen: RunSnapshot) -> Iterator[tuple[int, float]]:
        """Epochs that were not looked at yet, with the metric's value."""
        curve = seen.curves.get((*self._key, self._split))
        points = (curve.places.tolist(), curve.values.tolist()) if curve is not None else ([], [])
        for x, value in zip(*points, strict=True):
            epoch = round(x)
            if epoch > self.epochs:
                self.epochs = epoch
                if better(value, self._best, self._study.plan.metric):
                    self._best, self._best_epoch = value, epoch
                yield epoch, value

    def _report(self, epoch: int, value: float, seen: RunSnapshot) -> None:
        """Write down an epoch; give the trial up where it is worse than others were."""
        if epoch in self._trial.reported:
            return
        prune = self._trial.report(epoch, value)
        metric = f"{self._study.plan.metric} {value:.4g}"
        self._tell(f"trial {self.number}  epoch {epoch}/{seen.epochs}  {metric}")
        if prune and epoch < seen.epochs and not self._trial.notes.get("pruning"):
            self._trial.note(pruning=epoch)  # first, so that a kill in between leaves the reason
            self._tell(f"trial {self.number}  worse than half of the others at epoch {epoch}: given up")
            self._ask_to_stop()

    def _ask_to_stop(self) -> None:
        """Ask; a run that has just ended need not be asked."""
        with suppress(RunRefused):
            ask(self.run, "stop")

    def _end(self, seen: RunSnapshot) -> None:
        """The run's end becomes the trial's."""
        stopped = seen.state is RunState.STOPPED
        if self.left and seen.state not in (RunState.FINISHED, RunState.FAILED):
            return None
        if seen.state is RunState.FINISHED and self._best is not None:
            return self._ended("complete", "")
        if stopped and self._trial.notes.get("pruning"):
            return self._ended("pruned", "")
        if stopped:
            return self._ended("pruned", "stopped by hand")
        if seen.state is RunState.FINISHED:
            return self._ended("failed", f"{self._study.plan.metric} was never a number")
        return self._ended("failed", seen.failure or "the worker ended without a word")

    def _ended(self, state: str, cause: str) -> None:
        """Write down the end."""
        self._trial.note(
            cause=cause[:500],
            best_epoch=self._best_epoch,
            epochs=self.epochs,
            images_per_second=images_per_second(self.run),
        )
        self._trial.end(state, self._best)
        value = "" if self._best is None else f"  best {self._study.plan.metric} {self._best:.4g}"
        reason = f": {cause}" if cause else ""
        self._tell(f"trial {self.number}  {state}{value}{reason}")


def take_up(
    bench: Bench, study: Study, trial: StudyTrial, tell: Tell, progress: Callable[[int, int], None]
) -> ActiveTrial | None:
    """Begin a trial's run, or go on with the one that it has; None if its settings cannot be.

    Args:
        bench: The bench.
        study: The study.
        trial: The trial.
        tell: Told in a line what happens.
        progress: Called with (done, total) while new pictures are looked for.

    Raises:
        WorkbenchError: The labels, the bench or the database cannot be read or written.
    """
    run = _run_of(bench, study, trial)
    words = f"trial {trial.number}  {in_words(trial.values)}"
    if run is None:
        try:
            run = _prepare(bench, study, trial, progress)
        except ConfigError as error:
            trial.note(cause=str(error)[:500])
            trial.end("failed")
            tell(f"{words}  failed: {error}")
            return None
    trial.note(run=run.name, data=str(run.read().get("data", {}).get("fingerprint", "")))
    state = run.state()
    given_up = state is RunState.STOPPED and trial.notes.get("pruning")
    if run.alive() or given_up or state in (RunState.FINISHED, RunState.FAILED):
        tell(f"{words}  taken up: run {run.name} {'is at work' if run.alive() else state}")
    else:
        launch(run)
        tell(f"{words}  {'goes on' if run.events.exists() else 'begins'}: run {run.name}")
    if trial.notes.get("interrupted"):
        trial.note(interrupted=False)
    return ActiveTrial(study, trial, run, tell)


def _run_of(bench: Bench, study: Study, trial: StudyTrial) -> RunFolder | None:
    """The run that was made for a trial, if one was; a kill may have come before its name was noted."""
    wanted = (study.plan.id, trial.number)
    for run in run_folders(bench.runs_dir):
        try:
            found = run.read().get("study")
        except WorkbenchError:
            continue
        if isinstance(found, dict) and (found.get("id"), found.get("trial")) == wanted:
            return run
    return None


def _prepare(
    bench: Bench, study: Study, trial: StudyTrial, progress: Callable[[int, int], None]
) -> RunFolder:
    """The folder of a new run, which names the study and the trial."""
    plan = study.plan
    about = {"name": plan.name, "trial": trial.number, "id": plan.id, "storage": study.place.shown}
    return prepare_run(
        bench,
        plan.settings_of(trial.values),
        preset=plan.preset,
        study=about,
        command=without_password(sys.argv),
        progress=progress,
    )


def images_per_second(run: RunFolder) -> float | None:
    """The median speed of a run's batches; None before the first."""
    events = map(parse_line, LineReader(run.events).lines(lambda: None))
    speeds = [number(one.get("images_per_second")) for one in events if one and one["type"] == "batch"]
    known = [speed for speed in speeds if math.isfinite(speed) and speed > 0]
    return round(statistics.median(known), 1) if known else None


def _place_of_metric(metric: str, heads: tuple[str, ...]) -> tuple[str, tuple[str, str]]:
    """Which curve of a run a metric is: "val_glasses_loss" is ("validation", ("glasses", "loss"))."""
    split, name = ("validation", metric[4:]) if metric.startswith("val_") else ("train_epoch", metric)
    found = ((head, what) for head in heads for what in MONITORED if name == f"{head}_{what}")
    return split, next(found, ("", name))
