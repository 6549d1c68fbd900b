"""Telling a person, once, that the run they watch ended, failed, or has a new best epoch.

Only changes count that were seen: a run that had ended before it was opened is no news. No Textual here, so
that following with plain lines tells the same.
"""

import os
import time
from collections.abc import Callable, Mapping
from typing import TextIO

from workbench.monitoring.snapshot import RunSnapshot
from workbench.person import load_person
from workbench.settings.notify import Event, NotifySettings
from workbench.text import neutralise
from workbench.training.state import RunState
from workbench.tui.notices import notice
from workbench.tui.notify_command import NotifyCommand

BEST_EVERY_S = 60.0
"""Best epochs may follow each other by the second."""
_FAILURES = (RunState.FAILED, RunState.DIED)
_LONGEST = 300


class Notifier:
    """Takes the snapshots of the run that is watched, one after another.

    Args:
        settings: What the person wants to be told, and how.
        write: Writes to the terminal; None where there is none.
        environment: Says which terminal it is; the command gets it too.
        complain: Called, in another thread, with a line for the person, such as that their command is not
            there.
        monotonic: Seconds.
    """

    def __init__(
        self,
        settings: NotifySettings,
        write: Callable[[str], object] | None,
        environment: Mapping[str, str],
        complain: Callable[[str], object] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._write, self._environment = settings, write, environment
        arguments = settings.arguments
        self._command = NotifyCommand(arguments, environment, complain) if arguments else None
        self._monotonic = monotonic
        self._before: RunSnapshot | None = None
        self._best_at = -BEST_EVERY_S

    def take(self, snapshot: RunSnapshot) -> None:
        """Tell what changed since the last snapshot; of another run, or one not read to its end, nothing."""
        if snapshot.reading is not None:
            return
        before, self._before = self._before, snapshot
        if before is None or before.log_path != snapshot.log_path:
            self._best_at = -BEST_EVERY_S
            return
        event = _event(before, snapshot)
        if event is None or event not in self._settings.on:
            return
        if event == "best":
            if self._monotonic() - self._best_at < BEST_EVERY_S:
                return
            self._best_at = self._monotonic()
        self._tell(event, snapshot)

    def settle(self) -> None:
        """Wait, for some seconds at most, until the person's command has done its work."""
        if self._command is not None:
            self._command.settle()

    def _tell(self, event: Event, snapshot: RunSnapshot) -> None:
        """By every way that the person has."""
        text = words(event, snapshot)
        if self._write is not None and (sequences := notice(text, self._settings, self._environment)):
            self._write(sequences)
        if self._command is not None:
            self._command.start(event, run=neutralise(snapshot.name), state=str(snapshot.state), text=text)


def stream_notifier(stream: TextIO, complain: Callable[[str], object]) -> Notifier:
    """For whoever follows a run with plain lines: the person's command, and where it is a terminal its bell.

    Args:
        stream: Where the lines go.
        complain: See `Notifier`.

    Raises:
        ConfigError: The person's settings are wrong.
    """

    def write(sequences: str) -> None:
        stream.write(sequences)
        stream.flush()

    return Notifier(load_person().notify, write if stream.isatty() else None, os.environ, complain)


def app_notifier(write: Callable[[str], object], complain: Callable[[str], object]) -> Notifier:
    """For a screen on which a run is watched.

    Args:
        write: Writes to the terminal between two frames.
        complain: See `Notifier`.

    Raises:
        ConfigError: The person's settings are wrong.
    """
    return Notifier(load_person().notify, write, os.environ, complain)


def no_notifier() -> Notifier:
    """Tells nothing."""
    return Notifier(NotifySettings(on=()), None, {})


def _event(before: RunSnapshot, now: RunSnapshot) -> Event | None:
    """What happened between two snapshots of a run, the gravest of it."""
    if before.state.live and not now.state.live:
        return "failure" if now.state in _FAILURES else "end"
    if now.state.live and before.best_epoch and now.best_epoch > before.best_epoch:
        return "best"
    return None


def words(event: Event, snapshot: RunSnapshot) -> str:
    """One line: the run, what happened, and the figures that matter; harmless to show."""
    name, best = f"run {snapshot.name}", f"best epoch {snapshot.best_epoch}" if snapshot.best_epoch else ""
    if event == "best":
        told = next((one.text for one in snapshot.advice if one.kind == "best"), best)
        return neutralise(f"{name}: {told}", _LONGEST)
    why = snapshot.failure if event == "failure" else best
    return neutralise(f"{name} {snapshot.state}" + (f": {why}" if why else ""), _LONGEST)
