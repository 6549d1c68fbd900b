"""A page of faces as lines of the terminal, drawn in a thread; the next page before it is asked for."""

import asyncio
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from textual.strip import Strip

from workbench.errors import PictureError, WorkbenchError
from workbench.images.catalog import fingerprint
from workbench.images.decode import thumbnail
from workbench.tui.picture.cells import RGB, CellPicture, Pixels, Renderer, fit, mosaic
from workbench.tui.picture.choice import Look
from workbench.tui.picture.drawing import renderer_of
from workbench.tui.picture.strips import PictureStrip, blank_line, strips
from workbench.tui.picture.view import View
from workbench.tui.pictures import CHANGED

Box = tuple[int, int]
GAP = 2
"""Columns between two tiles."""
_LEAST = 8  # rows of the smallest tile: 16×8 cells show hair and glasses, and freckles when zoomed
_KEPT = 4
_SHARPNESS = 4  # pixels a cell's column that are decoded
_MOST = 2048
_NEARLY = 0.85


@dataclass(frozen=True)
class Grid:
    """How tiles lie in a box; under each is a line for its caption.

    Attributes:
        columns, rows: Tiles across and down.
        tile: Columns and rows of a tile, a square on the screen.
    """

    columns: int
    rows: int
    tile: Box

    @property
    def count(self) -> int:
        """Tiles in all."""
        return self.columns * self.rows

    @property
    def height(self) -> int:
        """Lines of a row of tiles with its captions."""
        return self.tile[1] + 1

    def left(self, column: int) -> int:
        """Where a tile of this column begins."""
        return 1 + column * (self.tile[0] + GAP)


