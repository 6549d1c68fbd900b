"""The charts of a run: as many side by side as fit, drawn in a thread, only where something changed."""

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from textual import events, on
from textual.containers import VerticalScroll

from workbench.monitoring.follow import RunSnapshot
from workbench.training.curves import Series
from workbench.tui.thinning import GrowingPoints
from workbench.tui.widgets.chart_panel import ChartContent, ChartPanel, chart_lines

METRICS = ("accuracy", "loss", "macro_f1")
SPANS = (10, 50, 200, 1)
"""Over how many batches a training curve can be averaged; 1 is not at all."""
_LEAST = (38, 8)
_PACE = 0.5
"""Seconds between two drawings of a chart."""
_APART = 0.06
"""Seconds between two charts of one round, so that a key need not wait for all of them."""
_SHARE = 4
"""A round that took long is followed by a pause so many times as long: the keys come first."""
_EMPTY = Series()


@dataclass(frozen=True)
class ChartChoice:
    """How the curves are shown."""

    metric: str = METRICS[0]
    span: int = SPANS[0]
    whole: bool = False

    def other(self, what: str) -> "ChartChoice":
        """Another "metric" of the heads, more "smoothing" or none, or the other "axis"."""
        if what == "metric":
            return replace(self, metric=METRICS[(METRICS.index(self.metric) + 1) % len(METRICS)])
        if what == "smoothing":
            return replace(self, span=SPANS[(SPANS.index(self.span) + 1) % len(SPANS)])
        return replace(self, whole=not self.whole)


def horizon(reached: float, epochs: int, *, whole: bool) -> float:
    """The epoch at the right edge: all epochs halved while the curve fits, so that it seldom changes."""
    right = float(max(epochs, reached, 1))
    while not whole and right / 2 >= max(reached, 0.5):
        right /= 2
    return right


def content_of(head: str, title: str, snapshot: RunSnapshot, choice: ChartChoice) -> ChartContent:
    """What the chart of a head shows; all heads together ("") always show the loss."""
    metric = choice.metric if head else "loss"
    series = snapshot.series
    which = "train" if (head, metric, "train") in series else "train_epoch"
    train, validation = (series.get((head, metric, split), _EMPTY) for split in (which, "validation"))
    reached = max((one.x[-1] for one in series.values() if one.x), default=0.0)
    return ChartContent(
        head=head,
        title=title,
        metric=metric,
        which=which,
        train=train,
        validation=validation,
        majority=snapshot.majority.get(head),
        right=horizon(reached, snapshot.epochs, whole=choice.whole),
        span=choice.span if which == "train" else 1,
    )


