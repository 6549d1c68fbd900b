"""The colours that a terminal has: all of them, 256, 16 or none, and the nearest to a given one.

Nearest means nearest in Oklab, in which equal distances look equally large (B. Ottosson, 2020), and in the
levels of red, green and blue, half each: Oklab alone keeps the hue but gives up light and dark, by which a
face is known (SSIM .79 against .81 of 20 faces in 256 colours). A table of 32×32×32 colours is worked out
once a palette; a picture then looks its colours up.
"""

from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.tui.picture.cells import Pixels

Colours = Literal["true", "256", "16", "none"]
_STEPS = 32
_LEVELS = (0, 95, 135, 175, 215, 255)
_SIXTEEN = (
    "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 "
    "7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff"
)
"""As xterm shows them; a theme may show others, which nobody can know without asking."""


def palette(colours: Colours) -> Pixels:
    """RGB of each entry, (entries, 3); the first 16 of the 256 are left out, as themes change them."""
    if colours == "16":
        return np.array([list(bytes.fromhex(entry)) for entry in _SIXTEEN.split()], dtype=np.uint8)
    cube = [(red, green, blue) for red in _LEVELS for green in _LEVELS for blue in _LEVELS]
    greys = [(level,) * 3 for level in range(8, 248, 10)]
    return np.array(cube + greys, dtype=np.uint8)


def nearest(values: Pixels, colours: Colours) -> NDArray[np.uint8]:
    """The number, as a terminal counts, of the entry nearest to each colour.

    Args:
        values: (..., 3) uint8 RGB.
        colours: "256" or "16".

    Returns:
        (...) uint8: 16 to 255 of 256 colours, 0 to 15 of 16.
    """
    index = np.rint(values * ((_STEPS - 1) / 255)).astype(np.intp)
    found: NDArray[np.uint8] = _table(colours)[index[..., 0], index[..., 1], index[..., 2]]
    return found


def rgb(number: int, colours: Colours) -> tuple[int, int, int]:
    """What the entry of this number looks like."""
    red, green, blue = palette(colours)[number - (16 if colours == "256" else 0)]
    return int(red), int(green), int(blue)


@cache
def _table(colours: Colours) -> NDArray[np.uint8]:
    """The nearest entry of every colour in even steps from 0 to 255."""
    axis = np.linspace(0, 255, _STEPS)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    entries, wanted = _space(palette(colours)), _space(grid)
    distance = (entries**2).sum(axis=1) - 2 * wanted @ entries.T
    first = 16 if colours == "256" else 0
    best = (distance.argmin(axis=1) + first).astype(np.uint8)
    table: NDArray[np.uint8] = best.reshape(_STEPS, _STEPS, _STEPS)
    return table


def _space(values: NDArray[np.generic]) -> NDArray[np.float32]:
    """(n, 3) sRGB levels as Oklab's lightness and two axes of colour, and the levels themselves; (n, 6)."""
    level = values.astype(np.float32) / 255
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    cones = np.cbrt(linear @ _TO_CONES.T)
    place: NDArray[np.float32] = np.concatenate([cones @ _TO_LAB.T, level], axis=1).astype(np.float32)
    return place


_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    dtype=np.float32,
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    dtype=np.float32,
)
