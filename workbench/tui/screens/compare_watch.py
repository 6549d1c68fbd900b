"""Watching several runs at once: one thread reads them in turn and tells the screen when one has changed."""

import threading
from collections.abc import Callable, Mapping, Sequence

from textual.message import Message

from workbench.monitoring.follow import Follower
from workbench.monitoring.snapshot import RunSnapshot
from workbench.monitoring.source import Heads, RunSource
from workbench.training.run import RunFolder
from workbench.tui.screens.train_watch import differs, trouble_words

_PACE, _SLOW = 0.5, 2.0  # seconds between two looks where a run trains, and where all have ended
_BUDGET = 0.2
"""Seconds of reading one log before the next has its turn."""


class CompareNews(Message):
    """Where the runs stand now; a later one replaces it if it has not been handled yet.

    Args:
        snapshots: One a run; None for one that was not read yet.
        titles: Head → what it is called, of all runs; "" for all heads together.
        trouble: Why one cannot be read; "" while all can.
    """

    def __init__(
        self, snapshots: tuple[RunSnapshot | None, ...], titles: Mapping[str, str], trouble: str
    ) -> None:
        super().__init__()
        self.snapshots, self.titles, self.trouble = snapshots, titles, trouble

    def can_replace(self, message: Message) -> bool:
        """Only the newest counts."""
        return isinstance(message, CompareNews)


class CompareWatcher:
    """Follows runs until it is told to stop.

    Args:
        runs: What to watch.
        told: Called in the watcher's thread whenever something has changed.
    """

    def __init__(self, runs: Sequence[RunFolder], told: Callable[[CompareNews], object]) -> None:
        self._runs, self._told = tuple(runs), told
        self._snapshots: list[RunSnapshot | None] = [None] * len(self._runs)
        self._heads: list[Heads] = [()] * len(self._runs)
        self._stop = threading.Event()
        self.thread = threading.Thread(target=self._watch, name="watch several runs", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Tell nothing more and end, at the latest after the look that is under way."""
        self._stop.set()

    def _watch(self) -> None:
        """In the thread; a run that cannot be read is begun anew at the next look."""
        followers: list[Follower | None] = [None] * len(self._runs)
        said = ""
        while not self._stop.is_set():
            changed, trouble = False, ""
            for index, run in enumerate(self._runs):
                try:
                    follower = followers[index] = followers[index] or Follower(run)
                    changed = self._take(index, follower.poll(_BUDGET)) or changed
                except Exception as error:  # whatever it is, a person must hear it and the screen must live
                    followers[index], trouble = None, f"{run.name} {trouble_words(error)}"
            if (changed or trouble != said) and not self._stop.is_set():
                said = trouble
                self._told(CompareNews(tuple(self._snapshots), self._titles(), trouble))
            self._stop.wait(self._pause())

    def _take(self, index: int, snapshot: RunSnapshot) -> bool:
        """Keep where a run stands; whether a person would see a difference."""
        before = self._snapshots[index]
        if before is not None and not differs(before, snapshot):
            return False
        self._snapshots[index] = snapshot
        self._heads[index] = self._heads[index] or RunSource(self._runs[index]).heads()
        return True

    def _titles(self) -> dict[str, str]:
        """Of all runs' heads, the first run's first."""
        found = {"": "all heads"}
        for name, title in (one for heads in self._heads for one in heads):
            found.setdefault(name, title)
        return found

    def _pause(self) -> float:
        """Seconds until the next look; none while a long log is still being read."""
        known = [one for one in self._snapshots if one is not None]
        if any(one.reading is not None for one in known):
            return 0.0
        return _PACE if any(one.state.live for one in known) else _SLOW
