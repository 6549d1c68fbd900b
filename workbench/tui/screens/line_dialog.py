"""One line of text to type: a note, a picture to go to."""

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from workbench.text import neutralise
from workbench.tui.commands import Command
from workbench.tui.screens.base import WorkbenchDialog

_HERE = "Here"


class LineDialog(WorkbenchDialog[str]):
    """Gives what was typed, or None where nothing was changed or it was left by escape.

    Args:
        title: Stands in the frame.
        explained: What to type and what it does.
        value: Stands there already, marked, so that typing replaces it.
        again: Whether the same text may be given again, as for a search that goes on.
    """

    AUTO_FOCUS = "#line"
    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("submit", ("enter",), "Take it", "Take what was typed.", _HERE, "take it"),
        Command("close", ("escape",), "Close", "Go back; nothing is changed.", _HERE, "close"),
    )

    def __init__(self, title: str, explained: str, value: str = "", *, again: bool = False) -> None:
        super().__init__()
        self.heading, self.explained, self.again = title, explained, again
        self.value = neutralise(value)

    def compose_body(self) -> ComposeResult:
        """What to type, and where."""
        yield Static(Text(self.explained), classes="explained")
        yield Input(self.value, id="line", compact=True, select_on_focus=True)

    @on(Input.Submitted)
    def action_submit(self) -> None:
        """Give it."""
        typed = self.query_one("#line", Input).value
        self.dismiss(typed if self.again or typed != self.value else None)

    def action_close(self) -> None:
        """Give nothing."""
        self.dismiss(None)
