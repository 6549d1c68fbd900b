"""Frames in fewer bytes: colours and attributes are sent where they change, not anew for every piece of text.

Textual sends each piece of text as "set everything, text, reset everything": 40 bytes for a word. An answer's
frame takes half of that where only what changes is sent. What a terminal shows is the same.
"""

import re
from functools import lru_cache
from typing import Any, NamedTuple

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate
from textual.driver import Driver

_LARGEST = 65_536
"""Characters of a frame that is looked at, in a few milliseconds; no screen of text or charts is larger."""
_SGR = re.compile(r"\x1b\[([0-9;:]*)m")
_MOVES = re.compile(r"(?:\r?\n|\x1b\[\d+;\d+H|\x1b\[\?2026[hl])*")
_OFF = {1: 22, 2: 22, 3: 23, 4: 24, 5: 25, 6: 25, 7: 27, 8: 28, 9: 29, 21: 24, 53: 55}
_SEEN_ON_BLANKS = frozenset({4, 5, 6, 7, 9, 21, 53})


class _Unknown(Exception):
    """A sequence that we do not know: the frame is sent as it is."""


class _Pen(NamedTuple):
    """What a terminal writes with."""

    attributes: frozenset[int] = frozenset()
    foreground: str = ""
    background: str = ""


_PLAIN = _Pen()


def terse(data: str) -> str:
    """A frame that shows the same in fewer bytes.

    Args:
        data: What is to be written; begins and ends with nothing set, as each of Textual's frames does.
    """
    if len(data) > _LARGEST or data.count("\x1b[") < 4:
        return data
    pieces = _SGR.split(data)
    out: list[str] = []
    pen = wanted = _PLAIN
    try:
        for index, piece in enumerate(pieces):
            if index % 2:
                wanted = _after(wanted, piece)
            elif piece:
                if pen != wanted and not _MOVES.fullmatch(piece) and not _is_same_blank(piece, pen, wanted):
                    out.append(_change(pen, wanted))
                    pen = wanted
                out.append(piece)
    except _Unknown:
        return data
    if pen != wanted:
        at = len(out) - 1 if out and _MOVES.fullmatch(out[-1]) else len(out)
        out.insert(at, _change(pen, wanted))
    return "".join(out)


def _is_same_blank(piece: str, pen: _Pen, wanted: _Pen) -> bool:
    """Whether blanks look the same with either pen."""
    if piece.strip(" ") or pen.background != wanted.background:
        return False
    return not (pen.attributes | wanted.attributes) & _SEEN_ON_BLANKS


@lru_cache(4096)
def _after(pen: _Pen, parameters: str) -> _Pen:
    """The pen after a sequence.

    Raises:
        _Unknown: It has a parameter that we do not know.
    """
    attributes, foreground, background = set(pen.attributes), pen.foreground, pen.background
    codes = iter(parameters.split(";"))
    for text in codes:
        code = int(text or 0) if text.isdigit() or not text else -1
        if code == 0:
            attributes, foreground, background = set(), "", ""
        elif code in _OFF:
            attributes.add(code)
        elif code in _OFF.values():
            attributes -= {one for one, off in _OFF.items() if off == code}
        elif code in (39, 49):
            foreground, background = ("", background) if code == 39 else (foreground, "")
        elif 30 <= code <= 38 or 90 <= code <= 97:
            foreground = _colour(code, codes)
        elif 40 <= code <= 48 or 100 <= code <= 107:
            background = _colour(code, codes)
        else:
            raise _Unknown
    return _Pen(frozenset(attributes), foreground, background)


def _colour(code: int, codes: Any) -> str:
    """The parameters of one colour."""
    if code not in (38, 48):
        return str(code)
    kind = next(codes, "")
    count = {"5": 1, "2": 3}.get(kind)
    if count is None:
        raise _Unknown
    return ";".join([str(code), kind, *(next(codes, "0") for _ in range(count))])


@lru_cache(4096)
def _change(pen: _Pen, wanted: _Pen) -> str:
    """The shortest sequence that makes one pen the other."""
    if wanted == _PLAIN:
        return "\x1b[0m"
    off = {_OFF[one] for one in pen.attributes - wanted.attributes}
    on = {one for one in wanted.attributes if one not in pen.attributes or _OFF[one] in off}
    parts = [*map(str, sorted(off)), *map(str, sorted(on))]
    if wanted.foreground != pen.foreground:
        parts.append(wanted.foreground or "39")
    if wanted.background != pen.background:
        parts.append(wanted.background or "49")
    anew = ["0", *map(str, sorted(wanted.attributes)), wanted.foreground, wanted.background]
    return min((f"\x1b[{';'.join(filter(None, some))}m" for some in (parts, anew)), key=len)


def terse_driver(base: type[Driver]) -> type[Driver]:
    """A driver that writes its frames tersely."""

    def write(self: Any, data: str) -> None:
        base.write(self, terse(data))

    return type(f"Terse{base.__name__}", (base,), {"write": write})


def spans_only(self: ChopsUpdate, console: Console) -> str:
    """The changed spans of a screen, each from its first cell; Textual sends the widget's line up to it too.

    In the place of `ChopsUpdate.render_segments` of Textual 8.2, which says "TODO: crop to x extents".
    """
    parts: list[str] = []
    for y, first, last in self.spans:
        for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
            if strip is None or x >= last or end <= first:
                continue
            left, right = max(x, first), min(end, last)
            parts.append(Control.move_to(left, y).segment.text)
            whole = (left, right) == (x, end)
            parts.append((strip if whole else strip.crop(left - x, right - x)).render(console))
    return "".join(parts)


ChopsUpdate.render_segments = spans_only  # type: ignore[method-assign]
