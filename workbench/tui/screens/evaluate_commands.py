"""The commands of the Evaluate screen, and the words of its help page."""

from workbench.tui.commands import Command
from workbench.tui.screens.table_keys import SORT_COMMANDS, TABLE_COMMANDS

_SEE, _TABLE, _RUN = "See", "Table", "Run"

HELP = """\
What a run's network is worth, measured on pictures as they were when the run was made. Test pictures were
never seen while it learned; trust these. An accuracy means little beside the majority: so often is right who
always gives the most frequent answer. ✗ marks heads that are no better, ~ those that may be no better.

Macro-F1 counts every class alike, however rare; the weakest class is the one found least often. A dash
stands for what cannot be said: there is no such picture. Columns that do not fit stand on the next page: →.
"""

EVALUATE_COMMANDS = (
    Command("open", ("enter",), "Classes of a head", "Support, precision, recall, F1.", _SEE, "classes"),
    Command("back", ("escape", "backspace"), "Back to the heads", "Show all heads.", _SEE, "heads"),
    Command("confusion", ("c",), "Confusion matrix", "What was taken for what.", _SEE, "confusion"),
    Command("split", ("v",), "Another split", "Classes on train, validation or test.", _SEE, "split"),
    Command("notes", ("m",), "Notes", "All notes, and pictures that cannot be read.", _SEE, "notes"),
    *TABLE_COMMANDS,
    *SORT_COMMANDS,
    Command("save", ("w",), "Save the table", "As CSV, Markdown, JSON or text.", _TABLE, "save"),
    Command(
        "older",
        ("left_square_bracket",),
        "Older run",
        "Show the run before this one.",
        _RUN,
        "run",
        "other_run(1)",
        "[ ]",
    ),
    Command(
        "newer",
        ("right_square_bracket",),
        "Newer run",
        "Show the run after this one.",
        _RUN,
        action="other_run(-1)",
    ),
    Command("again", ("a",), "Evaluate again", "Predict every picture once more.", _RUN, "evaluate again"),
    Command("cancel", ("x",), "Cancel", "End the evaluation that is under way.", _RUN, "cancel"),
)
