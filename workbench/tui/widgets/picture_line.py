"""The picture's name, place, size and state on two lines."""

from rich.text import Text

from workbench.text import neutralise
from workbench.tui.widgets.lines import LinesWidget
from workbench.tui.widgets.looks import look


class PictureLine(LinesWidget):
    """Two lines; a long name keeps its end, which tells pictures apart."""

    COMPONENT_CLASSES = {"picture-line--name", "picture-line--state"}

    def __init__(self) -> None:
        super().__init__()
        self._words = ("", "")

    def show(self, words: tuple[str, str]) -> None:
        """Show name and state."""
        if words != self._words:
            self._words = words
            self.rebuild()

    def build(self, width: int, height: int) -> list[Text]:  # noqa: ARG002
        """Both lines."""
        name, state = self._words
        room = max(2, width - 4)
        name = name if len(name) <= room else "…" + name[-(room - 1) :]
        return [
            Text(f"   {name}", look(self, "picture-line--name")),
            Text(f"   {neutralise(state, room)}", look(self, "picture-line--state")),
        ]
