"""The labeller's desk: store, catalog and session in one thread of their own, and what a screen shows.

A commit waits for the disk and a locked file may wait for seconds; neither may hold up the drawing. So every
step is done in the one thread, in the order of the keys, and gives back a frozen view.
"""

import asyncio
import gc
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from workbench.annotation.agreement import disagreeing
from workbench.annotation.labels import Event, PictureLabels
from workbench.annotation.selection import QueueChoice, queue_sizes
from workbench.annotation.session import LabelSession, Outcome
from workbench.annotation.store import LabelStore
from workbench.bench import Bench
from workbench.errors import WorkbenchError
from workbench.images.catalog import Catalog, Picture, ScanProgress, ScanReport, SetAside
from workbench.locks import lock_warning
from workbench.tui.desk_view import DeskView

__all__ = ["AHEAD", "DeskView", "LabelDesk", "Step", "look_again"]

AHEAD = 2
"""Pictures that are drawn before they are asked for."""
_LOOKS = (0.1, 1.0, 10.0)
"""Seconds to the first look at what the scan found, to the second, and at most: each takes its time."""
Found = TypeVar("Found")
Step = Callable[[LabelSession], Outcome | None]


def look_again(_: LabelSession) -> None:
    """The step that changes nothing and shows what is there now."""


