"""Bar charts of counts as lines of text, and laying several of them out side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from rich.text import Text

from workbench.text import neutralise

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_LABEL_LIMIT = 40
_NUMBERS = 13  # " 12345  100 %"


@dataclass(frozen=True)
class Bar:
    """One bar.

    Attributes:
        label: What is counted.
        count: How many.
        share: Of what belongs together, 0 to 1; None shows none.
    """

    label: str
    count: int
    share: float | None = None


@dataclass(frozen=True)
class Chart:
    """A titled group of bars.

    Attributes:
        title: What it is of.
        bars: In their order.
        figures: Lines below the bars.
        scale: Count of a bar of full length; the greatest one's where None.
    """

    title: str
    bars: tuple[Bar, ...]
    figures: tuple[str, ...] = ()
    scale: int | None = None


def bar(count: int, scale: int, cells: int) -> str:
    """A bar to an eighth of a cell; something is always seen of what is not nothing."""
    if count <= 0 or scale <= 0 or cells <= 0:
        return ""
    eighths = max(1, round(cells * 8 * min(count, scale) / scale))
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")


def chart_lines(chart: Chart, width: int, bar_style: Style | str, muted: Style | str) -> list[Text]:
    """A chart as lines of at most `width` cells: label, bar, count, share; numbers under each other."""
    limit = min(_LABEL_LIMIT, max(8, width // 2 - 6))
    labels = [neutralise(one.label, limit) for one in chart.bars]
    label_width = min(limit, max((cell_len(label) for label in labels), default=0))
    scale = chart.scale if chart.scale is not None else max((one.count for one in chart.bars), default=0)
    room = max(1, width - label_width - 3 - _NUMBERS)
    lines = [Text(neutralise(chart.title, width), "bold")]
    for one, label in zip(chart.bars, labels, strict=True):
        line = Text(f" {set_cell_size(label, label_width)} ")
        drawn = bar(one.count, scale, room)
        line.append(drawn, bar_style).append(" " * (room - cell_len(drawn)))
        line.append(f" {one.count:>5}")
        line.append("" if one.share is None else f" {100 * one.share:>4.0f} %", muted)
        lines.append(line)
    lines += [Text(f" {neutralise(line, width - 1)}", muted) for line in chart.figures]
    return lines


def columns(blocks: Sequence[list[Text]], width: int, least: int, gap: int = 3) -> list[Text]:
    """Blocks in as many columns as fit, each put where least stands so far; a blank line between them.

    Args:
        blocks: Lines that are at most `column_width(width, least)` cells wide.
        width: Cells of all columns together.
        least: The least cells of a column.
        gap: Cells between columns.
    """
    each = column_width(width, least, gap)
    count = max(1, (width + gap) // (each + gap))
    stacks: list[list[Text]] = [[] for _ in range(count)]
    for block in blocks:
        shortest = min(stacks, key=len)
        shortest += ([Text("")] if shortest else []) + block
    lines = []
    for row in range(max(map(len, stacks), default=0)):
        line = Text(no_wrap=True)
        for stack in stacks:
            cell = stack[row] if row < len(stack) else Text("")
            line.append_text(cell).append(" " * (each - cell.cell_len + gap))
        line.rstrip()
        lines.append(line)
    return lines


def column_width(width: int, least: int, gap: int = 3) -> int:
    """Cells of a column when as many columns as possible have at least `least`."""
    count = max(1, (width + gap) // (least + gap))
    return (width + gap) // count - gap
