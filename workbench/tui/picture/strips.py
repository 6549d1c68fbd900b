"""Lines of a picture as escape sequences, with as few bytes as an eye allows, made off the drawing thread."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.color import Color as RichColor
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from workbench.tui.picture import halves, quadrants, sextants
from workbench.tui.picture.cells import RGB, CellPicture
from workbench.tui.picture.colours import Colours, nearest

_SAME = (2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 26)
"""A colour this close to the one in use is not worth its bytes; a picture of noise gets a coarser eye."""
_BYTES = 23
"""What a cell may cost by estimate, a little more than it does: 43 kB for 64×32 cells."""
_SEQUENCE, _GLYPH = 19, 3.2  # bytes of a change of one true colour, and of a glyph
_OPPOSITES = {**halves.OPPOSITES, **quadrants.OPPOSITES, **sextants.OPPOSITES}
_NO_COLOUR = -1000

Codes = NDArray[np.int16]


class PictureStrip(Strip):
    """A line of a picture as escape sequences.

    Textual's own form of a line, segments with styles, is made only where something cuts into the line, such
    as a dialog over the picture: a picture is thousands of them, and the garbage collector stopped the keys
    for 100 ms when a few pictures were kept in that form.

    Args:
        ansi: The sequences.
        cell_length: Columns.
        parts: The same with no cell leaning on its left neighbour, where `ansi` has such cells.
    """

    __slots__ = ("_ansi", "_parsed", "_parts")

    def __init__(self, ansi: str, cell_length: int, parts: str = "") -> None:
        self._ansi, self._parts = ansi, parts or ansi
        self._parsed: list[Segment] | None = None
        super().__init__([], cell_length)

    @property
    def _segments(self) -> list[Segment]:
        if self._parsed is None:
            self._parsed = _parse(self._parts)
        return self._parsed

    @_segments.setter
    def _segments(self, nothing: list[Segment]) -> None:
        """The parent sets an empty list."""

    def render(self, console: Console) -> str:  # noqa: ARG002
        """The sequences as they are: their colours were chosen for this terminal."""
        return self._ansi

    @property
    def ansi(self) -> str:
        """The sequences."""
        return self._ansi


def strips(
    picture: CellPicture, width: int, height: int, backdrop: RGB, colours: Colours = "true"
) -> list[Strip]:
    """Lines of a box of `width` × `height` cells with the picture in its middle.

    Args:
        picture: No larger than the box.
        width: Columns of the box.
        height: Rows of the box.
        backdrop: RGB of what surrounds the picture.
        colours: Those that the terminal has.
    """
    columns, _ = picture.size
    lines: list[Strip]
    if colours == "none":
        lines = _plain_lines(picture, width, backdrop)
    else:
        codes = _shared(_coded(picture, colours))
        lines = [place(ansi, columns, width, backdrop, colours) for ansi in _sequences(codes, colours)]
    return centred(lines, width, height, backdrop, colours)


def centred(
    lines: Sequence[Strip], width: int, height: int, backdrop: RGB, colours: Colours = "true"
) -> list[Strip]:
    """Blank lines above and below, as many as the box is higher."""
    top = (height - len(lines)) // 2
    blank: Strip
    if colours == "none":
        blank = Strip([Segment(" " * width, Style(bgcolor=RichColor.from_rgb(*backdrop)))], width)
    else:
        blank = blank_line(width, backdrop, colours)
    return [blank] * top + list(lines) + [blank] * (height - top - len(lines))


def place(
    ansi: str, columns: int, width: int, backdrop: RGB, colours: Colours = "true", parts: str = ""
) -> PictureStrip:
    """One line of the picture, `columns` wide, in the middle of a line of the box."""
    left = (width - columns) // 2
    right = width - columns - left
    back = f"\x1b[{_back_of(backdrop, colours)}m"
    start = f"{back}{' ' * left}" if left else ""
    end = f"{back}{' ' * right}\x1b[0m" if right else "\x1b[0m"
    return PictureStrip(f"{start}{ansi}{end}", width, f"{start}{parts}{end}" if parts else "")


def blank_line(width: int, backdrop: RGB, colours: Colours = "true") -> PictureStrip:
    """A line without any of the picture."""
    return PictureStrip(f"\x1b[{_back_of(backdrop, colours)}m{' ' * width}\x1b[0m", width)


def _plain_lines(picture: CellPicture, width: int, backdrop: RGB) -> list[Strip]:
    """Lines of signs in one colour, which Textual makes fit for the terminal."""
    columns, _ = picture.size
    left = (width - columns) // 2
    front, back = picture.foreground[0, 0].tolist(), RichColor.from_rgb(*backdrop)
    style = Style(color=RichColor.from_rgb(*front), bgcolor=back)
    return [
        Strip([Segment(" " * left + "".join(row) + " " * (width - columns - left), style)], width)
        for row in picture.glyphs.tolist()
    ]


@dataclass(frozen=True)
class _Coded:
    """Glyphs, and both colours of each cell as RGB (…, 3) or as the number of a palette's entry (…, 1)."""

    glyphs: NDArray[np.str_]
    front: Codes
    back: Codes


def _coded(picture: CellPicture, colours: Colours) -> _Coded:
    """The picture in the colours that there are."""
    if colours == "true":
        return _Coded(
            picture.glyphs, picture.foreground.astype(np.int16), picture.background.astype(np.int16)
        )
    front, back = (nearest(side, colours) for side in (picture.foreground, picture.background))
    glyphs = np.where(front == back, " ", picture.glyphs)
    return _Coded(glyphs, front.astype(np.int16)[..., None], back.astype(np.int16)[..., None])