def grid_in(box: Box, most: int) -> Grid:
    """As many tiles as stay recognisable in a box, but no more than `most`; then as large as they can be."""
    width, height = box[0] - 2, box[1]
    least = _LEAST
    while True:
        columns = max(1, (width + GAP) // (least * 2 + GAP))
        rows = max(1, height // (least + 1))
        if columns * rows <= most:
            break
        least += 1
    high = min(height // rows - 1, ((width + GAP) // columns - GAP) // 2)
    return Grid(columns, rows, (max(2, high * 2), max(1, high)))


@dataclass(frozen=True)
class PageKey:
    """What is to be drawn.

    Attributes:
        faces: Fingerprint and file of each face.
        grid: How they lie.
        width: Columns of the whole.
        backdrop: RGB around them.
        view: What is seen of each.
        look: The way they are drawn.
    """

    faces: tuple[tuple[str, Path], ...]
    grid: Grid
    width: int
    backdrop: RGB
    view: View
    look: Look


@dataclass(frozen=True)
class DrawnPage:
    """Lines of each row of tiles, without captions; and why some faces cannot be shown, by place."""

    key: PageKey
    rows: tuple[tuple[Strip, ...], ...]
    problems: dict[int, str]


class PageLoader:
    """Draws pages in one thread and keeps the last few."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="sheet")
        self._kept: OrderedDict[PageKey, DrawnPage] = OrderedDict()
        self._wanted: frozenset[PageKey] = frozenset()
        self._lock = Lock()

    def ready(self, key: PageKey) -> DrawnPage | None:
        """The page if it is drawn already."""
        with self._lock:
            return self._kept.get(key)

    async def draw(self, key: PageKey, ahead: PageKey | None = None) -> DrawnPage | None:
        """Draw a page, then the one after it; None where another one was asked for meanwhile."""
        self._wanted = frozenset((key, ahead) if ahead is not None else (key,))
        found = self.ready(key)
        if found is None:
            found = await asyncio.wrap_future(self._submit(key))
        if ahead is not None and ahead in self._wanted and self.ready(ahead) is None:
            self._submit(ahead)
        return found

    def _submit(self, key: PageKey) -> "Future[DrawnPage | None]":
        """Have it drawn in the thread."""
        return self._pool.submit(self._draw, key)

    def _draw(self, key: PageKey) -> DrawnPage | None:
        """In the thread; given up as soon as nobody wants it."""
        if (known := self.ready(key)) is not None:
            return known
        renderer, tiles, problems = renderer_of(key.look, key.backdrop), [], {}
        for place, (mark, path) in enumerate(key.faces):
            if key not in self._wanted:
                return None
            try:
                image = key.view.cut(_read(path, mark, key), key.grid.tile)
                tiles.append(_tile(image, key, renderer))
            except WorkbenchError as error:
                problems[place] = error.what
                tiles.append(_blank(key))
        drawn = DrawnPage(key, tuple(_rows(tiles, key, renderer)), problems)
        with self._lock:
            self._kept[key] = drawn
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return drawn

    def close(self) -> None:
        """Draw nothing more."""
        self._wanted = frozenset()
        self._pool.shutdown(wait=False, cancel_futures=True)


def _read(path: Path, mark: str, key: PageKey) -> Pixels:
    """The picture, no sharper than its tile can show; refused if it is not the one that is labelled."""
    if not path.is_file():
        raise PictureError("the file has gone", where=path)
    if fingerprint(path) != mark:
        raise PictureError(CHANGED, where=path)
    share = max(0.05, min(key.view.area[2:]))
    side = min(_MOST, round(key.grid.tile[0] * _SHARPNESS / share))
    return thumbnail(path, (side, side))


def _tile(image: Pixels, key: PageKey, renderer: Renderer) -> CellPicture:
    """A picture in the middle of its tile."""
    size = fit((image.shape[1], image.shape[0]), key.grid.tile)
    if all(some >= all_of * _NEARLY for some, all_of in zip(size, key.grid.tile, strict=True)):
        size = key.grid.tile  # a little stretched, so that the rows are even
    drawn = renderer.render(image, *size)
    whole = _blank(key, drawn.foreground[0, 0])
    (columns, rows), (width, height) = drawn.size, key.grid.tile
    top, left = (height - rows) // 2, (width - columns) // 2
    place = (slice(top, top + rows), slice(left, left + columns))
    whole.glyphs[place], whole.foreground[place] = drawn.glyphs, drawn.foreground
    whole.background[place] = drawn.background
    return whole


def _blank(key: PageKey, front: Pixels | None = None) -> CellPicture:
    """A tile with nothing in it."""
    width, height = key.grid.tile
    glyphs = np.full((height, width), " ")
    ink, paper = (np.full((height, width, 3), key.backdrop, dtype=np.uint8) for _ in range(2))
    if front is not None:
        ink[:] = front
    return CellPicture(glyphs, ink, paper)


def _rows(tiles: list[CellPicture], key: PageKey, renderer: Renderer) -> list[tuple[Strip, ...]]:
    """The lines of each row of tiles; they begin a cell from the left edge."""
    colours = "none" if renderer.name == "ascii" else key.look.colours
    columns, height = key.grid.columns, key.grid.tile[1]
    span = columns * (key.grid.tile[0] + GAP) - GAP
    found = []
    for start in range(0, len(tiles), columns):
        row = tiles[start : start + columns]
        row += [_blank(key)] * (columns - len(row))
        joined = mosaic(row, columns, key.backdrop, (GAP, 0))
        # `strips` centres: a box two cells wider than the tiles puts them one cell from the left.
        lines = strips(joined, span + 2, height, key.backdrop, colours)
        rest = key.width - span - 2
        if rest > 0 and colours != "none":
            end = blank_line(rest, key.backdrop, colours)
            lines = [_joined(line, end, key.width) for line in lines]
        found.append(tuple(line.adjust_cell_length(key.width) for line in lines))
    return found


def _joined(line: Strip, end: Strip, width: int) -> Strip:
    """Two drawn lines side by side, as sequences."""
    assert isinstance(line, PictureStrip)
    assert isinstance(end, PictureStrip)
    return PictureStrip(line.ansi + end.ansi, width)
