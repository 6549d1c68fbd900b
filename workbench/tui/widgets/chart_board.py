"""Charts side by side, to scroll; drawn in a thread, round after round, and only where something changed."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

from rich.text import Text
from textual import events, on
from textual.containers import VerticalScroll

from workbench.tui.widgets.chart_place import ChartPlace, Job

_LEAST = (38, 8)
"""Cells of a chart in which something can be seen."""
_PACE = 1.0
"""Seconds between two drawings of a run that goes on: a person looks, and does not wait."""
_SHARE = 20
"""A round that took long is followed by a pause so many times as long: the training comes first."""


def layout(count: int, width: int, height: int) -> tuple[int, int]:
    """Columns, and cells of height of each chart: as high as fits, or as high as can be read, to scroll."""
    most = max(1, min(count, width // _LEAST[0]))
    rows = -(-count // most)
    return -(-count // rows), max(min(height, _LEAST[1]), height // rows)


class ChartBoard(VerticalScroll):
    """Charts of all heads; a subclass arranges them, knows what each shows, and draws it."""

    def __init__(self, id: str) -> None:  # noqa: A002
        super().__init__(id=id, can_focus=False)
        self._panels: list[ChartPlace] = []
        self._chosen = 0
        self._wanted, self._hurry = asyncio.Event(), asyncio.Event()
        self.zoomed = False
        self.paused = False
        self.rounds = 0

    def _arrange(self) -> None:
        """Give each chart its place."""
        raise NotImplementedError

    def _contents(self, places: Sequence[ChartPlace]) -> Sequence[object]:
        """What each of them shows now."""
        raise NotImplementedError

    async def _drawn(self, jobs: Sequence[Job]) -> Sequence[list[Text]]:
        """The lines of each, from a thread; all in one go, so that they can be painted together."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Begin to draw."""
        self.run_worker(self._serve(), name=self.id or "", exit_on_error=True)

    async def _replace(self, panels: Sequence[ChartPlace]) -> None:
        """Let other charts take the places of those that there are."""
        self._panels = []  # of which nothing is drawn while they go
        await self.remove_children()
        self._panels, self._chosen = list(panels), 0
        self._arrange()
        await self.mount(*self._places())
        self.draw_now()

    def draw_now(self) -> None:
        """Draw without waiting for the next round: a person asked for it."""
        self._hurry.set()
        self._wanted.set()

    def step(self, step: int) -> None:
        """Go to the next chart, or to the one before."""
        if self._panels:
            self._chosen = (self._chosen + step) % len(self._panels)
            self._arrange()
            if self._panels[self._chosen].display:
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

    @on(ChartPlace.BoxChanged)
    def _box_changed(self, event: ChartPlace.BoxChanged) -> None:
        """A chart has another size."""
        event.stop()
        self.draw_now()

    def watch_scroll_y(self, before: float, after: float) -> None:
        """Other charts are in sight."""
        super().watch_scroll_y(before, after)
        self.draw_now()

    @property
    def up_to_date(self) -> bool:
        """Whether everything in sight shows the newest."""
        return bool(self._in_sight()) and not self._stale()

    def _places(self) -> Sequence[ChartPlace]:
        """Where something can be drawn."""
        return self._panels

    def _in_sight(self) -> list[ChartPlace]:
        """The charts of which something can be seen."""
        top, bottom = self.scroll_y, self.scroll_y + self.size.height
        shown = [(one, one.virtual_region) for one in self._places() if one.display and min(one.size)]
        return [one for one, at in shown if at.height and at.y < bottom and at.bottom > top]

    def _stale(self) -> list[tuple[ChartPlace, Job]]:
        """What is in sight and must be drawn."""
        places = self._in_sight()
        wanted = zip(places, self._contents(places), strict=True)
        return [(place, job) for place, content in wanted if (job := place.job(content)) is not None]

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
        drawn = await self._drawn([job for _, job in stale])
        for (place, job), lines in zip(stale, drawn, strict=True):
            if place.is_attached:
                place.show(lines, job)
