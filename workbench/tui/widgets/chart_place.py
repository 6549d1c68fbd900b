"""The place of one chart, and what to draw there; its lines come from a thread (`chart_board.py`)."""

from dataclasses import dataclass
from typing import Any, ClassVar

from rich.text import Text
from textual import events
from textual.message import Message

from workbench.tui.chart_lines import Frame
from workbench.tui.charts import ROLES, Looks, Role
from workbench.tui.widgets.lines import LinesWidget
from workbench.tui.widgets.looks import look


@dataclass(frozen=True)
class Job:
    """A chart to draw.

    Attributes:
        content: Of what; equal contents are drawn alike.
        frame: Where.
        chosen: Whether its title stands out.
    """

    content: Any
    frame: Frame
    chosen: bool


class ChartPlace(LinesWidget):
    """The place of one chart.

    Args:
        head: Name of the head; "" for all together.
    """

    COMPONENT_CLASSES = {f"chart-place--{name}" for name in (*ROLES, "title", "chosen")}
    ROLES: ClassVar[tuple[Role, ...]] = ROLES
    """What its chart is made of; each has a look."""

    class BoxChanged(Message):
        """The place became larger or smaller, so the chart must be drawn anew."""

    def __init__(self, head: str) -> None:
        super().__init__()
        self.head = head
        self.drawn: Any = None
        self.chosen = False
        self._drawn_in: tuple[int, int, bool] | None = None
        self._drawn_lines: list[Text] = []

    def frame(self) -> Frame:
        """The place as it is now."""
        width, height = self.size
        looks: Looks = {name: look(self, f"chart-place--{name}") for name in self.ROLES}
        title = look(self, "chart-place--chosen" if self.chosen else "chart-place--title")
        return Frame(width, height, title, looks)

    def job(self, content: Any) -> Job | None:
        """What must be drawn to show `content`; None if it is shown."""
        if self._drawn_in == (*self.size, self.chosen) and content == self.drawn:
            return None
        return Job(content, self.frame(), self.chosen)

    def show(self, lines: list[Text], job: Job) -> None:
        """Show what was drawn, unless the place has changed meanwhile."""
        if (job.frame.width, job.frame.height) == tuple(self.size):
            self._drawn_lines, self.drawn = lines, job.content
            self._drawn_in = (job.frame.width, job.frame.height, job.chosen)
            self.rebuild()

    def of(self, head: str) -> None:
        """Show another head."""
        if head != self.head:
            self.head, self._drawn_in, self._drawn_lines = head, None, []

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
        self._drawn_in = None
        self.post_message(self.BoxChanged())
