"""A table with a cursor on its rows."""

from dataclasses import replace

from rich.text import Text

from workbench.tui.widgets.lines import LinesWidget
from workbench.tui.widgets.looks import look
from workbench.tui.widgets.table_layout import Looks, Place, TableLayout, TableView


class RowTable(LinesWidget):
    """Shows a view; the cursor stays on the row of the same name, in sight, whatever comes."""

    COMPONENT_CLASSES = {
        "row-table--header",
        "row-table--cursor",
        "row-table--flagged",
        "row-table--muted",
    }

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.view = TableView(())
        self._place = Place()
        self._layout_made: TableLayout | None = None

    @property
    def selected(self) -> str:
        """The name of the cursor's row; empty where there is none."""
        rows = self.view.rows
        return rows[self._place.cursor].name if self._place.cursor < len(rows) else ""

    @property
    def has_pages(self) -> bool:
        """Whether some columns stand on another page."""
        made = self._laid_out()
        return made is not None and len(made.pages) > 1

    def show(self, view: TableView, selected: str = "") -> None:
        """Show this; the cursor goes to the row named `selected`, or stays on its own."""
        if view == self.view and not selected:
            return
        wanted, old = selected or self.selected, self._place
        names = [row.name for row in view.rows]
        at = names.index(wanted) if wanted in names else min(old.cursor, max(0, len(names) - 1))
        page = old.page if view.columns == self.view.columns else 0
        self.view, self._layout_made = view, None
        self._go(Place(at, old.top, page))

    def move(self, rows: int) -> None:
        """Move the cursor, as far as there are rows."""
        last = max(0, len(self.view.rows) - 1)
        self._go(replace(self._place, cursor=min(max(0, self._place.cursor + rows), last)))

    def turn(self, pages: int) -> None:
        """Show other columns."""
        made = self._laid_out()
        last = len(made.pages) - 1 if made is not None else 0
        self._go(replace(self._place, page=min(max(0, self._place.page + pages), last)))

    @property
    def page_rows(self) -> int:
        """Rows of a page, for moving by one."""
        made = self._laid_out()
        return made.rows(self.size.height) if made is not None else 1

    def _go(self, place: Place) -> None:
        """Be there, and keep the cursor in sight."""
        self._place = self._in_sight(place, self.page_rows)
        self.rebuild()

    def _in_sight(self, place: Place, rows: int) -> Place:
        """The same with a first row from which the cursor's row is shown, and no room is wasted."""
        top = min(place.top, place.cursor, max(0, len(self.view.rows) - rows))
        return replace(place, top=max(top, place.cursor - rows + 1))

    def _laid_out(self) -> TableLayout | None:
        """The layout for the present width, made when it is needed."""
        width = self.size.width
        if not self.view.columns or not width:
            return None
        if self._layout_made is None or self._layout_made.width != width:
            self._layout_made = TableLayout(self.view, width)
        return self._layout_made

    def build(self, width: int, height: int) -> list[Text]:  # noqa: ARG002
        """The lines."""
        made = self._laid_out()
        if made is None:
            return []
        place = self._in_sight(self._place, made.rows(height))  # the window may have another size
        names = ("header", "cursor", "flagged", "muted")
        looks = Looks(*(look(self, f"row-table--{name}") for name in names))
        return made.lines(height, place, looks)
