"""The Train screen: set a run up, start it, and watch it or any other."""

import asyncio
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.widgets import ContentSwitcher

from workbench.monitoring.source import Source
from workbench.training.run import run_folders
from workbench.tui.commands import Command
from workbench.tui.run_start import run_to_show
from workbench.tui.screens.train_commands import (
    ALL_COMMANDS,
    CHART_ACTIONS,
    HELP,
    MONITOR_COMMANDS,
    SETUP_COMMANDS,
)
from workbench.tui.screens.train_steering import STEERING
from workbench.tui.screens.watching import WatchingScreen
from workbench.tui.widgets.monitor_pane import MonitorPane
from workbench.tui.widgets.setup_pane import SetupPane

_NO_RUN = "no run yet: g starts one with these settings"
_PAGE = 10
_SETUP = frozenset(command.action_name for command in SETUP_COMMANDS)
_MONITOR = frozenset(command.action_name for command in MONITOR_COMMANDS)


class TrainScreen(WatchingScreen):
    """Two views: setting a run up, and watching one. The run itself is another process."""

    MODE = "train"
    HELP = HELP
    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = ALL_COMMANDS

    def compose_body(self) -> ComposeResult:
        """One view at a time."""
        with ContentSwitcher(initial="monitor", id="train-views"):
            yield MonitorPane()
            yield SetupPane(self.workbench.bench)

    @property
    def view(self) -> str:
        """ "setup" or "monitor"."""
        return self.query_one("#train-views", ContentSwitcher).current or "monitor"

    @property
    def setup(self) -> SetupPane:
        """The view of a run in the making."""
        return self.query_one(SetupPane)

    @property
    def runs_dir(self) -> Path:
        """Those of the bench."""
        return self.workbench.bench.runs_dir

    def commands(self) -> tuple[Command, ...]:
        """Those of the view."""
        if not self.is_mounted or not self.query("#train-views"):
            return self.KEY_COMMANDS
        return SETUP_COMMANDS if self.view == "setup" else MONITOR_COMMANDS

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys of the other view do nothing; while a value is typed, only escape does."""
        if action not in _SETUP | _MONITOR or not self.is_mounted:
            return True
        if self.view == "setup":
            if action == "back":
                return self.setup.editing or self.run is not None
            if action == "take":
                return self.setup.editing
            return action in _SETUP and not self.setup.editing and not self.setup.preparing
        if action in CHART_ACTIONS and not self.monitor.ready:
            return False
        if action == "back":
            return self.charts_to_leave
        return self.may_steer(action) if action in STEERING else action in _MONITOR

    # -- coming and going ------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Find the run to show."""
        super().on_mount()
        self._open()

    def on_screen_resume(self) -> None:
        """Draw again, and count again: answers may have been given meanwhile."""
        super().on_screen_resume()
        if self.opened and self.view == "setup":
            self._count()

    @work(exclusive=True, group="open")
    async def _open(self) -> None:
        """Show the run that was asked for, else the newest that trains, else the newest; else set one up."""
        bench, wanted = self.workbench.bench, self.workbench.watched_run
        self._runs, run = await asyncio.to_thread(run_to_show, bench, wanted)
        if run is None:
            await self._show_setup(_NO_RUN)
        else:
            self.watch_folder(run)
        self.opened = True

    # -- keys that both views have ---------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        """Another setting, or other charts."""
        if self.view == "setup":
            self.setup.move(step)
        else:
            self.move_charts(step)

    def action_page(self, step: int) -> None:
        """Ten settings on, or some charts."""
        if self.view == "setup":
            self.setup.move(_PAGE * step)
        else:
            self.page_charts(step)

    def action_sideways(self, step: int) -> None:
        """Another choice of a setting, or another place of the charts."""
        if self.view == "setup":
            self.setup.cycle(step)
        else:
            super().action_sideways(step)

    def action_open(self) -> None:
        """Type a value, or enlarge the chosen chart."""
        if self.view == "setup":
            self.setup.edit()
        else:
            self.monitor.charts.zoom()
        self.refresh_commands()

    def action_back(self) -> None:
        """Leave the field, go back to the run, or show all charts again."""
        if self.view == "monitor":
            self.leave_charts()
        elif self.setup.editing:
            self.setup.end_edit()
        else:
            self._show_view("monitor")
        self.refresh_commands()

    # -- watching --------------------------------------------------------------------------------------

    def watch_source(self, source: Source) -> None:
        """Show the view of a run, too."""
        super().watch_source(source)
        self._show_view("monitor")

    def _show_view(self, name: str) -> None:
        """Show one of the two views."""
        self.query_one("#train-views", ContentSwitcher).current = name
        self.refresh_commands()

    # -- setting up ------------------------------------------------------------------------------------

    async def _show_setup(self, words: str) -> None:
        """Show presets, settings, and how much is labelled."""
        self._show_view("setup")
        await self.setup.open()
        if not self.setup.refused:
            self.setup.say(words)
        self._count()

    @work(exclusive=True, group="count")
    async def _count(self) -> None:
        """Say how much is labelled, here and in the header."""
        self.workbench.set_done(await self.setup.count(self.workbench.desk) or self.workbench.done_line)

    async def action_new(self) -> None:
        """Set a new run up."""
        await self._show_setup("")

    def action_preset(self, step: int) -> None:
        """Another preset."""
        self.setup.next_preset(step)

    def action_adjust(self) -> None:
        """Take back one change of the setting, or another learning rate for the run."""
        if self.view == "setup":
            self.setup.reset(everything=False)
        else:
            self.ask_rate()

    def action_reset(self, everything: bool) -> None:
        """Take back every change."""
        self.setup.reset(everything=everything)

    def action_take(self) -> None:
        """Take what was typed."""
        self.setup.take()

    def action_start(self) -> None:
        """Make a run and start it."""
        self.setup.start()

    @on(SetupPane.KeysChanged)
    def _keys_changed(self) -> None:
        """A value was taken, or a start begins or ends."""
        self.refresh_commands()

    @on(SetupPane.Started)
    async def _started(self, event: SetupPane.Started) -> None:
        """Watch the run that was started."""
        self._runs = await asyncio.to_thread(run_folders, self.workbench.bench.runs_dir)
        self.watch_folder(event.run)
