"""What a newcomer sees first."""

from typing import ClassVar

from rich.text import Text

from workbench.schema import Schema
from workbench.text import neutralise
from workbench.tui.commands import Command
from workbench.tui.screens.message import MessageScreen
from workbench.tui.widgets.wrapping import wrap

_LEFT = 19
_END = (
    "Every answer is saved at once; quit whenever you like with q. F1 explains a screen, ctrl+p finds every "
    "command."
)


def welcome_text(notice: str, schema: Schema, width: int) -> list[Text]:
    """The notice, and the way through the screens."""
    first = schema.heads[0]
    keys = ", ".join(f"{one.key} {neutralise(one.title or one.name)}" for one in first.classes[:3])
    steps = (
        (
            "1  Answer a face",
            f"a digit answers the head marked ▶ ({neutralise(first.title)}: {keys}); then the next head, "
            "then the next face. u undoes.",
        ),
        ("2  F3 Data", "how the answers are spread; what blur and augmentation do to a face."),
        ("3  F4 Train", "choose a preset, start, watch the curves; the run goes on without the screen."),
        ("4  F5 Evaluate", "what the run can do, head by head, against a majority guess."),
    )
    lines = [Text(line, "bold") for line in wrap(neutralise(notice), width)] + [Text("")]
    for what, how in steps:
        first_line, *more = wrap(how, width - _LEFT)
        lines.append(Text.assemble((f"{what:<{_LEFT}}", "bold"), first_line))
        lines += [Text(" " * _LEFT + line) for line in more]
    return [*lines, Text(""), *(Text(line) for line in wrap(_END, width))]


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
        super().__init__("Welcome", lambda width: welcome_text(notice, schema, width))
