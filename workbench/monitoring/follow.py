"""Following a run: its log, read from where the last look ended, as one frozen picture of where it stands.

Re-attaching is the same read from the start, or from where an index left off. A long log is read a part at a
time, so that its curves are there at once and grow. The drawing process uses this: no Keras here.
"""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from workbench.errors import WorkbenchError
from workbench.monitoring.advice import Advice, advise
from workbench.monitoring.curves import Axis, Curve, CurveKey
from workbench.monitoring.index import Index
from workbench.monitoring.log import Lines, RunLog, exact_batches
from workbench.monitoring.marks import best_mark
from workbench.monitoring.snapshot import RunSnapshot
from workbench.training.control import Request, ending_asked, requests_now
from workbench.training.failures import death
from workbench.training.lines import LineReader, lines_between
from workbench.training.log_names import outputs_in
from workbench.training.run import RunFolder
from workbench.training.state import RunState
from workbench.training.tail import number

__all__ = ["Follower", "RunSnapshot"]
_NEWS_S = 30.0
_MOST_DETAIL = 32 << 20
"""Bytes of a log that are read once more for a window."""
TOO_LONG = "longer than 1 MiB"


class Follower:
    """Reads one run again and again; belongs to one thread.

    Args:
        run: The run to follow; it need not have begun.
        clock: Unix seconds, for the age of the last sign of life.
    """

    def __init__(self, run: RunFolder, clock: Callable[[], float] = time.time) -> None:
        self._run, self._clock = run, clock
        self._reader = LineReader(run.events)
        self._described = False
        self._heads: tuple[str, ...] = ()
        self._epochs, self._majority = 0, dict[str, float]()
        self._preset = self._parent = ""
        self._index: Index | None = None
        self._log = self._new_log()
        self._advice: tuple[object, tuple[Advice, ...]] = (None, ())

    def _new_log(self) -> RunLog:
        """As if nothing had been read."""
        return RunLog(self._heads, self._epochs, self._lines_between)

    def _lines_between(self, start: int, end: int) -> Lines:
        """A part of the log once more; nothing of one that would fill the memory."""
        return lines_between(self._run.events, start, end) if end - start <= _MOST_DETAIL else []

    def poll(self, seconds: float | None = None) -> RunSnapshot:
        """Read what is new and say where the run stands.

        Args:
            seconds: About how long to read; what is left is read next time, and `reading` says how far it
                came. None reads everything that there is.
        """
        if not self._described:
            self._describe()
        if self._index is None:
            self._index = Index(self._run.root, self._heads)
            self._log = self._index.load(self._reader, self._log)
        alive = self._run.alive()  # before the log: a worker that ends in between has written its end
        # Whichever log it is by then: one that is begun anew is another.
        reading = self._reader.hand_on(lambda lines: self._log.feed(lines), self._begin_anew, seconds)
        log = self._log.state
        requests = requests_now(self._run)
        state = self._run.state_after(
            log.phase, log.wall, self._age(log.wall), alive=alive, asked=ending_asked(requests)
        )
        if reading is None:
            self._index.save(self._reader, self._log, ended=state.ended)
        elsewhere = self._run.elsewhere() if state.live and not alive else ""
        return self._snapshot(state, requests, reading, elsewhere)

    def _begin_anew(self) -> None:
        """The log is another file than the one that was read."""
        before, self._log = self._log, self._new_log()
        if before.state.wall or before.state.skipped:
            self._log.note("the log was replaced or cut while it was open: this is what stands in it now")

    def _describe(self) -> None:
        """Take from run.json what does not change."""
        try:
            described = self._run.read()
            settings = self._run.settings()
            # A training that is not ours has outputs, and no schema.
            foreign = self._run.foreign
            self._heads = outputs_in(described) if foreign else self._run.schema().head_names
        except WorkbenchError:
            return
        self._epochs = settings.training.epochs
        self._preset, self._parent = str(described.get("preset", "")), str(described.get("parent", ""))
        data = described.get("data")
        majority = data.get("majority") if isinstance(data, Mapping) else None
        if isinstance(majority, Mapping):
            shares = {head: number(majority.get(head)) for head in self._heads}
            self._majority = {head: share for head, share in shares.items() if math.isfinite(share)}
        self._described = True
        self._log.expect(self._heads, self._epochs)

    def detail(self, axis: Axis, left: float, right: float) -> Mapping[CurveKey, Curve]:
        """The batches in a window singly, for a zoom into merged ones.

        Args:
            axis: What `left` and `right` are on.
            left: The window's left edge; of "relative", seconds since the first event.
            right: Its right edge.

        Returns:
            The curves of "train" there; empty where the window holds too much of the log to read it again.
        """
        curves = self._log.batches.curves()
        if not curves:
            return {}
        x = next(iter(curves.values())).x(axis, self._log.state.started)
        first = max(0, int(np.searchsorted(x, left)) - 1)
        last = min(len(x) - 1, int(np.searchsorted(x, right, "right")))
        start, end = self._log.batches.offsets(first, last)
        lines = self._lines_between(start, self._reader.position if end < 0 else end)
        return exact_batches(lines, self._heads).curves()

    def _snapshot(
        self, state: RunState, requests: tuple[Request, ...], reading: float | None, elsewhere: str
    ) -> RunSnapshot:
        log = self._log.state
        asked = self._news(requests, state)
        untaken = self._clock() - asked.wall if asked and asked.stage == "asked" and state.live else 0.0
        curves = self._log.curves()
        too_long = {TOO_LONG: self._reader.skipped} if self._reader.skipped else {}
        return RunSnapshot(
            name=self._run.name,
            state=state,
            phase=f"{log.phase}: {log.text}" if log.text else log.phase,
            epoch=log.epoch,
            epochs=log.epochs or self._epochs,
            batch=log.batch,
            batches=log.batches,
            step=log.step,
            images_per_second=log.speed if state.live else 0.0,
            seconds_left=log.seconds_left if state.live else None,
            best_epoch=log.best_epoch,
            metric=log.metric,
            curves=curves,
            majority=self._majority,
            notes=tuple(text for _, text in log.notes),
            marks=(*log.marks, *best_mark(log.best_epoch, curves.get(("", "loss", "validation")))),
            advice=self._advised(),
            started=log.started,
            sign_wall=log.wall,
            data_wall=log.data_wall,
            sign_age=self._age(log.wall),
            data_age=self._age(log.data_wall),
            reading=reading,
            failure=death(self._run) if state is RunState.DIED else log.failure,
            log_path=self._run.log,
            skipped={**log.skipped, **too_long},
            two_writers=log.two_writers,
            gone=self._reader.gone,
            stop=next((one.stage for one in reversed(requests) if one.action == "stop"), ""),
            asked=asked,
            requests=requests,
            untaken_seconds=max(0, int(untaken)),
            rate_changes=tuple(log.rates),
            memory_mb=self._newest(curves, "memory_mb"),
            gpus=tuple(log.gpus),
            learning_rate=log.rate,
            preset=self._preset,
            parent=self._parent,
            elsewhere=elsewhere,
            profile=log.profile,
        )

    def _age(self, wall: float) -> float:
        """Seconds since then; 0 if there was nothing."""
        return max(0.0, self._clock() - wall) if wall else 0.0

    def _newest(self, curves: Mapping[CurveKey, Curve], figure: str) -> float | None:
        """The last value of a figure of the machine."""
        curve = curves.get(("", figure, "system"))
        return curve.newest if curve is not None and math.isfinite(curve.newest) else None

    def _advised(self) -> tuple[Advice, ...]:
        """What is worth knowing; worked out anew only when an epoch has ended, or a value was no number."""
        log, epochs = self._log, self._log.epochs.curves()
        gaps = sum(int(curve.gaps.any()) for curve in log.batches.curves().values())
        known = (id(log), log.state.best_epoch, gaps, *(curve.stamp for curve in epochs.values()))
        if self._advice[0] != known:
            metric, best = log.state.metric, log.state.best_epoch
            curves: dict[CurveKey, Any] = {**log.batches.curves(), **epochs}
            found = advise(curves, metric=metric, best_epoch=best, majority=self._majority)
            self._advice = (known, found)
        return self._advice[1]

    def _news(self, requests: tuple[Request, ...], state: RunState) -> Request | None:
        """What was last asked of this worker; what a run that goes on has long done is no news."""
        asked = next(reversed(requests), None)
        if asked is None or not state.live or asked.ended_wall is None:
            return asked
        return asked if self._clock() - asked.ended_wall < _NEWS_S else None
