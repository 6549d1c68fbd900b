"""Following a run: its log, read from where the last look ended, as one frozen picture of where it stands.

Re-attaching is the same read from the start. Nothing in the log is trusted: torn, foreign and absurd lines
are counted and skipped; numbers that are none become gaps. The drawing process uses this: no Keras here.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from workbench.errors import WorkbenchError
from workbench.monitoring.snapshot import RunSnapshot, SeriesKey
from workbench.training.control import Request, ending_asked, requests_now
from workbench.training.curves import Curve
from workbench.training.failures import death
from workbench.training.lines import LineReader
from workbench.training.profile import Report
from workbench.training.run import RunFolder
from workbench.training.state import RunState, started_anew, state_of
from workbench.training.tail import END_TYPES, number, parse_line, whole

__all__ = ["Follower", "RunSnapshot", "SeriesKey"]
_MAX_NOTES = 200
_NEWS_S = 30.0
_MAX_EPOCH = 10**7
_METRICS = ("loss", "accuracy", "macro_f1")


class Follower:
    """Reads one run again and again; belongs to one thread."""

    def __init__(self, run: RunFolder, clock: Callable[[], float] = time.time) -> None:
        """Args:
        run: The run to follow; it need not have begun.
        clock: Unix seconds, for the age of the last sign of life.
        """
        self._run, self._clock = run, clock
        self._tailer = LineReader(run.events)
        self._described = False
        self._forget()

    def _forget(self) -> None:
        """As if nothing had been read."""
        self._curves: dict[SeriesKey, Curve] = {}
        self._notes: deque[tuple[float, str]] = deque(maxlen=_MAX_NOTES)
        self._phase = self._text = self._failure = ""
        self._bad = self._epoch = self._batch = self._batches = self._step = self._best_epoch = 0
        self._speed = self._wall = 0.0
        self._seconds_left: float | None = None
        self._memory: float | None = None
        self._rate: float | None = None
        self._rate_changes: list[tuple[float, float, float]] = []
        self._epochs_logged = 0
        self._profile: dict[str, Any] | None = None

    def poll(self) -> RunSnapshot:
        """Read what is new and say where the run stands."""
        if not self._described:
            self._describe()
        alive = self._run.alive()  # before the log: a worker that ends in between has written its end
        for line in self._tailer.lines(self._forget):
            event = parse_line(line)
            if event is None:
                self._bad += bool(line.strip())
            else:
                self._take(event)
        state = state_of(
            self._phase,
            alive=alive,
            launched=self._run.log.exists(),
            asked=ending_asked(self._run),
            started_anew=started_anew(self._run.lock, self._wall),
        )
        return self._snapshot(state)

    def _describe(self) -> None:
        """Take from run.json what does not change."""
        self._heads: tuple[str, ...] = ()
        self._epochs_asked, self._majority = 0, dict[str, float]()
        self._preset = self._parent = ""
        try:
            described = self._run.read()
            settings = self._run.settings()
            self._heads = self._run.schema().head_names
        except WorkbenchError:
            return
        self._epochs_asked = settings.training.epochs
        self._preset, self._parent = str(described.get("preset", "")), str(described.get("parent", ""))
        data = described.get("data")
        majority = data.get("majority") if isinstance(data, Mapping) else None
        if isinstance(majority, Mapping):
            shares = {head: number(majority.get(head)) for head in self._heads}
            self._majority = {head: share for head, share in shares.items() if math.isfinite(share)}
        self._described = True

    def _snapshot(self, state: RunState) -> RunSnapshot:
        asked = self._asked(state)
        untaken = self._clock() - asked.wall if asked and asked.stage == "asked" and state.live else 0.0
        failure = self._failure
        if state is RunState.DIED:
            failure = death(self._run)
        return RunSnapshot(
            name=self._run.name,
            state=state,
            phase=f"{self._phase}: {self._text}" if self._text else self._phase,
            epoch=self._epoch,
            epochs=self._epochs_logged or self._epochs_asked,
            batch=self._batch,
            batches=self._batches,
            step=self._step,
            images_per_second=self._speed if state.live else 0.0,
            seconds_left=self._seconds_left if state.live else None,
            best_epoch=self._best_epoch,
            series={key: curve.series() for key, curve in self._curves.items()},
            majority=self._majority,
            notes=tuple(text for _, text in self._notes),
            age_seconds=max(0.0, self._clock() - self._wall) if self._wall else 0.0,
            failure=failure,
            log_path=self._run.log,
            skipped_lines=self._bad + self._tailer.skipped,
            stop=next((one.stage for one in reversed(requests_now(self._run)) if one.action == "stop"), ""),
            asked=asked,
            untaken_seconds=max(0, int(untaken)),
            rate_changes=tuple(self._rate_changes),
            memory_mb=self._memory,
            learning_rate=self._rate,
            preset=self._preset,
            parent=self._parent,
            profile=self._profile,
        )

    def _asked(self, state: RunState) -> Request | None:
        """What was last asked of this worker; what a run that goes on has long done is no news."""
        asked = next(reversed(requests_now(self._run)), None)
        if asked is None or not state.live or asked.ended_wall is None:
            return asked
        return asked if self._clock() - asked.ended_wall < _NEWS_S else None

    def _take(self, event: Mapping[str, Any]) -> None:
        """One event; a type that this version does not know is no mistake."""
        wall = number(event.get("wall"))
        if math.isfinite(wall):
            self._wall = wall
        kind = event["type"]
        if kind in END_TYPES:
            self._take_end(kind, event)
        elif handler := {
            "phase": self._take_phase,
            "progress": self._take_progress,
            "started": self._take_started,
            "batch": self._take_batch,
            "epoch": self._take_epoch,
            "rate": self._take_rate,
            "epochs": self._take_more_epochs,
            "checkpoint": self._take_checkpoint,
            "system": self._take_system,
            "note": self._take_note,
            "profile": self._take_profile,
        }.get(kind):
            handler(event)

    def _take_phase(self, event: Mapping[str, Any]) -> None:
        self._phase, self._text, self._failure = str(event.get("name", "")), str(event.get("text") or ""), ""

    def _take_progress(self, event: Mapping[str, Any]) -> None:
        self._text = f"{whole(event.get('done')):,}/{whole(event.get('total')):,}"

    def _take_started(self, event: Mapping[str, Any]) -> None:
        """A worker begins, or goes on from a checkpoint: what lies after that is done again."""
        self._epochs_logged = self._total(event)
        self._batches = whole(event.get("batches"))
        resumed = min(max(whole(event.get("resumed_epoch")), 0), _MAX_EPOCH)
        batch = min(max(whole(event.get("resumed_batch")), 0), self._batches)
        self._epoch, self._batch, self._step = resumed, batch, resumed * self._batches + batch
        self._best_epoch = whole(event.get("best_epoch"), min(self._best_epoch, resumed))
        place = resumed + batch / max(self._batches, 1)
        for curve in self._curves.values():
            curve.cut(place)
        kept = [note for note in self._notes if not note[0] > place]
        self._notes.clear()
        self._notes.extend(kept)
        self._rate_changes = [change for change in self._rate_changes if change[0] < place]

    def _note(self, text: str, place: float = -math.inf) -> None:
        """A line for people; one that belongs to a place is taken back with what happened there."""
        self._notes.append((place, text))

    def _take_note(self, event: Mapping[str, Any]) -> None:
        self._note(str(event.get("text", "")))

    def _take_profile(self, event: Mapping[str, Any]) -> None:
        self._profile = {**Report.from_dict(event).to_dict(), "advice": str(event.get("advice") or "")}

    def _take_checkpoint(self, event: Mapping[str, Any]) -> None:
        epoch, batch = whole(event.get("epoch")), whole(event.get("batch"))
        within = f", batch {batch} of the next," if batch else ""
        self._note(f"checkpoint of epoch {epoch}{within} saved", epoch + batch / max(self._batches, 1))

    def _take_system(self, event: Mapping[str, Any]) -> None:
        memory = number(event.get("memory_mb"))
        self._memory = memory if math.isfinite(memory) else self._memory

    def _take_batch(self, event: Mapping[str, Any]) -> None:
        epoch, batch, batches = (whole(event.get(name)) for name in ("epoch", "batch", "batches"))
        if not self._plausible(epoch) or not 1 <= batch <= batches:
            self._bad += 1
            return
        self._epoch, self._batch, self._batches = epoch, batch, batches
        self._step = whole(event.get("step"), self._step)
        speed, left = number(event.get("images_per_second")), number(event.get("seconds_left"))
        self._speed = speed if math.isfinite(speed) else self._speed
        self._seconds_left = left if math.isfinite(left) else None
        self._add(epoch - 1 + batch / batches, event, "train")

    def _take_epoch(self, event: Mapping[str, Any]) -> None:
        epoch = whole(event.get("epoch"))
        if not self._plausible(epoch):
            self._bad += 1
            return
        self._epoch, self._epochs_logged = epoch, self._total(event)
        self._best_epoch = whole(event.get("best_epoch"), self._best_epoch)
        rate = number(event.get("learning_rate"))
        self._rate = rate if math.isfinite(rate) else self._rate
        for name, split in (("train", "train_epoch"), ("validation", "validation")):
            figures = event.get(name)
            if isinstance(figures, Mapping):
                self._add(float(epoch), figures, split)
        star = " ★ best" if self._best_epoch == epoch else ""
        if metric := str(event.get("metric") or ""):
            self._note(f"epoch {epoch}  {metric} {number(event.get('value')):.4g}{star}", epoch)

    def _take_rate(self, event: Mapping[str, Any]) -> None:
        before, after = number(event.get("from")), number(event.get("to"))
        epoch, batch = whole(event.get("epoch")), whole(event.get("batch"))
        if not (self._plausible(epoch) and batch >= 0 and math.isfinite(before) and math.isfinite(after)):
            self._bad += 1
            return
        self._rate = after
        place = epoch - 1 + batch / max(self._batches, 1)
        self._rate_changes.append((place, before, after))
        self._note(f"learning rate {before:.3g} → {after:.3g} after batch {batch} of epoch {epoch}", place)

    def _take_more_epochs(self, event: Mapping[str, Any]) -> None:
        found = whole(event.get("to"))
        if max(1, self._epoch) <= found <= _MAX_EPOCH:
            self._note(f"{found} epochs instead of {self._epochs_logged}")
            self._epochs_logged = found

    def _take_end(self, kind: str, event: Mapping[str, Any]) -> None:
        self._phase, self._text, self._seconds_left = kind, "", None
        self._best_epoch = whole(event.get("best_epoch"), self._best_epoch)
        if kind == "failed":
            self._failure = str(event.get("cause") or "failed for a reason that it did not write down")
            self._note(f"failed: {self._failure}")
        elif text := str(event.get("text") or ""):
            self._note(f"{kind}: {text}")

    def _total(self, event: Mapping[str, Any]) -> int:
        """How many epochs there are to be; an absurd number, which would make all others absurd, is none."""
        found = whole(event.get("epochs"))
        return found if max(1, self._epoch) <= found <= _MAX_EPOCH else self._epochs_logged

    def _plausible(self, epoch: int) -> bool:
        """A foreign line must not push every later point off the chart."""
        return 1 <= epoch <= (self._epochs_logged or self._epochs_asked or _MAX_EPOCH)

    def _add(self, x: float, figures: Mapping[str, Any], split: str) -> None:
        """Points of the overall curves and of each head's."""
        heads = figures.get("heads")
        parts: dict[str, Any] = {"": figures}
        if isinstance(heads, Mapping):
            parts |= {head: heads[head] for head in heads if head in self._heads or not self._heads}
        for head, values in parts.items():
            if not isinstance(values, Mapping):
                continue
            for metric in _METRICS:
                if metric in values:
                    value = number(values[metric])
                    curve = self._curves.setdefault((head, metric, split), Curve())
                    curve.add(x, value if math.isfinite(value) else math.nan)
