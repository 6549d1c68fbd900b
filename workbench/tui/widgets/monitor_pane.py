"""Watching a run: what it is doing, the charts of its heads, and what happened."""

from collections.abc import Callable

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Size

from workbench.monitoring.follow import RunSnapshot
from workbench.text import neutralise
from workbench.tui.widgets.chart_grid import ChartGrid
from workbench.tui.widgets.lines import LinesWidget
from workbench.tui.widgets.looks import look
from workbench.tui.widgets.run_text import Looks, event_lines, status_lines


class RunLines(LinesWidget):
    """Lines about a run, in the looks of its charts.

    Args:
        layout: The lines for a width and a height.
        least: The least lines, so that nothing jumps; 0 takes the height from the style sheet.
    """

    COMPONENT_CLASSES = {"run-lines--title", "run-lines--muted", "run-lines--error"}

    def __init__(self, layout: Callable[[int, int, Looks], list[Text]], least: int, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lay_out, self._least = layout, least

    def looks(self) -> Looks:
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
        if self.size.width and len(self.build(*self.size)) != self.size.height and self._least:
            self.refresh(layout=True)
        self.rebuild()


class MonitorPane(Vertical):
    """During a run, and after it."""

    def __init__(self) -> None:
        super().__init__(id="monitor")
        self.snapshot: RunSnapshot | None = None
        self._place = self._message = self._expected = ""

    def compose(self) -> ComposeResult:
        """Status, charts, events."""
        yield RunLines(self._status, 3, "run-status")
        yield ChartGrid()
        yield RunLines(self._events, 0, "run-events")

    @property
    def charts(self) -> ChartGrid:
        """The charts."""
        return self.query_one(ChartGrid)

    def _status(self, width: int, height: int, looks: Looks) -> list[Text]:  # noqa: ARG002
        """The lines over the charts."""
        if self.snapshot is None or self._expected:
            what = f"reading {neutralise(self._expected, 40)}" if self._expected else "looking for runs"
            return [Text(f" {what} …"), Text(""), Text("")]
        return status_lines(self.snapshot, self.charts.choice, self._place, self._message, width, looks)

    def _events(self, width: int, height: int, looks: Looks) -> list[Text]:
        """The lines under the charts."""
        notes = () if self.snapshot is None else self.snapshot.notes
        return event_lines(notes, width, height, looks["muted"])

    def expect(self, name: str) -> None:
        """Say that this run is read: a long log takes seconds."""
        self._expected, self._message = name, ""
        self.refresh_status()

    async def show(self, snapshot: RunSnapshot, heads: tuple[tuple[str, str], ...], place: str) -> None:
        """Show where a run stands; `place` says which of how many it is."""
        self.snapshot, self._place, self._expected = snapshot, place, ""
        self.refresh_status()
        await self.charts.show(snapshot, heads)

    def say(self, message: str) -> None:
        """Say why something was refused; "" takes it back."""
        self._message = message
        self.refresh_status()

    def refresh_status(self) -> None:
        """Show the lines anew."""
        for lines in self.query(RunLines):
            lines.refresh_lines()
