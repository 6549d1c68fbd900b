"""Kitty's graphics with Unicode placeholders: the picture itself, in place of which stand cells of text.

The terminal is sent a picture under a number, and a *virtual placement* of so many columns and rows. Then
cells with U+10EEEE, their colour the picture's number and their marks row and column, show its parts. As they
are text cells, whatever overwrites them removes the picture: nothing ghosts, and tmux moves it along.
Protocol: https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders
"""

import base64
import fcntl
import io
import struct
import sys
import termios

from PIL import Image
from textual.strip import Strip

from workbench.tui.picture.cells import RGB, Pixels
from workbench.tui.picture.diacritics import DIACRITICS
from workbench.tui.picture.strips import centred, place

PLACEHOLDER = "\U0010eeee"
MOST_CELLS = len(DIACRITICS)
"""Columns and rows that can be numbered."""
_CHUNK = 4096  # characters of base64 in one sequence, by the protocol
_MOST_BYTES = 24_000  # of a PNG: 32 kB as base64, so that picture and cells stay under 45 kB
_SMALLER = 0.8
_COLOURS = 256
_QUIET = "q=2"  # no answers, not even to errors: they would arrive as keys


def encode(image: Pixels, most: tuple[int, int]) -> bytes:
    """A PNG of 256 colours, no larger than `most` (width, height) and than what a slow line bears.

    Args:
        image: RGB, (H, W, 3).
        most: The pixels of the place on the screen; more would not be seen.
    """
    picture = Image.fromarray(image)
    picture.thumbnail((max(1, most[0]), max(1, most[1])), Image.Resampling.LANCZOS)
    while True:
        buffer = io.BytesIO()
        picture.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(buffer, "PNG")
        if buffer.tell() <= _MOST_BYTES or max(picture.size) < 64:
            return buffer.getvalue()
        width, height = (max(1, round(side * _SMALLER)) for side in picture.size)
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)


def transmission(number: int, png: bytes, columns: int, rows: int, *, in_tmux: bool = False) -> str:
    """The sequences that give a terminal the picture, in pieces, and its placement; nothing is seen yet.

    Args:
        number: The picture's, 1 to 2**24 - 1.
        png: The file.
        columns: Cells across.
        rows: Cells down.
        in_tmux: Whether tmux stands between, with `allow-passthrough` on.
    """
    data = base64.standard_b64encode(png).decode("ascii")
    pieces = [data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK)]
    sequences = []
    for index, piece in enumerate(pieces):
        more = f"m={int(index < len(pieces) - 1)}"
        keys = f"a=t,f=100,t=d,i={number},{_QUIET},{more}" if index == 0 else f"{_QUIET},{more}"
        sequences.append(f"\x1b_G{keys};{piece}\x1b\\")
    sequences.append(f"\x1b_Ga=p,U=1,i={number},c={columns},r={rows},{_QUIET}\x1b\\")
    return _wrapped(sequences, in_tmux)


def deletion(number: int, *, in_tmux: bool = False) -> str:
    """The sequence that takes a picture and its data from the terminal."""
    return _wrapped([f"\x1b_Ga=d,d=I,i={number},{_QUIET}\x1b\\"], in_tmux)


def _wrapped(sequences: list[str], in_tmux: bool) -> str:
    """As tmux passes them through, each by itself."""
    if not in_tmux:
        return "".join(sequences)
    escaped = (sequence.replace("\x1b", "\x1b\x1b") for sequence in sequences)
    return "".join(f"\x1bPtmux;{sequence}\x1b\\" for sequence in escaped)


def placeholders(number: int, size: tuple[int, int], width: int, height: int, backdrop: RGB) -> list[Strip]:
    """Lines of a box of `width` × `height` cells with the picture's placeholders in its middle.

    Args:
        number: The picture's.
        size: Its columns and rows.
        width: Columns of the box.
        height: Rows of the box.
        backdrop: RGB of what surrounds the picture.
    """
    columns, rows = size
    red, green, blue = number >> 16 & 255, number >> 8 & 255, number & 255
    colours = f"\x1b[38;2;{red};{green};{blue};48;2;{backdrop[0]};{backdrop[1]};{backdrop[2]}m"
    lines = []
    for row in range(rows):
        cells = [f"{PLACEHOLDER}{DIACRITICS[row]}{DIACRITICS[column]}" for column in range(columns)]
        short = cells[0] + PLACEHOLDER * (columns - 1)  # a cell without marks is the one after its neighbour
        lines.append(place(f"{colours}{short}", columns, width, backdrop, parts=f"{colours}{''.join(cells)}"))
    return centred(lines, width, height, backdrop)


def cell_pixels(usual: tuple[int, int] = (10, 20)) -> tuple[int, int]:
    """Width and height of a cell in pixels, as the kernel knows them without the terminal being asked."""
    try:
        answer = fcntl.ioctl(sys.__stdout__.fileno(), termios.TIOCGWINSZ, bytes(8))  # type: ignore[union-attr]
    except (OSError, ValueError, AttributeError):
        return usual
    rows, columns, width, height = struct.unpack("HHHH", answer)
    return (width // columns, height // rows) if rows and columns and width and height else usual
