"""Pictures decoded and drawn in a thread, the next ones beforehand, so that a key never waits for one."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from textual.strip import Strip

from workbench.errors import WorkbenchError
from workbench.images.decode import thumbnail
from workbench.tui.cells import QuadrantRenderer, Renderer, fit, strips

_KEPT = 8
_SAMPLES = 2  # samples a cell in each direction


@dataclass(frozen=True)
class PictureKey:
    """What is to be drawn, how large and on what.

    Attributes:
        fingerprint: The picture's content.
        path: Where it lies.
        box: Columns and rows to fill.
        backdrop: RGB around it.
    """

    fingerprint: str
    path: Path
    box: tuple[int, int]
    backdrop: tuple[int, int, int]


@dataclass(frozen=True)
class Drawn:
    """A picture as lines of the terminal, or why there is none."""

    key: PictureKey
    lines: tuple[Strip, ...]
    problem: str = ""


class PictureLoader:
    """Draws pictures in one thread and keeps the last few.

    Args:
        renderer: How cells are drawn.
    """

    def __init__(self, renderer: Renderer | None = None) -> None:
        self.renderer = renderer or QuadrantRenderer()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="pictures")
        self._kept: OrderedDict[PictureKey, Drawn] = OrderedDict()
        self._wanted: frozenset[PictureKey] = frozenset()
        self._lock = Lock()

    def ready(self, key: PictureKey) -> Drawn | None:
        """The picture if it is drawn already."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    async def draw(self, key: PictureKey, ahead: Iterable[PictureKey] = ()) -> Drawn | None:
        """Draw `key`, then those ahead of it; None where another picture was asked for meanwhile."""
        later = tuple(ahead)
        self._wanted = frozenset((key, *later))
        found = self.ready(key)
        if found is None:
            found = await asyncio.wrap_future(self._submit(key))
        for one in later:
            if one in self._wanted and self.ready(one) is None:
                self._submit(one)
        return found

    def _submit(self, key: PictureKey) -> "Future[Drawn | None]":
        """Have it drawn in the thread."""
        return self._pool.submit(self._draw, key)

    def _draw(self, key: PictureKey) -> Drawn | None:
        """In the thread; skipped where it is no longer wanted."""
        if key not in self._wanted:
            return None
        if (known := self.ready(key)) is not None:
            return known
        try:
            drawn = Drawn(key, tuple(draw_file(key.path, key.box, key.backdrop, self.renderer)))
        except WorkbenchError as error:
            drawn = Drawn(key, (), error.what)
        with self._lock:
            self._kept[key] = drawn
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return drawn

    def close(self) -> None:
        """Draw nothing more."""
        self._wanted = frozenset()
        self._pool.shutdown(wait=False, cancel_futures=True)


def draw_file(
    path: Path, box: tuple[int, int], backdrop: tuple[int, int, int], renderer: Renderer
) -> list[Strip]:
    """Decode a file and draw it in the middle of a box of cells.

    Raises:
        PictureError: It cannot be read.
    """
    columns, rows = box
    image = thumbnail(path, (columns * _SAMPLES, rows * _SAMPLES * 2))
    return strips(
        renderer.render(image, *fit((image.shape[1], image.shape[0]), box)), columns, rows, backdrop
    )
