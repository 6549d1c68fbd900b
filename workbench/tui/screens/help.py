"""The help page of a screen: what it is for and every key, made from the commands themselves."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from workbench.tui.commands import Command
from workbench.tui.screens.message import MessageScreen


def help_page(intro: str, commands: Sequence[Command]) -> Text:
    """Intro, then one table a section: keys, title, what it does."""
    text = Text(intro.strip() + "\n" if intro.strip() else "")
    sections = list(dict.fromkeys(command.section for command in commands))
    keys_width = max((cell_len(command.all_keys) for command in commands), default=0)
    title_width = max((cell_len(command.title) for command in commands), default=0)
    for section in sections:
        text.append(f"\n{section}\n", "bold")
        for command in commands:
            if command.section == section:
                text.append(f"  {_pad(command.all_keys, keys_width)}  ", "bold")
                text.append(f"{_pad(command.title, title_width)}  ")
                text.append(f"{command.help}\n", "dim")
    text.rstrip()
    return text


def _pad(words: str, width: int) -> str:
    """Fill up to `width` cells."""
    return words + " " * (width - cell_len(words))


class HelpScreen(MessageScreen):
    """Explains the screen that it was called from.

    Args:
        title: The screen's name.
        intro: The screen's own words.
        commands: Everything that works there.
    """

    def __init__(self, title: str, intro: str, commands: Sequence[Command]) -> None:
        super().__init__(f"Help: {title}", help_page(intro, commands))
