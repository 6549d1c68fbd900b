"""Sixel graphics, for those who ask for them: sharp, but three times the bytes, and without placeholders.

The picture's cells are blanks; the last line, which is painted last, goes back to the first, draws over the
blanks and returns. A dialog over the picture overwrites it, and the whole place is painted when it has gone.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workbench.tui.picture.cells import RGB, Pixels
from workbench.tui.picture.strips import PictureStrip, blank_line

_COLOURS = 128
_BAND = 6  # rows of pixels in one row of sixels


def encode(image: Pixels, size: tuple[int, int]) -> str:
    """The picture, `size` (width, height) pixels large, as one Sixel sequence."""
    picture = Image.fromarray(image).resize(size, Image.Resampling.BICUBIC)
    indexed = picture.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = np.array(indexed.getpalette(), dtype=np.int32).reshape(-1, 3)
    pixels = np.asarray(indexed)
    registers = "".join(
        "#{};2;{};{};{}".format(number, *(palette[number] * 100 // 255).tolist())
        for number in np.unique(pixels).tolist()
    )
    bands = "-".join(_band(pixels[top : top + _BAND]) for top in range(0, size[1], _BAND))
    return f'\x1bPq"1;1;{size[0]};{size[1]}{registers}{bands}\x1b\\'


def _band(pixels: NDArray[np.uint8]) -> str:
    """Six rows: for each colour in them which pixels of each column it fills."""
    bits = (1 << np.arange(len(pixels)))[:, None]
    layers = []
    for colour in np.unique(pixels).tolist():
        layers.append(f"#{colour}{_runs(((pixels == colour) * bits).sum(axis=0))}")
    return "$".join(layers)


def _runs(codes: NDArray[np.int64]) -> str:
    """A row of sixels, equal ones counted."""
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    lengths = np.diff(starts, append=len(codes))
    parts = []
    for code, length in zip(codes[starts].tolist(), lengths.tolist(), strict=True):
        sign = chr(63 + code)
        parts.append(f"!{length}{sign}" if length > 3 else sign * length)
    return "".join(parts)


def lines(
    image: Pixels,
    size: tuple[int, int],
    pixels: tuple[int, int],
    box: tuple[int, int],
    backdrop: RGB,
    *,
    in_tmux: bool = False,
) -> list[PictureStrip]:
    """Lines of a box with the picture in its middle.

    Args:
        image: RGB, (H, W, 3).
        size: Its columns and rows.
        pixels: Its width and height on the screen.
        box: Columns and rows of the place.
        backdrop: RGB around it.
        in_tmux: Whether tmux stands between.
    """
    width, height = box
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    drawn = encode(image, pixels)
    if in_tmux:
        drawn = "\x1bPtmux;" + drawn.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    up, back = height - 1 - top, width - left
    blank = blank_line(width, backdrop)
    last = PictureStrip(f"{blank.ansi}{_way_back(up, back)}{drawn}\x1b8", width, blank.ansi)
    return [blank] * (height - 1) + [last]


def _way_back(up: int, back: int) -> str:
    """From the end of the last line to the picture's upper left corner; where it was is remembered."""
    return "\x1b7" + (f"\x1b[{up}A" if up else "") + f"\x1b[{back}D"
