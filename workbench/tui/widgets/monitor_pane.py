"""Watching a run: what it is doing, the charts of its heads, and what happened."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Size
from textual.widgets import Static

from workbench.text import neutralise
from workbench.tui.widgets.lines import LinesWidget
from workbench.tui.widgets.looks import look
from workbench.tui.widgets.wrapping import wrap

if TYPE_CHECKING:  # the first frame does without NumPy and charts, which take a quarter of a second to import
    from workbench.monitoring.snapshot import RunSnapshot
    from workbench.monitoring.source import Heads
    from workbench.tui.widgets.chart_grid import ChartGrid
    from workbench.tui.widgets.run_text import Looks

_TICK_S = 1.0
"""How often the ages are looked at: they change no more often."""


class RunLines(LinesWidget):
    """Lines about a run, in the looks of its charts.

    Args:
        layout: The lines for a width and a height.
        least: The least lines, so that nothing jumps; 0 takes the height from the style sheet.
    """

    COMPONENT_CLASSES = {"run-lines--title", "run-lines--muted", "run-lines--error"}

    def __init__(self, layout: "Callable[[int, int, Looks], list[Text]]", least: int, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lay_out, self._least = layout, least

    def looks(self) -> "Looks":
        """Its styles."""
        return {
            "title": look(self, "run-lines--title"),
            "muted": look(self, "run-lines--muted"),
            "error": look(self, "run-lines--error"),
        }

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """As many as there are."""
        return max(self._least, len(self._lay_out(width, self._least, self.looks())))

    def build(self, width: int, height: int) -> list[Text]:
        """The lines."""
        return self._lay_out(width, height, self.looks())

    def refresh_lines(self) -> None:
        """Show what is new; another height moves what is below."""
        self.rebuild()
        if self._least and self.size.width and len(self._lines) != self.size.height:
            self.refresh(layout=True)


class MonitorPane(Vertical):
    """During a run, and after it.

    Args:
        empty: What is said where there is no run yet.
    """

    def __init__(self, empty: str = "looking for runs …") -> None:
        super().__init__(id="monitor")
        self.snapshot: RunSnapshot | None = None
        self._empty = empty
        self._place = self._message = self._expected = self._trouble = ""
        self._shown_at = 0.0
        self._charts: ChartGrid | None = None
        self._paused = False

    def compose(self) -> ComposeResult:
        """Status, charts, events."""
        yield RunLines(self._status, 3, "run-status")
        yield RunLines(self._machine, 0, "run-machine")
        yield Static(id="no-charts")
        yield RunLines(self._events, 0, "run-events")

    def on_mount(self) -> None:
        """Let the ages grow."""
        self.set_interval(_TICK_S, self._tick)

    @property
    def ready(self) -> bool:
        """Whether there are charts; they come with the first run."""
        return self._charts is not None

    @property
    def charts(self) -> "ChartGrid":
        """The charts, once there are some."""
        assert self._charts is not None  # keys for them do nothing before
        return self._charts

    async def _make_charts(self) -> None:
        """Put them where nothing was."""
        from workbench.tui.widgets.chart_grid import ChartGrid

        charts = ChartGrid()
        charts.paused = self._paused
        mounted = self.mount(charts, before="#no-charts")
        self.query_one("#no-charts").display = False  # before they share the room: no chart is drawn for half
        await mounted
        await self.query("#no-charts").remove()
        self._charts = charts

    @property
    def aged(self) -> "RunSnapshot | None":
        """The snapshot as old as it is by now."""
        if self.snapshot is None:
            return None
        elapsed = time.monotonic() - self._shown_at
        sign, data = self.snapshot.sign_age + elapsed, self.snapshot.data_age + elapsed
        return replace(self.snapshot, sign_age=sign, data_age=data)

    def pause(self, *, paused: bool) -> None:
        """Draw nothing while nobody looks, and everything again afterwards."""
        self._paused = paused
        if self._charts is not None:
            self._charts.paused = paused
            if not paused:
                self._charts.draw_now()

    def _status(self, width: int, height: int, looks: "Looks") -> list[Text]:  # noqa: ARG002
        """The lines over the charts."""
        snapshot = self.aged
        if snapshot is None or self._expected:
            what = f"reading {neutralise(self._expected, 40)} …" if self._expected else self._empty
            words = wrap(self._trouble or what, width - 2, 3)
            return [Text(f" {line}") for line in (*words, *[""] * (3 - len(words)))]
        from workbench.tui.widgets.run_text import status_lines

        how = (*self._how(), self._place)
        message = self._message or self._trouble
        return status_lines(snapshot, how, message, width, looks, now=time.time(), held=self._held())

    def _how(self) -> tuple[str, ...]:
        """How the curves are shown."""
        if self._charts is None:
            return ()
        reading = self._charts.reading()
        return (*([reading] if reading else ()), *self._charts.view.words())

    def _machine(self, width: int, height: int, looks: "Looks") -> list[Text]:
        """What the worker uses of its machine."""
        if self.snapshot is None or self._expected:
            return []
        from workbench.tui.widgets.machine_line import machine_lines

        return machine_lines(self.snapshot, width, looks, rows=max(1, height))

    def _held(self) -> str:
        """Whether the charts go along with the run."""
        if self._charts is None or self.snapshot is None:
            return ""
        held = self._charts.view.held
        return self._charts.view.state if held or self.snapshot.state.live else ""  # what ended goes nowhere

    def _events(self, width: int, height: int, looks: "Looks") -> list[Text]:
        """The lines under the charts."""
        if self.snapshot is None:
            return []
        from workbench.tui.widgets.run_text import event_lines

        return event_lines(self.snapshot, width, height, looks)

    def expect(self, name: str) -> None:
        """Say that this run is read: a long log takes seconds."""
        self._expected, self._message, self._trouble = name, "", ""
        self.refresh_status()

    async def show(self, snapshot: "RunSnapshot", heads: "Heads", place: str) -> None:
        """Show where a run stands; `place` says which of how many it is."""
        self.snapshot, self._place, self._expected = snapshot, place, ""
        self._shown_at = time.monotonic()
        known = snapshot.state.live and any(split == "system" for _, _, split in snapshot.curves)
        self.query_one("#run-machine").display = known
        self.refresh_status()
        if self._charts is None:
            await self._make_charts()
            self.refresh_status()  # which says how they show the curves
        await self.charts.show(snapshot, heads)

    def say(self, message: str) -> None:
        """Say why something was refused; "" takes it back."""
        self._message = message
        self.refresh_status()

    def trouble(self, words: str) -> None:
        """Say that reading fails at present, or (with "") that it works again."""
        if words != self._trouble:
            self._trouble = words
            self.refresh_status()

    def lack(self, words: str) -> None:
        """Say what to do, as there is no run."""
        self._empty = words
        self.refresh_status()

    def refresh_status(self) -> None:
        """Show the lines anew."""
        for lines in self.query_children(RunLines):
            lines.refresh_lines()

    def _tick(self) -> None:
        """A second has passed; only what changed is painted."""
        if self.snapshot is not None and self.is_on_screen:
            self.query_one("#run-status", RunLines).refresh_lines()
