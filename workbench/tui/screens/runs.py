"""The Runs screen: every run of the bench, and what can be done with it."""

import asyncio
from collections.abc import Callable
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult

from workbench.errors import WorkbenchError
from workbench.monitoring.summary import RunSummary
from workbench.text import neutralise
from workbench.training.control import ask
from workbench.training.run import RunFolder
from workbench.training.state import RunState
from workbench.tui.commands import Command
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.confirm import ConfirmScreen
from workbench.tui.screens.message import MessageScreen
from workbench.tui.screens.runs_commands import HELP, RUNS_COMMANDS
from workbench.tui.screens.runs_shelf import Shelf, remove_run
from workbench.tui.screens.runs_text import NONE, about, info_of, runs_view
from workbench.tui.screens.table_keys import TableKeys
from workbench.tui.widgets.folding import folded, paragraphs
from workbench.tui.widgets.row_table import RowTable
from workbench.tui.widgets.text_block import TextBlock
from workbench.tui.widgets.wrapping import counted

_EVERY_S = 2.0


class RunsScreen(TableKeys, WorkbenchScreen):
    """The list, looked at anew every two seconds while it is shown."""

    MODE = "runs"
    HELP = HELP
    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = RUNS_COMMANDS

    def __init__(self) -> None:
        super().__init__()
        self.runs: tuple[RunSummary, ...] | None = None
        self._said = ""

    def compose_body(self) -> ComposeResult:
        """How many there are, the list, what to know about the one under the cursor."""
        yield TextBlock("reading …")
        yield RowTable()
        below = TextBlock()
        below.add_class("remarks")
        yield below

    def on_mount(self) -> None:
        """Begin to look."""
        self._shelf = Shelf(self.workbench.bench.runs_dir)
        self.set_interval(_EVERY_S, self._look_if_shown)

    def on_screen_resume(self) -> None:
        """Look at once."""
        self._look(now=True)

    def on_resize(self, _: events.Resize) -> None:
        """Other columns fit."""
        self.call_after_refresh(self.refresh_commands)

    @property
    def chosen(self) -> RunSummary | None:
        """The run under the cursor."""
        return next((run for run in self.runs or () if run.name == self.table.selected), None)

    def _folder(self, run: RunSummary) -> RunFolder:
        """Its folder."""
        return RunFolder(self.workbench.bench.runs_dir / run.name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys for what a run in this state cannot do do nothing."""
        if action not in {command.action_name for command in RUNS_COMMANDS}:
            return True
        run = self.chosen if self.is_mounted and self.query(RowTable) else None
        if run is None:
            return False
        if action == "columns":
            return self.table.has_pages
        if action == "resume":
            return run.state.resumable
        if action == "stop":
            return run.state.live
        return run.state.ended or run.state is RunState.STARTING if action == "remove" else True

    def _look_if_shown(self) -> None:
        """Nobody looks: nothing is read."""
        if self.is_current and not self._looking:
            self._look()

    @property
    def _looking(self) -> bool:
        """Whether a look is under way, on a slow disk."""
        return any(one.group == "look" and not one.is_finished for one in self.workers if one.node is self)

    @work(exclusive=True, group="look")
    async def _look(self, *, now: bool = False) -> None:
        """List the runs in a thread; repaint only what changed."""
        runs = await asyncio.to_thread(self._shelf.look, now=now)
        if runs != self.runs:
            self.runs = runs
            self.table.show(runs_view(runs))
            self._tell()

    def _tell(self, said: str | None = None) -> None:
        """How many runs there are, what just happened, and what to know about the one under the cursor."""
        self._said = self._said if said is None else said
        runs, chosen = self.runs or (), self.chosen
        live = sum(run.state.live for run in runs)
        words = f"{counted(len(runs), 'run')}, {live} not ended; the newest first" if runs else NONE
        lines = [words, *([self._said] if self._said else [])]
        caption, below = self.query(TextBlock)
        caption.show(lambda width: paragraphs(lines, width))
        known = about(chosen, self._folder(chosen)) if chosen is not None else []
        below.show(lambda width: paragraphs(known, width))
        self.refresh_commands()

    def action_cursor(self, rows: int) -> None:
        """Another run."""
        super().action_cursor(rows)
        self._tell("")

    def action_watch(self) -> None:
        """In Train."""
        if run := self.chosen:
            self.workbench.watched_run = run.name
            self.workbench.action_show("train")

    async def action_evaluate(self) -> None:
        """In Evaluate."""
        if run := self.chosen:
            from workbench.tui.screens.evaluate import EvaluateScreen

            await self.app.switch_mode("evaluate")
            if isinstance(self.app.screen, EvaluateScreen):
                self.app.screen.show_run(run.name)

    @work
    async def action_info(self) -> None:
        """What it was asked to do, with what, where, and what its log says last."""
        if run := self.chosen:
            lines = await asyncio.to_thread(info_of, self._folder(run))
            self.app.push_screen(MessageScreen(f"Run {run.name}", lambda width: folded(lines, width)))

    def action_stop(self) -> None:
        """Ask it to stop."""
        if run := self.chosen:
            self._do(run, lambda folder: ask(folder, "stop"), "asked to stop after the batch and save")

    def action_resume(self) -> None:
        """Go on from the last checkpoint."""
        if run := self.chosen:
            self._do(run, _launch, "a worker was started on it")

    @work
    async def action_remove(self) -> None:
        """Remove it, after a question."""
        run = self.chosen
        if run is None:
            return
        question = f"{run.name}, its network, checkpoints, log and evaluation would be gone. Remove the run?"
        if await self.app.push_screen_wait(ConfirmScreen("Remove the run", question)):
            self._do(run, remove_run, "removed")

    @work(group="do")
    async def _do(self, run: RunSummary, deed: Callable[[RunFolder], object], done: str) -> None:
        """Do something with a run in a thread, say what became of it, and look again."""
        try:
            await asyncio.to_thread(deed, self._folder(run))
        except WorkbenchError as error:
            self._tell(str(error))
        else:
            self._tell(f"{neutralise(run.name)}: {done}")
        self._look(now=True)


def _launch(folder: RunFolder) -> None:
    """Start a worker."""
    from workbench.training.launcher import launch

    launch(folder)
