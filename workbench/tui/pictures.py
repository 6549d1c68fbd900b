"""Pictures decoded and drawn in a thread, the next ones beforehand, so that a key never waits for one."""

import asyncio
import random
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from textual.strip import Strip

from workbench.errors import PictureError, WorkbenchError
from workbench.images.catalog import fingerprint
from workbench.images.decode import thumbnail
from workbench.tui.picture import kitty
from workbench.tui.picture.cells import RGB, Pixels
from workbench.tui.picture.choice import DEFAULT, Look
from workbench.tui.picture.drawing import NOTHING, Box, Drawing, draw
from workbench.tui.picture.view import PLAIN, WHOLE, View

_KEPT = 8
_SAMPLES = (10, 20)  # pixels a cell that are decoded where the whole picture is seen
_SHARPEST = 4096  # pixels of the longest side that are kept for zooming
_DECODED_BYTES = 48 * 2**20
_NUMBERS = 2**24
CHANGED = "the file has changed since it was listed; press r to look again"


@dataclass(frozen=True)
class PictureKey:
    """What is to be drawn, how large and on what.

    Attributes:
        fingerprint: The picture's content.
        path: Where it lies.
        box: Columns and rows to fill.
        backdrop: RGB around it.
        view: What is seen of it.
        look: The way it is drawn.
    """

    fingerprint: str
    path: Path
    box: Box
    backdrop: RGB
    view: View = PLAIN
    look: Look = DEFAULT


@dataclass(frozen=True)
class Drawn:
    """A picture as lines of the terminal, or why there is none."""

    key: PictureKey
    lines: tuple[Strip, ...]
    problem: str = ""
    drawing: Drawing = NOTHING


Read = Callable[[PictureKey], Pixels]


class PictureLoader:
    """Draws pictures in one thread and keeps the last few.

    All methods are for the event loop; what they ask for is done in the thread.

    Args:
        write: Sends escape sequences to the terminal, for ways of drawing that need it.
        read: Decodes; a test gives its own.
    """

    def __init__(self, write: Callable[[str], None] | None = None, read: Read | None = None) -> None:
        self._write = write
        self._read = read or DecodedPictures()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="pictures")
        self._kept: OrderedDict[PictureKey, Drawn] = OrderedDict()
        self._wanted: frozenset[PictureKey] = frozenset()
        self._lock = Lock()
        self._number = random.randrange(1, _NUMBERS)  # not those of another program on this terminal
        self._sent: dict[int, Look] = {}

    def ready(self, key: PictureKey) -> Drawn | None:
        """The picture if it is drawn already; the terminal then has what it needs to show it."""
        found = self._known(key)
        if found is not None:
            self._send(found)
        return found

    def _known(self, key: PictureKey) -> Drawn | None:
        """The picture if it is drawn already."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    async def draw(self, key: PictureKey, ahead: Iterable[PictureKey] = ()) -> Drawn | None:
        """Draw `key`, then those ahead of it; None where another picture was asked for meanwhile."""
        later = tuple(ahead)
        self._wanted = frozenset((key, *later))
        found = self._known(key)
        if found is None:
            found = await asyncio.wrap_future(self._submit(key))
        if found is not None:
            self._send(found)
        for one in later:
            if one in self._wanted and self._known(one) is None:
                self._prepare(one)
        return found

    def _prepare(self, key: PictureKey) -> None:
        """Draw a picture that nobody waits for, and send the terminal what it needs for it."""
        loop = asyncio.get_running_loop()

        def sent(done: "Future[Drawn | None]") -> None:
            if not done.cancelled() and done.exception() is None and (drawn := done.result()) is not None:
                with suppress(RuntimeError):  # the screen may have been left meanwhile
                    loop.call_soon_threadsafe(self._send, drawn)

        if key.look.way == "kitty":
            self._submit(key).add_done_callback(sent)
        else:
            self._submit(key)

    def _submit(self, key: PictureKey) -> "Future[Drawn | None]":
        """Have it drawn in the thread."""
        return self._pool.submit(self._draw, key)

    def _draw(self, key: PictureKey) -> Drawn | None:
        """In the thread; skipped where it is no longer wanted."""
        if key not in self._wanted:
            return None
        if (known := self._known(key)) is not None:
            return known
        self._number = self._number % (_NUMBERS - 1) + 1
        try:
            drawing = draw(self._read(key), key.box, key.backdrop, key.look, key.view, self._number)
            drawn = Drawn(key, drawing.lines, drawing=drawing)
        except WorkbenchError as error:
            drawn = Drawn(key, (), error.what)
        with self._lock:
            self._kept[key] = drawn
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return drawn

    def _send(self, drawn: Drawn) -> None:
        """Give the terminal a picture that it does not have, and take those from it that are kept no more."""
        number = drawn.drawing.number
        if not number or self._write is None or number in self._sent:
            return
        with self._lock:
            kept = {one.drawing.number for one in self._kept.values()}
        self._sent[number] = drawn.key.look
        self._write(self._forget(set(self._sent) - kept - {number}) + drawn.drawing.transmission)

    def _forget(self, numbers: Iterable[int]) -> str:
        """The sequences that take these pictures from the terminal."""
        return "".join(kitty.deletion(one, in_tmux=self._sent.pop(one).in_tmux) for one in sorted(numbers))

    def forget_problems(self) -> None:
        """Try again what could not be read; the files may have been put right."""
        with self._lock:
            for key in [key for key, drawn in self._kept.items() if drawn.problem]:
                del self._kept[key]

    def close(self) -> None:
        """Draw nothing more, and take everything from the terminal."""
        self._wanted = frozenset()
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._sent and self._write is not None:
            self._write(self._forget(list(self._sent)))
        self._write = None


class DecodedPictures:
    """Reads pictures as far as they are seen, and keeps the last ones that are zoomed into.

    Only for the loader's thread.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Pixels] = OrderedDict()

    def __call__(self, key: PictureKey) -> Pixels:
        """The picture of a key.

        Raises:
            PictureError: It has gone, cannot be read, or is another one than when it was listed.
        """
        if (known := self._kept.get(key.fingerprint)) is not None:
            self._kept.move_to_end(key.fingerprint)
            return known
        if not key.path.is_file():
            gone = "it is no file any more" if key.path.exists() else "the file has gone"
            raise PictureError(f"{gone}; its labels are kept", where=key.path)
        if fingerprint(key.path) != key.fingerprint:
            raise PictureError(CHANGED, where=key.path)
        if key.view.area == WHOLE:
            columns, rows = key.box
            return thumbnail(key.path, (columns * _SAMPLES[0], rows * _SAMPLES[1]))
        self._kept[key.fingerprint] = image = thumbnail(key.path, (_SHARPEST, _SHARPEST))
        while len(self._kept) > 1 and sum(one.nbytes for one in self._kept.values()) > _DECODED_BYTES:
            self._kept.popitem(last=False)
        return image
