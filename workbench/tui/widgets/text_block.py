"""Lines of text that are laid out for the width there is, inside something that scrolls."""

from collections.abc import Callable

from rich.text import Text
from textual.geometry import Size

from workbench.tui.widgets.lines import LinesWidget

Layout = Callable[[int], list[Text]]


class TextBlock(LinesWidget):
    """As high as its lines.

    Args:
        words: What stands there at first.
    """

    def __init__(self, words: str = "") -> None:
        super().__init__()
        self._lay_out: Layout = lambda _: [Text(f" {words}")]

    def show(self, layout: Layout) -> None:
        """Show what `layout` makes of a width."""
        self._lay_out = layout
        self.refresh(layout=True)
        self.rebuild()

    def say(self, words: str) -> None:
        """Show a harmless sentence."""
        self.show(lambda _: [Text(f" {words}")])

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """As many as there are."""
        return len(self._lay_out(width))

    def build(self, width: int, height: int) -> list[Text]:  # noqa: ARG002
        """The lines."""
        return self._lay_out(width)
