"""The Evaluate screen: the reference's table of a run, made honest, and every class a key away."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual import events, work
from textual.app import ComposeResult
from textual.worker import Worker

from workbench.errors import WorkbenchError
from workbench.evaluation.report import Evaluation
from workbench.text import neutralise
from workbench.tui.commands import Command
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.evaluate_choice import Choice, choose, parse
from workbench.tui.screens.evaluate_commands import EVALUATE_COMMANDS, HELP
from workbench.tui.screens.evaluate_confusion import confusion_lines
from workbench.tui.screens.evaluate_process import evaluate_output
from workbench.tui.screens.evaluate_save import SaveScreen
from workbench.tui.screens.evaluate_showing import Showing
from workbench.tui.screens.evaluate_text import notes_lines
from workbench.tui.screens.message import MessageScreen
from workbench.tui.screens.table_keys import TableKeys
from workbench.tui.widgets.folding import paragraphs
from workbench.tui.widgets.row_table import RowTable
from workbench.tui.widgets.text_block import TextBlock

_READING = "reading …"
_NONE = "no run has a network yet: F4 starts a run, F6 shows how far each one is"
_TRAINING = "this run is still training: a evaluates its best epoch so far"
_NEEDS: Mapping[str, str] = {
    "open": "heads",
    **dict.fromkeys(("back", "confusion", "split"), "classes"),
    **dict.fromkeys(("notes", "cursor", "cursor_page", "sort", "turn"), "table"),
    "columns": "pages",
    "save": "still",
    "again": "run",
    "other_run": "runs",
    "cancel": "working",
}
"""What must be there for an action to do something."""


class EvaluateScreen(TableKeys, WorkbenchScreen):
    """One run's evaluation: read where there is one, else made by a process of its own."""

    MODE = "evaluate"
    HELP = HELP
    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = EVALUATE_COMMANDS

    def __init__(self) -> None:
        super().__init__()
        self._wanted = ""
        self._choice = Choice()
        self._showing = Showing()
        self._said = _READING
        self._given_up: set[str] = set()
        self._process: Worker[None] | None = None

    def compose_body(self) -> ComposeResult:
        """What it is of, the table, what to know beside it."""
        yield TextBlock(_READING)
        yield RowTable()
        with_remarks = TextBlock()
        with_remarks.add_class("remarks")
        yield with_remarks

    @property
    def working(self) -> bool:
        """Whether a process evaluates now."""
        return self._process is not None and not self._process.is_finished

    @property
    def run_name(self) -> str:
        """The run that is shown."""
        return self._choice.run

    @property
    def evaluation(self) -> Evaluation | None:
        """What is shown."""
        return self._showing.evaluation

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys for what is not there do nothing."""
        table = self.evaluation is not None
        there = {
            "table": table,
            "heads": table and not self._showing.head,
            "classes": table and bool(self._showing.head),
            "pages": table and self.table.has_pages,
            "still": table and not self.working,
            "run": bool(self._choice.run) and not self.working,
            "runs": len(self._choice.names) > 1,
            "working": self.working,
        }
        return there.get(_NEEDS.get(action, ""), True)

    def on_screen_resume(self) -> None:
        """Read anew: a run may have ended meanwhile."""
        self._load()

    def on_screen_suspend(self) -> None:
        """On another tab nobody waits for the evaluation any more; a dialog on top changes nothing."""
        if self.app.current_mode != self.MODE:
            self._end_process()

    def show_run(self, name: str) -> None:
        """Show the run of this name from now on."""
        self._wanted = name
        self._load()

    @work(exclusive=True, group="load")
    async def _load(self) -> None:
        """Read what there is; evaluate where there is nothing."""
        bench = self.workbench.bench
        found = await asyncio.to_thread(choose, bench.runs_dir, self._wanted)
        same = found.run == self._choice.run
        self._choice = found
        if same and self.working:
            return
        if same and not bench.writable and not found.problem:
            found = replace(found, evaluation=found.evaluation or self.evaluation)  # it was not saved
        if same and self._said != _READING and found.evaluation == self.evaluation:
            return  # a dialog was closed, and what it said stays
        self._end_process()
        self._said = found.problem
        self._show(self._showing.of(found.evaluation))
        if found.run and not found.evaluation and not found.problem and found.run not in self._given_up:
            if found.alive:
                self._say(_TRAINING)
            else:
                self._process = self._evaluate(())

    @work(exclusive=True, group="evaluate")
    async def _evaluate(self, options: tuple[str, ...]) -> None:
        """Let a process evaluate, and show how far it is."""
        run, bench = self._choice.run, self.workbench.bench
        self._say("loading the network …")
        try:
            output = await evaluate_output(bench.root, run, ("--json", *options), self._say)
            evaluation = await asyncio.to_thread(parse, output, run)
        except WorkbenchError as error:
            self._process = None
            self._given_up.add(run)
            self._say(str(error))
            return
        self._process, self._said = None, ""
        self._given_up.discard(run)
        self._show(self._showing.of(evaluation))

    def _end_process(self) -> None:
        """End the evaluation that is under way, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.cancel()

    def _say(self, words: str) -> None:
        """Say how far it is or what went wrong; words that are neutralised."""
        self._said = words
        self._show(self._showing)

    def _show(self, showing: Showing, selected: str = "") -> None:
        """Show this, with the cursor on a row or where it was."""
        self._showing = showing
        caption, below = self.query(TextBlock)
        caption.show(self._caption)
        lines = showing.remarks()
        below.show(lambda width: paragraphs(lines, width))
        self.table.show(showing.view(), selected)
        self.refresh_commands()

    def on_resize(self, _: events.Resize) -> None:
        """Other columns fit (Textual calls the base class's handler as well)."""
        self.call_after_refresh(self.refresh_commands)

    def _caption(self, width: int) -> list[Text]:
        """Which run, what becomes of it, and what the table is of."""
        run, names = self._choice.run, self._choice.names
        if not run:
            return paragraphs([self._said or _NONE], width)
        line = Text(f" run {neutralise(run, 60)}", "bold")
        if len(names) > 1:
            line.append(f"   {names.index(run) + 1} of {len(names)}, the newest first", "not bold")
        said = f"evaluating: {self._said}; x cancels" if self.working else self._said
        more = [words for words in (said, self._showing.about()) if words]
        return [line, *paragraphs(more, width)]

    def action_open(self) -> None:
        """The classes of the head under the cursor."""
        self._show(replace(self._showing, head=self.table.selected))
        self.action_cursor(-len(self.table.view.rows))

    def action_back(self) -> None:
        """All heads again, the cursor where it was."""
        self._show(replace(self._showing, head=""), selected=self._showing.head)

    def action_split(self) -> None:
        """The next split."""
        self._show(self._showing.next_split())

    def action_sort(self) -> None:
        """By the next column."""
        self._show(self._showing.sorted_next())

    def action_turn(self) -> None:
        """The other way round."""
        self._show(self._showing.turned())

    def action_confusion(self) -> None:
        """What was taken for what."""
        if metrics := self._showing.metrics:
            title = f"{self._showing.head} on {self._showing.split}: confusion"
            self.app.push_screen(MessageScreen(title, lambda width: confusion_lines(metrics, width)))

    def action_notes(self) -> None:
        """All notes."""
        if self.evaluation is not None:
            self.app.push_screen(MessageScreen("Notes", notes_lines(self.evaluation)))

    @work
    async def action_save(self) -> None:
        """Write the table that is shown to a file."""
        said = await self.app.push_screen_wait(SaveScreen(self._choice.run, self._showing.options()))
        if said:
            self._say(said)

    def action_other_run(self, step: int) -> None:
        """An older or a newer run."""
        names = self._choice.names
        place = names.index(self._choice.run) if self._choice.run in names else 0
        self.show_run(names[min(max(0, place + step), len(names) - 1)])

    def action_again(self) -> None:
        """Predict once more."""
        self._process = self._evaluate(("--again",))
        self.refresh_commands()

    def action_cancel(self) -> None:
        """End it; it does not begin again by itself."""
        self._given_up.add(self._choice.run)
        self._end_process()
        self._say("cancelled; a evaluates the run")
