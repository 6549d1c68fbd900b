"""The commands of the Train screen, and the words of its help page."""

from workbench.tui.commands import Command
from workbench.tui.screens.chart_keys import CHART_COMMANDS, CHART_HELP
from workbench.tui.screens.chart_keys import SECTION as _CHARTS

_SETUP, _MONITOR = "Setting a run up", "Watching a run"

_RUNS = """\
The run is a process of its own: quitting or losing the line does not touch it, and coming back shows its
whole curve and goes on.
"""
_WATCHING = """\
The status says what the run does, when its worker last gave a sign of life, and how old the data is. A run
whose worker ended without a word has died: its lock is free. What you ask of a run is shown as asked, taken
(after the batch) and done. To pause is to save and end the process, for nothing else gives all memory back;
space goes on from there. Added epochs begin where the plan ends: where the learning rate has fallen to 0 by
then, it falls once more, from a tenth of its peak.
"""
HELP = f"Choose a preset, change what you like, and g starts the run. {_RUNS}\n{_WATCHING}\n{CHART_HELP}"
MONITOR_HELP = f"{_RUNS}\n{_WATCHING}\n{CHART_HELP}"


def _move(section: str, what: str, label: str) -> tuple[Command, ...]:
    """Up and down, in the list or over the charts: the same keys do the same in both views."""
    return (
        Command("up", ("up",), f"Up, {what}", "Go up.", section, action="move(-1)"),
        Command("down", ("down",), f"Down, {what}", "Go down.", section, label, "move(1)", "↑↓"),
        Command("page_up", ("pageup",), f"Page up, {what}", "Go up by a page.", section, action="page(-1)"),
        Command("page_down", ("pagedown",), f"Page down, {what}", "Go down.", section, action="page(1)"),
        Command("first", ("home",), f"To the top, {what}", "Go to the first.", section, action="page(-100)"),
        Command("last", ("end",), f"To the end, {what}", "Go to the last.", section, action="page(100)"),
    )


SETUP_COMMANDS = (
    Command("start", ("g",), "Start the run", "Start training with these settings.", _SETUP, "start"),
    Command("preset", ("p",), "Next preset", "Take the next preset.", _SETUP, "preset", "preset(1)"),
    Command("preset_back", ("P",), "Previous preset", "Take the one before.", _SETUP, action="preset(-1)"),
    *_move(_SETUP, "settings", "setting"),
    Command("edit", ("enter",), "Edit", "Type another value.", _SETUP, "edit", "open"),
    Command(
        "cycle_back", ("left",), "Previous choice", "Of a list of choices.", _SETUP, action="sideways(-1)"
    ),
    Command(
        "cycle", ("right",), "Next choice", "Of a list of choices.", _SETUP, "choice", "sideways(1)", "←→"
    ),
    Command("reset", ("r",), "Reset", "Take back the change of this setting.", _SETUP, "reset", "adjust"),
    Command("reset_all", ("R",), "Reset all", "Take back every change.", _SETUP, "reset all", "reset(True)"),
    Command("take", (), "Take the value", "While typing.", _SETUP, "take it", key_text="⏎", runs=False),
    Command("back", ("escape",), "Back", "Leave the field, or go back to the run.", _SETUP, "back"),
)
MONITOR_COMMANDS = (
    Command(
        "pause",
        ("space",),
        "Pause, or go on",
        "Save and give all memory back; again to go on.",
        _MONITOR,
        "pause/resume",
        "pause",
    ),
    Command("stop", ("s",), "Stop and save", "Stop after the batch and save.", _MONITOR, "stop and save"),
    Command("epochs", ("e",), "More epochs", "Add epochs, to a finished run too.", _MONITOR, "+epochs"),
    Command(
        "rate", ("r",), "Learning rate", "Another one from the next batch on.", _MONITOR, "rate", "adjust"
    ),
    Command(
        "checkpoint", ("k",), "Save now", "Save a checkpoint after the batch, and go on.", _MONITOR, "save"
    ),
    Command("abort", ("A",), "End without saving", "End after the batch; asks first.", _MONITOR),
    Command("new", ("n",), "New run", "Set a new run up.", _MONITOR, "new run"),
    Command(
        "older",
        ("left_square_bracket",),
        "Older run",
        "Show the run before this one.",
        _MONITOR,
        action="run(1)",
    ),
    Command(
        "newer",
        ("right_square_bracket",),
        "Newer run",
        "Show the run after this one.",
        _MONITOR,
        "run",
        "run(-1)",
        "[ ]",
    ),
    *CHART_COMMANDS,
    *_move(_CHARTS, "charts", "scroll"),
    Command("notes", ("v",), "Events", "Everything that the run noted.", _MONITOR, "events"),
    Command("log", ("w",), "Worker's log", "The end of what the worker printed.", _MONITOR, "log"),
)
WATCH_COMMANDS = tuple(command for command in MONITOR_COMMANDS if command.id != "new")
"""Those of a screen on which no run can be set up."""
CHART_ACTIONS = frozenset(command.action_name for command in MONITOR_COMMANDS if command.section == _CHARTS)
"""Those that need charts."""
_SHARED = {key for command in MONITOR_COMMANDS for key in command.keys}
ALL_COMMANDS = (
    *MONITOR_COMMANDS,
    *(command for command in SETUP_COMMANDS if not _SHARED & set(command.keys)),
)
"""Each key once; those that both views have mean what the view makes of them."""
