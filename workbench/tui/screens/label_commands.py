"""The commands of the Label screen, and the words of its help page."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from workbench.schema import Head, Schema
from workbench.text import neutralise
from workbench.tui.commands import Command
from workbench.tui.screens.label_picture import PICTURE_COMMANDS

_ANSWER, _MOVE, _FILES, _RULES = "Answer", "Move", "Files", "Rules"

HELP = """\
A face at the left, its heads at the right. The active head is marked ▶; its rule stands below. A class's key
answers it, and the mark goes on to the next head, after the last to the next face. Every answer is on the
disk once “saved ✓” is shown; there is nothing to save by hand. A new answer of a head replaces the old one.

Quickest for one head: choose the queue in which it is open, then one key a face. A queue is a list made
when it was opened: what you answer stays in it until you open it again. A locked head gets its answer
together with the others of a face, never by looking alone; undo takes back each answer by itself. Every
command can have other keys: workbench keys prints them as a file to change.

What a network suggests (workbench suggest BENCH) stands behind ◇ with its confidence and is no answer. ⏎
accepts it for all open heads and goes on; a digit overrules the active head and stays for the rest. F8 gives
every class a letter: one key then overrules any head. A tenth of the pictures, by chance, show no suggestion
although there is one (the setting suggestions.hidden_share): workbench suggest BENCH --report compares their
answers with those that were given under one.
"""


def _session(
    name: str,
    keys: tuple[str, ...],
    title: str,
    explained: str,
    section: str,
    label: str = "",
    key_text: str = "",
) -> Command:
    """A command that the labelling session does."""
    return Command(name, keys, title, explained, section, label, f"session('{name}')", key_text)


LABEL_COMMANDS = (  # in the order in which the footer keeps them where it has little room
    _session(
        "cannot_tell",
        ("question_mark",),
        "Cannot tell",
        "Answer the active head with “cannot tell”; training leaves it out.",
        _ANSWER,
        "cannot tell",
    ),
    _session(
        "undo", ("u", "ctrl+z"), "Undo", "Take back the last answer, of earlier days too.", _ANSWER, "undo"
    ),
    _session("previous_picture", ("left",), "Previous picture", "Go back by one.", _MOVE),
    _session("next_picture", ("right",), "Next picture", "Go on by one.", _MOVE, "picture", "←→"),
    _session(
        "next_unlabelled",
        ("n",),
        "Next open picture",
        "Go to the next one with a head open.",
        _MOVE,
        "next open",
    ),
    Command("queue", ("o",), "Which pictures", "Choose a queue and its order.", _MOVE, "queue"),
    _session(
        "toggle_pass",
        ("p",),
        "One head, or all",
        "Ask the active head only, of one picture after the other; again asks all heads of each.",
        _MOVE,
        "one head",
    ),
    _session(
        "repeat",
        ("full_stop",),
        "Repeat the last answer",
        "Give the active head the answer that it was given last.",
        _ANSWER,
        "repeat",
    ),
    _session(
        "accept",
        ("enter",),
        "Accept the suggestions",
        "Answer every open head as suggested; then the next picture.",
        _ANSWER,
        "accept",
    ),
    Command(
        "sheet",
        ("m",),
        "Sheet of faces",
        "Many faces at once for the active head: letters for the exceptions, ⏎ for the rest.",
        _ANSWER,
        "sheet",
    ),
    _session(
        "toggle_lock",
        ("l",),
        "Lock the head",
        "Its answer is given together with the others of each picture that follows; again unlocks it.",
        _ANSWER,
        "lock",
    ),
    _session("previous_head", ("up",), "Previous head", "Make the head above active.", _MOVE),
    _session("next_head", ("down",), "Next head", "Make the head below active.", _MOVE, "head", "↑↓"),
    Command(
        "jump", ("slash", "g"), "Go to a picture", "By number, or by a part of its name.", _MOVE, "go to"
    ),
    _session(
        "toggle_flag",
        ("f",),
        "Flag the picture",
        "To be looked at again; again takes it away.",
        _ANSWER,
        "flag",
    ),
    _session(
        "carry",
        ("c",),
        "Carry forward",
        "Give every open head the answer that the last picture has.",
        _ANSWER,
    ),
    Command("note", ("t",), "Note", "Write something down about the picture.", _ANSWER),
    _session("redo", ("U", "ctrl+y"), "Redo", "Give again what was taken back.", _ANSWER),
    _session("clear", ("delete", "backspace"), "Clear", "Take the active head's answer away.", _ANSWER),
    Command(
        "letters",
        ("f8",),
        "Letters or digits",
        "A letter for each class of each head, or digits for the active head.",
        _ANSWER,
    ),
    _session(
        "next_doubtful",
        ("N",),
        "Next doubtful picture",
        "Go to the next one that is flagged, or where somebody could not tell.",
        _MOVE,
    ),
    Command("history", ("i",), "History", "Who said what of this picture, when and how.", _MOVE),
    Command("first", ("home",), "First picture", "Go to the beginning.", _MOVE),
    Command("last", ("end",), "Last picture", "Go to the end.", _MOVE),
    *PICTURE_COMMANDS,
    Command(
        "import_labels",
        ("ctrl+o",),
        "Import labels",
        "Read answers from a file; a report of every refused row comes first.",
        _FILES,
    ),
    Command("export_labels", ("ctrl+e",), "Export labels", "Write all answers to a file.", _FILES),
    Command("rescan", ("r",), "Look for pictures again", "Find new, moved and changed pictures.", _FILES),
    Command(
        "set_aside", ("s",), "Pictures set aside", "List pictures that cannot be read, and copies.", _FILES
    ),
)


def named_for_pass(commands: Iterable[Command], *, passing: bool) -> Iterator[Command]:
    """The commands, the one that ends a pass over one head called after that while there is one."""
    for command in commands:
        is_end = passing and command.id == "toggle_pass"
        yield replace(command, label="all heads") if is_end else command


def rule_commands(schema: Schema) -> tuple[Command, ...]:
    """Every head's rule, for the end of the help page."""
    return tuple(
        Command(
            f"rule_{head.name}", (), neutralise(f"“{head.title}”"), neutralise(head.rule), _RULES, runs=False
        )
        for head in schema.heads
        if head.rule
    )


def answer_commands(schema: Schema, active: Head | None) -> tuple[Command, ...]:
    """Answering as commands: one for the footer and the help page, one a class for the palette.

    The screen takes these keys itself, because which keys there are depends on the schema.
    """
    keys = [one.key for head in schema.heads for one in head.classes]
    longest = max(schema.heads, key=lambda head: len(head.classes))
    shown = f"{longest.classes[0].key}-{longest.classes[-1].key}"
    general = Command(
        "answer_keys",
        (),
        "Answer the active head",
        f"Each class's key stands behind it; {len(set(keys))} keys in all.",
        _ANSWER,
        "class",
        key_text=shown,
        runs=False,
    )
    flag = neutralise(schema.exclusion.title)
    exclude = Command(
        "exclude",
        (),
        flag.capitalize(),
        "Set the picture aside as nothing to label; again takes it back.",
        _ANSWER,
        flag,
        key_text=schema.exclusion.key,
    )
    if active is None:
        return (general, exclude)
    classes = tuple(
        Command(
            f"answer_{one.name}",
            (),
            neutralise(f"{active.title}: {one.title or one.name}"),
            "Answer the active head with this class.",
            _ANSWER,
            action=f"answer({one.key!r})",
            key_text=one.key,
        )
        for one in active.classes
    )
    return (general, exclude, *classes)
