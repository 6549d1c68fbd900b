"""The glyph and the two colours that come nearest to what lies under a cell, for any set of block glyphs.

A glyph divides a cell into two sides; the best colour of a side is the mean of its samples, and the squared
error that is left depends on the sums of the two sides alone. So every glyph is tried on every cell by one
product of matrices, and the one with the least error is taken: no guess, no refinement.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from workbench.tui.picture.cells import LUMA, CellPicture, Pixels, resize

Mask = NDArray[np.bool_]
_ALIKE = 2  # two sides no further apart than this are one


class BlockRenderer:
    """Draws with a set of glyphs.

    Args:
        name: What a person calls the set.
        masks: For each glyph which samples of the cell, (height, width), it covers. Of a glyph and its
            opposite only one is needed.
        opposites: The glyph that covers the rest, where there is one: the lighter side is then in front.
    """

    def __init__(self, name: str, masks: Mapping[str, Mask], opposites: Mapping[str, str]) -> None:
        self.name = name
        shapes = [mask.shape for mask in masks.values()]
        self._shape = (int(shapes[0][0]), int(shapes[0][1]))
        self._masks = np.stack([mask.ravel() for mask in masks.values()]).astype(np.float32)
        self._covered = np.maximum(self._masks.sum(axis=1), 1)
        self._rest = np.maximum(self._masks.shape[1] - self._masks.sum(axis=1), 1)
        self._glyphs = np.array(list(masks))
        self._opposites = np.array([opposites.get(glyph, glyph) for glyph in masks])
        self._turns = np.array([glyph != " " and glyph in opposites for glyph in masks])

    def render(self, image: Pixels, columns: int, rows: int) -> CellPicture:
        """Draw `image` (H, W, 3) on exactly `columns` × `rows` cells."""
        samples = self._samples(image, columns, rows)
        covered = samples @ self._masks.T
        rest = samples.sum(axis=2, keepdims=True) - covered
        explained = (covered**2 / self._covered + rest**2 / self._rest).sum(axis=1)
        best = explained.argmax(axis=1)
        every = np.arange(len(best))
        front = covered[every, :, best] / self._covered[best][:, None]
        back = rest[every, :, best] / self._rest[best][:, None]
        glyphs = self._glyphs[best]
        turned = self._turns[best] & (front @ LUMA < back @ LUMA)
        glyphs = np.where(turned, self._opposites[best], glyphs)
        front, back = (np.where(turned[:, None], *pair) for pair in ((back, front), (front, back)))
        plain = (glyphs == " ") | (np.abs(front - back).max(axis=1) <= _ALIKE)
        mean = samples.mean(axis=2)
        return CellPicture(
            np.where(plain, " ", glyphs).reshape(rows, columns),
            _colours(np.where(plain[:, None], mean, front), rows, columns),
            _colours(np.where(plain[:, None], mean, back), rows, columns),
        )

    def _samples(self, image: Pixels, columns: int, rows: int) -> NDArray[np.float32]:
        """The samples of each cell, (cells, 3, samples)."""
        height, width = self._shape
        pixels = resize(image, columns * width, rows * height).reshape(rows, height, columns, width, 3)
        return pixels.transpose(0, 2, 4, 1, 3).astype(np.float32).reshape(rows * columns, 3, height * width)


def _colours(values: NDArray[np.float32], rows: int, columns: int) -> Pixels:
    """Rounded to whole levels."""
    rounded: Pixels = np.clip(np.rint(values), 0, 255).astype(np.uint8).reshape(rows, columns, 3)
    return rounded


def grid_mask(covered: int, grid: tuple[int, int], shape: tuple[int, int]) -> Mask:
    """The mask of a glyph of (rows, columns) parts, of which the bits of `covered` are filled, row by row."""
    mask = np.zeros(shape, dtype=np.bool_)
    height, width = shape[0] // grid[0], shape[1] // grid[1]
    for part in range(grid[0] * grid[1]):
        if covered >> part & 1:
            row, column = divmod(part, grid[1])
            mask[row * height : (row + 1) * height, column * width : (column + 1) * width] = True
    return mask


def bars(shape: tuple[int, int], lower: str = "▁▂▃▄▅▆▇", left: str = "▎▌▊") -> dict[str, Mask]:
    """The masks of blocks that fill a cell from below by eighths, or from the left by quarters."""
    masks = {}
    for step, glyph in enumerate("▁▂▃▄▅▆▇", start=1):
        if glyph in lower:
            masks[glyph] = np.zeros(shape, dtype=np.bool_)
            masks[glyph][shape[0] - shape[0] * step // 8 :] = True
    for step, glyph in enumerate("▎▌▊", start=1):
        if glyph in left:
            masks[glyph] = np.zeros(shape, dtype=np.bool_)
            masks[glyph][:, : shape[1] * step // 4] = True
    return masks
