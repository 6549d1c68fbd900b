"""Following a run with plain lines, for a pipe, a log or a terminal without screens; no Textual here.

Phases, epochs, notes, restarts and pieces of advice have a line each, once. How far the present epoch is
stands on a line every ten seconds, or on a terminal on one line that is written anew (with a carriage return,
and nothing else that moves a cursor).
"""

import math
import os
import re
import threading
import time
from pathlib import Path
from typing import TextIO

from workbench.monitoring.snapshot import RunSnapshot
from workbench.monitoring.source import RunSource, Source
from workbench.text import neutralise
from workbench.training.state import RunState
from workbench.tui.hints import resume_command
from workbench.tui.notify import Notifier
from workbench.tui.plain_lines import (
    epoch_lines,
    is_end,
    last_epoch,
    new_items,
    progress_line,
    remark_lines,
    skipped_lines,
)

GRACE_S = 10.0
"""How long a worker may take to begin: a worker that is not there is only then taken for one that died."""
CAUSE_S = 5.0
"""How long to wait for whoever learns what ended a worker; it takes a moment."""
_EVERY_S = {True: 2.0, False: 10.0}  # on a terminal, elsewhere
_WITHIN_EPOCH = frozenset({"training", "validating", "saving"})
_EPOCH_NOTE = re.compile(r"epoch (\d+)  (\S+ \S+(?: ★ best)?)")
_WIDTH = 80
_TAKEN_UP = (RunState.PAUSED, RunState.FAILED, RunState.DIED)


def follow_plain(
    source: Source, stream: TextIO, *, poll_seconds: float = 0.5, notifier: Notifier | None = None
) -> RunState:
    """Write what a run does until it ends; at once, if it has ended.

    Args:
        source: The run, or the file of another training.
        stream: Where the lines go.
        poll_seconds: Between two looks.
        notifier: See `PlainMonitor`.

    Returns:
        The state in which it ended; `starting` for a run on which no worker was ever started.
    """
    return PlainMonitor(source, stream, notifier=notifier).follow(poll_seconds)


class PlainMonitor:
    """Writes a run's lines; when it was interrupted, `follow` goes on where it was.

    Args:
        source: The run, or the file of another training.
        stream: Where the lines go.
        waiting: What `launch` gave, if this process started the worker: it learns what ended it.
        notifier: Tells the person that it ended, failed, or has a new best epoch.
    """

    def __init__(
        self,
        source: Source,
        stream: TextIO,
        waiting: threading.Thread | None = None,
        notifier: Notifier | None = None,
    ) -> None:
        self._source, self._stream, self._waiting, self._notifier = source, stream, waiting, notifier
        self._followed = source.follow()
        self._terminal = stream.isatty()
        self._since = time.monotonic()
        self._progress_at = -math.inf
        self._progress = ""
        self._drawn = 0
        self._phase = ""
        self._epoch = 0.0
        self._notes: tuple[str, ...] = ()
        self._told: set[str] = set()

    def follow(self, poll_seconds: float = 0.5) -> RunState:
        """Write until the run ends; an interruption passes through, and leaves whole lines."""
        try:
            while True:
                snapshot = self._followed.poll()
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
        return self._followed.poll()

    def _over(self, snapshot: RunSnapshot) -> bool:
        """Whether nothing more will come; a worker that has not begun is waited for."""
        if snapshot.sign_wall or not isinstance(self._source, RunSource):
            return snapshot.state.ended
        run = self._source.run
        absent = snapshot.state.ended or not run.log.exists()
        return absent and not run.alive() and self._waited(run.log) >= GRACE_S

    def _waited(self, log: Path) -> float:
        """Seconds since the worker was started, or since we began to look, whichever is longer."""
        waited = time.monotonic() - self._since
        try:
            return max(waited, time.time() - log.stat().st_mtime)
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
        self._tell_once(snapshot)
        if snapshot.state.live:
            self._tell_progress(progress_line(snapshot))

    def _tell_once(self, snapshot: RunSnapshot) -> None:
        """What stands on the charts and in no note, and what cannot be read: each the first time."""
        for line in (*remark_lines(snapshot), *skipped_lines(snapshot)):
            if line not in self._told:
                self._told.add(line)
                self._line(line)

    def _tell_epochs(self, snapshot: RunSnapshot) -> None:
        """Epochs that were finished, and notes, as they came."""
        notes = new_items(self._notes, snapshot.notes)
        self._notes = snapshot.notes
        found = [(_EPOCH_NOTE.fullmatch(note), note) for note in notes]
        lines = epoch_lines(snapshot, self._epoch, {int(of[1]): of[2] for of, _ in found if of})
        self._epoch = last_epoch(snapshot)
        for of, note in found:
            while of and lines and min(lines) <= int(of[1]):
                self._line(lines.pop(min(lines)))
            if not of and not is_end(snapshot, note):
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
            if is_end(snapshot, note) and not snapshot.failure:
                self._line(note)
        if snapshot.skipped_lines:
            self._line(f"{snapshot.skipped_lines} lines of the log could not be read")
        if snapshot.failure:
            self._line(snapshot.failure)
            self._line(f"log: {snapshot.log_path}")
        if snapshot.state in _TAKEN_UP and isinstance(self._source, RunSource):
            self._line(f"go on with: {resume_command(snapshot.log_path)}")

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


def _columns(stream: TextIO) -> int:
    """The width of the terminal."""
    try:
        return max(20, os.get_terminal_size(stream.fileno()).columns)
    except (OSError, ValueError):
        return _WIDTH
