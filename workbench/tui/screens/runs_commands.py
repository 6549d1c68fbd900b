"""The commands of the Runs screen, and the words of its help page."""

from workbench.tui.commands import Command
from workbench.tui.screens.table_keys import TABLE_COMMANDS

_RUN, _LOOK = "Run", "Look"

HELP = """\
Every run of this bench, the newest first. A run trains in a process of its own: it goes on when the workbench
is closed, and any terminal can watch it. “died” means that the process is gone without a word; the last
checkpoint is still there, and R goes on from it.
"""

RUNS_COMMANDS = (
    Command("watch", ("enter",), "Watch", "Open the run in Train, live or ended.", _LOOK, "watch"),
    Command("evaluate", ("e",), "Evaluate", "Open the run in Evaluate.", _LOOK, "evaluate"),
    Command(
        "info", ("i",), "About this run", "Settings, versions, host, the end of its log.", _LOOK, "about"
    ),
    Command("stop", ("s",), "Stop", "Ask it to stop after the batch and save.", _RUN, "stop"),
    Command(
        "resume", ("R",), "Resume", "Start a worker that goes on from the last checkpoint.", _RUN, "resume"
    ),
    Command("remove", ("delete",), "Remove", "Remove the run's folder, after a question.", _RUN, "remove"),
    *TABLE_COMMANDS,
)
