"""All heads in a line each, where charts would be too small (`head_lines.py`)."""

from rich.text import Text

from workbench.tui.chart_content import ChartContent
from workbench.tui.chart_lines import Frame
from workbench.tui.widgets.chart_panel import ChartPanel

Heads = tuple[ChartContent, ...]


class HeadList(ChartPanel):
    """The place of the list."""

    def __init__(self) -> None:
        super().__init__("")
        self.chosen = True
        self._listed: tuple[Heads, int] | None = None

    def lists(self, contents: Heads, chosen: int) -> bool:
        """Whether it shows just this, in the place that it has."""
        return self._drawn_in == (*self.size, True) and self._listed == (contents, chosen)

    def show_list(self, lines: list[Text], contents: Heads, chosen: int, frame: Frame) -> None:
        """Show what was drawn, unless the place has changed meanwhile."""
        if (frame.width, frame.height) == tuple(self.size):
            self._drawn_lines, self._listed = lines, (contents, chosen)
            self._drawn_in = (frame.width, frame.height, True)
            self.rebuild()
