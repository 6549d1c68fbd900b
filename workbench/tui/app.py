"""The workbench's app: the screens as tabs, the commands of all of them, and the bench that they share."""

import importlib
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from textual.app import App
from textual.screen import Screen

from workbench.bench import Bench
from workbench.errors import InputError
from workbench.tui.commands import Command, CommandProvider, bindings_of
from workbench.tui.screens.base import WorkbenchScreen

SCREENS = (
    ("label", "f2", "Label", "workbench.tui.screens.label", "LabelScreen"),
    ("data", "f3", "Data", "workbench.tui.screens.data", "DataScreen"),
    ("train", "f4", "Train", "workbench.tui.screens.train", "TrainScreen"),
    ("evaluate", "f5", "Evaluate", "workbench.tui.screens.evaluate", "EvaluateScreen"),
    ("runs", "f6", "Runs", "workbench.tui.screens.runs", "RunsScreen"),
)
"""Mode, key, title and class of every tab; a class is imported when its tab is first shown."""
_PURPOSE = {
    "label": "Answer the heads of each face.",
    "data": "See how the answers are distributed, and what blur and augmentation do.",
    "train": "Choose settings, start a run and watch it.",
    "evaluate": "See what a finished run can and cannot do.",
    "runs": "See all runs of this bench.",
}
_HELP = Command("help", ("f1",), "Help", "What this screen is for, and every key.", "Everywhere", "help")
_PALETTE = Command(
    "command_palette", ("ctrl+p",), "Command palette", "Find any command by name.", "Everywhere", "commands"
)
APP_COMMANDS = (
    _HELP,
    _PALETTE,
    *(
        Command(
            f"show_{mode}",
            (key,),
            f"Go to {title}",
            _PURPOSE[mode],
            "Everywhere",
            action=f"app.show('{mode}')",
        )
        for mode, key, title, _, _ in SCREENS
    ),
    Command(
        "change_theme",
        (),
        "Change the colours",
        "Choose a theme for this session.",
        "Everywhere",
        action="app.change_theme",
    ),
    Command(
        "quit",
        ("q", "ctrl+q"),
        "Quit",
        "Leave the workbench; every answer is saved already.",
        "Everywhere",
        "quit",
        action="app.quit",
    ),
)


def _make_screen(module: str, name: str) -> Screen[Any]:
    """Import a screen's module when it is needed, so that the first face need not wait for it."""
    screen: Screen[Any] = getattr(importlib.import_module(module), name)()
    return screen


class WorkbenchApp(App[int]):
    """All screens on one bench.

    Args:
        bench: The opened bench.
        annotator: Whose answers are recorded.
        first_screen: The tab to begin with.
        notice: What to tell a newcomer before anything else; empty for nothing.
    """

    CSS_PATH = "workbench.tcss"
    TITLE = "workbench"
    COMMANDS = {CommandProvider}
    COMMAND_PALETTE_BINDING = _PALETTE.keys[0]
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        mode: partial(_make_screen, module, name) for mode, _, _, module, name in SCREENS
    }
    BINDINGS = bindings_of(command for command in APP_COMMANDS if command is not _PALETTE)

    def __init__(
        self, bench: Bench, annotator: str = "", *, first_screen: str = "label", notice: str = ""
    ) -> None:
        super().__init__()
        self.bench = bench
        self.annotator = annotator
        self.first_screen = first_screen
        self.notice = notice
        self.done_line = ""

    @property
    def tabs(self) -> tuple[tuple[str, str, str], ...]:
        """(mode, key, title) of each tab."""
        return tuple((mode, key.upper(), title) for mode, key, title, _, _ in SCREENS)

    @property
    def status_line(self) -> str:
        """The right side of the header: bench, annotator, how much is done."""
        return " · ".join(part for part in (self.bench.name, self.annotator, self.done_line) if part)

    def commands(self) -> tuple[Command, ...]:
        """The commands that work on every tab."""
        return APP_COMMANDS

    def on_mount(self) -> None:
        """Show the first tab."""
        self.switch_mode(self.first_screen)

    def set_done(self, line: str) -> None:
        """Show how much is labelled, such as "412/2000 done", on the present tab and all others."""
        self.done_line = line
        if isinstance(self.screen, WorkbenchScreen):
            self.screen.show_status(self.status_line)

    def action_show(self, mode: str) -> None:
        """Go to a tab."""
        self.switch_mode(mode)

    def action_help(self) -> None:
        """Explain the present screen."""


def run_workbench(bench: Bench, annotator: str = "", *, first_screen: str = "label", notice: str = "") -> int:
    """Show the workbench until the person quits.

    Returns:
        The exit status.

    Raises:
        InputError: There is no terminal to draw on.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputError(
            "the screens need a terminal, and there is none",
            cure="run it in a terminal, or use a command such as: workbench stats BENCH",
        )
    if os.environ.get("TERM", "dumb") in ("dumb", "unknown", ""):
        raise InputError(
            "this terminal cannot draw screens (TERM=dumb)",
            where="TERM",
            cure="set TERM to what your terminal is, such as xterm-256color",
        )
    app = WorkbenchApp(bench, annotator, first_screen=first_screen, notice=notice)
    return app.run() or app.return_code or 0
