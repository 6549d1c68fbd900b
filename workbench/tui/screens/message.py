"""Words in a box: a message, a list, anything that is only read."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from workbench.tui.commands import Command
from workbench.tui.screens.base import WorkbenchDialog

_SCROLL = (
    Command("up", ("up", "k"), "Up", "Scroll up.", "Here", action="scroll(-1)"),
    Command("down", ("down", "j"), "Down", "Scroll down.", "Here", "scroll", "scroll(1)", key_text="↑↓"),
    Command("page_up", ("pageup",), "Page up", "Scroll up a page.", "Here", action="scroll(-10)"),
    Command(
        "page_down", ("pagedown", "space"), "Page down", "Scroll down a page.", "Here", action="scroll(10)"
    ),
)
CLOSE = Command(
    "close",
    ("escape", "enter", "q", "f1"),
    "Close",
    "Go back to the screen.",
    "Here",
    "close",
    key_text="esc",
)


class MessageScreen(WorkbenchDialog[None]):
    """Shows a text that may be longer than the screen.

    Args:
        title: Stands in the frame.
        text: What to read; anything in it that came from outside is neutralised already.
    """

    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = (*_SCROLL, CLOSE)

    def __init__(self, title: str, text: Text) -> None:
        super().__init__()
        self.heading = title
        self.text = text

    def compose_body(self) -> ComposeResult:
        """The text, scrolling."""
        with VerticalScroll(id="message", can_focus=False):
            yield Static(self.text, id="message-text")

    def action_scroll(self, lines: int) -> None:
        """Scroll the text."""
        self.query_one("#message", VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)
