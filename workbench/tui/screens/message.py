"""Words in a box: a message, a list, anything that is only read."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from workbench.tui.commands import Command
from workbench.tui.screens.base import WorkbenchDialog
from workbench.tui.widgets.text_block import Layout, TextBlock

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
        layout: The lines for a width; what came from outside is neutralised in them.
    """

    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = (*_SCROLL, CLOSE)

    def __init__(self, title: str, layout: Layout) -> None:
        super().__init__()
        self.heading = title
        self.layout_lines = layout

    def compose_body(self) -> ComposeResult:
        """The text, scrolling."""
        with VerticalScroll(id="message", can_focus=False):
            block = TextBlock()
            block.show(self.layout_lines)
            yield block

    def text(self, width: int = 200) -> str:
        """What is to be read, for a width."""
        return "\n".join(line.plain for line in self.layout_lines(width))

    def action_scroll(self, lines: int) -> None:
        """Scroll the text."""
        self.query_one("#message", VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)
