"""What dialogs about a file have in common: a path to type, completed, and a place for what became of it."""

import os
from pathlib import Path

from rich.text import Text
from textual.suggester import Suggester
from textual.widgets import Input, Static

from workbench.tui.screens.base import WorkbenchDialog


class PathSuggester(Suggester):
    """Completes what is typed to a path that exists."""

    async def get_suggestion(self, value: str) -> str | None:
        """The first entry, in order of name, that begins like the last part of the path."""
        folder, _, start = value.rpartition("/")
        if not start:
            return None
        try:
            with os.scandir(Path(folder or ("/" if value.startswith("/") else ".")).expanduser()) as entries:
                names = sorted(one.name for one in entries if one.name.startswith(start))
        except OSError:
            return None
        return value[: len(value) - len(start)] + names[0] if names else None


def typed_path(text: str) -> Path:
    """A path as a person types it, with ~ for the home folder."""
    return Path(text.strip()).expanduser()


class FileDialog(WorkbenchDialog[str]):
    """A path to type and a place for what became of it; gives what the Label screen is to say."""

    AUTO_FOCUS = "#path"

    def say(self, words: str, *, refused: bool = False) -> None:
        """Show words that are neutralised already."""
        report = self.query_one("#report", Static)
        report.set_class(refused, "refused")
        report.update(Text(words))

    @property
    def typing(self) -> bool:
        """Whether keys go into a field."""
        return isinstance(self.focused, Input)

    def on_descendant_focus(self) -> None:
        """Other keys work while typing."""
        self.call_later(self.refresh_commands)

    def on_descendant_blur(self) -> None:
        """Other keys work while typing."""
        self.call_later(self.refresh_commands)
