"""The charts of several runs, a curve a run."""

import asyncio
from collections.abc import Mapping, Sequence

from rich.text import Text

from workbench.monitoring.snapshot import RunSnapshot
from workbench.tui.charts import DOTS
from workbench.tui.compare_chart import CompareContent, CompareView, compare_chart, content_of, right_edge
from workbench.tui.widgets.chart_board import ChartBoard, layout
from workbench.tui.widgets.chart_place import ChartPlace, Job


class ComparePanel(ChartPlace):
    """The place of one chart."""

    ROLES = ("axis", "best", "gap", *DOTS)


class CompareCharts(ChartBoard):
    """Charts of all heads of several runs."""

    def __init__(self) -> None:
        super().__init__("compare-charts")
        self.view = CompareView()
        self._titles: Mapping[str, str] = {}
        self._snapshots: Sequence[RunSnapshot | None] = ()

    async def show(self, snapshots: Sequence[RunSnapshot | None], titles: Mapping[str, str]) -> None:
        """Show where the runs stand.

        Args:
            snapshots: One a run.
            titles: Head → what it is called; "" for all heads.
        """
        self._snapshots = snapshots
        if titles != self._titles:
            self._titles = titles
            await self._replace([ComparePanel(head) for head in titles])
        else:
            self._wanted.set()

    def choose(self, view: CompareView) -> None:
        """Show the curves in another way."""
        self.view = view
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

    def _contents(self, places: Sequence[ChartPlace]) -> list[CompareContent]:
        """What each of them shows now."""
        right = right_edge(self._snapshots, self.view)
        return [
            content_of(one.head, self._titles[one.head], self._snapshots, self.view, right) for one in places
        ]

    async def _drawn(self, jobs: Sequence[Job]) -> list[list[Text]]:
        """The lines of each."""
        return await asyncio.to_thread(_draw, jobs)


def _draw(jobs: Sequence[Job]) -> list[list[Text]]:
    """In a thread."""
    return [compare_chart(job.content, job.frame) for job in jobs]
