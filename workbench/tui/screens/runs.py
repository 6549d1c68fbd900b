"""The Runs screen: every run of the bench, and what can be done with it."""

import asyncio
from dataclasses import replace
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult

from workbench.errors import WorkbenchError
from workbench.monitoring.compare import MOST_RUNS
from workbench.monitoring.filter import EVERY_RUN, GRAMMAR, parse_filter
from workbench.monitoring.summary import RunSummary
from workbench.training.run import RunFolder
from workbench.training.state import RunState
from workbench.tui.commands import Command
from workbench.tui.screens.compare import CompareScreen
from workbench.tui.screens.line_dialog import LineDialog
from workbench.tui.screens.message import MessageScreen
from workbench.tui.screens.runs_commands import HELP, RUNS_COMMANDS
from workbench.tui.screens.runs_deeds import RunDeeds
from workbench.tui.screens.runs_shelf import Shelf
from workbench.tui.screens.runs_showing import Showing
from workbench.tui.screens.runs_text import about, info_of
from workbench.tui.screens.table_keys import TableKeys
from workbench.tui.widgets.folding import folded, paragraphs
from workbench.tui.widgets.row_table import RowTable
from workbench.tui.widgets.text_block import TextBlock

_EVERY_S = 2.0
_OF_ALL = frozenset({"filter", "all_runs", "sort", "turn", "compare", "trash"})
"""Actions that need no run under the cursor."""


class RunsScreen(TableKeys, RunDeeds):
    """The list, looked at anew every two seconds while it is shown."""

    MODE = "runs"
    HELP = HELP
    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = RUNS_COMMANDS

    def __init__(self) -> None:
        super().__init__()
        self.showing = Showing()
        self._typed = ""
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
        self.look_now()

    def on_resize(self, _: events.Resize) -> None:
        """Other columns fit."""
        self.call_after_refresh(self.refresh_commands)

    @property
    def chosen(self) -> RunSummary | None:
        """The run under the cursor."""
        return self.showing.run(self.table.selected)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys for what a run in this state cannot do do nothing."""
        if action not in {command.action_name for command in RUNS_COMMANDS}:
            return True
        if action in _OF_ALL:
            return self._can_do_to_all(action)
        run = self.chosen if self.is_mounted and self.query(RowTable) else None
        if run is None:
            return False
        if action == "evaluate" and not self.shell.has_tab("evaluate"):
            return False
        if action == "columns":
            return self.table.has_pages
        if action == "resume":
            return run.state.resumable
        if action == "stop":
            return run.state.live
        return run.state.ended or run.state is RunState.STARTING if action == "remove" else True

    def _can_do_to_all(self, action: str) -> bool:
        """Whether one of the actions that need no run does something now."""
        if action == "all_runs":
            return bool(self.showing.filter.conditions)
        if action == "filter" and self.showing.listing is None:
            return True
        return action == "trash" or bool(self.showing.all)

    def _look_if_shown(self) -> None:
        """Nobody looks: nothing is read."""
        if self.is_current and not self._looking:
            self._look()

    @property
    def _looking(self) -> bool:
        """Whether a look is under way, on a slow disk."""
        return any(one.group == "look" and not one.is_finished for one in self.workers if one.node is self)

    def look_now(self) -> None:
        """Look at once, however long it takes."""
        self._look(now=True)

    @work(exclusive=True, group="look")
    async def _look(self, *, now: bool = False) -> None:
        """List the runs in a thread; repaint only what changed."""
        listing = await asyncio.to_thread(self._shelf.look, now=now)
        if listing is not self.showing.listing:
            self._show(self.showing.of(listing))

    def _show(self, showing: Showing, said: str | None = None) -> None:
        """Show this; the cursor stays on its run."""
        self.showing = showing
        self.table.show(showing.view())
        self.tell(said)

    def tell(self, said: str | None = None) -> None:
        """How many runs there are, what just happened, and what to know about the one under the cursor."""
        self._said = self._said if said is None else said
        chosen = self.chosen
        lines = [*self.showing.caption(), *([self._said] if self._said else [])]
        caption, below = self.query(TextBlock)
        caption.show(lambda width: paragraphs(lines, width))
        known = about(chosen, self.folder(chosen)) if chosen is not None else []
        below.show(lambda width: paragraphs(known, width))
        self.refresh_commands()

    def action_cursor(self, rows: int) -> None:
        """Another run."""
        super().action_cursor(rows)
        self.tell("")

    def action_sort(self) -> None:
        """By the next column."""
        self._show(self.showing.sorted_next(), "")

    def action_turn(self) -> None:
        """The other way round."""
        self._show(self.showing.turned(), "")

    def action_mark(self) -> None:
        """Mark the run, or take the mark away."""
        if run := self.chosen:
            self._show(self.showing.toggled(run.name), "")

    def action_compare(self) -> None:
        """Compare the marked runs with the oldest of them; one alone with the one under the cursor."""
        names = self.showing.marked_names
        if len(names) == 1 and self.chosen is not None and self.chosen.name not in names:
            names = [run.name for run in self.showing.all if run.name in {*names, self.chosen.name}]
        if not 2 <= len(names) <= MOST_RUNS:
            mark = self.key_of("mark")
            self.tell(f"{len(names)} marked: two to {MOST_RUNS} runs can be compared; {mark} marks")
            return
        folders = [RunFolder(self.workbench.bench.runs_dir / name) for name in reversed(names)]
        self.app.push_screen(CompareScreen(folders))

    async def action_filter(self) -> None:
        """Ask which runs to show; also before the first look, for those who type ahead."""
        dialog = LineDialog("Only some runs", GRAMMAR, self._typed, again=True)
        await self.app.push_screen(dialog, self._filter)

    def _filter(self, typed: str | None) -> None:
        """Show only these; a mistake is said, and what is shown stays."""
        if typed is None:
            return
        self._typed = typed
        try:
            found = parse_filter(typed)
        except WorkbenchError as error:
            self.tell(str(error))
        else:
            self._show(replace(self.showing, filter=found), "")

    def action_all_runs(self) -> None:
        """Show all again."""
        self._typed = ""
        self._show(replace(self.showing, filter=EVERY_RUN), "")

    def action_watch(self) -> None:
        """Where runs are watched."""
        if run := self.chosen:
            self.shell.watch_run(run.name)

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
            lines = await asyncio.to_thread(info_of, self.folder(run))
            self.app.push_screen(MessageScreen(f"Run {run.name}", lambda width: folded(lines, width)))
