"""The screen of the monitor alone: one run, or the file of another training, and nothing else loaded."""

import asyncio
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.app import ComposeResult

from workbench.text import neutralise
from workbench.tui.commands import Command
from workbench.tui.screens.train_commands import CHART_ACTIONS, MONITOR_HELP, WATCH_COMMANDS
from workbench.tui.screens.train_steering import STEERING
from workbench.tui.screens.watching import WatchingScreen
from workbench.tui.widgets.monitor_pane import MonitorPane

if TYPE_CHECKING:
    from workbench.tui.monitor_app import MonitorApp

LEAST = (60, 20)
"""A phone."""
_LOOK_S = 1.0
_WATCH = frozenset(command.action_name for command in WATCH_COMMANDS)
_OF_RUNS = STEERING | {"run", "log"}


class MonitorScreen(WatchingScreen):
    """Watches what it was asked to, else the newest run that trains, else the newest, else waits for one."""

    MODE = "monitor"
    HELP = MONITOR_HELP
    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = WATCH_COMMANDS

    @property
    def place(self) -> "MonitorApp":
        """The app, which knows what to watch."""
        return cast("MonitorApp", self.app)

    @property
    def runs_dir(self) -> Path | None:
        """Those beside the run that was asked for."""
        return self.place.runs_dir

    def least_size(self) -> tuple[int, int]:
        """Charts become sparklines on a small one."""
        return LEAST

    def compose_body(self) -> ComposeResult:
        """The run."""
        yield MonitorPane()

    def on_mount(self) -> None:
        """Show the frame, then look for the run."""
        super().on_mount()
        self.call_after_refresh(self._open)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys for what cannot be done do nothing."""
        if action not in _WATCH or not self.is_mounted:
            return True
        if action in _OF_RUNS and self.run is None:
            return False
        if action in CHART_ACTIONS and not self.monitor.ready:
            return False
        if action == "back":
            return self.charts_to_leave
        return self.may_steer(action) if action in STEERING else True

    @work(exclusive=True, group="open")
    async def _open(self) -> None:
        """Find what to watch; where there is nothing yet, wait for it."""
        if self.place.compared:
            from workbench.tui.screens.compare import CompareScreen

            compared, self.place.compared = self.place.compared, ()
            self.app.push_screen(CompareScreen(compared))
        if self.place.source is not None:
            self.watch_source(self.place.source)
        while self.source is None:
            await self._find()
            if self.source is None:
                self.monitor.lack(none_words(self.runs_dir))
                self.opened = True
                await asyncio.sleep(_LOOK_S)
        self.opened = True

    async def _find(self) -> None:
        """Watch the run that there is, if there is one."""
        from workbench.tui.run_start import run_among

        if self.runs_dir is not None:
            self._runs, run = await asyncio.to_thread(run_among, self.runs_dir, self.place.watched_run)
            if run is not None:
                self.watch_folder(run)

    def action_move(self, step: int) -> None:
        """Other charts."""
        self.move_charts(step)

    def action_page(self, step: int) -> None:
        """Some charts on."""
        self.page_charts(step)

    def action_open(self) -> None:
        """Enlarge the chosen chart."""
        self.monitor.charts.zoom()
        self.refresh_commands()

    def action_back(self) -> None:
        """Leave the cursor, or show all charts again."""
        self.leave_charts()

    def action_adjust(self) -> None:
        """Another learning rate."""
        self.ask_rate()


def none_words(runs_dir: Path | None) -> str:
    """What to do where there is no run."""
    if runs_dir is None:
        return "there is nothing to watch"
    bench = shlex.quote(neutralise(runs_dir.parent))
    return f"no run yet; start one with: workbench train {bench}  It appears here by itself."
