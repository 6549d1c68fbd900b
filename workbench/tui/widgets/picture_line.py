"""The picture's name, place, size and state on two lines, and on a third how it is looked at."""

from rich.text import Text

from workbench.text import neutralise
from workbench.tui.widgets.lines import LinesWidget
from workbench.tui.widgets.looks import look


class PictureLine(LinesWidget):
    """Three lines; a long name keeps its end, which tells pictures apart."""

    COMPONENT_CLASSES = {"picture-line--name", "picture-line--state", "picture-line--caption"}

    def __init__(self) -> None:
        super().__init__()
        self._words = ("", "")
        self._caption = ""

    def show(self, words: tuple[str, str]) -> None:
        """Show name and state."""
        if words != self._words:
            self._words = words
            self.rebuild()

    def caption(self, words: str) -> None:
        """Say how the picture is looked at; "" for the whole picture as it is."""
        if words != self._caption:
            self._caption = words
            self.rebuild()

    def build(self, width: int, height: int) -> list[Text]:  # noqa: ARG002
        """All lines."""
        name, state = self._words
        room = max(2, width - 4)
        name = name if len(name) <= room else "…" + name[-(room - 1) :]
        return [
            Text(f"   {name}", look(self, "picture-line--name")),
            Text(f"   {neutralise(state, room)}", look(self, "picture-line--state")),
            Text(f"   {neutralise(self._caption, room)}", look(self, "picture-line--caption")),
        ]
