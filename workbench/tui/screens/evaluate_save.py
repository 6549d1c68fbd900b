"""Saving the table that the Evaluate screen shows; the command line prints it, this writes it down."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.widgets import Input, Label, Static

from workbench.errors import WorkbenchError
from workbench.files import write_atomically
from workbench.text import neutralise
from workbench.tui.commands import Command
from workbench.tui.screens.base import WorkbenchDialog
from workbench.tui.screens.confirm import ConfirmScreen
from workbench.tui.screens.evaluate_process import evaluate_output
from workbench.tui.screens.import_export import PathSuggester, typed_path

STYLES: Mapping[str, tuple[str, ...]] = {
    ".csv": ("--csv",),
    ".md": ("--markdown",),
    ".json": ("--json",),
    ".txt": (),
}
"""What makes `workbench evaluate` print the format of a file's suffix."""
_FORMATS = (
    "the name's end decides: .csv (figures in full), .md (Markdown), .txt, .json (all heads and classes)"
)


class SaveScreen(WorkbenchDialog[str]):
    """Asks for a path and writes the table there; gives what the screen is to say.

    Args:
        run: The run's name.
        options: What makes `workbench evaluate` print the table that is shown.
    """

    heading = "Save the table"
    AUTO_FOCUS = "#path"
    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("submit", ("enter",), "Save", "Write the file.", "Here", "save"),
        Command("close", ("escape",), "Close", "Go back; nothing is written.", "Here", "close"),
    )

    def __init__(self, run: str, options: tuple[str, ...]) -> None:
        super().__init__()
        self._run, self._options = run, options

    def compose_body(self) -> ComposeResult:
        """Path, what the formats are, what became of it."""
        path = str(self.workbench.bench.root / f"{self._run}.csv")
        yield Label("file")
        yield Input(
            path if neutralise(path) == path else "", id="path", suggester=PathSuggester(), compact=True
        )
        yield Static(_FORMATS, id="report")

    def say(self, words: str, *, refused: bool = False) -> None:
        """Show words that are neutralised already."""
        report = self.query_one("#report", Static)
        report.set_class(refused, "refused")
        report.update(Text(words))

    @on(Input.Submitted)
    def action_submit(self) -> None:
        """Write."""
        if self.query_one("#path", Input).value.strip():
            self._save()

    @work(exclusive=True)
    async def _save(self) -> None:
        """Ask before a file is replaced, let the command print, write what it printed."""
        path = typed_path(self.query_one("#path", Input).value)
        style = STYLES.get(path.suffix.lower())
        if style is None:
            self.say(f"{neutralise(path.name)}: {_FORMATS}", refused=True)
            return
        if await asyncio.to_thread(_is_file, path) and not await self.app.push_screen_wait(
            ConfirmScreen("Replace the file", f"{path} exists. Replace it?")
        ):
            return
        options = style if style == ("--json",) else (*style, *self._options)
        self.say("writing …")
        try:
            root = self.workbench.bench.root
            table = await evaluate_output(root, self._run, options, lambda line: self.say(f"{line} …"))
            await asyncio.to_thread(write_atomically, path, table)
        except WorkbenchError as error:
            self.say(str(error), refused=True)
            return
        self.dismiss(f"saved {neutralise(path)}")

    def action_close(self) -> None:
        """Go back."""
        self.dismiss("")


def _is_file(path: Path) -> bool:
    """Whether a file lies there; what else cannot be written is for `write_atomically` to refuse."""
    try:
        return path.is_file()
    except OSError:
        return False
