"""Pictures drawn with characters: each cell holds a glyph in two colours that stands for a few samples.

Quadrant blocks are in nearly every terminal font. A cell takes 2×2 samples, split at their mean luma into a
light and a dark side; the glyph says which sample lies on which side, and each side gets its samples' mean
colour. Everything here is plain arithmetic on arrays and strings, made to run in a thread.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

Pixels = NDArray[np.uint8]
CELL_ASPECT = 2.0
"""Height over width of a terminal's cell; nearly every font is close to it."""
_QUADRANTS = np.array(list(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"))
"""Index: 1 upper left, 2 upper right, 4 lower left, 8 lower right."""
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601
_SAME = 3  # a colour this close to its left neighbour's is not worth its bytes


@dataclass(frozen=True)
class CellPicture:
    """A picture as cells.

    Attributes:
        glyphs: (rows, columns) of one character each.
        foreground: (rows, columns, 3) uint8 RGB.
        background: (rows, columns, 3) uint8 RGB.
    """

    glyphs: NDArray[np.str_]
    foreground: Pixels
    background: Pixels

    @property
    def size(self) -> tuple[int, int]:
        """(columns, rows)."""
        rows, columns = self.glyphs.shape
        return columns, rows


class Renderer(Protocol):
    """A way to draw pictures with characters."""

    name: str

    def render(self, image: Pixels, columns: int, rows: int) -> CellPicture:
        """Draw `image` (H, W, 3) on exactly `columns` × `rows` cells."""
        ...


class QuadrantRenderer:
    """2×2 samples a cell."""

    name = "quadrants"

    def render(self, image: Pixels, columns: int, rows: int) -> CellPicture:
        """Draw `image` (H, W, 3) on exactly `columns` × `rows` cells."""
        samples = _resize(image, columns * 2, rows * 2).reshape(rows, 2, columns, 2, 3)
        samples = samples.transpose(0, 2, 1, 3, 4).reshape(rows, columns, 4, 3)
        values = samples.astype(np.float32)
        luma = values @ _LUMA
        light = luma > luma.mean(axis=2, keepdims=True)
        code = (light * np.array([1, 2, 4, 8])).sum(axis=2)
        return CellPicture(_QUADRANTS[code], _side(values, light), _side(values, ~light))


def _side(values: NDArray[np.float32], mask: NDArray[np.bool_]) -> Pixels:
    """The mean colour of the samples in `mask` (rows, columns, samples); of all of them where it is empty."""
    weights = np.where(mask.any(axis=2, keepdims=True), mask, True).astype(np.float32)[..., None]
    mean = (values * weights).sum(axis=2) / weights.sum(axis=2)
    rounded: Pixels = np.rint(mean).astype(np.uint8)
    return rounded


def _resize(image: Pixels, width: int, height: int) -> Pixels:
    """Resample to exactly width × height, smoothly in both directions."""
    picture = Image.fromarray(np.ascontiguousarray(image))
    smaller = width * height < picture.width * picture.height
    method = Image.Resampling.LANCZOS if smaller else Image.Resampling.BICUBIC
    return np.asarray(picture.resize((width, height), method))


def fit(image_size: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
    """The largest (columns, rows) inside `box` that keep the aspect of an image of (width, height) pixels."""
    width, height = max(1, image_size[0]), max(1, image_size[1])
    columns, rows = max(1, box[0]), max(1, box[1])
    scale = min(columns / width, rows * CELL_ASPECT / height)
    return (
        min(columns, max(1, round(width * scale))),
        min(rows, max(1, round(height * scale / CELL_ASPECT))),
    )


class PictureStrip(Strip):
    """A line of a picture as escape sequences, put together off the drawing thread.

    Textual's own form of a line, segments with styles, is made only where something cuts into the line, such
    as a dialog over the picture: a picture is thousands of them, and the garbage collector stopped the keys
    for 100 ms when a few pictures were kept in that form.
    """

    __slots__ = ("_ansi", "_parsed")

    def __init__(self, ansi: str, cell_length: int) -> None:
        self._ansi = ansi
        self._parsed: list[Segment] | None = None
        super().__init__([], cell_length)

    @property
    def _segments(self) -> list[Segment]:
        if self._parsed is None:
            self._parsed = _parse(self._ansi)
        return self._parsed

    @_segments.setter
    def _segments(self, nothing: list[Segment]) -> None:
        """The parent sets an empty list."""

    def render(self, console: Console) -> str:
        """The sequences for true colour; what fewer colours need is worked out by the parent."""
        if console._color_system in (None, ColorSystem.TRUECOLOR):
            return self._ansi
        return super().render(console)


def strips(picture: CellPicture, width: int, height: int, backdrop: tuple[int, int, int]) -> list[Strip]:
    """Lines of a box of `width` × `height` cells with the picture in its middle.

    Args:
        picture: No larger than the box.
        width: Columns of the box.
        height: Rows of the box.
        backdrop: RGB of what surrounds the picture.
    """
    columns, rows = picture.size
    left, top = (width - columns) // 2, (height - rows) // 2
    right = width - columns - left
    back = "\x1b[48;2;{};{};{}m".format(*backdrop)
    blank: Strip = PictureStrip(f"{back}{' ' * width}\x1b[0m", width)
    lines = [blank] * top
    for row in range(rows):
        ansi = _line(
            picture.glyphs[row].tolist(), picture.foreground[row].tolist(), picture.background[row].tolist()
        )
        start = f"{back}{' ' * left}" if left else ""
        end = f"{back}{' ' * right}" if right else ""
        lines.append(PictureStrip(f"{start}{ansi}{end}\x1b[0m", width))
    return lines + [blank] * (height - top - rows)


def _line(glyphs: list[str], foreground: list[list[int]], background: list[list[int]]) -> str:
    """One row as escape sequences; a colour nearly like the last one is reused."""
    codes: list[str] = []
    front: list[int] = []
    back: list[int] = []
    for glyph, new_front, new_back in zip(glyphs, foreground, background, strict=True):
        parts = []
        if not front or (glyph != " " and not _near(front, new_front)):
            front = new_front
            parts.append(f"38;2;{front[0]};{front[1]};{front[2]}")
        if not back or not _near(back, new_back):
            back = new_back
            parts.append(f"48;2;{back[0]};{back[1]};{back[2]}")
        codes.append(f"\x1b[{';'.join(parts)}m{glyph}" if parts else glyph)
    return "".join(codes)


def _parse(ansi: str) -> list[Segment]:
    """The segments that the sequences of `strips` stand for."""
    segments = []
    front: RichColor | None = None
    back: RichColor | None = None
    for part in ansi.split("\x1b[")[1:]:
        codes, _, text = part.partition("m")
        numbers = [int(code) for code in codes.split(";")]
        for start in range(0, len(numbers) - 4, 5):
            color = RichColor.from_rgb(*numbers[start + 2 : start + 5])
            if numbers[start] == 38:
                front = color
            else:
                back = color
        if text:
            segments.append(Segment(text, Style.from_color(front, back)))
    return segments


def _near(one: list[int], other: list[int]) -> bool:
    """Whether two colours differ by no more than an eye would see."""
    return (
        -_SAME <= one[0] - other[0] <= _SAME
        and -_SAME <= one[1] - other[1] <= _SAME
        and -_SAME <= one[2] - other[2] <= _SAME
    )


def mosaic(
    pictures: Sequence[CellPicture],
    columns: int,
    backdrop: tuple[int, int, int],
    gap: tuple[int, int] = (2, 1),
) -> CellPicture:
    """Pictures of one size side by side, in rows of `columns`.

    Args:
        pictures: At least one.
        columns: Pictures a row.
        backdrop: RGB between them.
        gap: Cells between two pictures, across and down.
    """
    width, height = pictures[0].size
    rows = -(-len(pictures) // columns)
    shape = (rows * (height + gap[1]) - gap[1], columns * (width + gap[0]) - gap[0])
    glyphs = np.full(shape, " ")
    front, back = (np.full((*shape, 3), backdrop, dtype=np.uint8) for _ in range(2))
    for index, picture in enumerate(pictures):
        top, left = (index // columns) * (height + gap[1]), (index % columns) * (width + gap[0])
        place = (slice(top, top + height), slice(left, left + width))
        glyphs[place], front[place], back[place] = picture.glyphs, picture.foreground, picture.background
    return CellPicture(glyphs, front, back)
