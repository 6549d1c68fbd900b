"""What a newcomer sees first."""

from typing import ClassVar

from rich.text import Text

from workbench.schema import Schema
from workbench.text import neutralise
from workbench.tui.commands import Command
from workbench.tui.screens.message import MessageScreen


def welcome_text(notice: str, schema: Schema) -> Text:
    """The notice, and the way through the screens."""
    first = schema.heads[0]
    keys = ", ".join(f"{one.key} {neutralise(one.title or one.name)}" for one in first.classes[:3])
    text = Text()
    if notice:
        text.append(neutralise(notice) + "\n\n", "bold")
    for number, (what, how) in enumerate(
        (
            ("Answer this face", f"a digit answers the head marked ▶ ({neutralise(first.title)}: {keys}); "
             "the mark goes on to the next head, then to the next face. u undoes."),
            ("F3 Data", "how the answers are spread, what blur and augmentation do to a face."),
            ("F4 Train", "choose a preset, start, and watch the curves; the run goes on without the screen."),
            ("F5 Evaluate", "what the finished run can do, head by head, against a majority guess."),
        ),
        start=1,
    ):  # fmt: skip
        text.append(f" {number}  {what}  ", "bold").append(f"{how}\n")
    text.append("\nEvery answer is saved at once; quit whenever you like with q. F1 explains a screen, ")
    text.append("ctrl+p finds every command.")
    return text


class WelcomeScreen(MessageScreen):
    """Tells what to do first.

    Args:
        notice: The caller's own words, such as that this is the sample bench.
        schema: For an example of the keys.
    """

    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command(
            "close",
            ("enter", "escape", "space", "q", "f1"),
            "Begin",
            "Go to the first face.",
            "Here",
            "begin",
        ),
    )

    def __init__(self, notice: str, schema: Schema) -> None:
        super().__init__("Welcome", welcome_text(notice, schema))
