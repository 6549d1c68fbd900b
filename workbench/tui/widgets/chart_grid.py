"""The charts of a run, side by side or as a list; drawn in a thread, only where something changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rich.text import Text

from workbench.monitoring.snapshot import RunSnapshot
from workbench.tui.chart_content import ChartContent, contents_of, extent_of, place_words
from workbench.tui.chart_view import ChartView, Extent
from workbench.tui.charts import LEAST_HEIGHT, columns
from workbench.tui.head_lines import HeadsContent
from workbench.tui.widgets.chart_board import ChartBoard, layout
from workbench.tui.widgets.chart_detail import ChartDetail
from workbench.tui.widgets.chart_panel import ChartPanel
from workbench.tui.widgets.chart_place import ChartPlace, Job
from workbench.tui.widgets.chart_thread import ChartThread
from workbench.tui.widgets.head_list import HeadList

_BELOW_LIST = 6
"""Cells of height in which a chart is shown under a list."""
_LIST_BELOW = (72, 14)
"""A place that is narrower or lower shows a list, unless a person chose otherwise."""


class ChartGrid(ChartBoard):
    """Charts of all heads of a run."""

    def __init__(self) -> None:
        super().__init__("charts")
        self._thread = ChartThread()
        self._titles: Mapping[str, str] = {}
        self._list = HeadList()
        self._large = ChartPanel("")
        self._snapshot: RunSnapshot | None = None
        self.view = ChartView()
        self.detail = ChartDetail(self)

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
            self.zoomed = False
            self.view = replace(self.view, window=None, held=False, cursor=None)
            self._thread.forget()
            self.detail.forget()
            self._list, self._large = HeadList(), ChartPanel("")
            await self._replace([ChartPanel(head) for head in titles])
        elif not self.paused:
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
    def chosen(self) -> ChartPlace | None:
        """The chart that tab has reached."""
        if self._large.display:
            return self._large
        return self._panels[self._chosen] if self._panels else None

    def reading(self) -> str:
        """The cursor's place on all axes; "" without a cursor."""
        if self._snapshot is None or self.view.cursor is None:
            return ""
        return place_words(self._snapshot, self.view.axis, self.view.cursor)

    # -- places ----------------------------------------------------------------------------------------

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

    def _places(self) -> Sequence[ChartPlace]:
        """All that there are; some are hidden."""
        return (self._list, *self._panels, self._large) if self._panels else ()

    # -- drawing ---------------------------------------------------------------------------------------

    @property
    def up_to_date(self) -> bool:
        """Whether everything in sight shows the newest; not before the first layout."""
        return self.size.height >= LEAST_HEIGHT and super().up_to_date

    def _contents(self, places: Sequence[ChartPlace]) -> list[ChartContent | HeadsContent]:
        """What each of them shows now."""
        if self._snapshot is None:
            return []
        heads = self._titles if self._list in places else [one.head for one in places]
        titles = {head: self._titles[head] for head in heads}
        found = contents_of(titles, self._snapshot, self.view)
        found = {head: self.detail.of(content, self.columns) for head, content in found.items()}
        listed = HeadsContent(tuple(found.values()), self._chosen)
        return [listed if one is self._list else found[one.head] for one in places]

    async def _drawn(self, jobs: Sequence[Job]) -> list[list[Text]]:
        """The lines of each."""
        return await self._thread.draw(jobs)
