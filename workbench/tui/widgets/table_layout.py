"""A table laid out in cells: columns that do not fit stand on further pages, and it says so."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from workbench.text import neutralise

_GAP = 2
_MARGIN = 3  # " ▶ "
_NAME_LIMIT = 28
_CELL_LIMIT = 48


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        key: How the program calls it.
        title: Its heading; a line break makes it two lines.
        left: Whether it holds words; figures stand to the right.
        words: How a sentence calls it; by default its heading.
    """

    key: str
    title: str
    left: bool = False
    words: str = ""

    @property
    def name(self) -> str:
        """What a sentence calls it."""
        return self.words or self.title.replace("\n", " ")


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        name: What it is of; the cursor stays on it when the table changes.
        cells: One a column.
        flagged: Keys of columns to look at twice; a sign in the cell says so as well.
        marked: Whether a person marked it; a sign before it says so on every page.
    """

    name: str
    cells: tuple[str, ...]
    flagged: frozenset[str] = frozenset()
    marked: bool = False


@dataclass(frozen=True)
class TableView:
    """What a table shows.

    Attributes:
        columns: The first one stands on every page.
        rows: Where the cursor can be.
        totals: Rows below them, without a cursor.
        sorted_by: Key of the column that decides the order; empty for none.
        falling: Whether the greatest stands first.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...] = ()
    totals: tuple[Row, ...] = ()
    sorted_by: str = ""
    falling: bool = False


@dataclass(frozen=True)
class Looks:
    """Styles of the parts."""

    header: Style | str = ""
    cursor: Style | str = ""
    flagged: Style | str = ""
    muted: Style | str = ""


@dataclass(frozen=True)
class Place:
    """Where a person is in a table: the cursor's row, the first row shown, the page of columns."""

    cursor: int = 0
    top: int = 0
    page: int = 0


class TableLayout:
    """A view in columns of cells.

    Args:
        view: What is shown.
        width: Cells there are.
    """

    def __init__(self, view: TableView, width: int) -> None:
        self.view, self.width = view, width
        self._titles = _titles(view)
        self._cells = {id(row): _cells(row) for row in (*view.rows, *view.totals)}
        widths = [max(map(cell_len, title)) for title in self._titles]
        for cells in self._cells.values():
            widths = [max(width, cell_len(cell)) for width, cell in zip(widths, cells, strict=True)]
        self._widths = widths
        self.pages = column_pages(widths, width)

    @property
    def _heading(self) -> int:
        """Lines of the headings."""
        return 2 if any(second for _, second in self._titles) else 1

    def rows(self, height: int) -> int:
        """How many rows there is room for in `height` lines."""
        room = height - self._heading - len(self.view.totals)
        noted = len(self.pages) > 1 or room < len(self.view.rows)
        return max(1, room - 1 if noted else room)

    def lines(self, height: int, place: Place, looks: Looks) -> list[Text]:
        """Headings, as many rows as there is room for, totals, and a line about what is not shown."""
        page = min(place.page, len(self.pages) - 1)
        columns, rows = self.pages[page], self.rows(height)
        lines = [self._heading_line(line, columns, looks) for line in range(self._heading)]
        for number in range(place.top, min(place.top + rows, len(self.view.rows))):
            lines.append(self._row_line(self.view.rows[number], columns, looks, number == place.cursor))
        lines += [self._row_line(row, columns, looks, False) for row in self.view.totals]
        note = "   ".join((*self._rows_note(place.top, rows), *self._columns_note(page)))
        lines += [Text(f" {note}", looks.muted)] if note else []
        for line in lines:
            line.truncate(self.width, overflow="ellipsis")
        return lines

    def _heading_line(self, line: int, columns: Sequence[int], looks: Looks) -> Text:
        """One of the lines of headings."""
        text = Text(" " * _MARGIN, looks.header, no_wrap=True)
        for place, number in enumerate(columns):
            text.append(" " * _GAP if place else "").append(self._fill(self._titles[number][line], number))
        return text

    def _row_line(self, row: Row, columns: Sequence[int], looks: Looks, active: bool) -> Text:
        """One row."""
        margin = ("✓" if row.marked else " ") + ("▶ " if active else "  ")
        text = Text(margin, looks.cursor if active else "", no_wrap=True)
        for place, number in enumerate(columns):
            flagged = self.view.columns[number].key in row.flagged
            text.append(" " * _GAP if place else "")
            text.append(self._fill(self._cells[id(row)][number], number), looks.flagged if flagged else "")
        return text

    def _fill(self, words: str, number: int) -> str:
        """Words in their column."""
        blanks = " " * (self._widths[number] - cell_len(words))
        return words + blanks if self.view.columns[number].left else blanks + words

    def _rows_note(self, top: int, rows: int) -> tuple[str, ...]:
        """Which rows are shown, where it is not all of them."""
        total = len(self.view.rows)
        return (f"rows {top + 1}–{min(top + rows, total)} of {total}",) if rows < total else ()

    def _columns_note(self, page: int) -> tuple[str, ...]:
        """Which columns stand on other pages, and how to get there."""
        if len(self.pages) == 1:
            return ()

        def names(number: int) -> str:
            return ", ".join(self.view.columns[one].name for one in self.pages[number][1:])

        before = (f"← {names(page - 1)}",) if page else ()
        after = (f"→ {names(page + 1)}",) if page + 1 < len(self.pages) else ()
        return (*before, *after)


def column_pages(widths: Sequence[int], width: int) -> list[tuple[int, ...]]:
    """Part columns into pages that fit into `width` cells; the first column stands on each."""
    pages, page, used = [], [0], _MARGIN + widths[0]
    for number in range(1, len(widths)):
        if used + _GAP + widths[number] > width and len(page) > 1:
            pages.append(tuple(page))
            page, used = [0], _MARGIN + widths[0]
        page.append(number)
        used += _GAP + widths[number]
    return [*pages, tuple(page)]


def _titles(view: TableView) -> list[tuple[str, str]]:
    """Every heading's two lines, short ones below; the arrow says in which order the rows stand."""
    arrow = " ▼" if view.falling else " ▲"
    whole = [one.title + (arrow if one.key == view.sorted_by else "") for one in view.columns]
    if not any("\n" in title for title in whole):
        return [(title, "") for title in whole]
    parts = [title.rpartition("\n") for title in whole]
    return [(first, second) for first, _, second in parts]


def _cells(row: Row) -> list[str]:
    """A row's words, harmless and not endless."""
    return [neutralise(cell, _CELL_LIMIT if number else _NAME_LIMIT) for number, cell in enumerate(row.cells)]
