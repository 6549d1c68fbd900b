"""The workbench's app: the screens as tabs, the commands of all of them, and the bench that they share."""

import asyncio

from workbench.bench import Bench
from workbench.person import load_person
from workbench.tui.commands import bindings_of
from workbench.tui.desk import LabelDesk
from workbench.tui.keymap import NO_CHOICES, KeyMap, load_key_map
from workbench.tui.picture.choice import AUTO, DEFAULT, UNKNOWN, Look, Terminal, choose, look_around
from workbench.tui.picture.memory import recall
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.shell import PALETTE, Shell, Tab, everywhere, modes_of, run_shell
from workbench.tui.terminal import check_terminal

_SCREENS = "workbench.tui.screens"
TABS = (
    Tab("label", "f2", "Label", f"{_SCREENS}.label", "LabelScreen", "Answer the heads of each face."),
    Tab(
        "data",
        "f3",
        "Data",
        f"{_SCREENS}.data",
        "DataScreen",
        "See how the answers are distributed, and what blur and augmentation do.",
    ),
    Tab(
        "train",
        "f4",
        "Train",
        f"{_SCREENS}.train",
        "TrainScreen",
        "Choose settings, start a run and watch it.",
    ),
    Tab(
        "evaluate",
        "f5",
        "Evaluate",
        f"{_SCREENS}.evaluate",
        "EvaluateScreen",
        "See what a finished run can and cannot do.",
    ),
    Tab("runs", "f6", "Runs", f"{_SCREENS}.runs", "RunsScreen", "See all runs of this bench."),
)
SAMPLE_NOTICE = "This is the sample bench: drawn faces, most of them labelled already, yours to play with."
APP_COMMANDS = everywhere(TABS, "Leave the workbench; every answer is saved already.")


class WorkbenchApp(Shell):
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
        titled: Whether the terminal's title may say how a run goes.
    """

    TABS = TABS
    WATCHING = "train"
    EVERYWHERE = APP_COMMANDS
    MODES = modes_of(TABS)
    BINDINGS = bindings_of(command for command in APP_COMMANDS if command is not PALETTE)

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
        titled: bool = False,
    ) -> None:
        super().__init__(first_screen, keymap=keymap, titled=titled)
        self.bench = bench
        self.annotator = annotator
        self.first_screen = first_screen
        self.notice = notice
        self.done_line = ""
        self.watched_run = watched_run
        self.look, self.terminal = look, terminal
        self.desk = LabelDesk(bench, annotator, blind=blind)

    @property
    def status_line(self) -> str:
        """The right side of the header: bench, annotator, how much is done."""
        who = f"{self.annotator}, blind" if self.desk.blind else self.annotator
        return " · ".join(part for part in (self.bench.name, who, self.done_line) if part)

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
    load_person()  # a mistake in it is better heard now
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
        titled=bench.settings().screen.title,
    )
    return run_shell(app, look.colours)


def _look_for(bench: Bench, picture: str = AUTO, colours: str = AUTO) -> tuple[Terminal, Look]:
    """The terminal, and how pictures are drawn on it; before the app starts, which takes NO_COLOR away."""
    terminal, screen = look_around(), bench.settings().screen
    picture = screen.picture if picture == AUTO else picture
    colours = screen.colours if colours == AUTO else colours
    return terminal, choose(terminal, picture, colours, recall(terminal.term))
