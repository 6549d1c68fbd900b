"""The commands of the Runs screen, and the words of its help page."""

from workbench.tui.commands import Command
from workbench.tui.screens.table_keys import SORT_COMMANDS, TABLE_COMMANDS

_RUN, _LOOK, _FIND, _KEEP = "Run", "Look", "Find", "Keep"

HELP = """\
Every run of this bench, the newest first. A run trains in a process of its own: it goes on when the workbench
is closed, and any terminal can watch it. “died” means that the process is gone without a word; the last
checkpoint is still there, and R goes on from it. Loss, accuracy and macro-F1 are those of the best epoch on
validation, the last two the mean of all heads.

Space marks runs; c puts two to six marked ones side by side, or a marked one and the one under the cursor.

/ shows only some runs. Each word must stand in the name, preset, tags, note or state; or it asks about one
column: state:died  tag:good  preset=fast  best<0.4  accuracy>=0.9  duration>2h  started>=2026-11-01.
Quotes keep blanks together; esc shows all again.
"""

RUNS_COMMANDS = (
    Command("watch", ("enter",), "Watch", "Open the run in Train, live or ended.", _LOOK, "watch"),
    Command("evaluate", ("e",), "Evaluate", "Open the run in Evaluate.", _LOOK, "evaluate"),
    Command(
        "info", ("i",), "About this run", "Settings, versions, host, the end of its log.", _LOOK, "about"
    ),
    Command("compare", ("c",), "Compare", "Put the marked runs side by side.", _LOOK, "compare"),
    Command("stop", ("s",), "Stop", "Ask it to stop after the batch and save.", _RUN, "stop"),
    Command(
        "resume", ("R",), "Resume", "Start a worker that goes on from the last checkpoint.", _RUN, "resume"
    ),
    Command("remove", ("delete",), "Remove", "Move it to the trash, after a question.", _RUN, "remove"),
    Command("filter", ("slash",), "Only some runs", "Type words that they must have.", _FIND, "filter"),
    Command("all_runs", ("escape",), "All runs", "Show all again.", _FIND, "all"),
    *SORT_COMMANDS,
    Command("note", ("n",), "Note", "Write a line about the run.", _KEEP, "note"),
    Command("tags", ("t",), "Tags", "Give it words by which it is found again.", _KEEP, "tags"),
    Command("mark", ("space",), "Mark", "Mark the run, or take the mark away.", _KEEP, "mark"),
    *TABLE_COMMANDS,
    Command("trash", ("T",), "Trash", "Bring removed runs back, or remove them for good.", _KEEP, "trash"),
)
