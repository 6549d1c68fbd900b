"""The bench's trash: removed runs, brought back or removed for good."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult

from workbench.errors import WorkbenchError
from workbench.monitoring.holdings import size_words
from workbench.monitoring.trash import Trashed, empty_trash, half_emptied, restore_run, trashed_runs
from workbench.text import neutralise
from workbench.tui.commands import Command
from workbench.tui.screens.base import WorkbenchDialog
from workbench.tui.screens.confirm import ConfirmScreen
from workbench.tui.screens.message import CLOSE
from workbench.tui.screens.table_keys import TABLE_COMMANDS, TableKeys
from workbench.tui.times import moment
from workbench.tui.widgets.folding import folded
from workbench.tui.widgets.row_table import RowTable
from workbench.tui.widgets.table_layout import Column, Row, TableView
from workbench.tui.widgets.text_block import TextBlock
from workbench.tui.widgets.wrapping import counted

_COLUMNS = (Column("name", "run", left=True), Column("removed", "removed", left=True), Column("size", "size"))
_HERE = "Here"
_NONE = "the trash is empty"


class TrashScreen(TableKeys, WorkbenchDialog[None]):
    """Lists what was removed, the latest first.

    Args:
        runs_dir: The bench's folder of runs.
    """

    heading = "Trash"
    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("restore", ("r",), "Bring back", "Move the run back to the others.", _HERE, "bring back"),
        Command("empty", ("E",), "Empty", "Remove all of it for good, after a question.", _HERE, "empty"),
        *TABLE_COMMANDS,
        CLOSE,
    )

    def __init__(self, runs_dir: Path) -> None:
        super().__init__()
        self._runs_dir = runs_dir
        self._there: tuple[Trashed, ...] = ()
        self._left = 0
        self._said = ""

    def compose_body(self) -> ComposeResult:
        """How much there is, and the list."""
        yield TextBlock("reading …")
        yield RowTable()

    def on_mount(self) -> None:
        """Look."""
        super().on_mount()
        self._do(lambda: "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys for what is not there do nothing."""
        if action == "columns":
            return self.is_mounted and bool(self.query(RowTable)) and self.table.has_pages
        if action == "empty":
            return bool(self._there) or self._left > 0
        return bool(self._there) if action in ("restore", "cursor", "cursor_page") else True

    @work(exclusive=True, group="do")
    async def _do(self, deed: Callable[[], str]) -> None:
        """Do something in a thread, look what lies there then, and say what became of it."""
        try:
            self._said = await asyncio.to_thread(deed)
        except WorkbenchError as error:
            self._said = str(error)
        self._there, self._left = await asyncio.to_thread(
            lambda: (tuple(trashed_runs(self._runs_dir)), half_emptied(self._runs_dir))
        )
        rows = (Row(one.key, (one.name, moment(one.removed), size_words(one.bytes))) for one in self._there)
        self.table.show(TableView(_COLUMNS, tuple(rows)))
        self._tell()

    def _tell(self) -> None:
        """How much lies there, and what just happened."""
        size = size_words(sum(one.bytes for one in self._there))
        words = f"{counted(len(self._there), 'run')}, {size}; the latest first" if self._there else _NONE
        left = f"{counted(self._left, 'deletion')} half emptied: E goes on" if self._left else ""
        lines = [line for line in (words, left, self._said) if line]
        self.query_one(TextBlock).show(lambda width: folded(lines, width))
        self.refresh_commands()

    def action_restore(self) -> None:
        """Bring the run under the cursor back."""
        key = self.table.selected

        def bring_back() -> str:
            return f"{neutralise(restore_run(self._runs_dir, key).name)}: back among the runs"

        self._do(bring_back)

    @work
    async def action_empty(self) -> None:
        """Remove everything for good, after a question."""
        size = size_words(sum(one.bytes for one in self._there))
        question = f"{counted(len(self._there), 'run')}, {size}, would be gone for good. Empty the trash?"
        if await self.app.push_screen_wait(ConfirmScreen("Empty the trash", question)):
            self._said = "emptying …"
            self._tell()
            self._do(lambda: f"{size_words(empty_trash(self._runs_dir))} freed")

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)
