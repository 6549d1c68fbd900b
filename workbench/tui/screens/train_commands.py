"""The commands of the Train screen, and the words of its help page."""

from workbench.tui.commands import Command

_SETUP, _MONITOR, _CHARTS = "Setting a run up", "Watching a run", "Charts"

HELP = """\
Choose a preset, change what you like, and g starts the run. The run is a process of its own: quitting the
workbench or losing the line does not touch it, and coming back shows its whole curve and goes on.

Each chart has the training curve as a thin line (⠒), the validation curve as a thick one (▀), and for an
accuracy the share of the most frequent class as dots (·): a head that does not rise above them has learnt
nothing. × marks a value that is no number. Curves are smoothed first and thinned out then; spikes stay.
"""


def _move(setup: bool) -> tuple[Command, ...]:
    """Up and down, in the list or over the charts."""
    section = _SETUP if setup else _CHARTS
    name, what = ("move", "setting") if setup else ("scroll", "charts")
    step, page = (1, 10) if setup else (4, 12)
    return (
        Command(f"{name}_up", ("up",), f"Up, {what}", "Go up.", section, action=f"{name}(-{step})"),
        Command(
            f"{name}_down",
            ("down",),
            f"Down, {what}",
            "Go down.",
            section,
            what if setup else "scroll",
            f"{name}({step})",
            "↑↓",
        ),
        Command(
            f"{name}_pageup", ("pageup",), f"Page up, {what}", "A page.", section, action=f"{name}(-{page})"
        ),
        Command(
            f"{name}_pagedown",
            ("pagedown",),
            f"Page down, {what}",
            "A page.",
            section,
            action=f"{name}({page})",
        ),
    )


SETUP_COMMANDS = (
    Command("start", ("g",), "Start the run", "Start training with these settings.", _SETUP, "start"),
    Command("preset", ("p",), "Next preset", "Take the next preset.", _SETUP, "preset", "preset(1)"),
    Command("preset_back", ("P",), "Previous preset", "Take the one before.", _SETUP, action="preset(-1)"),
    *_move(True),
    Command("first", ("home",), "First setting", "Go to the first.", _SETUP, action="move(-1000)"),
    Command("last", ("end",), "Last setting", "Go to the last.", _SETUP, action="move(1000)"),
    Command(
        "edit", ("enter",), "Edit", "Type another value; enter takes it, escape does not.", _SETUP, "edit"
    ),
    Command("cycle_back", ("left",), "Previous choice", "Of a list of choices.", _SETUP, action="cycle(-1)"),
    Command("cycle", ("right",), "Next choice", "Of a list of choices.", _SETUP, "choice", "cycle(1)", "←→"),
    Command(
        "reset", ("r",), "Reset", "Take back the change of this setting.", _SETUP, "reset", "reset(False)"
    ),
    Command("reset_all", ("R",), "Reset all", "Take back every change.", _SETUP, "reset all", "reset(True)"),
    Command("take", (), "Take the value", "While typing.", _SETUP, "take it", key_text="⏎", runs=False),
    Command("back", ("escape",), "Back", "Leave the field, or go back to the run.", _SETUP, "back"),
)
MONITOR_COMMANDS = (
    Command("stop", ("s",), "Stop and save", "Stop after the batch and save.", _MONITOR, "stop and save"),
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
    Command(
        "metric",
        ("l",),
        "Accuracy, loss or F1",
        "Show another figure of the heads.",
        _CHARTS,
        "loss/acc",
        "choose('metric')",
    ),
    Command(
        "smoothing",
        ("m",),
        "Smoothing",
        "Smooth training curves more, or not at all.",
        _CHARTS,
        "smooth",
        "choose('smoothing')",
    ),
    Command(
        "next_chart", ("tab",), "Next chart", "Choose the next chart.", _CHARTS, "chart", "chart(1)", "tab"
    ),
    Command("last_chart", ("shift+tab",), "Previous chart", "Choose another.", _CHARTS, action="chart(-1)"),
    Command("zoom", ("enter", "z"), "Enlarge", "Give the chosen chart all the room.", _CHARTS, "enlarge"),
    Command("unzoom", ("escape",), "All charts", "Show all charts again.", _CHARTS, "all charts"),
    Command("axis", ("x",), "Epoch axis", "All epochs, or those so far.", _CHARTS, "axis", "choose('axis')"),
    *_move(False),
    Command("notes", ("e",), "Events", "Everything that the run noted.", _MONITOR, "events"),
    Command("log", ("w",), "Worker's log", "The end of what the worker printed.", _MONITOR, "log"),
)
