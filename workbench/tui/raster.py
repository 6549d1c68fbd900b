"""Curves as characters: which of the small parts of each cell a curve covers.

A cell of braille has 2 × 4 parts, a cell of quarter blocks 2 × 2.
"""

import numpy as np
from numpy.typing import NDArray

from workbench.tui.thinning import PARTS, Spans

Characters = NDArray[np.str_]
Covered = NDArray[np.bool_]
_BRAILLE_ROWS, _QUARTER_ROWS = 4, 2
_EMPTY = 0x2800
# Bits of the dots from the top left, by column and row: Unicode 15, chapter 21.1, "Braille Patterns".
_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.int64)
_QUARTERS = np.array(list(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"))
_CORNERS = np.array([[1, 2], [4, 8]], np.int64)
_NOWHERE = 1 << 40


def braille(
    spans: Spans, low: float, high: float, height: int, *, sparse: bool = False
) -> tuple[Characters, Covered]:
    """Draw as braille.

    Args:
        spans: What is covered of each part of a column.
        low: The y of the lowest row of cells.
        high: That of the highest one.
        height: Rows of cells.
        sparse: Leave out every other dot but the ends, so that an area differs in form from a line.

    Returns:
        The characters, shape (height, cells), the highest row first; and where there is anything.
    """
    bits = _packed(spans, low, high, height, _BRAILLE_ROWS, _DOTS, sparse=sparse)
    return np.array([chr(code) for code in range(_EMPTY, _EMPTY + 256)])[bits], bits > 0


def quarters(spans: Spans, low: float, high: float, height: int) -> tuple[Characters, Covered]:
    """Draw as quarter blocks; otherwise as `braille`."""
    bits = _packed(spans, low, high, height, _QUARTER_ROWS, _CORNERS)
    return _QUARTERS[bits], bits > 0


def row_of(y: float, low: float, high: float, height: int) -> int:
    """The row of cells, from the top, in which a value lies; outside of the limits the nearest one."""
    up = _heights(np.array([y]), low, high, height, 1)[0]
    return height - 1 - int(up)


def _heights(y: NDArray[np.float64], low: float, high: float, height: int, parts: int) -> NDArray[np.int64]:
    """Of each value the part of a column in which it lies, from the bottom."""
    # The limits lie in the middle of their cells, where the ticks of the axis stand.
    share = (y / (high - low) - low / (high - low)) * (height - 1) + 0.5
    inside = np.clip(np.where(np.isfinite(share), share, 0.0) * parts + 1e-9, 0, height * parts - 1)
    found: NDArray[np.int64] = inside.astype(np.int64)
    return found


def _packed(
    spans: Spans,
    low: float,
    high: float,
    height: int,
    parts: int,
    weights: NDArray[np.int64],
    *,
    sparse: bool = False,
) -> NDArray[np.int64]:
    """Shape (height, cells): the bits of each cell."""
    there = np.isfinite(spans.low)
    bottom = np.where(there, _heights(spans.low, low, high, height, parts), _NOWHERE)
    top = np.where(there, _heights(spans.high, low, high, height, parts), -1)
    up = np.arange(height * parts - 1, -1, -1)[:, None]
    covered = (up >= bottom) & (up <= top)
    if sparse:
        covered &= ((up + np.arange(bottom.size)) % 2 == 0) | (up == bottom) | (up == top)
    cells = covered.reshape(height, parts, -1, PARTS)
    bits: NDArray[np.int64] = np.einsum("hrcp,rp->hc", cells.astype(np.int64), weights)
    return bits
