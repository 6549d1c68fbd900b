"""The commands of the screen that compares runs, and the words of its help page."""

from workbench.tui.commands import Command

HELP = """\
The marked runs side by side; the oldest is the one that the others are compared with. Each run's line has
its own mark (o x + * # @), which the line at the top explains, and ★ where its best epoch is; beside a
chart's title stands the newest value of each. Runs that still train go on growing.

The tables list only what differs: settings, machine and versions; the figures of each run's best epoch and
of the test split, with ★ on the best and ! on what is worse than in the first run; then how the data
differ. Figures of runs with different validation pictures say little about each other.
"""
_CHARTS, _LOOK = "Charts", "Look"

CHART_COMMANDS = (
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
        "split",
        ("t",),
        "Training or validation",
        "Show the curves of the other pictures.",
        _CHARTS,
        "train/val",
        "choose('split')",
    ),
    Command(
        "axis",
        ("x",),
        "X axis",
        "Epochs, steps, or the time since each began.",
        _CHARTS,
        "axis",
        "choose('axis')",
    ),
    Command(
        "log",
        ("y",),
        "Logarithmic y",
        "Logarithmic y axis, or an even one.",
        _CHARTS,
        "log",
        "choose('log')",
    ),
    Command("next_chart", ("tab",), "Next chart", "Choose the next chart.", _CHARTS, "chart", "chart(1)"),
    Command("last_chart", ("shift+tab",), "Previous chart", "Choose another.", _CHARTS, action="chart(-1)"),
    Command("zoom", ("enter", "z"), "Enlarge", "Give the chosen chart all the room.", _CHARTS, "enlarge"),
)
COMPARE_COMMANDS = (
    Command("swap", ("v",), "Charts or tables", "Show the curves, or what differs.", _LOOK, "charts/tables"),
    *CHART_COMMANDS,
    Command("up", ("up", "k"), "Up", "Scroll up.", _LOOK, action="scroll(-1)"),
    Command("down", ("down", "j"), "Down", "Scroll down.", _LOOK, "scroll", "scroll(1)", key_text="↑↓"),
    Command("page_up", ("pageup",), "Page up", "Scroll up a page.", _LOOK, action="scroll(-10)"),
    Command(
        "page_down", ("pagedown", "space"), "Page down", "Scroll down a page.", _LOOK, action="scroll(10)"
    ),
    Command("leave", ("escape",), "Back", "Show all charts again, or go back to the runs.", _LOOK, "back"),
)
