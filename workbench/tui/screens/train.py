"""The Train screen: set a run up, start it, and watch it or any other."""

import asyncio
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.widgets import ContentSwitcher

from workbench.errors import WorkbenchError
from workbench.training.run import RunFolder, run_folders
from workbench.tui.commands import Command
from workbench.tui.run_start import read_log, run_to_show
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.message import MessageScreen
from workbench.tui.screens.train_commands import ALL_COMMANDS, HELP, MONITOR_COMMANDS, SETUP_COMMANDS
from workbench.tui.screens.train_steering import STEERING, SteersRun
from workbench.tui.screens.train_watch import RunNews, RunWatcher
from workbench.tui.widgets.monitor_pane import MonitorPane
from workbench.tui.widgets.run_text import log_page, note_page
from workbench.tui.widgets.setup_pane import SetupPane

_NO_RUN = "no run yet: g starts one with these settings"
_PAGE, _ROWS = 10, 4
_SETUP = frozenset(command.action_name for command in SETUP_COMMANDS)
_MONITOR = frozenset(command.action_name for command in MONITOR_COMMANDS)


class TrainScreen(SteersRun, WorkbenchScreen):
    """Two views: setting a run up, and watching one. The run itself is another process."""

    MODE = "train"
    HELP = HELP
    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = ALL_COMMANDS

    def __init__(self) -> None:
        super().__init__()
        self._runs: list[RunFolder] = []
        self._watcher: RunWatcher | None = None
        self.opened = False

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
    def run(self) -> RunFolder | None:
        """The run that is watched."""
        return None if self._watcher is None else self._watcher.run

    def commands(self) -> tuple[Command, ...]:
        """Those of the view."""
        if not self.is_mounted or not self.query("#train-views"):
            return self.KEY_COMMANDS
        return SETUP_COMMANDS if self.view == "setup" else MONITOR_COMMANDS

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys of the other view do nothing; while a value is typed, only escape does."""
        if action not in _SETUP | _MONITOR or not self.is_mounted or not self.query("#train-views"):
            return True
        if self.view == "setup":
            if action == "back":
                return self.setup.editing or self.run is not None
            if action == "take":
                return self.setup.editing
            return action in _SETUP and not self.setup.editing and not self.setup.preparing
        if action == "back":
            return self.monitor.charts.zoomed
        return self.may_steer(action) if action in STEERING else action in _MONITOR

    # -- coming and going ------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Find the run to show."""
        super().on_mount()
        self._open()

    def on_screen_resume(self) -> None:
        """Draw again, and count again: answers may have been given meanwhile."""
        super().on_screen_resume()
        charts = self.monitor.charts
        charts.paused = False
        charts.draw_now()
        if self.opened and self.view == "setup":
            self._count()

    def on_screen_suspend(self) -> None:
        """Draw nothing that nobody sees."""
        self.monitor.charts.paused = True

    def on_unmount(self) -> None:
        """Stop reading; the run goes on."""
        if self._watcher is not None:
            self._watcher.stop()

    @work(exclusive=True, group="open")
    async def _open(self) -> None:
        """Show the run that was asked for, else the newest that trains, else the newest; else set one up."""
        bench, wanted = self.workbench.bench, self.workbench.watched_run
        self._runs, run = await asyncio.to_thread(run_to_show, bench, wanted)
        if run is None:
            await self._show_setup(_NO_RUN)
        else:
            self._watch(run)
        self.opened = True

    # -- keys that both views have ---------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        """Another setting, or other charts."""
        if self.view == "setup":
            self.setup.move(step)
        else:
            self.monitor.charts.scroll_relative(y=_ROWS * step, animate=False)

    def action_page(self, step: int) -> None:
        """Ten settings on, or some charts."""
        self.action_move((_PAGE if self.view == "setup" else _PAGE // _ROWS + 1) * step)

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
            self.monitor.charts.zoom()
        elif self.setup.editing:
            self.setup.end_edit()
        else:
            self._show_view("monitor")
        self.refresh_commands()

    # -- watching --------------------------------------------------------------------------------------

    def _watch(self, run: RunFolder) -> None:
        """Watch this run and no other."""
        if self._watcher is not None:
            self._watcher.stop()
        self._watcher = RunWatcher(run, self.post_message)
        self.monitor.expect(run.name)
        self._show_view("monitor")

    def _show_view(self, name: str) -> None:
        """Show one of the two views."""
        self.query_one("#train-views", ContentSwitcher).current = name
        self.refresh_commands()

    @on(RunNews)
    async def _show_news(self, news: RunNews) -> None:
        """Show where the run stands; what comes late from another one is dropped."""
        if self.run is not news.run:
            return
        await self.monitor.show(news.snapshot, news.heads, self._place(news.run))
        self.refresh_commands()

    def _place(self, run: RunFolder) -> str:
        """Which of how many it is, counted from the oldest."""
        names = [one.name for one in self._runs]
        at = f"run {len(names) - names.index(run.name)} of {len(names)}" if run.name in names else ""
        return at if len(names) > 1 else ""

    @work(exclusive=True, group="run")
    async def action_run(self, step: int) -> None:
        """Watch an older or a newer run."""
        self._runs = await asyncio.to_thread(run_folders, self.workbench.bench.runs_dir)
        names = [run.name for run in self._runs]
        at = names.index(self.run.name) + step if self.run is not None and self.run.name in names else 0
        if 0 <= at < len(self._runs):
            self._watch(self._runs[at])
        else:
            self.monitor.say("that is the oldest run" if step > 0 else "that is the newest run")

    def action_choose(self, what: str) -> None:
        """Another figure, other smoothing, another axis."""
        charts = self.monitor.charts
        charts.choose(charts.choice.other(what))
        self.monitor.say("")

    def action_chart(self, step: int) -> None:
        """Choose another chart."""
        self.monitor.charts.step(step)

    def action_notes(self) -> None:
        """List everything that the run noted."""
        notes = self.monitor.snapshot.notes if self.monitor.snapshot is not None else ()
        self.app.push_screen(MessageScreen("Events", lambda width: note_page(notes, width)))

    @work(exclusive=True, group="log")
    async def action_log(self) -> None:
        """Show the end of the worker's log."""
        if self.run is None:
            return
        try:
            log = await asyncio.to_thread(read_log, self.run)
        except WorkbenchError as error:
            self.monitor.say(str(error))
            return
        await self.app.push_screen(MessageScreen("Worker's log", lambda width: log_page(log, width)))

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

    def action_cycle(self, step: int) -> None:
        """Another choice."""
        self.setup.cycle(step)

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
        self._watch(event.run)
