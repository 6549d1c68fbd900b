"""What every way of drawing pictures with characters has in common: cells, their size, several side by side.

Everything here is plain arithmetic on arrays, made to run in a thread.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
RGB = tuple[int, int, int]
CELL_ASPECT = 2.0
"""Height over width of a terminal's cell; nearly every font is close to it."""
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""How bright red, green and blue look (ITU-R BT.601)."""


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


def resize(image: Pixels, width: int, height: int) -> Pixels:
    """Resample to exactly width × height, smoothly in both directions."""
    picture = Image.fromarray(np.ascontiguousarray(image))
    return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC))


def fit(image_size: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
    """The largest (columns, rows) inside `box` that keep the aspect of an image of (width, height) pixels."""
    width, height = max(1, image_size[0]), max(1, image_size[1])
    columns, rows = max(1, box[0]), max(1, box[1])
    scale = min(columns / width, rows * CELL_ASPECT / height)
    return (
        min(columns, max(1, round(width * scale))),
        min(rows, max(1, round(height * scale / CELL_ASPECT))),
    )


def mosaic(
    pictures: Sequence[CellPicture],
    columns: int,
    backdrop: RGB,
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
