"""The screen that compares runs: their curves in one chart a head, and tables of what differs."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import ContentSwitcher

from workbench.errors import WorkbenchError
from workbench.monitoring.compare import Comparison, compare
from workbench.monitoring.snapshot import RunSnapshot
from workbench.text import neutralise
from workbench.training.run import RunFolder
from workbench.tui.charts import DOTS
from workbench.tui.commands import Command
from workbench.tui.compare_lines import page
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.compare_commands import CHART_COMMANDS, COMPARE_COMMANDS, HELP
from workbench.tui.screens.compare_watch import CompareNews, CompareWatcher
from workbench.tui.widgets.compare_charts import CompareCharts
from workbench.tui.widgets.folding import paragraphs
from workbench.tui.widgets.text_block import TextBlock

_OF_CHARTS = frozenset(command.action_name for command in CHART_COMMANDS)
_READING = "reading the runs …"


class CompareScreen(WorkbenchScreen):
    """Compares runs while they go on.

    Args:
        folders: Two to six runs; the others are compared with the first.
    """

    MODE = "runs"
    HELP = HELP
    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = COMPARE_COMMANDS

    def __init__(self, folders: Sequence[RunFolder]) -> None:
        super().__init__()
        self.folders = tuple(folders)
        self.comparison: Comparison | None = None
        self._watcher: CompareWatcher | None = None
        self._snapshots: tuple[RunSnapshot | None, ...] = (None,) * len(self.folders)
        self._trouble = self._refused = ""
        self._compared: object = None

    def compose_body(self) -> ComposeResult:
        """Which mark is which run; then one of two views."""
        legend = TextBlock(_READING)
        legend.id = "compare-legend"
        yield legend
        with ContentSwitcher(initial="compare-charts", id="compare-views"):
            yield CompareCharts()
            with VerticalScroll(id="compare-tables", can_focus=False):
                yield TextBlock(_READING)

    def least_size(self) -> tuple[int, int]:
        """That of the screens of its app."""
        return self.shell.LEAST

    @property
    def charts(self) -> CompareCharts:
        """The curves."""
        return self.query_one(CompareCharts)

    @property
    def view(self) -> str:
        """ "charts" or "tables"."""
        current = self.query_one("#compare-views", ContentSwitcher).current or ""
        return current.removeprefix("compare-")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys of charts do nothing over the tables."""
        return action not in _OF_CHARTS or not self.is_mounted or self.view == "charts"

    def on_mount(self) -> None:
        """Begin to read."""
        super().on_mount()
        self._watcher = CompareWatcher(self.folders, self.post_message)
        self._compare()

    def on_unmount(self) -> None:
        """Stop reading; the runs go on."""
        if self._watcher is not None:
            self._watcher.stop()

    # -- what is read ----------------------------------------------------------------------------------

    @on(CompareNews)
    async def _show_news(self, news: CompareNews) -> None:
        """Show where the runs stand; compare again what may have changed."""
        self._snapshots, self._trouble = news.snapshots, news.trouble
        self._show_legend()
        await self.charts.show(news.snapshots, news.titles)
        stand = [
            (one.state, one.epoch, one.best_epoch) if one is not None else None for one in news.snapshots
        ]
        if self.comparison is not None and stand != self._compared:
            self._compared = stand
            self._compare()

    @work(exclusive=True, group="compare")
    async def _compare(self) -> None:
        """Read what differs, in a thread."""
        try:
            self.comparison = await asyncio.to_thread(compare, self.folders, self.comparison)
            self._refused = ""
        except WorkbenchError as error:
            self._refused = str(error)
        found = self.comparison
        block = self.query_one("#compare-tables TextBlock", TextBlock)
        if found is not None:
            block.show(lambda width: page(found, width))
        elif self._refused:
            block.say(self._refused)
        self._show_legend()

    def _show_legend(self) -> None:
        """Mark, name and state of each run; then how the curves are shown, and what went wrong."""
        lines = [legend(self.folders, self._snapshots), self.charts.view.words()]
        lines += [one for one in (neutralise(self._trouble), self._refused) if one]
        self.query_one("#compare-legend", TextBlock).show(lambda width: paragraphs(lines, width))

    # -- keys ------------------------------------------------------------------------------------------

    def action_swap(self) -> None:
        """The other view."""
        other = "tables" if self.view == "charts" else "charts"
        self.query_one("#compare-views", ContentSwitcher).current = f"compare-{other}"
        self.refresh_commands()

    def action_choose(self, what: str) -> None:
        """Another figure, other pictures, another axis."""
        self.charts.choose(self.charts.view.other(what))
        self._show_legend()

    def action_chart(self, step: int) -> None:
        """Choose another chart."""
        self.charts.step(step)

    def action_zoom(self) -> None:
        """Enlarge the chosen chart, or show all again."""
        self.charts.zoom()

    def action_scroll(self, lines: int) -> None:
        """Scroll what is shown."""
        shown = self.charts if self.view == "charts" else self.query_one("#compare-tables", VerticalScroll)
        shown.scroll_relative(y=lines, animate=False)

    def action_leave(self) -> None:
        """All charts again; else back to the runs."""
        if self.view == "charts" and self.charts.zoomed:
            self.charts.zoom()
        else:
            self.dismiss(None)


def legend(folders: Sequence[RunFolder], snapshots: Sequence[RunSnapshot | None]) -> str:
    """ "o 0001-fast finished 6/6 · x 0002-fast running 3/9", harmless to show."""
    parts = []
    for mark, folder, one in zip(DOTS.values(), folders, snapshots, strict=False):
        known = "" if one is None else f" {one.state} {one.epoch}/{one.epochs}"
        reading = "" if one is None or one.reading is None else f", read {one.reading:.0%}"
        parts.append(f"{mark} {neutralise(folder.name)}{known}{reading}")
    return " · ".join(parts)
