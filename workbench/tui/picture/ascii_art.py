"""Letters and signs for a terminal without colours: darker or lighter by a ramp, outlines as strokes."""

import numpy as np
from numpy.typing import NDArray

from workbench.tui.picture.cells import LUMA, RGB, CellPicture, Pixels, resize

_RAMP = np.array(list(" .,:;-=+*xoXO#%@"))
"""From nothing to the most ink, by how much of a cell usual fonts cover."""
_STROKES = np.array(list("|/-\\"))
"""By the direction of an edge, in steps of 45 degrees from upright."""
_STRONG = 60.0  # grey levels from cell to cell
_SHARE = (2, 98)  # percentiles that become the ends of the ramp


class AsciiRenderer:
    """One sign a cell, all in one colour.

    Args:
        backdrop: RGB of the terminal, on which ink is light or dark.
    """

    name = "ascii"

    def __init__(self, backdrop: RGB = (0, 0, 0)) -> None:
        self._backdrop = backdrop
        self._dark = float(np.array(backdrop) @ LUMA) < 128
        self._ink = (225, 225, 225) if self._dark else (30, 30, 30)

    def render(self, image: Pixels, columns: int, rows: int) -> CellPicture:
        """Draw `image` (H, W, 3) on exactly `columns` × `rows` cells."""
        samples = resize(image, columns * 2, rows * 2).astype(np.float32) @ LUMA
        grey = samples.reshape(rows, 2, columns, 2).mean(axis=(1, 3))
        low, high = np.percentile(grey, _SHARE)
        light = np.clip((grey - low) / max(1.0, high - low), 0, 1)
        ink = light if self._dark else 1 - light
        glyphs = _RAMP[np.rint(ink * (len(_RAMP) - 1)).astype(int)]
        strokes, strength = _edges(samples)
        glyphs = np.where(strength > _STRONG, strokes, glyphs)
        shape = (rows, columns, 3)
        return CellPicture(
            glyphs,
            np.broadcast_to(np.array(self._ink, np.uint8), shape),
            np.broadcast_to(np.array(self._backdrop, np.uint8), shape),
        )


def _edges(samples: NDArray[np.float32]) -> tuple[NDArray[np.str_], NDArray[np.float32]]:
    """The stroke that fits the edge in each cell, and how strong the edge is."""
    upper_left, upper_right = samples[::2, ::2], samples[::2, 1::2]
    lower_left, lower_right = samples[1::2, ::2], samples[1::2, 1::2]
    across = (upper_right + lower_right - upper_left - lower_left) / 2
    down = (lower_left + lower_right - upper_left - upper_right) / 2
    angle = np.arctan2(down, across)  # of the slope; the edge stands across it
    step = np.rint(angle / (np.pi / 4)).astype(int) % 4
    return _STROKES[step], np.hypot(across, down)
