"""Following a run with plain lines, for a pipe, a log or a terminal without screens; no Textual here.

Phases, epochs and notes have a line each. How far the present epoch is stands on a line every ten seconds, or
on a terminal on one line that is written anew (with a carriage return, and nothing else that moves a cursor).
"""

import math
import os
import re
import threading
import time
from collections.abc import Mapping, Sequence
from typing import TextIO

from workbench.monitoring.follow import Follower, RunSnapshot
from workbench.text import neutralise
from workbench.training.run import RunFolder
from workbench.training.state import RunState
from workbench.tui.notify import Notifier
from workbench.tui.times import duration

GRACE_S = 10.0
"""How long a worker may take to begin: a worker that is not there is only then taken for one that died."""
CAUSE_S = 5.0
"""How long to wait for whoever learns what ended a worker; it takes a moment."""
_EVERY_S = {True: 2.0, False: 10.0}  # on a terminal, elsewhere
_WITHIN_EPOCH = frozenset({"training", "validating", "saving"})
_EPOCH_NOTE = re.compile(r"epoch (\d+)  (\S+ \S+(?: ★ best)?)")
_WIDTH = 80
_EACH_EPOCH = ("train_epoch", "validation")


def follow_plain(
    run: RunFolder, stream: TextIO, *, poll_seconds: float = 0.5, notifier: Notifier | None = None
) -> RunState:
    """Write what a run does until it ends; at once, if it has ended.

    Args:
        run: The run.
        stream: Where the lines go.
        poll_seconds: Between two looks.
        notifier: See `PlainMonitor`.

    Returns:
        The state in which it ended; `starting` for a run on which no worker was ever started.
    """
    return PlainMonitor(run, stream, notifier=notifier).follow(poll_seconds)


class PlainMonitor:
    """Writes a run's lines; when it was interrupted, `follow` goes on where it was.

    Args:
        run: The run.
        stream: Where the lines go.
        waiting: What `launch` gave, if this process started the worker: it learns what ended it.
        notifier: Tells the person that it ended, failed, or has a new best epoch.
    """

    def __init__(
        self,
        run: RunFolder,
        stream: TextIO,
        waiting: threading.Thread | None = None,
        notifier: Notifier | None = None,
    ) -> None:
        self._run, self._stream, self._waiting, self._notifier = run, stream, waiting, notifier
        self._follower = Follower(run)
        self._terminal = stream.isatty()
        self._since = time.monotonic()
        self._progress_at = -math.inf
        self._progress = ""
        self._drawn = 0
        self._phase = ""
        self._epoch = 0.0
        self._notes: tuple[str, ...] = ()

    def follow(self, poll_seconds: float = 0.5) -> RunState:
        """Write until the run ends; an interruption passes through, and leaves whole lines."""
        try:
            while True:
                snapshot = self._follower.poll()
                self._tell(snapshot)
                if self._over(snapshot):
                    snapshot = self._with_cause(snapshot)
                    self._tell_end(snapshot)
                    self._notify(snapshot)
                    return snapshot.state
                if snapshot.state.live:
                    self._notify(snapshot)
                time.sleep(poll_seconds)
        finally:
            self._wipe()

    def _notify(self, snapshot: RunSnapshot) -> None:
        """Tell the person what they want to be told; at the end, until it is told."""
        if self._notifier is not None:
            self._notifier.take(snapshot)
            if snapshot.state.ended:
                self._notifier.settle()

    def _with_cause(self, snapshot: RunSnapshot) -> RunSnapshot:
        """The end of a worker that died, once it is written down which signal ended it."""
        if snapshot.state is not RunState.DIED or self._waiting is None:
            return snapshot
        self._waiting.join(CAUSE_S)
        return self._follower.poll()

    def _over(self, snapshot: RunSnapshot) -> bool:
        """Whether nothing more will come; a worker that has not begun is waited for."""
        if self._run.events.exists() and self._run.events.stat().st_size:
            return snapshot.state.ended
        absent = snapshot.state.ended or not self._run.log.exists()
        return absent and not self._run.alive() and self._waited() >= GRACE_S

    def _waited(self) -> float:
        """Seconds since the worker was started, or since we began to look, whichever is longer."""
        waited = time.monotonic() - self._since
        try:
            return max(waited, time.time() - self._run.log.stat().st_mtime)
        except OSError:
            return waited

    def _tell(self, snapshot: RunSnapshot) -> None:
        """Write what is new."""
        self._tell_epochs(snapshot)
        phase = snapshot.phase.partition(":")[0]
        # Training, validating and saving alternate in every epoch, which has a line of its own.
        again = phase in _WITHIN_EPOCH and self._phase in _WITHIN_EPOCH
        if phase != self._phase and not again and not snapshot.state.ended:
            self._line(snapshot.phase)
        self._phase = phase
        if snapshot.state.live:
            self._tell_progress(progress_line(snapshot))

    def _tell_epochs(self, snapshot: RunSnapshot) -> None:
        """Epochs that were finished, and notes, as they came."""
        notes = new_items(self._notes, snapshot.notes)
        self._notes = snapshot.notes
        found = [(_EPOCH_NOTE.fullmatch(note), note) for note in notes]
        lines = epoch_lines(snapshot, self._epoch, {int(of[1]): of[2] for of, _ in found if of})
        self._epoch = _last_epoch(snapshot)
        for of, note in found:
            while of and lines and min(lines) <= int(of[1]):
                self._line(lines.pop(min(lines)))
            if not of and not _is_end(snapshot, note):
                self._line(note)
        for epoch in sorted(lines):
            self._line(lines[epoch])

    def _tell_progress(self, line: str) -> None:
        """How far it is, at most every few seconds."""
        now = time.monotonic()
        if not line or line == self._progress or now - self._progress_at < _EVERY_S[self._terminal]:
            return
        self._progress, self._progress_at = line, now
        if self._terminal:
            self._wipe()
            shown = neutralise(line, _columns(self._stream) - 1)
            self._stream.write(shown)
            self._stream.flush()
            self._drawn = len(shown)
        else:
            self._line(line)

    def _tell_end(self, snapshot: RunSnapshot) -> None:
        """State, best epoch, cause and log."""
        if snapshot.state is RunState.STARTING:
            self._line(f"run {snapshot.name} has not begun: no worker was ever started on it")
            return
        best = f"; best epoch {snapshot.best_epoch}" if snapshot.best_epoch else ""
        epochs = f" after epoch {self._epoch:.0f}/{snapshot.epochs}" if self._epoch else ""
        self._line(f"run {snapshot.name} {snapshot.state}{epochs}{best}")
        for note in snapshot.notes[-1:]:
            if _is_end(snapshot, note) and not snapshot.failure:
                self._line(note)
        if snapshot.failure:
            self._line(snapshot.failure)
            self._line(f"log: {snapshot.log_path}")

    def _line(self, words: str) -> None:
        """One line, harmless, and out at once."""
        self._wipe()
        self._stream.write(f"{neutralise(words)}\n")
        self._stream.flush()

    def _wipe(self) -> None:
        """Take back the line that is written anew."""
        if self._drawn:
            drawn, self._drawn = self._drawn, 0
            self._stream.write("\r" + " " * drawn + "\r")
            self._stream.flush()