class LabelDesk:
    """Opens a bench's labels and does what the keys ask for, one step after the other.

    Args:
        bench: The bench; one that cannot be written is opened for looking.
        annotator: Whose answers are recorded.
        blind: Show this annotator's own answers only.
        clock: Seconds; a test gives its own.

    Attributes:
        waits: Whether another program writes the labels, so that a step has to wait for it.
        on_waiting: Called in the desk's thread each time that `waits` becomes true.
        warning: What the person should know of the place where the labels lie; known once opened.
    """

    def __init__(
        self,
        bench: Bench,
        annotator: str,
        *,
        blind: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.bench = bench
        self.annotator, self.blind = annotator, blind
        self.waits = False
        self.on_waiting: Callable[[], object] = lambda: None
        self.warning = ""
        self.view: DeskView | None = None
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="labels")
        self._stop = threading.Event()
        self._catalog: Catalog | None = None
        self._store: LabelStore | None = None
        self._session: LabelSession | None = None

    @property
    def can_write(self) -> bool:
        """Whether answers can be recorded."""
        return self.bench.writable

    async def run(self, work: Callable[[], Found]) -> Found:
        """Do `work` in the desk's thread, after what was asked for before."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def open(self) -> DeskView:
        """Open catalog and labels; show the saved place, or else the first open picture, of those known.

        Raises:
            WorkbenchError: The labels cannot be read, or are another project's.
        """
        self.view = await self.run(self._open)
        return self.view

    def _open(self) -> DeskView:
        """In the thread; harmless when it is open already."""
        if self._session is not None:
            return self._look(None)
        if self.can_write:
            self.warning = lock_warning(self.bench.root)
        if self._catalog is None:
            self._catalog = Catalog(self.bench.images_root, self.bench.catalog_db)
        if self._store is None:
            self._store = LabelStore(
                self.bench.labels_db,
                self.bench.schema,
                annotator=self.annotator,
                read_only=not self.can_write,
                blind=self.blind,
                waiting=self._wait,
            )
        self._session = LabelSession(
            self.bench.schema, self._store, self._catalog.pictures(), clock=self._clock
        )
        gc.freeze()  # what is open stays open: looking through it for garbage stopped the keys for 170 ms
        return self._look(None)

    async def step(self, step: Step) -> DeskView:
        """Do one step of the session; a refusal is in the view."""
        self.view = await self.run(lambda: self._step(step))
        return self.view

    def _step(self, step: Step) -> DeskView:
        """In the thread."""
        try:
            return self._look(step(self.session))
        except WorkbenchError as error:
            return self._look(Outcome(message=str(error), failed=True))
        finally:
            self.waits = False

    def _wait(self, _seconds: float) -> None:
        """In the thread: another program writes the labels."""
        if not self.waits:
            self.waits = True
            self.on_waiting()

    @property
    def session(self) -> LabelSession:
        """The session; only for use in the desk's thread."""
        assert self._session is not None, "open() comes first"
        return self._session

    @property
    def store(self) -> LabelStore:
        """The labels; safe in any thread."""
        assert self._store is not None, "open() comes first"
        return self._store

    @property
    def catalog(self) -> Catalog:
        """The pictures; only for use in the desk's thread."""
        assert self._catalog is not None, "open() comes first"
        return self._catalog

    def _look(self, outcome: Outcome | None) -> DeskView:
        """The session as it stands."""
        session = self.session
        picture = session.picture
        return DeskView(
            picture=picture,
            path=None if picture is None else self.catalog.path(picture),
            labels=session.labels,
            head=session.head,
            position=session.position,
            total=session.total,
            progress=session.progress,
            ahead=tuple((one, self.catalog.path(one)) for one in session.upcoming(AHEAD)),
            copies=session.has_copies(),
            message="" if outcome is None else outcome.message,
            saved=None if outcome is None or not (outcome.saved or outcome.failed) else outcome.saved,
            suggested=session.suggestions,
            queue=session.queue_progress,
            passing=session.passing,
            locks=dict(session.locks),
        )

    async def first_time(self, what: str) -> bool:
        """Whether this annotator meets `what` for the first time on this bench; from then on it is known."""

        def ask() -> bool:
            known = self.store.get_state(what) is not None
            if not known and self.can_write:
                with suppress(WorkbenchError):
                    self.store.set_state(what, True)
            return not known

        return await self.run(ask)

    async def labels(self) -> tuple[tuple[Picture, ...], Mapping[str, PictureLabels]]:
        """All pictures and all current labels, for counting."""
        return await self.run(lambda: (self.catalog.pictures(), self.store.all_labels()))

    async def events_of(self, fingerprint: str) -> list[Event]:
        """Everything that ever happened to a picture, oldest first."""
        return await self.run(lambda: self.store.events_of(fingerprint))

    async def queue_sizes(self) -> dict[QueueChoice, int]:
        """How many pictures each queue would have now; counted in another thread, so that no key waits."""
        pictures = await self.run(lambda: self.session.pictures)

        def count() -> dict[QueueChoice, int]:
            differing = frozenset(disagreeing(self.store))
            return queue_sizes(pictures, self.store.labels, self.bench.schema, differing)

        return await asyncio.to_thread(count)

    async def paths(self) -> list[tuple[str, Path]]:
        """Fingerprint and path of every picture, by name, each content once."""

        def ask() -> list[tuple[str, Path]]:
            found = {one.fingerprint: self.catalog.path(one) for one in reversed(self.catalog.pictures())}
            return list(reversed(found.items()))

        return await self.run(ask)

    async def set_aside(self) -> tuple[tuple[SetAside, ...], tuple[tuple[str, ...], ...]]:
        """Pictures that cannot be read, with reasons; and groups of equal ones."""
        return await self.run(lambda: (self.catalog.set_aside(), self.catalog.duplicates()))

    async def scan(self, told: Callable[[ScanProgress], None], found: Callable[[], None]) -> ScanReport:
        """Look for new, changed and moved pictures, in a thread of its own; `close` interrupts it.

        Args:
            told: Called in that thread with the progress, at most ten times a second.
            found: Called in that thread when there are pictures that the session does not have.

        Raises:
            WorkbenchError: The folder or the cache cannot be read.
        """
        return await asyncio.to_thread(self._scan, told, found)

    def _scan(self, told: Callable[[ScanProgress], None], found: Callable[[], None]) -> ScanReport:
        """In the scan's thread, with its own connection to the catalog."""
        catalog = Catalog(self.bench.images_root, self.bench.catalog_db)
        before, said, looked = catalog.count(), 0.0, 0.0
        pause = _LOOKS[1] if before else _LOOKS[0]

        def progress(at: ScanProgress) -> None:
            nonlocal before, said, looked, pause
            now = time.monotonic()
            if now - said >= 0.1:
                said = now
                told(at)
            if now - looked >= pause:
                looked = now
                if (count := catalog.count()) != before:
                    before, pause = count, min(_LOOKS[2], max(_LOOKS[1], 2 * pause))
                    found()

        try:
            report = catalog.scan(progress, self._stop.is_set)
        finally:
            catalog.close()
        found()
        return report

    async def extend(self) -> DeskView:
        """Take in what a scan found; the place is kept."""

        def take_in() -> DeskView:
            self.session.extend(self.catalog.pictures())
            gc.freeze()
            return self._look(None)

        self.view = await self.run(take_in)
        return self.view

    def close(self) -> None:
        """Interrupt the scan and let go of the files; waits for a commit that is under way."""
        self._stop.set()
        self._thread.submit(self._close)
        self._thread.shutdown(wait=True)

    def _close(self) -> None:
        """In the thread."""
        if self._session is not None:
            self._session.close()
        if self._store is not None:
            self._store.close()
        if self._catalog is not None:
            self._catalog.close()
