"""What the workbench and the monitor alone have in common: tabs, themes, keys, help, the terminal's title."""

import asyncio
import importlib
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from rich.color import ColorSystem
from textual.app import App
from textual.driver import Driver
from textual.screen import Screen

from workbench.text import neutralise
from workbench.tui.commands import EVERYWHERE, Command, CommandProvider, offered
from workbench.tui.keymap import NO_CHOICES, KeyMap
from workbench.tui.screens.base import LEAST, WorkbenchScreen
from workbench.tui.terse import terse_driver
from workbench.tui.themes import DARK, LIGHT

PALETTE = Command(
    "command_palette", ("ctrl+p",), "Command palette", "Find any command by name.", EVERYWHERE, "commands"
)
TERMINATED = 128 + signal.SIGTERM
_HELP = Command("help", ("f1",), "Help", "What this screen is for, and every key.", EVERYWHERE, "help")
_SYSTEMS = {"true": ColorSystem.TRUECOLOR, "256": ColorSystem.EIGHT_BIT, "16": ColorSystem.STANDARD}
_KEEP_TITLE, _GIVE_TITLE_BACK = "\x1b[22;0t", "\x1b]0;\x07\x1b[23;0t"
_TITLE_CELLS = 60


@dataclass(frozen=True)
class Tab:
    """A screen that has a key of its own.

    Attributes:
        mode: Its name.
        key: Textual's name of the key.
        title: What the header calls it.
        module, screen: The class, which is imported when the tab is first shown.
        purpose: One sentence for the palette and the help page.
    """

    mode: str
    key: str
    title: str
    module: str
    screen: str
    purpose: str

    def make(self) -> Screen[Any]:
        """Import the screen's module now, so that the first picture need not wait for it."""
        made: Screen[Any] = getattr(importlib.import_module(self.module), self.screen)()
        return made

    @property
    def command(self) -> Command:
        """Going there."""
        action = f"app.show('{self.mode}')"
        title = f"Go to {self.title}"
        return Command(f"show_{self.mode}", (self.key,), title, self.purpose, EVERYWHERE, action=action)


def modes_of(tabs: Iterable[Tab]) -> dict[str, str | Callable[[], Screen[Any]]]:
    """The screens of an app, by the names of their tabs."""
    return {tab.mode: partial(tab.make) for tab in tabs}


def everywhere(tabs: Iterable[Tab], leaving: str) -> tuple[Command, ...]:
    """The commands that work on every tab; `leaving` is what to know about quitting."""
    colours, quits = "Choose a theme for this session.", ("q", "ctrl+q")
    return (
        _HELP,
        PALETTE,
        *(tab.command for tab in tabs),
        Command("change_theme", (), "Change the colours", colours, EVERYWHERE, action="app.change_theme"),
        Command("quit", quits, "Quit", leaving, EVERYWHERE, "quit", action="app.quit"),
    )


class Shell(App[int]):
    """An app of tabs; a subclass sets `TABS`, `WATCHING`, `EVERYWHERE`, `MODES` and `BINDINGS`.

    Args:
        first: The tab to begin with.
        keymap: The keys that the person chose.
        titled: Whether the terminal's title may be written.
    """

    CSS_PATH = "workbench.tcss"
    TITLE = "workbench"
    COMMANDS = {CommandProvider}
    COMMAND_PALETTE_BINDING = PALETTE.keys[0]
    TABS: ClassVar[tuple[Tab, ...]] = ()
    EVERYWHERE: ClassVar[tuple[Command, ...]] = ()
    WATCHING: ClassVar[str] = ""
    """The tab on which runs are watched."""
    LEAST: ClassVar[tuple[int, int]] = LEAST

    def __init__(self, first: str, *, keymap: KeyMap = NO_CHOICES, titled: bool = False) -> None:
        self.DEFAULT_MODE = first  # type: ignore[misc]  # else a blank screen would be painted first
        self.keymap = keymap
        super().__init__()
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = DARK.name
        keymap.rebind(self._bindings, self.EVERYWHERE)
        self._titled = titled
        self.watched_run = ""
        self.written_title = ""

    @property
    def tabs(self) -> tuple[tuple[str, str, str], ...]:
        """(mode, key, title) of each tab."""
        return tuple((tab.mode, tab.key.upper(), tab.title) for tab in self.TABS)

    @property
    def status_line(self) -> str:
        """The right side of the header."""
        return ""

    def commands(self) -> tuple[Command, ...]:
        """The commands that work on every tab."""
        return self.EVERYWHERE

    def get_driver_class(self) -> type[Driver]:
        """The terminal's driver, in fewer bytes."""
        return terse_driver(super().get_driver_class())

    def on_mount(self) -> None:
        """Leave the terminal whole when somebody ends us."""
        if not self.is_headless:
            with suppress(NotImplementedError, RuntimeError, ValueError):  # not the main thread
                loop = asyncio.get_running_loop()
                loop.add_signal_handler(signal.SIGTERM, partial(self.exit, TERMINATED, TERMINATED))

    def action_show(self, mode: str) -> None:
        """Go to a tab."""
        self.switch_mode(mode)

    def has_tab(self, mode: str) -> bool:
        """Whether there is such a tab here."""
        return any(mode == one for one, _, _ in self.tabs)

    def watch_run(self, name: str) -> None:
        """Go to the tab that watches runs, and show this one."""
        from workbench.tui.screens.watching import WatchingScreen

        def show() -> None:
            if isinstance(self.screen, WatchingScreen):
                self.screen.show_run(name)

        self.watched_run = name  # for a screen that is made only now
        self.action_show(self.WATCHING)
        self.call_later(show)

    def action_help(self) -> None:
        """Explain the present screen."""
        from workbench.tui.screens.help import HelpScreen

        screen = self.screen
        if isinstance(screen, WorkbenchScreen):
            title = next((title for mode, _, title in self.tabs if mode == screen.MODE), "")
            self.push_screen(HelpScreen(title, screen.help_text(), offered(screen)))

    def write_aside(self, sequences: str) -> None:
        """Write what the terminal obeys without showing it, between two frames."""
        if self._driver is not None:
            self._driver.write(sequences)
            self._driver.flush()

    def write_title(self, words: str) -> None:
        """Write the title of the terminal's window, if it is another one."""
        if words == self.written_title or not self._titled or self._driver is None:
            return
        kept = "" if self.written_title else _KEEP_TITLE
        self.written_title = words
        self._driver.write(f"{kept}\x1b]0;{neutralise(words, _TITLE_CELLS)}\x07")
        self._driver.flush()


def run_shell(app: Shell, colours: str) -> int:
    """Draw until it is left.

    Args:
        app: The app.
        colours: Those that the terminal has: "true", "256", "16" or "none".

    Returns:
        The exit status.
    """
    if (system := _SYSTEMS.get(colours)) is not None:
        app.console._color_system = system  # Rich takes 16 colours for foot, Alacritty and others over SSH
    try:
        app.run()
    finally:
        if app.written_title:
            with suppress(OSError, ValueError):
                sys.__stdout__.write(_GIVE_TITLE_BACK)  # type: ignore[union-attr]
                sys.__stdout__.flush()  # type: ignore[union-attr]
    return app.return_code or 0
