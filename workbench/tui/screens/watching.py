"""A screen on which a run is watched and steered: the Train screen, and the monitor of its own."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work

from workbench.errors import ConfigError, WorkbenchError
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.chart_keys import KeysOfCharts
from workbench.tui.screens.message import MessageScreen
from workbench.tui.screens.train_steering import SteersRun
from workbench.tui.screens.train_watch import RunNews, RunWatcher
from workbench.tui.widgets.monitor_pane import MonitorPane

if TYPE_CHECKING:
    from workbench.monitoring.snapshot import RunSnapshot
    from workbench.monitoring.source import Source
    from workbench.training.run import RunFolder
    from workbench.tui.notify import Notifier

_PAGE, ROWS = 10, 4


class WatchingScreen(SteersRun, KeysOfCharts, WorkbenchScreen):
    """Watches one run at a time; a subclass yields a `MonitorPane` and says where the runs lie."""

    def __init__(self) -> None:
        super().__init__()
        self._runs: list[RunFolder] = []
        self._watcher: RunWatcher | None = None
        self._notifier: Notifier | None = None
        self.opened = False

    @property
    def runs_dir(self) -> Path | None:
        """The folder of the runs that can be chosen; None for a single one."""
        raise NotImplementedError

    @property
    def monitor(self) -> MonitorPane:
        """The view of a run."""
        return self.query_one(MonitorPane)

    @property
    def source(self) -> "Source | None":
        """What is watched."""
        return None if self._watcher is None else self._watcher.source

    @property
    def run(self) -> "RunFolder | None":
        """The run that is watched; None for none, and for a file that is not ours."""
        return getattr(self.source, "run", None)

    # -- coming and going ------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        """Draw again."""
        super().on_screen_resume()
        self.monitor.pause(paused=False)
        self._write_title()

    def on_screen_suspend(self) -> None:
        """Draw nothing that nobody sees."""
        self.monitor.pause(paused=True)

    def on_unmount(self) -> None:
        """Stop reading; the run goes on."""
        if self._watcher is not None:
            self._watcher.stop()

    # -- watching --------------------------------------------------------------------------------------

    def watch_source(self, source: "Source") -> None:
        """Watch this and nothing else."""
        if self._watcher is not None:
            self._watcher.stop()
        self._watcher = RunWatcher(source, self.post_message)
        self.monitor.expect(source.name)

    def watch_folder(self, run: "RunFolder") -> None:
        """Watch a run."""
        from workbench.monitoring.source import RunSource

        self.watch_source(RunSource(run))

    def show_run(self, name: str) -> None:
        """Watch the run of this name, if another one is watched."""
        from workbench.training.run import RunFolder

        if self.opened and self.runs_dir is not None and (self.run is None or self.run.name != name):
            self.watch_folder(RunFolder(self.runs_dir / name))

    @on(RunNews)
    async def _show_news(self, news: RunNews) -> None:
        """Show where the run stands; what comes late from another one is dropped."""
        if self.source is not news.source:
            return
        if news.snapshot is not None:
            await self.monitor.show(news.snapshot, news.heads, self._place(news.source.name))
            self._notify(news.snapshot)
        self.monitor.trouble(news.trouble)
        self._write_title()
        self.refresh_commands()

    def _notify(self, snapshot: "RunSnapshot") -> None:
        """Tell the person of an end, a failure, a new best epoch; on another tab, too."""
        from workbench.tui.notify import app_notifier, no_notifier

        if self._notifier is None:
            try:
                self._notifier = app_notifier(self.shell.write_aside, self._complain)
            except ConfigError as error:
                self._notifier = no_notifier()
                self.monitor.say(str(error))
        self._notifier.take(snapshot)

    def _complain(self, line: str) -> None:
        """In the thread of the person's command."""
        self.call_later(self.monitor.say, line)

    def _write_title(self) -> None:
        """Say in the terminal's title how the run goes."""
        if self.monitor.snapshot is not None and self.is_current:
            from workbench.tui.widgets.run_text import title_words

            self.shell.write_title(title_words(self.monitor.snapshot))

    def _place(self, name: str) -> str:
        """Which of how many it is, counted from the oldest."""
        names = [one.name for one in self._runs]
        at = f"run {len(names) - names.index(name)} of {len(names)}" if name in names else ""
        return at if len(names) > 1 else ""

    @work(exclusive=True, group="run")
    async def action_run(self, step: int) -> None:
        """Watch an older or a newer run."""
        if self.runs_dir is None:
            self.monitor.say("this one lies in no bench: there is no other run beside it")
            return
        from workbench.training.run import run_folders

        self._runs = await asyncio.to_thread(run_folders, self.runs_dir)
        names = [run.name for run in self._runs]
        at = names.index(self.run.name) + step if self.run is not None and self.run.name in names else 0
        if 0 <= at < len(self._runs):
            self.watch_folder(self._runs[at])
        else:
            self.monitor.say("that is the oldest run" if step > 0 else "that is the newest run")

    # -- pages -----------------------------------------------------------------------------------------

    def action_notes(self) -> None:
        """List everything that the run noted."""
        from workbench.tui.widgets.run_text import note_page

        if (snapshot := self.monitor.snapshot) is not None:
            self.app.push_screen(MessageScreen("Events", lambda width: note_page(snapshot, width)))

    @work(exclusive=True, group="log")
    async def action_log(self) -> None:
        """Show the end of the worker's log."""
        from workbench.tui.run_start import read_log
        from workbench.tui.widgets.run_text import log_page

        if self.run is None:
            return
        try:
            log = await asyncio.to_thread(read_log, self.run)
        except WorkbenchError as error:
            self.monitor.say(str(error))
            return
        await self.app.push_screen(MessageScreen("Worker's log", lambda width: log_page(log, width)))