def layout(count: int, width: int, height: int) -> tuple[int, int]:
    """Columns, and cells of height of each chart: as high as fits, or as high as can be read, to scroll."""
    most = max(1, min(count, width // _LEAST[0]))
    rows = -(-count // most)
    return -(-count // rows), max(min(height, _LEAST[1]), height // rows)


class ChartGrid(VerticalScroll):
    """Charts of all heads; the thread belongs to this widget."""

    def __init__(self) -> None:
        super().__init__(id="charts", can_focus=False)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="charts")
        self._points: dict[tuple[tuple[str, str, str], int], GrowingPoints] = {}
        self._titles: Mapping[str, str] = {}
        self._panels: list[ChartPanel] = []
        self._snapshot: RunSnapshot | None = None
        self._chosen = 0
        self._wanted, self._hurry = asyncio.Event(), asyncio.Event()
        self.choice = ChartChoice()
        self.zoomed = False
        self.paused = False
        self.rounds = 0

    def on_mount(self) -> None:
        """Begin to draw."""
        self.run_worker(self._serve(), name="charts", exit_on_error=True)

    def on_unmount(self) -> None:
        """Draw nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def show(self, snapshot: RunSnapshot, heads: tuple[tuple[str, str], ...]) -> None:
        """Show where a run stands; another run, or one with other heads, gets its own charts."""
        titles = {"": "all heads", **dict(heads)}
        other = self._snapshot is None or self._snapshot.name != snapshot.name
        self._snapshot = snapshot
        if other or titles != self._titles:
            self._titles = titles
            self._points = {}
            self._chosen, self.zoomed = 0, False
            await self.remove_children()
            self._panels = [ChartPanel(head) for head in titles]
            self._arrange()
            await self.mount(*self._panels)
            self.draw_now()
        elif not self.paused:
            self._wanted.set()

    def draw_now(self) -> None:
        """Draw without waiting for the next round: a person asked for it."""
        self._hurry.set()
        self._wanted.set()

    def choose(self, choice: ChartChoice) -> None:
        """Show the curves in another way."""
        self.choice = choice
        self.draw_now()

    @property
    def chosen(self) -> ChartPanel | None:
        """The chart that tab has reached."""
        return self._panels[self._chosen] if self._panels else None

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

    @on(ChartPanel.BoxChanged)
    def _box_changed(self, event: ChartPanel.BoxChanged) -> None:
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
        across, high = (1, height) if self.zoomed else layout(len(self._panels), width - 1, height)
        self.styles.grid_size_columns = across
        self.styles.grid_rows = str(high)
        for index, panel in enumerate(self._panels):
            panel.display = not self.zoomed or index == self._chosen
            panel.chosen = index == self._chosen

    def _in_sight(self) -> list[ChartPanel]:
        """The charts of which something can be seen."""
        top, bottom = self.scroll_y, self.scroll_y + self.size.height
        regions = [(panel, panel.virtual_region) for panel in self._panels if panel.display]
        return [panel for panel, at in regions if at.height and at.y < bottom and at.bottom > top]

    @property
    def up_to_date(self) -> bool:
        """Whether everything in sight shows the newest."""
        return bool(self._panels) and not any(
            panel.stale(content) for panel in self._in_sight() if (content := self._content(panel))
        )

    def _content(self, panel: ChartPanel) -> ChartContent | None:
        """What a chart shows now."""
        if self._snapshot is None:
            return None
        return content_of(panel.head, self._titles[panel.head], self._snapshot, self.choice)

    async def _serve(self) -> None:
        """Round after round; what changes in between is drawn in the next one."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            urgent = self._hurry.is_set()
            self._hurry.clear()
            began = time.monotonic()
            if self.paused:
                continue
            busy = await self._round(urgent=urgent)
            self.rounds += 1
            await self._rest(max(_PACE - (time.monotonic() - began), _SHARE * busy))

    async def _rest(self, seconds: float) -> None:
        """Wait, but not longer than a person does."""
        if seconds > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), seconds)

    async def _round(self, *, urgent: bool) -> float:
        """Draw what is in sight and stale; gives the seconds that the thread was at work."""
        busy = 0.0
        panels = self._in_sight()
        for panel in panels:
            content = self._content(panel)
            if (
                content is None
                or min(panel.size) < 1
                or panel not in self._panels
                or not panel.stale(content)
            ):
                continue
            began = time.monotonic()
            await self._draw(panel, content)
            busy += time.monotonic() - began
            if not urgent:
                await self._rest(min(_APART, _PACE / len(panels)))
        return busy

    async def _draw(self, panel: ChartPanel, content: ChartContent) -> None:
        """Draw one chart in the thread."""
        frame, chosen, points = panel.frame(), panel.chosen, self._points
        spans = {content.which: content.span, "validation": 1}

        def curves(key: tuple[str, str, str]) -> GrowingPoints:
            """The points that this thread has taken so far."""
            span = spans[key[2]]
            return points.setdefault((key, span), GrowingPoints(span))

        work = partial(chart_lines, content, frame, curves)
        lines = await asyncio.get_running_loop().run_in_executor(self._thread, work)
        if panel.is_attached:
            panel.show(lines, content, frame, chosen=chosen)
