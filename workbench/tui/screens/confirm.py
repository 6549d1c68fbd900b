"""A question before something that cannot simply be taken back."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from workbench.text import neutralise
from workbench.tui.commands import Command
from workbench.tui.screens.base import WorkbenchDialog


class ConfirmScreen(WorkbenchDialog[bool]):
    """Asks a question; gives True for yes. Only `y` says yes: enter alone must not overwrite anything.

    Args:
        title: Stands in the frame.
        question: One or two sentences that say what would happen.
    """

    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("yes", ("y",), "Yes", "Do it.", "Here", "yes", "answer(True)"),
        Command(
            "no", ("n", "escape", "q"), "No", "Leave everything as it is.", "Here", "no", "answer(False)"
        ),
    )

    def __init__(self, title: str, question: str) -> None:
        super().__init__()
        self.heading = title
        self.question = neutralise(question)

    def compose_body(self) -> ComposeResult:
        """The question."""
        yield Static(Text(self.question), id="question")

    def action_answer(self, yes: bool) -> None:
        """Give the answer."""
        self.dismiss(yes)
