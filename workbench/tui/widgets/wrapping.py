"""Breaking sentences into lines."""

from rich.cells import cell_len
from rich.text import Text


def wrap(words: str, width: int, limit: int = 0) -> list[str]:
    """Break at blanks into lines of at most `width` cells.

    Args:
        words: One paragraph.
        width: Cells of a line; a longer word stands on a line of its own.
        limit: If positive, the most lines; what is left over ends in an ellipsis.
    """
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if cell_len(longer) <= width or not lines[-1]:
            lines[-1] = longer
        elif limit <= 0 or len(lines) < limit:
            lines.append(word)
        else:
            last = Text(lines[-1] + "…")
            last.truncate(max(1, width), overflow="ellipsis")  # in cells, of which a wide letter takes two
            lines[-1] = last.plain.rstrip()
            break
    return lines


def counted(number: int, word: str) -> str:
    """ "1 picture", "2 pictures"."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
