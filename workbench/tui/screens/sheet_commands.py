"""The commands of the sheet, and the words of its help page."""

from workbench.tui.commands import Command

_FACES, _MOVE = "Faces", "Move"

HELP = """\
Many faces that a network takes for the same class, the surest first. If all of them are, ⏎ stores that for
the whole page and shows the next one. An exception: the letter under the face, then the key of its class (of
a head with two classes the letter alone turns it). Nothing is stored before ⏎, and nothing at all for a face
that is left out or cannot be shown. u takes the last page back as one step.

Suggestions come from workbench suggest BENCH. Pictures whose suggestions are held back are on no sheet. Where
nothing is suggested for a head, press the key of the class first that all of these faces are.
"""

SHEET_COMMANDS = (
    Command(
        "accept", ("enter",), "Accept the page", "Store it and show the next one.", _FACES, "accept rest"
    ),
    Command(
        "cannot_tell",
        ("question_mark",),
        "Cannot tell",
        "The chosen face's answer is “cannot tell”.",
        _FACES,
        "cannot tell",
    ),
    Command("leave_out", ("space",), "Leave out", "No answer for the chosen face.", _FACES, "leave out"),
    Command(
        "undo", ("u", "ctrl+z"), "Take the page back", "Undo the last page as one step.", _FACES, "undo page"
    ),
    Command("leave", ("escape",), "Back", "To the Label screen; this page is not stored.", _MOVE, "back"),
    Command("previous_class", ("left",), "Class before", "Show its faces.", _MOVE, action="move_class(-1)"),
    Command("next_class", ("right",), "Next class", "Show its faces.", _MOVE, "class", "move_class(1)", "←→"),
    Command("previous_head", ("up",), "Head before", "Show its faces.", _MOVE, action="move_head(-1)"),
    Command("next_head", ("down",), "Next head", "Show its faces.", _MOVE, "head", "move_head(1)", "↑↓"),
    Command("zoom", ("z",), "Zoom", "The part that suits the head, or the whole picture.", _MOVE, "zoom"),
)

CHOOSE = Command(
    "choose_face",
    (),
    "Choose a face",
    "Its letter; again takes the change back. Then a class's key, ?, the exclusion's key or a blank.",
    _FACES,
    "face, then class",
    key_text="a-z 1-9",
    runs=False,
)
"""Explains the letters, which the screen takes itself."""
