"""Working on a study: trials taken, followed and ended until there are enough, or somebody interrupts it."""

import time
from collections.abc import Callable

from workbench.bench import Bench
from workbench.errors import Cancelled, WorkbenchError
from workbench.sweep.study import Study, StudyTrial, TrialTaken
from workbench.sweep.trial import ActiveTrial, Tell, take_up

_MOST_FAILURES = 3
"""So many trials in a row that end before their first epoch mean that none will get further."""
_EVERY_S = 2.0


class Sweep:
    """Works on a study; one process for a study in a bench.

    Args:
        bench: The bench.
        study: The study, held by this process.
        wanted: How many trials it is to have in all.
        jobs: How many are trained at once.
        tell: Told in a line what happens.
        check: Called where an interruption does no harm; raises KeyboardInterrupt for one.
        poll_seconds: Between two looks at the runs.
    """

    def __init__(
        self,
        bench: Bench,
        study: Study,
        *,
        wanted: int,
        jobs: int,
        tell: Tell,
        check: Callable[[], None],
        poll_seconds: float = 0.5,
    ) -> None:
        self._bench, self._study, self._wanted, self._jobs = bench, study, wanted, jobs
        self._tell, self._check, self._poll_seconds = tell, check, poll_seconds
        self._left: list[StudyTrial] = []
        self._active: list[ActiveTrial] = []
        self._failures, self._told_at = 0, time.monotonic()

    def go(self) -> None:
        """Work until there are as many trials as are wanted.

        Raises:
            Cancelled: It was interrupted; what is at work was asked to stop and save.
            WorkbenchError: One trial after the other fails before its first epoch; or the database cannot be
                reached, the runs going on; or the bench cannot be written.
        """
        try:
            self._left = self._study.unfinished()
            while self._fill():
                self._look()
                self._check()
                time.sleep(self._poll_seconds if self._active else 0)
        except KeyboardInterrupt:
            done = "stopped and saved" if self._stop() else "asked to stop and save"
            names = ", ".join(one.run.name for one in self._active if one.left) or "no run"
            raise Cancelled(
                f"interrupted; {names} {done}",
                where=f"study {self._study.plan.name}",
                cure="the same command goes on with it",
            ) from None

    def _fill(self) -> bool:
        """Begin trials until enough are at work; whether any is."""
        while len(self._active) < self._jobs:
            self._check()
            trial = self._left.pop(0) if self._left else self._study.claim(self._wanted)
            if trial is None:
                break
            active = take_up(self._bench, self._study, trial, self._tell, self._progress)
            if active is None:
                self._count(epochs=0)
            else:
                self._active.append(active)
                self._compare_data(trial)
        return bool(self._active)

    def _look(self) -> None:
        """Look at each run once; those that have ended make room."""
        for active in list(self._active):
            if self._ended(active):
                self._active.remove(active)
                self._count(active.epochs)

    def _ended(self, active: ActiveTrial) -> bool:
        """Look at one run; whether nothing of it is left to wait for."""
        try:
            return active.look()
        except TrialTaken as taken:
            self._tell(f"{taken}; run {active.run.name} is asked to stop")
            return True

    def _count(self, epochs: int) -> None:
        """Refuse to go on where nothing comes of it."""
        self._failures = 0 if epochs else self._failures + 1
        if self._failures >= _MOST_FAILURES:
            raise WorkbenchError(
                f"{self._failures} trials in a row ended before their first epoch",
                where=f"study {self._study.plan.name}",
                cure="their causes stand in the table: --show",
            )

    def _stop(self) -> bool:
        """Ask all runs to stop and wait for it; False where a second interruption leaves them to it."""
        waiting = list(self._active)
        for active in waiting:
            active.interrupt()
        self._tell("asked to stop and save; waiting for it")
        try:
            while waiting := [one for one in waiting if not self._ended(one)]:
                time.sleep(self._poll_seconds)
                self._check()
        except KeyboardInterrupt:
            self._tell("not waited for: the runs stop by themselves")
            return False
        return True

    def _compare_data(self, trial: StudyTrial) -> None:
        """Warn where labels or splits have changed since the first trial: its figures are others' then."""
        mine = trial.notes.get("data")
        for other in self._study.trials():
            data = other.user_attrs.get("data")
            if data and data != mine:
                self._tell(
                    f"trial {trial.number}  learns from other labels or splits than trial {other.number}: "
                    "their figures cannot be compared exactly"
                )
                return

    def _progress(self, done: int, total: int) -> None:
        """While pictures are looked for."""
        self._check()
        if done < total and time.monotonic() - self._told_at > _EVERY_S:
            self._told_at = time.monotonic()
            self._tell(f"pictures {done}/{total}")
