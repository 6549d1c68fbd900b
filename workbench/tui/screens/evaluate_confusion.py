"""The confusion matrix of a head as aligned lines: a row a true class, a column an answer."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from workbench.evaluation.report import HeadMetrics
from workbench.text import neutralise
from workbench.tui.widgets.wrapping import wrap

_NAME = 20
_INTRO = "rows: what the pictures are; columns: what the network takes them for; [right answers] in brackets"


def confusion_lines(head: HeadMetrics, width: int) -> list[Text]:
    """Counts under each other; names above where they fit, else numbers, in as many blocks as it takes."""
    if not head.classes or not head.confusion:
        return [Text("no counts were kept; a evaluates the run again")]
    names = [neutralise(one.name, _NAME) for one in head.classes]
    figures = max(len(str(count)) for row in head.confusion for count in row) + 2
    named = max(figures, *map(cell_len, names))
    first = max(map(cell_len, names))
    lines = [Text(line) for line in wrap(_INTRO, width)]
    if first + (named + 1) * len(names) + 10 <= width:
        return [*lines, Text(""), *_block(head, names, names, range(len(names)), named)]
    numbered = [f"{number} {name}" for number, name in enumerate(names, 1)]
    numbers = [str(number) for number in range(1, len(names) + 1)]
    cell = max(figures, len(numbers[-1]) + 2)
    each = max(1, (width - max(map(cell_len, numbered)) - 10) // (cell + 1))
    for start in range(0, len(names), each):
        columns = range(start, min(start + each, len(names)))
        lines += [Text(""), *_block(head, numbered, [f"{one} " for one in numbers], columns, cell)]
    return lines


def _block(
    head: HeadMetrics, rows: Sequence[str], titles: Sequence[str], columns: Sequence[int], cell: int
) -> list[Text]:
    """All rows of some columns."""
    first = max(map(cell_len, rows))
    heading = Text(" " * first)
    for column in columns:
        heading.append(" " + " " * (cell - cell_len(titles[column])) + titles[column])
    heading.append(f" {'of':>8}")
    heading.stylize("bold")
    lines = [heading]
    for truth, counts in enumerate(head.confusion):
        line = Text(set_cell_size(rows[truth], first))
        for column in columns:
            count = f"[{counts[column]}]" if column == truth else f"{counts[column]} "
            line.append(f" {count:>{cell}}", "bold" if column == truth else "")
        lines.append(line.append(f" {sum(counts):>8}"))
    return lines
