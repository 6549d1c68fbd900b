"""Sentences and lines of logs as lines of a width: broken at blanks, and where need be anywhere."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from workbench.tui.widgets.wrapping import wrap


def folded(lines: Sequence[str], width: int) -> list[Text]:
    """Lines of at most `width` cells; of a path or another long word nothing is cut off."""
    width = max(2, width)  # there is always room for one letter, else it would never end
    return [Text(part) for line in lines for piece in wrap(line, width) for part in _parts(piece, width)]


def paragraphs(lines: Sequence[str], width: int) -> list[Text]:
    """The same with a margin of one cell at either side."""
    return [Text(" ").append_text(line) for line in folded(lines, width - 2)]


def _parts(words: str, width: int) -> Iterator[str]:
    """Parts of at most `width` cells."""
    while cell_len(words) > width:
        cut = width
        while cut > 1 and cell_len(words[:cut]) > width:
            cut -= 1
        yield words[:cut]
        words = words[cut:]
    yield words
