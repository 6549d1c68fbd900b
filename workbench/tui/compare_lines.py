"""A comparison as lines for a width: tables of which the columns that do not fit stand further down."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from workbench.monitoring.compare import Comparison
from workbench.tui.compare_text import BEST, Table, data_lines, tables
from workbench.tui.widgets.wrapping import wrap

_GAP, _MOST = 2, 36


def page(found: Comparison, width: int) -> list[Text]:
    """Every section under its title, harmless to show."""
    lines: list[Text] = []
    for table in tables(found):
        lines += [Text(table.title.capitalize(), "bold"), *table_lines(table, width)]
        lines += [Text(f" {one}", "dim") for one in (wrap(table.note, width - 2) if table.note else [])]
        lines.append(Text())
    lines.append(Text("Data", "bold"))
    for line in data_lines(found):
        indent = 1 + len(line) - len(line.lstrip())
        first, *more = wrap(line.strip(), width - indent - 2) or [""]
        lines += [Text(" " * indent + first), *(Text(" " * (indent + 2) + one) for one in more)]
    return lines


def table_lines(table: Table, width: int) -> list[Text]:
    """A table; runs that have no room beside the others stand below them."""
    if not table.rows:
        return []
    most = min(_MOST, (width - _GAP - 1) // (table.naming + 1))
    widths = [min(most, max(map(cell_len, column))) for column in zip(table.header, *table.rows, strict=True)]
    found: list[Text] = []
    for block in _blocks(widths, table.naming, width):
        shown = [*range(table.naming), *block]
        found += [Text()] if found else []
        found += [
            _line(table.header, shown, widths, "dim"),
            *(_line(row, shown, widths) for row in table.rows),
        ]
    return found


def _blocks(widths: Sequence[int], naming: int, width: int) -> list[list[int]]:
    """The columns of runs that fit beside each other."""
    spent = used = 1 + sum(one + _GAP for one in widths[:naming])
    blocks: list[list[int]] = [[]]
    for column in range(naming, len(widths)):
        if blocks[-1] and used + widths[column] > width:
            blocks.append([])
            used = spent
        blocks[-1].append(column)
        used += widths[column] + _GAP
    return blocks


def _line(cells: Sequence[str], shown: Sequence[int], widths: Sequence[int], style: str = "") -> Text:
    """One row; the best figure stands out by its sign and its weight."""
    line = Text(" ", style, no_wrap=True)
    for column in shown:
        cell = cells[column] or ("" if style else "–")
        cell = cell if cell_len(cell) <= widths[column] else set_cell_size(cell, widths[column] - 1) + "…"
        line.append(set_cell_size(cell, widths[column]), "bold" if BEST in cell else "").append(" " * _GAP)
    line.rstrip()
    return line
