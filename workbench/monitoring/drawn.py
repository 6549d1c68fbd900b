"""What drawings of curves have in common, in a terminal and on a page: round steps, and what can be drawn."""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the first frame of a screen that will draw curves does without NumPy
    import numpy as np
    from numpy.typing import NDArray

    from workbench.monitoring.curves import Numbers

LARGEST = 1e300
"""Beyond it the difference of two values may be no number, so such a value is treated as none."""


def nice_step(span: float, most: int) -> float:
    """The least of 1, 2, 5 times a power of ten of which `most` steps cover `span`."""
    raw = span / max(1, most)
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9))


def drawable(low: "Numbers", high: "Numbers") -> "NDArray[np.bool_]":
    """Shape (n,). Which buckets have extremes that a chart can show; NaN and absurd values are none."""
    found: NDArray[np.bool_] = (abs(low) <= LARGEST) & (abs(high) <= LARGEST)  # NaN is not
    return found
