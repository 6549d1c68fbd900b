"""The top line: the screens as tabs at the left, the bench and how much is done at the right."""

from rich.cells import cell_len
from rich.text import Text
from textual.reactive import reactive

from workbench.text import neutralise
from workbench.tui.widgets.lines import LinesWidget
from workbench.tui.widgets.looks import look


class TabHeader(LinesWidget):
    """One line; the present screen is marked by ▸ and weight, not by colour alone."""

    COMPONENT_CLASSES = {"tab-header--name", "tab-header--key", "tab-header--active", "tab-header--bench"}
    status: reactive[str] = reactive("", repaint=False)

    def __init__(self, tabs: tuple[tuple[str, str, str], ...], active: str) -> None:
        """Take the tabs as (mode, key, title) and the mode of the screen that this header belongs to."""
        super().__init__()
        self._tabs = tabs
        self._active = active

    def watch_status(self) -> None:
        """Show the new right side."""
        self.rebuild()

    def build(self, width: int, height: int) -> list[Text]:  # noqa: ARG002
        """Drop first the program's name, then parts of the right side, where the line is too narrow."""
        right = neutralise(self.status)
        tabs = self._tab_text()
        name = Text(" workbench ", look(self, "tab-header--name"))
        line = Text.assemble(name, "▏", tabs, "▕")
        if line.cell_len + cell_len(right) + 2 > width:
            line = Text.assemble("▏", tabs, "▕")
        room = width - line.cell_len - 2
        parts = right.split(" · ")
        while len(parts) > 1 and cell_len(" · ".join(parts)) > room:
            parts.pop(0)
        right = " · ".join(parts)
        if cell_len(right) > room:
            right = ""
        line.append(" " * max(0, width - line.cell_len - cell_len(right) - 1))
        line.append(right, look(self, "tab-header--bench"))
        return [line]

    def _tab_text(self) -> Text:
        """The tabs with their keys."""
        text = Text()
        for mode, key, title in self._tabs:
            active = mode == self._active
            text.append("▸" if active else " ", look(self, "tab-header--active") if active else "")
            text.append(f"{key} ", look(self, "tab-header--active" if active else "tab-header--key"))
            text.append(title, look(self, "tab-header--active") if active else "")
            text.append(" ", look(self, "tab-header--active") if active else "")
        return text