def new_items(before: Sequence[str], now: Sequence[str]) -> tuple[str, ...]:
    """What stands in `now` and not in `before`, of which it may have lost the beginning."""
    for kept in range(min(len(before), len(now)), 0, -1):
        if list(before[len(before) - kept :]) == list(now[:kept]):
            return tuple(now[kept:])
    return tuple(now)


def epoch_lines(snapshot: RunSnapshot, after: float, metrics: Mapping[int, str]) -> dict[int, str]:
    """A line for each epoch that was finished after epoch `after`.

    Args:
        snapshot: Where the run stands.
        after: The last epoch that has a line; more than the run has where it went back to a checkpoint.
        metrics: What the run says of an epoch's watched metric, such as "val_loss 1.2 ★ best".
    """
    last = _last_epoch(snapshot)
    ends = {key: one for key, one in snapshot.curves.items() if key[2] in _EACH_EPOCH}
    epochs = {x for one in ends.values() for x in one.places.tolist() if min(after, last) < x}
    values = {
        key: dict(zip(one.places.tolist(), one.values.tolist(), strict=True)) for key, one in ends.items()
    }
    lines = {}
    for epoch in sorted(epochs):
        parts = [f"epoch {epoch:.0f}/{snapshot.epochs}"]
        for words, key in (("loss", ("", "loss", "train_epoch")), ("val loss", ("", "loss", "validation"))):
            value = values.get(key, {}).get(epoch, math.nan)
            parts += [f"{words} {value:.3f}"] if math.isfinite(value) else []
        heads = [
            f"{head} {found[epoch]:.3f}"
            for (head, metric, split), found in values.items()
            if head
            and (metric, split) == ("accuracy", "validation")
            and math.isfinite(found.get(epoch, math.nan))
        ]
        parts += [f"val accuracy: {', '.join(heads)}"] if heads else []
        parts += [f"watched: {metrics[int(epoch)]}"] if int(epoch) in metrics else []
        lines[int(epoch)] = "  ".join(parts)
    return lines


def progress_line(snapshot: RunSnapshot) -> str:
    """ "epoch 3/10  batch 21/40  14.2 images/s  3 min left  loss 2.31", or how far the phase is."""
    phase, _, done = snapshot.phase.partition(": ")
    if phase != "training":
        return snapshot.phase if "/" in done else ""
    if not snapshot.batch:
        return ""
    parts = [f"epoch {snapshot.epoch}/{snapshot.epochs}", f"batch {snapshot.batch}/{snapshot.batches}"]
    parts += [f"{snapshot.images_per_second:.1f} images/s"] if snapshot.images_per_second else []
    parts += [f"{duration(snapshot.seconds_left)} left"] if snapshot.seconds_left is not None else []
    curve = snapshot.curves.get(("", "loss", "train"))
    if curve is not None and math.isfinite(curve.newest):
        parts.append(f"loss {curve.newest:.2f}")
    return "  ".join(parts)


def _last_epoch(snapshot: RunSnapshot) -> float:
    """The last epoch that was finished."""
    ends = [one.places[-1] for key, one in snapshot.curves.items() if key[2] in _EACH_EPOCH and len(one)]
    return max(ends, default=0.0)


def _is_end(snapshot: RunSnapshot, note: str) -> bool:
    """Whether a note says the same as the run's end."""
    return snapshot.state.ended and note.startswith(f"{snapshot.state}: ")


def _columns(stream: TextIO) -> int:
    """The width of the terminal."""
    try:
        return max(20, os.get_terminal_size(stream.fileno()).columns)
    except (OSError, ValueError):
        return _WIDTH
