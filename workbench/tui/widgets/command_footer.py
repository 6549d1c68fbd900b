"""The bottom lines: the present screen's commands with their keys, on at most two lines."""

from rich.style import Style
from rich.text import Text
from textual.geometry import Size
from textual.widget import Widget

from workbench.tui.commands import Command
from workbench.tui.widgets.looks import look

MAX_LINES = 2


def footer_lines(
    commands: list[Command], width: int, key_style: Style | str, max_lines: int = MAX_LINES
) -> list[Text]:
    """Lay out "key label" pairs on lines of `width` cells; what does not fit is in the help page."""
    lines = [Text(" ", no_wrap=True)]
    for command in commands:
        entry = Text.assemble((command.shown_key, key_style), " ", command.label)
        gap = 2 if lines[-1].cell_len > 1 else 0
        if lines[-1].cell_len + gap + entry.cell_len > width:
            if len(lines) == max_lines:
                break
            lines.append(Text(" ", no_wrap=True))
            gap = 0
        lines[-1].append(" " * gap).append_text(entry)
    return lines


class CommandFooter(Widget):
    """Shows every command that has a footer label; as high as it needs."""

    COMPONENT_CLASSES = {"command-footer--key"}

    def __init__(self) -> None:
        super().__init__()
        self._commands: list[Command] = []

    def show(self, commands: list[Command]) -> None:
        """Show these commands."""
        shown = [command for command in commands if command.label]
        if shown != self._commands:
            self._commands = shown
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """One or two lines."""
        return len(footer_lines(self._commands, width, ""))

    def render(self) -> Text:
        """The lines."""
        return Text("\n").join(
            footer_lines(self._commands, self.size.width, look(self, "command-footer--key"))
        )
