"""The bottom lines: the present screen's commands with their keys, on at most two lines."""

from rich.style import Style
from rich.text import Text
from textual.geometry import Size

from workbench.tui.commands import EVERYWHERE, Command
from workbench.tui.widgets.lines import LinesWidget
from workbench.tui.widgets.looks import look

MAX_LINES = 2


def footer_lines(commands: list[Command], width: int, key_style: Style | str) -> list[Text]:
    """Lay out "key label" pairs on at most two lines of `width` cells.

    What does not fit is left out from the end of the screen's own commands, never of those that work
    everywhere: the help page, which lists the rest, is one of these.
    """
    shown = list(commands)
    while len(lines := _flow(shown, width, key_style)) > MAX_LINES:
        own = [command for command in shown if command.section != EVERYWHERE]
        if not own:
            return lines[:MAX_LINES]
        shown.remove(own[-1])
    return lines


def _flow(commands: list[Command], width: int, key_style: Style | str) -> list[Text]:
    """As many lines as it takes."""
    lines = [Text(" ", no_wrap=True)]
    for command in commands:
        entry = Text.assemble((command.shown_key, key_style), " ", command.label)
        gap = 2 if lines[-1].cell_len > 1 else 0
        if gap and lines[-1].cell_len + gap + entry.cell_len > width:
            lines.append(Text(" ", no_wrap=True))
            gap = 0
        lines[-1].append(" " * gap).append_text(entry)
    return lines


class CommandFooter(LinesWidget):
    """Shows every command that has a footer label; as high as it needs."""

    COMPONENT_CLASSES = {"command-footer--key"}

    def __init__(self) -> None:
        super().__init__()
        self._commands: list[Command] = []

    def show(self, commands: list[Command]) -> None:
        """Show these commands; one whose keys mean something else for the moment is left out."""
        shown = [command for command in commands if command.label and command.shown_key]
        if shown != self._commands:
            self._commands = shown
            self.refresh(layout=True)
            self.rebuild()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """One or two lines."""
        return len(footer_lines(self._commands, width, ""))

    def build(self, width: int, height: int) -> list[Text]:  # noqa: ARG002
        """The lines."""
        return footer_lines(self._commands, width, look(self, "command-footer--key"))
