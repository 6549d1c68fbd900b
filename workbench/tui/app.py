"""The workbench's app: the screens as tabs, the commands of all of them, and the bench that they share."""

import asyncio
import importlib
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from rich.color import ColorSystem
from textual.app import App
from textual.driver import Driver
from textual.screen import Screen

from workbench.bench import Bench
from workbench.tui.commands import EVERYWHERE, Command, CommandProvider, bindings_of, offered
from workbench.tui.desk import LabelDesk
from workbench.tui.keymap import NO_CHOICES, KeyMap, load_key_map
from workbench.tui.picture.choice import AUTO, DEFAULT, UNKNOWN, Look, Terminal, choose, look_around
from workbench.tui.picture.memory import recall
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.help import HelpScreen
from workbench.tui.terminal import check_terminal
from workbench.tui.terse import terse_driver
from workbench.tui.themes import DARK, LIGHT

if TYPE_CHECKING:
    from workbench.training.run import RunFolder

SCREENS = (
    ("label", "f2", "Label", "workbench.tui.screens.label", "LabelScreen"),
    ("data", "f3", "Data", "workbench.tui.screens.data", "DataScreen"),
    ("train", "f4", "Train", "workbench.tui.screens.train", "TrainScreen"),
    ("evaluate", "f5", "Evaluate", "workbench.tui.screens.evaluate", "EvaluateScreen"),
    ("runs", "f6", "Runs", "workbench.tui.screens.runs", "RunsScreen"),
)
"""Mode, key, title and class of every tab; a class is imported when its tab is first shown."""
SAMPLE_NOTICE = "This is the sample bench: drawn faces, most of them labelled already, yours to play with."
_PURPOSE = {
    "label": "Answer the heads of each face.",
    "data": "See how the answers are distributed, and what blur and augmentation do.",
    "train": "Choose settings, start a run and watch it.",
    "evaluate": "See what a finished run can and cannot do.",
    "runs": "See all runs of this bench.",
}
_HELP = Command("help", ("f1",), "Help", "What this screen is for, and every key.", EVERYWHERE, "help")
_PALETTE = Command(
    "command_palette", ("ctrl+p",), "Command palette", "Find any command by name.", EVERYWHERE, "commands"
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
            EVERYWHERE,
            action=f"app.show('{mode}')",
        )
        for mode, key, title, _, _ in SCREENS
    ),
    Command(
        "change_theme",
        (),
        "Change the colours",
        "Choose a theme for this session.",
        EVERYWHERE,
        action="app.change_theme",
    ),
    Command(
        "quit",
        ("q", "ctrl+q"),
        "Quit",
        "Leave the workbench; every answer is saved already.",
        EVERYWHERE,
        "quit",
        action="app.quit",
    ),
)


