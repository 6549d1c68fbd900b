"""Lines of words above and below the faces of a sheet."""

from rich.text import Text

from workbench.tui.widgets.lines import LinesWidget
from workbench.tui.widgets.text_block import Layout


class SheetLines(LinesWidget):
    """As high as its style says; shows what a layout makes of its width."""

    COMPONENT_CLASSES = {
        f"sheet-lines--{name}" for name in ("title", "asked", "key", "muted", "message", "error")
    }

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._layout_of: Layout = lambda _: []

    def show(self, layout: Layout) -> None:
        """Show what `layout` makes of the width there is."""
        self._layout_of = layout
        self.rebuild()

    def build(self, width: int, height: int) -> list[Text]:
        """The lines that there is room for."""
        return self._layout_of(width)[:height]
