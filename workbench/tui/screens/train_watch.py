"""Watching a run: one thread reads its log and tells the screen when something has changed."""

import threading
from collections.abc import Callable
from dataclasses import replace

from textual.message import Message

from workbench.errors import WorkbenchError
from workbench.monitoring.follow import Follower, RunSnapshot
from workbench.text import neutralise
from workbench.training.run import RunFolder
from workbench.tui.widgets.run_text import SILENT_AFTER

_PACE, _SLOW = 0.25, 2.0  # seconds between two looks at a run that trains, and at one that has ended


class RunNews(Message):
    """Where a run stands now; a later one replaces it if it has not been handled yet.

    Args:
        run: The run.
        snapshot: Where it stands.
        heads: (name, title to show) of each head that it trains.
    """

    def __init__(self, run: RunFolder, snapshot: RunSnapshot, heads: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self.run, self.snapshot, self.heads = run, snapshot, heads

    def can_replace(self, message: Message) -> bool:
        """Only the newest counts."""
        return isinstance(message, RunNews)


class RunWatcher:
    """Follows one run until it is told to stop.

    Args:
        run: The run.
        told: Called in the watcher's thread whenever something has changed.
    """

    def __init__(self, run: RunFolder, told: Callable[[RunNews], object]) -> None:
        self.run = run
        self._told = told
        self._stop, self._look = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._watch, name=f"watch {run.name}", daemon=True)
        self.thread.start()

    def look(self) -> None:
        """Look now, because something was asked of the run."""
        self._look.set()

    def stop(self) -> None:
        """Tell nothing more and end, at the latest after the look that is under way."""
        self._stop.set()
        self._look.set()

    def _watch(self) -> None:
        """In the thread."""
        follower, before, heads = Follower(self.run), None, _heads(self.run)
        while not self._stop.is_set():
            snapshot = follower.poll()
            heads = heads or _heads(self.run)
            if (before is None or differs(before, snapshot)) and not self._stop.is_set():
                self._told(RunNews(self.run, snapshot, heads))
                before = snapshot
            self._look.wait(_PACE if snapshot.state.live else _SLOW)
            self._look.clear()


def differs(before: RunSnapshot, after: RunSnapshot) -> bool:
    """Whether a person would see a difference; curves that did not grow are the same objects."""
    if before.series.keys() != after.series.keys():
        return True
    if any(before.series[key] is not after.series[key] for key in after.series):
        return True
    return replace(before, series={}, age_seconds=_silence(before)) != replace(
        after, series={}, age_seconds=_silence(after)
    )


def _silence(snapshot: RunSnapshot) -> float:
    """Steps of five seconds in which nothing was heard, once that is worth a word."""
    return snapshot.age_seconds // 5 if snapshot.state.live and snapshot.age_seconds >= SILENT_AFTER else 0.0


def _heads(run: RunFolder) -> tuple[tuple[str, str], ...]:
    """Names and titles of a run's heads; none where `run.json` cannot be read."""
    try:
        return tuple((head.name, neutralise(head.title)) for head in run.schema().heads)
    except WorkbenchError:
        return ()