_SYSTEMS = {"true": ColorSystem.TRUECOLOR, "256": ColorSystem.EIGHT_BIT, "16": ColorSystem.STANDARD}


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
        notice: What to tell a newcomer before anything else, once; empty for nothing.
        watched_run: Name of the run that the Train screen shows first; empty for the newest.
        look: How pictures are drawn.
        terminal: What is known of the terminal, for the other ways to draw them.
        keymap: The keys that the person chose.
        blind: Show this annotator's own answers only.
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
        self,
        bench: Bench,
        annotator: str = "",
        *,
        first_screen: str = "label",
        notice: str = "",
        watched_run: str = "",
        blind: bool = False,
        look: Look = DEFAULT,
        terminal: Terminal = UNKNOWN,
        keymap: KeyMap = NO_CHOICES,
    ) -> None:
        self.DEFAULT_MODE = first_screen  # type: ignore[misc]  # else a blank screen would be painted first
        self.keymap = keymap
        super().__init__()
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = DARK.name
        keymap.rebind(self._bindings, APP_COMMANDS)
        self.bench = bench
        self.annotator = annotator
        self.first_screen = first_screen
        self.notice = notice
        self.done_line = ""
        self.watched_run = watched_run
        self.look, self.terminal = look, terminal
        self.desk = LabelDesk(bench, annotator, blind=blind)

    @property
    def tabs(self) -> tuple[tuple[str, str, str], ...]:
        """(mode, key, title) of each tab."""
        return tuple((mode, key.upper(), title) for mode, key, title, _, _ in SCREENS)

    @property
    def status_line(self) -> str:
        """The right side of the header: bench, annotator, how much is done."""
        who = f"{self.annotator}, blind" if self.desk.blind else self.annotator
        return " · ".join(part for part in (self.bench.name, who, self.done_line) if part)

    def commands(self) -> tuple[Command, ...]:
        """The commands that work on every tab."""
        return APP_COMMANDS

    def get_driver_class(self) -> type[Driver]:
        """The terminal's driver, in fewer bytes."""
        return terse_driver(super().get_driver_class())

    async def on_unmount(self) -> None:
        """Interrupt the search for pictures and let go of the labels."""
        await asyncio.to_thread(self.desk.close)

    def set_done(self, line: str) -> None:
        """Show how much is labelled, such as "412/2000 done", on the present tab and all others."""
        if line != self.done_line:
            self.done_line = line
            for screen in self.screen_stack:
                if isinstance(screen, WorkbenchScreen):
                    screen.show_status(self.status_line)

    def action_show(self, mode: str) -> None:
        """Go to a tab."""
        self.switch_mode(mode)

    def action_help(self) -> None:
        """Explain the present screen."""
        screen = self.screen
        if isinstance(screen, WorkbenchScreen):
            title = next((title for mode, _, title in self.tabs if mode == screen.MODE), "")
            self.push_screen(HelpScreen(title, screen.help_text(), offered(screen)))


def run_workbench(
    bench: Bench,
    annotator: str = "",
    *,
    first_screen: str = "label",
    is_sample: bool = False,
    blind: bool = False,
    picture: str = AUTO,
    colours: str = AUTO,
) -> int:
    """Show the workbench until the person quits.

    Args:
        bench: The opened bench.
        annotator: Whose answers are recorded.
        first_screen: The tab to begin with.
        is_sample: Whether it is the bench that comes with the program, so that a newcomer is told so.
        blind: Show this annotator's own answers only.
        picture: How pictures are drawn; "auto" leaves it to the bench's settings.
        colours: The terminal's colours, likewise.

    Returns:
        The exit status.

    Raises:
        InputError: There is no terminal to draw on.
    """
    check_terminal()
    notice = SAMPLE_NOTICE if is_sample else ""
    terminal, look = _look_for(bench, picture, colours)
    app = WorkbenchApp(
        bench,
        annotator,
        first_screen=first_screen,
        notice=notice,
        blind=blind,
        look=look,
        terminal=terminal,
        keymap=load_key_map(bench),
    )
    return _run(app)


def run_monitor(bench: Bench, run: "RunFolder", annotator: str = "") -> int:
    """Show the Train screen on one run.

    Raises:
        InputError: There is no terminal to draw on.
    """
    check_terminal()
    terminal, look = _look_for(bench)
    app = WorkbenchApp(
        bench,
        annotator,
        first_screen="train",
        watched_run=run.name,
        look=look,
        terminal=terminal,
        keymap=load_key_map(bench),
    )
    return _run(app)


def _look_for(bench: Bench, picture: str = AUTO, colours: str = AUTO) -> tuple[Terminal, Look]:
    """The terminal, and how pictures are drawn on it; before the app starts, which takes NO_COLOR away."""
    terminal, screen = look_around(), bench.settings().screen
    picture = screen.picture if picture == AUTO else picture
    colours = screen.colours if colours == AUTO else colours
    return terminal, choose(terminal, picture, colours, recall(terminal.term))


def _run(app: WorkbenchApp) -> int:
    """Draw until it is left."""
    if (system := _SYSTEMS.get(app.look.colours)) is not None:
        app.console._color_system = system  # Rich takes 16 colours for foot, Alacritty and others over SSH
    app.run()
    return app.return_code or 0
