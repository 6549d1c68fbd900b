"""The help page of a screen: what it is for and every key, made from the commands themselves."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from workbench.tui.commands import Command
from workbench.tui.screens.message import MessageScreen
from workbench.tui.widgets.wrapping import wrap


def help_page(intro: str, commands: Sequence[Command], width: int) -> list[Text]:
    """Intro, then one table a section: keys, title, what it does."""
    paragraphs = [one for one in intro.split("\n\n") if one.strip()]
    lines = [Text(line) for paragraph in paragraphs for line in (*wrap(paragraph, width), "")]
    keys = max((cell_len(command.all_keys) for command in commands), default=0)
    titles = max((cell_len(command.title) for command in commands), default=0)
    room = max(16, width - keys - titles - 6)
    for section in dict.fromkeys(command.section for command in commands):
        lines.append(Text(section, "bold"))
        for command in commands:
            if command.section != section:
                continue
            first, *more = wrap(command.help, room)
            line = Text(f"  {_pad(command.all_keys, keys)}  ", "bold")
            line.append(f"{_pad(command.title, titles)}  ", "not bold").append(first, "dim not bold")
            lines.append(line)
            lines += [Text(" " * (keys + titles + 6) + one, "dim") for one in more]
        lines.append(Text(""))
    return lines[:-1]


def _pad(words: str, width: int) -> str:
    """Fill up to `width` cells."""
    return words + " " * (width - cell_len(words))


class HelpScreen(MessageScreen):
    """Explains the screen that it was called from.

    Args:
        title: The screen's name.
        intro: The screen's own words, paragraphs parted by blank lines.
        commands: Everything that works there.
    """

    def __init__(self, title: str, intro: str, commands: Sequence[Command]) -> None:
        super().__init__(f"Help: {title}", lambda width: help_page(intro, commands, width))
