"""The charts of a run, side by side or as a list; drawn in a thread, only where something changed."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

from textual import events, on
from textual.containers import VerticalScroll

from workbench.monitoring.snapshot import RunSnapshot
from workbench.tui.chart_content import ChartContent, contents_of, extent_of, place_words
from workbench.tui.chart_view import ChartView, Extent
from workbench.tui.charts import LEAST_HEIGHT, columns
from workbench.tui.widgets.chart_detail import ChartDetail
from workbench.tui.widgets.chart_panel import ChartPanel
from workbench.tui.widgets.chart_thread import ChartThread, Job
from workbench.tui.widgets.head_list import HeadList

_LEAST = (38, 8)
"""Cells of a chart in which something can be seen."""
_BELOW_LIST = 6
"""Cells of height in which a chart is shown under a list."""
_LIST_BELOW = (72, 14)
"""A place that is narrower or lower shows a list, unless a person chose otherwise."""
_PACE = 1.0
"""Seconds between two drawings of a run that goes on: a person looks, and does not wait."""
_SHARE = 20
"""A round that took long is followed by a pause so many times as long: the training comes first."""


def layout(count: int, width: int, height: int) -> tuple[int, int]:
    """Columns, and cells of height of each chart: as high as fits, or as high as can be read, to scroll."""
    most = max(1, min(count, width // _LEAST[0]))
    rows = -(-count // most)
    return -(-count // rows), max(min(height, _LEAST[1]), height // rows)


class ChartGrid(VerticalScroll):
    """Charts of all heads."""

    def __init__(self) -> None:
        super().__init__(id="charts", can_focus=False)
        self._thread = ChartThread()
        self._titles: Mapping[str, str] = {}
        self._list = HeadList()
        self._panels: list[ChartPanel] = []
        self._large = ChartPanel("")
        self._snapshot: RunSnapshot | None = None
        self._chosen = 0
        self._wanted, self._hurry = asyncio.Event(), asyncio.Event()
        self.view = ChartView()
        self.detail = ChartDetail(self)
        self.zoomed = False
        self.paused = False
        self.rounds = 0

    def on_mount(self) -> None:
        """Begin to draw."""
        self.run_worker(self._serve(), name="charts", exit_on_error=True)

    def on_unmount(self) -> None:
        """Draw nothing more."""
        self._thread.end()

    async def show(self, snapshot: RunSnapshot, heads: tuple[tuple[str, str], ...]) -> None:
        """Show where a run stands; another run, or one with other heads, gets its own charts."""
        titles = {"": "all heads", **dict(heads)}
        other = self._snapshot is None or self._snapshot.name != snapshot.name
        self._snapshot = snapshot
        if other or titles != self._titles:
            self._titles = titles
            self._chosen, self.zoomed = 0, False
            self.view = replace(self.view, window=None, held=False, cursor=None)
            self._thread.forget()
            self.detail.forget()
            await self.remove_children()
            self._list, self._panels = HeadList(), [ChartPanel(head) for head in titles]
            self._large = ChartPanel("")
            self._arrange()
            await self.mount(self._list, *self._panels, self._large)
            self.draw_now()
        elif not self.paused:
            self._wanted.set()

    def draw_now(self) -> None:
        """Draw without waiting for the next round: a person asked for it."""
        self._hurry.set()
        self._wanted.set()

    # -- what a person chooses -------------------------------------------------------------------------

    def choose(self, view: ChartView) -> None:
        """Show the curves in another way."""
        arranged = view.shown != self.view.shown
        self.view = view
        if arranged:
            self._arrange()
        self.draw_now()

    @property
    def there(self) -> Extent | None:
        """What there is on the axis; None before there is a run."""
        return None if self._snapshot is None else extent_of(self._snapshot, self.view.axis)

    @property
    def columns(self) -> int:
        """Cells between the edges of the chosen chart."""
        chosen = self.chosen
        return columns(self.size.width if chosen is None or not chosen.display else chosen.size.width)

    @property
    def chosen(self) -> ChartPanel | None:
        """The chart that tab has reached."""
        if self._large.display:
            return self._large
        return self._panels[self._chosen] if self._panels else None

    def step(self, step: int) -> None:
        """Go to the next chart, or to the one before."""
        if self._panels:
            self._chosen = (self._chosen + step) % len(self._panels)
            self._arrange()
            if not self.listed:
                self.scroll_to_widget(self._panels[self._chosen], animate=False)
            self.draw_now()

    def zoom(self) -> None:
        """Give all the room to the chosen chart, or to all again."""
        self.zoomed = not self.zoomed
        self._arrange()
        self.draw_now()

    def reading(self) -> str:
        """The cursor's place on all axes; "" without a cursor."""
        if self._snapshot is None or self.view.cursor is None:
            return ""
        return place_words(self._snapshot, self.view.axis, self.view.cursor)

    # -- places ----------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Arrange anew."""
        event.stop()
        self._arrange()

    @on(ChartPanel.BoxChanged)
    def _box_changed(self, event: ChartPanel.BoxChanged) -> None:
        """A chart has another size."""
        event.stop()
        self.draw_now()

    def watch_scroll_y(self, before: float, after: float) -> None:
        """Other charts are in sight."""
        super().watch_scroll_y(before, after)
        self.draw_now()

    @property
    def listed(self) -> bool:
        """Whether the heads are a list."""
        if self.view.shown != "auto":
            return self.view.shown == "list"
        return self.size.width < _LIST_BELOW[0] or self.size.height < _LIST_BELOW[1]

    def _arrange(self) -> None:
        """Columns and heights."""
        width, height = self.size
        if not self._panels or not width or height < LEAST_HEIGHT:  # as before the first layout
            return
        rest = height - len(self._panels) - 1
        if self.zoomed:
            across, high = 1, str(height)
        elif self.listed:
            across, high = 1, f"{len(self._panels) + 1} {max(rest, 1)}"
        else:
            across, cells = layout(len(self._panels), width - 1, height)
            high = str(cells)
        self.styles.grid_size_columns = across
        self.styles.grid_rows = high
        self._list.display = self.listed and not self.zoomed
        # A place of its own: Textual repaints everything where a chart becomes small again.
        self._large.display = self.zoomed or (self.listed and rest >= _BELOW_LIST)
        self._large.of(self._panels[self._chosen].head)
        for index, panel in enumerate(self._panels):
            panel.chosen = index == self._chosen
            panel.display = not self.zoomed and not self.listed

    def _in_sight(self) -> list[ChartPanel]:
        """The charts of which something can be seen."""
        top, bottom = self.scroll_y, self.scroll_y + self.size.height
        regions = [(one, one.virtual_region) for one in (*self._panels, self._large) if one.display]
        return [panel for panel, at in regions if at.height and at.y < bottom and at.bottom > top]

    # -- drawing ---------------------------------------------------------------------------------------

    @property
    def up_to_date(self) -> bool:
        """Whether everything in sight shows the newest."""
        placed = bool(self._panels) and self.size.height >= LEAST_HEIGHT
        return placed and not self._stale()

    def _contents(self, heads: Iterable[str]) -> dict[str, ChartContent]:
        """What the charts of heads show now."""
        if self._snapshot is None:
            return {}
        found = contents_of({head: self._titles[head] for head in heads}, self._snapshot, self.view)
        return {head: self.detail.of(content, self.columns) for head, content in found.items()}

    def _stale(self) -> list[tuple[ChartPanel, Job]]:
        """What is in sight and must be drawn."""
        found: list[tuple[ChartPanel, Job]] = []
        panels, listed = self._in_sight(), self._list.display and min(self._list.size) > 0
        known = self._contents(self._titles if listed else [panel.head for panel in panels])
        for panel in panels:
            content = known.get(panel.head)
            if content is not None and min(panel.size) > 0 and panel.stale(content):
                found.append((panel, Job((content,), panel.frame())))
        if listed:
            contents = tuple(known.values())
            if not self._list.lists(contents, self._chosen):
                found.append((self._list, Job(contents, self._list.frame(), self._chosen)))
        return found

    async def _serve(self) -> None:
        """Round after round; what changes in between is drawn in the next one."""
        pause, ended = 0.0, time.monotonic()
        while True:
            await self._wanted.wait()
            with suppress(TimeoutError):  # a person need not wait
                await asyncio.wait_for(self._hurry.wait(), max(0.0, pause - (time.monotonic() - ended)))
            self._wanted.clear()
            self._hurry.clear()
            if self.paused:
                continue
            began = time.monotonic()
            await self._round()
            self.rounds += 1
            ended = time.monotonic()
            pause = max(_PACE, _SHARE * (ended - began))

    async def _round(self) -> None:
        """Draw what is in sight and stale."""
        stale = self._stale()
        if not stale:
            return
        chosen = [panel.chosen for panel, _ in stale]
        drawn = await self._thread.draw([job for _, job in stale])
        for (panel, job), lines, mark in zip(stale, drawn, chosen, strict=True):
            if not panel.is_attached:
                continue
            if isinstance(panel, HeadList) and job.chosen is not None:
                panel.show_list(lines, job.contents, job.chosen, job.frame)
            else:
                panel.show(lines, job.contents[0], job.frame, chosen=mark)
