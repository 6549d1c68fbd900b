"""What the events of a run's log say, one after another: how far it is, its curves, what happened.

Nothing in the log is trusted: foreign and absurd lines are counted and skipped, numbers that are none become
gaps, and what a killed worker had done that the next one does again is taken back.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from workbench.monitoring.curves import Curve, CurveKey
from workbench.monitoring.lines import event_of
from workbench.monitoring.log_state import LogState
from workbench.monitoring.machine import machine_points
from workbench.monitoring.marks import Mark
from workbench.monitoring.rows import BatchRows, curve_keys, numbers_of
from workbench.monitoring.track import Track
from workbench.training.tail import END_TYPES, number, whole

Lines = list[tuple[int, bytes]]
MOST_NOTES, _MOST_MARKS = 200, 500
MOST_EPOCHS = 10**7
NO_EVENT, ABSURD, DOUBLED = "no event", "makes no sense", "stands twice"


class RunLog:
    """Takes a log's lines in their order; belongs to one thread.

    Args:
        heads: The heads of the run's schema; where it is empty, all that come are taken.
        epochs: How many the settings ask for; 0 where they are not known.
        again: Gives the lines of a part of the log (from byte, to byte) once more;
            where it is not given, points that share a bucket with a resumed worker's are lost.
        batches: What takes the batches; by default a track of the usual size.
    """

    def __init__(
        self,
        heads: tuple[str, ...],
        epochs: int,
        again: Callable[[int, int], Lines] | None = None,
        batches: Track | None = None,
    ) -> None:
        self._heads, self._asked, self._again = heads, epochs, again
        self.state, self._offset = LogState(), 0
        self.batches = Track() if batches is None else batches
        self.epochs, self.system = Track(), Track(order="wall")
        self._rows = BatchRows(self.batches, self.state.clock, heads)
        self._handlers: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "phase": self._phase,
            "progress": self._progress,
            "started": self._started,
            "epoch": self._epoch,
            "rate": self._rate,
            "epochs": self._more_epochs,
            "checkpoint": self._checkpoint,
            "system": self._system,
            "note": lambda event: self.note(str(event.get("text", ""))),
            "profile": self._profile,
        }

    def restore(self, state: LogState, batches: Track, epochs: Track, system: Track) -> None:
        """Go on from what an index kept."""
        self.state, self.batches, self.epochs, self.system = state, batches, epochs, system
        self._rows = BatchRows(batches, state.clock, self._heads)

    def expect(self, heads: tuple[str, ...], epochs: int) -> None:
        """Take from now on only these heads, and so many epochs: the run's description is there."""
        self.flush()
        self._heads, self._asked = heads, epochs
        self._rows = BatchRows(self.batches, self.state.clock, heads)

    def curves(self) -> dict[CurveKey, Curve]:
        """All curves as they are now."""
        return {**self.batches.curves(), **self.epochs.curves(), **self.system.curves()}

    def feed(self, lines: Lines) -> None:
        """Take consecutive lines, each with its byte offset."""
        for offset, line in lines:
            event = event_of(line)
            if event is None:
                if line.strip(b" \t\r\0"):
                    self._skip(NO_EVENT)
                continue
            self._offset = offset
            if event["type"] == "batch":
                if not self._rows.fits(event) or self._rows.full:
                    self.flush()
                self._rows.add(event, offset)
            else:
                self.flush()
                self._take(event)
        self.flush()

    def flush(self) -> None:
        """Hand on the batches that were collected."""
        if not len(self._rows):
            return
        state = self.state
        block = self._rows.hand_on(self.most_epochs)
        self._skip(ABSURD, block.absurd)
        self._skip(DOUBLED, block.doubled)
        for seq in block.sequence:
            self._sequence(seq)
        if (last := block.last) is None:
            return
        state.epoch, state.batch, state.batches, state.step = last.epoch, last.batch, last.batches, last.step
        state.speed = last.speed if math.isfinite(last.speed) else state.speed
        state.seconds_left = last.seconds_left if math.isfinite(last.seconds_left) else None
        state.wall = last.wall if math.isfinite(last.wall) else state.wall
        state.data_wall = state.wall
        state.started = state.started or block.begun

    @property
    def most_epochs(self) -> int:
        """How many epochs there can be; a later one makes no sense."""
        return self.state.epochs or self._asked or MOST_EPOCHS

    def _skip(self, reason: str, lines: int = 1) -> None:
        """Count lines that were skipped."""
        if lines:
            self.state.skipped[reason] = self.state.skipped.get(reason, 0) + lines

    def _sequence(self, found: float) -> None:
        """Two workers that write at once number their events alike."""
        if math.isfinite(found):
            if 0 < found <= self.state.seq and not self.state.two_writers:
                self.state.two_writers = True
                self.note("two workers have written this log at once: its curves mix both")
            self.state.seq = whole(found, self.state.seq)

    def _take(self, event: Mapping[str, Any]) -> None:
        """One event but a batch; a type that this version does not know is no mistake."""
        state, kind = self.state, event["type"]
        if kind == "phase" and event.get("name") == "starting":
            state.clock.restart()
            state.seq = 0
        self._sequence(number(event.get("seq")))
        wall = number(event.get("wall"))
        state.clock.time(wall, number(event.get("mono")))
        if math.isfinite(wall):
            state.wall = wall
        state.started = state.started or state.clock.last
        if jump := state.clock.take_jump():
            self.note(f"the clock of its machine was set by {jump:+,.0f} s, or the machine slept")
        if kind in END_TYPES:
            self._end(kind, event)
        elif handler := self._handlers.get(kind):
            handler(event)

    def _phase(self, event: Mapping[str, Any]) -> None:
        self.state.phase, self.state.text = str(event.get("name", "")), str(event.get("text") or "")
        self.state.failure = ""

    def _progress(self, event: Mapping[str, Any]) -> None:
        self.state.text = f"{whole(event.get('done')):,}/{whole(event.get('total')):,}"

    def _started(self, event: Mapping[str, Any]) -> None:
        """A worker begins, or goes on from a checkpoint: what lies after that is done again."""
        state = self.state
        state.epochs = self._total(event)
        state.batches = whole(event.get("batches"))
        resumed = min(max(whole(event.get("resumed_epoch")), 0), MOST_EPOCHS)
        batch = min(max(whole(event.get("resumed_batch")), 0), state.batches)
        state.epoch, state.batch, state.step = resumed, batch, resumed * state.batches + batch
        state.best_epoch = whole(event.get("best_epoch"), min(state.best_epoch, resumed))
        place = resumed + batch / max(state.batches, 1)
        had_more = len(self.batches) or len(self.epochs)
        self._cut(place)
        state.notes = [note for note in state.notes if not note[0] > place]
        state.marks = [mark for mark in state.marks if not mark.place > place or mark.kind == "restart"]
        state.rates = [change for change in state.rates if change[0] < place]
        if had_more:
            self._mark("restart", place, f"a worker went on from here (epoch {place:.4g})")

    def _cut(self, place: float) -> None:
        """Take back the points behind a place; those of a bucket that it parts are read once more."""
        again = self.batches.cut(place)
        self.epochs.cut(place)
        if again is not None and self._again is not None:
            start, end = again
            lines = self._again(start, self._offset if end < 0 else end)
            self.batches.absorb(exact_batches(lines, self._heads, place))

    def note(self, text: str, place: float = -math.inf) -> None:
        """A line for people; one that belongs to a place is taken back with what happened there."""
        self.state.notes = [*self.state.notes[1 - MOST_NOTES :], (place, text)]

    def _mark(self, kind: Any, place: float, text: str) -> None:
        """A mark on the charts."""
        step = place * max(self.state.batches, 1)
        mark = Mark(kind, place, step, self.state.clock.last, text)
        self.state.marks = [*self.state.marks[1 - _MOST_MARKS :], mark]

    def _profile(self, event: Mapping[str, Any]) -> None:
        from workbench.training.profile import Report  # loads the rooms of the data, and hardly a log has it

        advice = str(event.get("advice") or "")
        self.state.profile = {**Report.from_dict(event).to_dict(), "advice": advice}

    def _checkpoint(self, event: Mapping[str, Any]) -> None:
        epoch, batch = whole(event.get("epoch")), whole(event.get("batch"))
        within = f", batch {batch} of the next," if batch else ""
        text, place = f"checkpoint of epoch {epoch}{within} saved", epoch + batch / max(self.state.batches, 1)
        self.note(text, place)
        if 0 <= place <= self.most_epochs:
            self._mark("checkpoint", place, text)

    def _system(self, event: Mapping[str, Any]) -> None:
        """What the machine is used for: each number is a point of a curve of its own."""
        points, self.state.gpus = machine_points(event)
        if points:
            place = max(self.batches.place, self.epochs.place)
            self._extend(self.system, place, list(points), list(points.values()))

    def _extend(self, track: Track, place: float, keys: list[CurveKey], values: list[float]) -> int:
        """One point of each of some curves; gives how many were left out."""
        axes = np.array([[self.state.step, place, self.state.clock.last, self._offset]], np.float64)
        return track.extend(axes, keys, np.array([values]))

    def _epoch(self, event: Mapping[str, Any]) -> None:
        state, epoch = self.state, whole(event.get("epoch"))
        if not 1 <= epoch <= self.most_epochs:
            self._skip(ABSURD)
            return
        state.epoch, state.epochs, state.data_wall = epoch, self._total(event), state.wall
        state.best_epoch = whole(event.get("best_epoch"), state.best_epoch)
        rate = number(event.get("learning_rate"))
        state.rate = rate if math.isfinite(rate) else state.rate
        keys: list[CurveKey] = []
        values: list[float] = []
        for name, split in (("train", "train_epoch"), ("validation", "validation")):
            figures = event.get(name)
            if isinstance(figures, Mapping):
                found = curve_keys(figures, self._heads, split)
                keys, values = keys + found, values + numbers_of(figures, found)
        if keys and self._extend(self.epochs, float(epoch), keys, values):
            self._skip(DOUBLED)
        star = " ★ best" if state.best_epoch == epoch else ""
        if metric := str(event.get("metric") or ""):
            state.metric = metric
            self.note(f"epoch {epoch}  {metric} {number(event.get('value')):.4g}{star}", epoch)

    def _rate(self, event: Mapping[str, Any]) -> None:
        before, after = number(event.get("from")), number(event.get("to"))
        epoch, batch = whole(event.get("epoch")), whole(event.get("batch"))
        sensible = 1 <= epoch <= self.most_epochs and batch >= 0
        if not (sensible and math.isfinite(before) and math.isfinite(after)):
            self._skip(ABSURD)
            return
        self.state.rate = after
        place = epoch - 1 + batch / max(self.state.batches, 1)
        self.state.rates = [*self.state.rates[1 - _MOST_MARKS :], (place, before, after)]
        text = f"learning rate {before:.3g} → {after:.3g} after batch {batch} of epoch {epoch}"
        self.note(text, place)
        self._mark("rate", place, text)

    def _more_epochs(self, event: Mapping[str, Any]) -> None:
        state, found = self.state, whole(event.get("to"))
        if max(1, state.epoch) <= found <= MOST_EPOCHS:
            text = f"{found} epochs instead of {state.epochs}"
            self.note(text)
            self._mark("epochs", max(self.batches.place, self.epochs.place), text)
            state.epochs = found

    def _end(self, kind: str, event: Mapping[str, Any]) -> None:
        state = self.state
        state.phase, state.text, state.seconds_left = kind, "", None
        state.best_epoch = whole(event.get("best_epoch"), state.best_epoch)
        if kind == "failed":
            state.failure = str(event.get("cause") or "failed for a reason that it did not write down")
            self.note(f"failed: {state.failure}")
        elif text := str(event.get("text") or ""):
            self.note(f"{kind}: {text}")

    def _total(self, event: Mapping[str, Any]) -> int:
        """How many epochs there are to be; an absurd number, which would make all others absurd, is none."""
        found = whole(event.get("epochs"))
        return found if max(1, self.state.epoch) <= found <= MOST_EPOCHS else self.state.epochs


def exact_batches(lines: Lines, heads: tuple[str, ...], place: float = math.inf) -> Track:
    """The batches in a part of a log, each a point of its own.

    Args:
        lines: The lines of the part, each with its byte offset.
        heads: The heads that are known; where it is empty, all are taken.
        place: Epochs behind the last one that is wanted.
    """
    track = Track(len(lines) + 2 & ~1)
    part = RunLog(heads, 0, batches=track)
    part.feed([line for line in lines if b'"batch' in line[1] or b'"started"' in line[1]])
    track.cut(place)
    return track
