"""The keys of a table with a cursor, the same on every screen that has one."""

from typing import Any, cast

from textual.screen import Screen

from workbench.tui.commands import Command
from workbench.tui.widgets.row_table import RowTable

_TABLE = "Table"
_FAR = 1_000_000

TABLE_COMMANDS = (
    Command("cursor_up", ("up", "k"), "Row up", "Go to the row above.", _TABLE, action="cursor(-1)"),
    Command(
        "cursor_down", ("down", "j"), "Row down", "Go to the row below.", _TABLE, "row", "cursor(1)", "↑↓"
    ),
    Command("rows_up", ("pageup",), "Page up", "Go up by a page.", _TABLE, action="cursor_page(-1)"),
    Command("rows_down", ("pagedown",), "Page down", "Go down by a page.", _TABLE, action="cursor_page(1)"),
    Command("first_row", ("home",), "First row", "Go to the top.", _TABLE, action=f"cursor(-{_FAR})"),
    Command("last_row", ("end",), "Last row", "Go to the end.", _TABLE, action=f"cursor({_FAR})"),
    Command("columns_left", ("left",), "Columns before", "Go back to them.", _TABLE, action="columns(-1)"),
    Command(
        "columns_right",
        ("right",),
        "Further columns",
        "Show those that did not fit.",
        _TABLE,
        "columns",
        "columns(1)",
        "←→",
    ),
)

SORT_COMMANDS = (
    Command("sort", ("o",), "Sort by another column", "The next one; at last none.", _TABLE, "sort"),
    Command("turn", ("O",), "Turn the order", "Greatest first, or smallest.", _TABLE, "turn"),
)
"""Of a table that can be sorted; what they do is the screen's."""


class TableKeys:
    """What `TABLE_COMMANDS` do on a screen with one `RowTable`."""

    @property
    def table(self) -> RowTable:
        """The table."""
        return cast("Screen[Any]", self).query_one(RowTable)

    def action_cursor(self, rows: int) -> None:
        """Another row."""
        self.table.move(rows)

    def action_cursor_page(self, pages: int) -> None:
        """A page further."""
        self.table.move(pages * self.table.page_rows)

    def action_columns(self, pages: int) -> None:
        """Other columns."""
        self.table.turn(pages)
