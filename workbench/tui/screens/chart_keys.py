"""The keys of charts: which figure, which window, the cursor; for each screen on which a run is watched."""

import math
from typing import TYPE_CHECKING

from textual import on

from workbench.tui import chart_view
from workbench.tui.chart_view import ChartView, Extent
from workbench.tui.commands import Command
from workbench.tui.widgets.chart_detail import DetailWanted

if TYPE_CHECKING:
    from workbench.tui.screens.base import WorkbenchScreen as _Screen
    from workbench.tui.screens.train_watch import RunWatcher
    from workbench.tui.widgets.chart_grid import ChartGrid
    from workbench.tui.widgets.monitor_pane import MonitorPane
else:
    _Screen = object

SECTION = "Charts"
CHART_HELP = """\
Each chart has the training curve as a thin line (⠒) over the faint range of its single values (⢕), the
validation curve as a thick one (▀) with its best epoch (★), and for an accuracy the share of the most
frequent class as dots (·): a head that does not rise above them has learnt nothing. Curves are smoothed
first and thinned out then; spikes stay. At the upper edge × marks a value that is no number, ! what should
be looked at, and ✓ that it is over (v tells it in words). On the axis ◆ marks a learning rate that a person
changed, ↻ a worker that went on, + added epochs, ▴ a checkpoint, ┴ the end of an epoch.

FOLLOW: the charts go along with the run. HELD: they show the window that you chose, and the legend still has
the newest values; f follows again with a window of the same width, 0 shows everything, and once more all
that is planned. c reads off: ←→ go by a column, with shift by ten, home and end to the edges, esc leaves. On
a logarithmic axis values that are not above 0 are left out, which the title says.
"""
_FINE, _COARSE = 1, 10
_QUARTER = 0.25
_ROWS = 4
_PAGE = 3


def _command(id: str, keys: tuple[str, ...], title: str, help: str, label: str = "", **more: str) -> Command:  # noqa: A002
    """One of the section."""
    return Command(id, keys, title, help, SECTION, label, **more)  # type: ignore[arg-type]


CHART_COMMANDS = (
    _command(
        "metric",
        ("l",),
        "Accuracy, loss or F1",
        "Show another figure of the heads.",
        "loss/acc",
        action="choose('metric')",
    ),
    _command(
        "smoothing",
        ("m",),
        "Smoothing",
        "Smooth training curves more, or not at all.",
        "smooth",
        action="choose('smoothing')",
    ),
    _command(
        "axis",
        ("x",),
        "X axis",
        "Epochs, steps, time since the start, or clock time.",
        "axis",
        action="choose('axis')",
    ),
    _command(
        "log_y", ("y",), "Logarithmic y", "Logarithmic y axis, or an even one.", "log", action="choose('log')"
    ),
    _command(
        "closer",
        ("plus", "equals_sign"),
        "Zoom in",
        "Show half as much.",
        "zoom",
        action="stretch(0.5)",
        key_text="+-",
    ),
    _command("farther", ("minus",), "Zoom out", "Show twice as much.", action="stretch(2.0)"),
    _command("everything", ("0",), "Everything", "All there is so far; again: all that is planned.", "all"),
    _command("follow", ("f",), "Follow", "Let the charts go along with the run.", "follow"),
    _command(
        "earlier", ("left",), "Earlier", "Move the window or the cursor to the left.", action="sideways(-1)"
    ),
    _command(
        "later",
        ("right",),
        "Later",
        "Move the window or the cursor to the right.",
        "move",
        action="sideways(1)",
        key_text="←→",
    ),
    _command(
        "far_earlier",
        ("shift+left",),
        "Far earlier",
        "Move by a whole window, or ten columns.",
        action="far(-1)",
    ),
    _command(
        "far_later", ("shift+right",), "Far later", "Move by a whole window, or ten columns.", action="far(1)"
    ),
    _command("cursor", ("c",), "Read off", "A cursor that reads off every line.", "read off"),
    _command("next_chart", ("tab",), "Next chart", "Choose the next chart.", "chart", action="chart(1)"),
    _command("last_chart", ("shift+tab",), "Previous chart", "Choose another.", action="chart(-1)"),
    _command(
        "zoom", ("enter", "z"), "Enlarge", "Give the chosen chart all the room.", "enlarge", action="open"
    ),
    _command(
        "unzoom",
        ("escape",),
        "All charts",
        "Leave the cursor, or show all charts again.",
        "back",
        action="back",
    ),
    _command(
        "shown",
        ("o",),
        "Charts or a list",
        "By the size of the place, charts, or a list.",
        action="choose('shown')",
    ),
)


