"""Watching a run: one thread reads it and tells the screen when something has changed."""

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.message import Message

from workbench.text import neutralise

if TYPE_CHECKING:
    from workbench.monitoring.curves import Axis, Curve, CurveKey
    from workbench.monitoring.follow import RunSnapshot
    from workbench.monitoring.source import Followed, Heads, Source

_PACE, _SLOW = 0.25, 2.0  # seconds between two looks at a run that trains, and at one that has ended
_BUDGET = 0.2
"""Seconds of reading after which the screen shows how far it came."""


class RunNews(Message):
    """Where a run stands now; a later one replaces it if it has not been handled yet.

    Args:
        source: What is watched.
        snapshot: Where it stands; None if nothing could be read yet.
        heads: (name, title to show) of each head that it trains.
        trouble: Why nothing new can be read, in a line; "" while it can.
    """

    def __init__(
        self, source: "Source", snapshot: "RunSnapshot | None", heads: "Heads", trouble: str = ""
    ) -> None:
        super().__init__()
        self.source, self.snapshot, self.heads, self.trouble = source, snapshot, heads, trouble

    def can_replace(self, message: Message) -> bool:
        """Only the newest counts."""
        return isinstance(message, RunNews)


@dataclass(frozen=True)
class DetailWish:
    """A window of the curves that somebody wants to see point by point.

    Attributes:
        axis: Which axis the bounds are of.
        left, right: The window.
        told: Called in the watcher's thread with what was found.
    """

    axis: "Axis"
    left: float
    right: float
    told: Callable[["Mapping[CurveKey, Curve]"], object]


class RunWatcher:
    """Follows one run, or the file of another training, until it is told to stop.

    Args:
        source: What to watch.
        told: Called in the watcher's thread whenever something has changed.
    """

    def __init__(self, source: "Source", told: Callable[[RunNews], object]) -> None:
        self.source = source
        self._told = told
        self._stop, self._look = threading.Event(), threading.Event()
        self._wish: DetailWish | None = None
        self._before: RunSnapshot | None = None
        self._heads: Heads = ()
        self.thread = threading.Thread(target=self._watch, name=f"watch {source.name}", daemon=True)
        self.thread.start()

    def look(self) -> None:
        """Look now, because something was asked of the run."""
        self._look.set()

    def stop(self) -> None:
        """Tell nothing more and end, at the latest after the look that is under way."""
        self._stop.set()
        self._look.set()

    def detail(self, wish: DetailWish) -> None:
        """Read the points of a window singly; a later wish takes the place of one that still waits."""
        self._wish = wish
        self._look.set()

    def _watch(self) -> None:
        """In the thread; begins anew where reading fails, for a monitor may stay open for days."""
        while not self._stop.is_set():
            try:
                self._follow(self.source.follow())
            except Exception as error:  # whatever it is, a person must hear it and the screen must live
                self._tell(RunNews(self.source, self._before, self._heads, trouble_words(error)))
                self._look.wait(_SLOW)
                self._look.clear()

    def _follow(self, followed: "Followed") -> None:
        """Look again and again."""
        told = None
        while not self._stop.is_set():
            snapshot = followed.poll(_BUDGET)
            self._heads = self._heads or self.source.heads()
            if told is None or differs(told, snapshot):
                self._tell(RunNews(self.source, snapshot, self._heads))
                told = self._before = snapshot
            self._grant(followed)
            if snapshot.reading is None:
                self._look.wait(_PACE if snapshot.state.live else _SLOW)
                self._look.clear()

    def _tell(self, news: RunNews) -> None:
        """Tell, if anybody still wants to know."""
        if not self._stop.is_set():
            self._told(news)

    def _grant(self, followed: "Followed") -> None:
        """Read what was wished for."""
        wish, self._wish = self._wish, None
        if wish is not None:
            wish.told(followed.detail(wish.axis, wish.left, wish.right))


def trouble_words(error: Exception) -> str:
    """Why reading failed, in a line."""
    return neutralise(f"cannot be read now ({error or type(error).__name__}); looking again", 300)


def differs(before: "RunSnapshot", after: "RunSnapshot") -> bool:
    """Whether a person would see a difference; a curve that did not grow has the stamp that it had."""
    if before.curves.keys() != after.curves.keys():
        return True
    if any(before.curves[key].stamp != curve.stamp for key, curve in after.curves.items()):
        return True
    return _still(before) != _still(after)


def _still(snapshot: "RunSnapshot") -> "RunSnapshot":
    """The snapshot without what grows by itself: ages are told by their walls, curves by their stamps."""
    reading = None if snapshot.reading is None else math.floor(100 * snapshot.reading)
    return replace(snapshot, curves={}, sign_age=0.0, data_age=0.0, reading=reading)