def _shared(coded: _Coded) -> tuple[_Coded, NDArray[np.bool_], NDArray[np.bool_]]:
    """The picture, a cell taking over its left neighbour's colours where it can, and where they change."""
    if coded.front.shape[2] == 1:
        return _share(coded, 0)
    for same in _SAME:
        shared, front_changes, back_changes = _share(coded, same)
        count = int(front_changes.sum() + back_changes.sum())
        if count * _SEQUENCE + coded.glyphs.size * _GLYPH <= coded.glyphs.size * _BYTES:
            break
    return shared, front_changes, back_changes


def _share(coded: _Coded, same: int) -> tuple[_Coded, NDArray[np.bool_], NDArray[np.bool_]]:
    """From left to right, all rows at once; a glyph may become its opposite, its colours changed about."""
    opposite = _opposites(coded.glyphs)
    blank, turns = coded.glyphs == " ", opposite != ""
    glyphs, front, back = coded.glyphs.copy(), coded.front.copy(), coded.back.copy()
    shape = glyphs.shape
    front_changes, back_changes = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    ink, paper = (np.full((shape[0], front.shape[2]), _NO_COLOUR, dtype=np.int16) for _ in range(2))
    for column in range(shape[1]):
        light, dark = front[:, column], back[:, column]
        new_front, new_back = _differ(ink, light, same) & ~blank[:, column], _differ(paper, dark, same)
        turned_front, turned_back = _differ(ink, dark, same), _differ(paper, light, same)
        turn = turns[:, column] & (turned_front.astype(int) + turned_back < new_front.astype(int) + new_back)
        new_front, new_back = (
            np.where(turn, turned_front, new_front),
            np.where(turn, turned_back, new_back),
        )
        over = turn[:, None]
        light, dark = np.where(over, dark, light), np.where(over, light, dark)
        ink, paper = np.where(new_front[:, None], light, ink), np.where(new_back[:, None], dark, paper)
        glyphs[:, column] = np.where(turn, opposite[:, column], glyphs[:, column])
        front[:, column], back[:, column] = ink, paper
        front_changes[:, column], back_changes[:, column] = new_front, new_back
    return _Coded(glyphs, front, back), front_changes, back_changes


def _differ(one: Codes, other: Codes, same: int) -> NDArray[np.bool_]:
    """Whether colours differ by more than an eye would see."""
    far: NDArray[np.bool_] = np.abs(one - other).max(axis=1) > same
    return far


def _opposites(glyphs: NDArray[np.str_]) -> NDArray[np.str_]:
    """The glyph that covers the rest of each cell; "" for blanks and where there is none."""
    known, index = np.unique(glyphs, return_inverse=True)
    found = np.array([_OPPOSITES.get(one, "") if one != " " else "" for one in known.tolist()])
    opposites: NDArray[np.str_] = found[index].reshape(glyphs.shape)
    return opposites


def _sequences(
    shared: tuple[_Coded, NDArray[np.bool_], NDArray[np.bool_]], colours: Colours
) -> Iterator[str]:
    """Each row as escape sequences."""
    coded, front_changes, back_changes = shared
    lists = (coded.glyphs, coded.front, coded.back, front_changes, back_changes)
    fronts, backs = _writers(colours)
    for row in zip(*(one.tolist() for one in lists), strict=True):
        codes = []
        for glyph, front, back, new_front, new_back in zip(*row, strict=True):
            if new_front and new_back:
                codes.append(f"\x1b[{fronts(front)};{backs(back)}m{glyph}")
            elif new_front:
                codes.append(f"\x1b[{fronts(front)}m{glyph}")
            elif new_back:
                codes.append(f"\x1b[{backs(back)}m{glyph}")
            else:
                codes.append(glyph)
        yield "".join(codes)


def _writers(colours: Colours) -> tuple[Callable[[Any], str], Callable[[Any], str]]:
    """How a colour of the glyph, and one of the cell behind it, are written."""
    if colours == "true":
        return "38;2;{0[0]};{0[1]};{0[2]}".format, "48;2;{0[0]};{0[1]};{0[2]}".format
    if colours == "256":
        return "38;5;{0[0]}".format, "48;5;{0[0]}".format
    numbers = [*range(30, 38), *range(90, 98)]
    return (lambda code: str(numbers[code[0]])), (lambda code: str(numbers[code[0]] + 10))


def _back_of(colour: RGB, colours: Colours) -> str:
    """The sequence of one colour behind cells."""
    _, write = _writers(colours)
    if colours == "true":
        return str(write(colour))
    return str(write([int(nearest(np.array(colour, np.uint8), colours))]))


def _parse(ansi: str) -> list[Segment]:
    """The segments that the sequences stand for."""
    segments = []
    front: RichColor | None = None
    back: RichColor | None = None
    for part in ansi.split("\x1b[")[1:]:
        codes, _, text = part.partition("m")
        for behind, colour in _colours_of([int(code) for code in codes.split(";")]):
            front, back = (front, colour) if behind else (colour, back)
        if text:
            segments.append(Segment(text, Style.from_color(front, back)))
    return segments


def _colours_of(numbers: list[int]) -> Iterator[tuple[bool, RichColor]]:
    """Whether behind the glyph, and which colour, for each colour of a sequence."""
    while numbers:
        code, *numbers = numbers
        if code in (38, 48) and numbers[0] == 2:
            yield code == 48, RichColor.from_rgb(*numbers[1:4])
            numbers = numbers[4:]
        elif code in (38, 48):
            yield code == 48, RichColor.from_ansi(numbers[1])
            numbers = numbers[2:]
        elif code:
            behind, bright = code // 10 in (4, 10), code >= 90
            yield behind, RichColor.from_ansi(code % 10 + 8 * bright)