class KeysOfCharts(_Screen):
    """What the keys do; a screen calls `move_charts`, `page_charts` and `leave_charts` for keys it shares."""

    _watcher: "RunWatcher | None"

    if TYPE_CHECKING:

        @property
        def monitor(self) -> MonitorPane:
            """The view of a run."""

    @property
    def _grid(self) -> "ChartGrid":
        """The charts."""
        return self.monitor.charts

    def _show_charts(self, view: ChartView) -> None:
        """Show the curves in another way, and say so."""
        self._grid.choose(view)
        self.monitor.say("")
        self.refresh_commands()

    def _there(self) -> Extent:
        """What there is on the axis."""
        return self._grid.there or Extent()

    def action_choose(self, what: str) -> None:
        """Another figure, smoothing, axis or layout."""
        self._show_charts(self._grid.view.other(what))

    def action_stretch(self, factor: float) -> None:
        """A window so many times as wide."""
        self._show_charts(chart_view.zoomed(self._grid.view, self._there(), factor))

    def action_everything(self) -> None:
        """All there is."""
        self._show_charts(self._grid.view.everything())

    def action_follow(self) -> None:
        """Go along with the run."""
        self._show_charts(self._grid.view.follow())

    def action_cursor(self) -> None:
        """Begin to read off, or end it."""
        view = self._grid.view
        if view.cursor is None:
            self._move_cursor(0)
        else:
            self._show_charts(view.without_cursor())

    def action_sideways(self, step: int) -> None:
        """The cursor by a column, or the window by a quarter."""
        self._sideways(step * _FINE, step * _QUARTER)

    def action_far(self, step: int) -> None:
        """The cursor by ten columns, or the window by all of its width."""
        self._sideways(step * _COARSE, float(step))

    def _sideways(self, columns: float, share: float) -> None:
        """Move the cursor, else the window."""
        view = self._grid.view
        if view.cursor is not None:
            self._move_cursor(columns)
        elif view.window is None:
            self.monitor.say("everything is in sight; + zooms in")
        else:
            self._show_charts(chart_view.panned(view, self._there(), share))

    def _move_cursor(self, columns: float) -> None:
        """Read off elsewhere."""
        grid = self._grid
        self._show_charts(chart_view.with_cursor(grid.view, self._there(), grid.columns, columns))

    def action_chart(self, step: int) -> None:
        """Choose another chart."""
        self._grid.step(step)

    def move_charts(self, step: int) -> None:
        """Scroll; in a list choose another head."""
        if self._grid.listed and not self._grid.zoomed:
            self._grid.step(step)
        else:
            self._grid.scroll_relative(y=_ROWS * step, animate=False)

    def page_charts(self, step: int) -> None:
        """Scroll by a page; to an edge with the cursor, if that is all the way."""
        if self._grid.view.cursor is not None and abs(step) > 1:
            self._move_cursor(math.copysign(math.inf, step))
        else:
            self._grid.scroll_relative(y=_ROWS * _PAGE * step, animate=False)

    @property
    def charts_to_leave(self) -> bool:
        """Whether there is a cursor, or a chart that was enlarged."""
        return self.monitor.ready and (self._grid.zoomed or self._grid.view.cursor is not None)

    def leave_charts(self) -> None:
        """Take away the cursor; else show all charts again."""
        if self._grid.view.cursor is not None:
            self._show_charts(self._grid.view.without_cursor())
        else:
            self._grid.zoom()
            self.refresh_commands()

    @on(DetailWanted)
    def _read_again(self, wanted: DetailWanted) -> None:
        """Let the reader of the log read a window's points singly."""
        from workbench.tui.screens.train_watch import DetailWish

        if self._watcher is not None:
            self._watcher.detail(DetailWish(wanted.axis, wanted.left, wanted.right, wanted.told))
