"""A curve in a few cells of text: a block a value, as high as the value is (Tufte, Beautiful Evidence, 2006).

Where there are more values than cells, a cell shows of its values the one that is farthest from the middle of
all; the greatest and the least of all are always shown, so that no spike is lost.
"""

from collections.abc import Sequence

import numpy as np

from workbench.monitoring.curves import Numbers

BLOCKS = "▁▂▃▄▅▆▇█"
GAP = "·"
_MIDDLE = 3


def spark(
    values: Sequence[float] | Numbers, width: int, *, low: float | None = None, high: float | None = None
) -> str:
    """Draw values as blocks.

    Args:
        values: From the oldest to the newest; what is not finite is drawn as a gap.
        width: The most cells.
        low: What the lowest block stands for; None for the least value.
        high: What the highest one stands for; None for the greatest value.

    Returns:
        A cell a value, `width` cells at most. Values that are all the same lie in the middle, unless a bound
        is given.
    """
    numbers = np.asarray(values, dtype=float)
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    if numbers.size > width:
        numbers = _thinned(numbers, max(width, 0))
    finite = ~np.isnan(numbers)
    if not finite.any():
        return GAP * numbers.size
    bottom = float(numbers[finite].min()) if low is None else low
    top = float(numbers[finite].max()) if high is None else high
    blocks = np.zeros(numbers.size, np.int64)
    if top > bottom:  # halved, so that even the difference of the greatest floats is finite
        shares = (numbers[finite] / 2 - bottom / 2) / (top / 2 - bottom / 2)
        blocks[finite] = np.clip(shares * len(BLOCKS), 0, len(BLOCKS) - 1).astype(np.int64)
    elif low is None and high is None:
        blocks[finite] = _MIDDLE
    return "".join(BLOCKS[block] if known else GAP for block, known in zip(blocks, finite, strict=True))


def _thinned(numbers: Numbers, width: int) -> Numbers:
    """Shape (width,). Of each part the value that stands out most; NaN where a part has none."""
    if not width or np.isnan(numbers).all():
        return numbers[:width]
    starts = -(-np.arange(width) * numbers.size // width)
    least, greatest = np.fmin.reduceat(numbers, starts), np.fmax.reduceat(numbers, starts)
    middle = np.nanmedian(numbers) / 2
    shown = np.where(greatest / 2 - middle >= middle - least / 2, greatest, least)
    lowest, highest = int(np.nanargmin(least)), int(np.nanargmax(greatest))
    if lowest != highest:
        shown[lowest], shown[highest] = least[lowest], greatest[highest]
    return shown
