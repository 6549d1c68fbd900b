"""The charts of several runs, a curve a run; drawn in a thread, and only where something changed."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from rich.text import Text
from textual import events, on
from textual.containers import VerticalScroll
from textual.message import Message

from workbench.monitoring.snapshot import RunSnapshot
from workbench.tui.chart_lines import Frame
from workbench.tui.charts import DOTS, Looks, Role
from workbench.tui.compare_chart import CompareContent, CompareView, compare_chart, content_of, right_edge
from workbench.tui.widgets.chart_grid import layout
from workbench.tui.widgets.lines import LinesWidget
from workbench.tui.widgets.looks import look

LOOKS: tuple[Role, ...] = ("axis", "best", "gap", *DOTS)
"""What a chart is made of; each has a look."""
_PACE_S = 1.0
"""Between two drawings of runs that go on."""


class ComparePanel(LinesWidget):
    """The place of one chart.

    Args:
        head: Name of the head; "" for all together.
    """

    COMPONENT_CLASSES = {f"compare-panel--{name}" for name in (*LOOKS, "title", "chosen")}

    class BoxChanged(Message):
        """The place became larger or smaller, so the chart must be drawn anew."""

    def __init__(self, head: str) -> None:
        super().__init__()
        self.head = head
        self.chosen = False
        self._drawn: tuple[CompareContent, Frame] | None = None
        self._drawn_lines: list[Text] = []

    def frame(self) -> Frame:
        """The place as it is now."""
        width, height = self.size
        looks: Looks = {name: look(self, f"compare-panel--{name}") for name in LOOKS}
        title = look(self, "compare-panel--chosen" if self.chosen else "compare-panel--title")
        return Frame(width, height, title, looks)

    def stale(self, content: CompareContent) -> bool:
        """Whether the chart must be drawn to show `content`."""
        return self._drawn != (content, self.frame())

    def show(self, lines: list[Text], content: CompareContent, frame: Frame) -> None:
        """Show what was drawn."""
        self._drawn, self._drawn_lines = (content, frame), lines
        self.rebuild()

    def build(self, width: int, height: int) -> list[Text]:
        """What was drawn last, as far as it fits."""
        return [line for line in self._drawn_lines if line.cell_len <= width][:height]

    def on_resize(self, event: events.Resize) -> None:
        """What was drawn no longer fits."""
        super().on_resize(event)
        self.post_message(self.BoxChanged())

    def notify_style_update(self) -> None:
        """Other colours."""
        super().notify_style_update()
        self.post_message(self.BoxChanged())


class CompareCharts(VerticalScroll):
    """Charts of all heads."""

    def __init__(self) -> None:
        super().__init__(id="compare-charts", can_focus=False)
        self.view = CompareView()
        self.zoomed = False
        self._titles: Mapping[str, str] = {}
        self._panels: list[ComparePanel] = []
        self._snapshots: Sequence[RunSnapshot | None] = ()
        self._chosen = 0
        self._wanted, self._hurry = asyncio.Event(), asyncio.Event()

    def on_mount(self) -> None:
        """Begin to draw."""
        self.run_worker(self._serve(), name="compare charts")

    async def show(self, snapshots: Sequence[RunSnapshot | None], titles: Mapping[str, str]) -> None:
        """Show where the runs stand.

        Args:
            snapshots: One a run.
            titles: Head → what it is called; "" for all heads.
        """
        self._snapshots = snapshots
        if titles != self._titles:
            self._titles = titles
            self._chosen = 0
            await self.remove_children()
            self._panels = [ComparePanel(head) for head in titles]
            self._arrange()
            await self.mount(*self._panels)
            self.draw_now()
        else:
            self._wanted.set()

    def draw_now(self) -> None:
        """Draw without waiting: a person asked for it."""
        self._hurry.set()
        self._wanted.set()

    def choose(self, view: CompareView) -> None:
        """Show the curves in another way."""
        self.view = view
        self.draw_now()

    def step(self, step: int) -> None:
        """Go to the next chart, or to the one before."""
        if self._panels:
            self._chosen = (self._chosen + step) % len(self._panels)
            self._arrange()
            self.scroll_to_widget(self._panels[self._chosen], animate=False)
            self.draw_now()

    def zoom(self) -> None:
        """Give all the room to the chosen chart, or to all again."""
        self.zoomed = not self.zoomed
        self._arrange()
        self.draw_now()

    def on_resize(self, event: events.Resize) -> None:
        """Arrange anew."""
        event.stop()
        self._arrange()

    @on(ComparePanel.BoxChanged)
    def _box_changed(self, event: ComparePanel.BoxChanged) -> None:
        """A chart has another size."""
        event.stop()
        self.draw_now()

    def watch_scroll_y(self, before: float, after: float) -> None:
        """Other charts are in sight."""
        super().watch_scroll_y(before, after)
        self.draw_now()

    def _arrange(self) -> None:
        """Columns and heights."""
        width, height = self.container_size.width or self.size.width, self.size.height
        if not self._panels or not width or not height:
            return
        across, cells = (1, height) if self.zoomed else layout(len(self._panels), width - 1, height)
        self.styles.grid_size_columns, self.styles.grid_rows = across, str(cells)
        for index, panel in enumerate(self._panels):
            panel.chosen = index == self._chosen
            panel.display = panel.chosen or not self.zoomed

    @property
    def up_to_date(self) -> bool:
        """Whether everything in sight shows the newest."""
        return bool(self._in_sight()) and not self._stale()

    def _in_sight(self) -> list[ComparePanel]:
        """The charts of which something can be seen."""
        top, bottom = self.scroll_y, self.scroll_y + self.size.height
        shown = [(one, one.virtual_region) for one in self._panels if one.display and min(one.size)]
        return [one for one, at in shown if at.height and at.y < bottom and at.bottom > top]

    def _stale(self) -> list[tuple[ComparePanel, CompareContent, Frame]]:
        """What is in sight and must be drawn."""
        right = right_edge(self._snapshots, self.view)
        found = []
        for panel in self._in_sight():
            content = content_of(panel.head, self._titles[panel.head], self._snapshots, self.view, right)
            if panel.stale(content):
                found.append((panel, content, panel.frame()))
        return found

    async def _serve(self) -> None:
        """Round after round; what changes in between is drawn in the next one."""
        last = -_PACE_S
        while True:
            await self._wanted.wait()
            with suppress(TimeoutError):  # a person need not wait
                await asyncio.wait_for(self._hurry.wait(), max(0.0, last + _PACE_S - time.monotonic()))
            self._wanted.clear()
            self._hurry.clear()
            if stale := self._stale():
                drawn = await asyncio.to_thread(_draw, [(content, frame) for _, content, frame in stale])
                for (panel, content, frame), lines in zip(stale, drawn, strict=True):
                    panel.show(lines, content, frame)
            last = time.monotonic()


def _draw(jobs: list[tuple[CompareContent, Frame]]) -> list[list[Text]]:
    """In a thread."""
    return [compare_chart(content, frame) for content, frame in jobs]
