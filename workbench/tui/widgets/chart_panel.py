"""The place of one chart of a run; its lines come from a thread (`chart_lines.py`)."""

from rich.text import Text
from textual import events
from textual.message import Message

from workbench.tui.chart_content import ChartContent
from workbench.tui.chart_lines import Frame
from workbench.tui.charts import Looks, Role
from workbench.tui.widgets.lines import LinesWidget
from workbench.tui.widgets.looks import look

LOOKS: tuple[Role, ...] = (
    "axis", "level", "range", "train", "validation", "cursor", "best", "gap", "mark", "advice",
)  # fmt: skip
"""What a run's chart is made of; each has a look."""


class ChartPanel(LinesWidget):
    """The place of one chart, or of a list of sparklines.

    Args:
        head: Name of the head; "" for all together.
    """

    COMPONENT_CLASSES = {f"chart-panel--{name}" for name in (*LOOKS, "title", "chosen")}

    class BoxChanged(Message):
        """The place became larger or smaller, so the chart must be drawn anew."""

    def __init__(self, head: str) -> None:
        super().__init__()
        self.head = head
        self.drawn: ChartContent | None = None
        self.chosen = False
        self._drawn_in: tuple[int, int, bool] | None = None
        self._drawn_lines: list[Text] = []

    def frame(self) -> Frame:
        """The place as it is now."""
        width, height = self.size
        looks: Looks = {name: look(self, f"chart-panel--{name}") for name in LOOKS}
        title = look(self, "chart-panel--chosen" if self.chosen else "chart-panel--title")
        return Frame(width, height, title, looks)

    def stale(self, content: ChartContent) -> bool:
        """Whether the chart must be drawn to show `content`."""
        return self._drawn_in != (*self.size, self.chosen) or content != self.drawn

    def show(self, lines: list[Text], content: ChartContent, frame: Frame, *, chosen: bool) -> None:
        """Show what was drawn, unless the place has changed meanwhile."""
        if (frame.width, frame.height) == tuple(self.size):
            self._drawn_lines, self.drawn = lines, content
            self._drawn_in = (frame.width, frame.height, chosen)
            self.rebuild()

    def of(self, head: str) -> None:
        """Show another head."""
        if head != self.head:
            self.head, self._drawn_in, self._drawn_lines = head, None, []

    def forget(self) -> None:
        """Draw anew in any case: another run, other colours."""
        self._drawn_in = None

    def build(self, width: int, height: int) -> list[Text]:  # noqa: ARG002
        """What was drawn last."""
        return self._drawn_lines

    def on_resize(self, event: events.Resize) -> None:
        """What was drawn no longer fits, unless it is shown again as it was hidden."""
        event.prevent_default()  # Textual would call the base class's too
        if self._drawn_in is not None and self._drawn_in[:2] == tuple(event.size):
            event.stop()
            self._repaint_regions.clear()  # kept from before it was hidden; by now it has been painted
        else:
            self._drawn_lines = []
            super().on_resize(event)
        self.post_message(self.BoxChanged())

    def notify_style_update(self) -> None:
        """Other colours."""
        super().notify_style_update()
        self.forget()
        self.post_message(self.BoxChanged())
