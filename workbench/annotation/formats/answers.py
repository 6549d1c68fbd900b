"""Answers as words of other people's files, and back."""

import re

from workbench.annotation.formats.base import RowProblem
from workbench.annotation.formats.cells import normalise
from workbench.annotation.labels import Answer, Special
from workbench.schema import AnswerClass, Head
from workbench.toml import suggestion

NUMBER = re.compile(r"[+-]?\d{1,9}(\.0*)?")  # pandas writes 1.0 where a column has gaps
YES, NO = ("1", "yes", "true"), ("0", "no", "false", "none")
_CANNOT_TELL = Special.CANNOT_TELL.value


def cannot_tell_word(head: Head) -> str:
    """How "cannot tell" is written among the names of this head's classes, none of which it is."""
    word = _CANNOT_TELL
    while head.by_name(word):
        word += "_"
    return word


def to_word(head: Head, answer: Answer) -> str:
    """An answer as a word that `from_word` reads back."""
    return cannot_tell_word(head) if isinstance(answer, Special) else answer


def from_word(text: str, head: Head) -> Answer | None:
    """The answer of a head that a word means; None if it means none.

    A class's own name goes before everything else.
    """
    if chosen := head.by_name(text):
        return chosen.name
    if text == cannot_tell_word(head):
        return Special.CANNOT_TELL
    if chosen := by_spelling(text, head):
        return chosen.name
    return Special.CANNOT_TELL if text.strip() == "?" or normalise(text) == _CANNOT_TELL else None


def by_spelling(text: str, head: Head) -> AnswerClass | None:
    """The one class whose name or title is spelt so, case and separators aside."""
    wanted = normalise(text)
    found = [one for one in head.classes if wanted in (normalise(one.name), normalise(one.title))]
    return found[0] if len(found) == 1 else None


def read_answer(cell: str, head: Head) -> Answer | None:
    """A cell as an answer: a code, -1, or a class name; None for an empty cell.

    Raises:
        RowProblem: The head has no such class.
    """
    text = cell.strip()
    if not text:
        return None
    if NUMBER.fullmatch(text):
        code = int(text.split(".")[0])
        if code == -1:
            return Special.CANNOT_TELL
        if chosen := head.by_code(code):
            return chosen.name
    if chosen := head.by_name(cell) or (head.by_name(cell[1:]) if cell.startswith("'") else None):
        return chosen.name
    if chosen := by_spelling(text, head):
        return chosen.name
    if text == "?" or normalise(text) == _CANNOT_TELL:
        return Special.CANNOT_TELL
    if NUMBER.fullmatch(text):
        codes = ", ".join(f"{one.code} {one.name}" for one in head.classes)
        raise RowProblem(f"{head.name} has no code {text}", f"codes: {codes}, -1 cannot tell")
    raise RowProblem(
        f"{head.name} has no class {text!r}", suggestion(text, [one.name for one in head.classes])
    )


def read_flag(cell: str, name: str) -> bool | None:
    """A cell as the exclusion flag of this name; None for an empty cell.

    Raises:
        RowProblem: Neither yes nor no.
    """
    text = cell.strip().casefold()
    if NUMBER.fullmatch(text):
        text = text.split(".")[0].lstrip("+")
    if text in ("", *YES, *NO):
        return text in YES if text else None
    raise RowProblem(f"{name} is {cell!r}", "use 1, 0 or nothing")
