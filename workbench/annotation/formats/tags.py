"""Tags of other tools, which know no heads, as answers of ours."""

from collections.abc import Iterable, Mapping
from typing import Literal

from workbench.annotation.formats.answers import by_spelling, from_word, read_flag
from workbench.annotation.formats.base import RowProblem
from workbench.annotation.formats.cells import normalise
from workbench.annotation.labels import EXCLUDED, Answer, Special
from workbench.errors import ImportRefused
from workbench.schema import Exclusion, Head, Schema
from workbench.toml import suggestion

Target = tuple[str, Answer]
"""A head's name (or the exclusion's) and its answer."""
Question = Head | Exclusion
"""What a column, a control or an attribute may be about."""
LEFT_OUT = ("", "-")
"""Targets that say: this tag means nothing here."""
UNMAPPED: Literal["unmapped"] = "unmapped"
"""The mapping does not speak of a tag."""
TAG_NAMES = frozenset({"label", "labels", "tag", "tags", "choice", "choices", "class", "classes"})
"""How other tools call what holds tags of any head."""


def parse_mapping(entries: Iterable[str], schema: Schema) -> dict[str, str]:
    """Read `tag=head.class` entries of a command line.

    Args:
        entries: Such texts; `tag=` leaves a tag out.
        schema: Every target is checked against it.

    Raises:
        ImportRefused: No "=", an unknown head or class, or one tag mapped twice.
    """
    mapping: dict[str, str] = {}
    for entry in entries:
        tag, equals, target = entry.rpartition("=")
        tag, target = tag.strip(), target.strip()
        if not equals or not tag:
            raise ImportRefused(f"expected tag=head.class, got {entry!r}", where="--map")
        if mapping.get(tag, target) != target:
            raise ImportRefused(f"the tag {tag!r} is mapped twice", where="--map", cure="keep one")
        parse_target(target, schema)
        mapping[tag] = target
    return mapping


def parse_target(text: str, schema: Schema) -> Target | None:
    """Read `head.class`, or the exclusion's name; None for a tag to be left out.

    Raises:
        ImportRefused: No such head or class; names the nearest.
    """
    if text in LEFT_OUT:
        return None
    if normalise(text) in _flag_names(schema):
        return schema.exclusion.name, EXCLUDED
    for head in schema.heads:
        for separator in ".:=":
            name, found, rest = text[: len(head.name)], text[len(head.name) :][:1], text[len(head.name) + 1 :]
            if name.casefold() != head.name.casefold() or found != separator:
                continue
            if chosen := head.by_name(rest) or by_spelling(rest, head):
                return head.name, chosen.name
            if normalise(rest) == "cannot_tell":
                return head.name, Special.CANNOT_TELL
    valid = [f"{head.name}.{one.name}" for head in schema.heads for one in head.classes]
    raise ImportRefused(f"no such answer: {text!r}", where="--map", cure=suggestion(text, valid))


def _flag_names(schema: Schema) -> tuple[str, ...]:
    """How the exclusion may be called."""
    flag = schema.exclusion
    return normalise(flag.name), normalise(flag.title), normalise(f"{flag.name}.yes")


def _by_spelling_of_names(questions: Iterable[Question]) -> dict[str, Question]:
    """Heads and exclusion by the spellings of name and title that only one of them has."""
    spelt: dict[str, list[Question]] = {}
    for one in questions:
        for spelling in {normalise(one.name), normalise(one.title)} - {""}:
            spelt.setdefault(spelling, []).append(one)
    return {spelling: several[0] for spelling, several in spelt.items() if len(several) == 1}


class Vocabulary:
    """Every spelling of every answer.

    Args:
        schema: The heads.
        mapping: tag -> "head.class", which goes before all else.

    Raises:
        ImportRefused: A target of the mapping is unknown.
    """

    def __init__(self, schema: Schema, mapping: Mapping[str, str]) -> None:
        self.schema = schema
        questions: list[Question] = [*schema.heads, schema.exclusion]
        self._questions = {one.name: one for one in questions}
        self._spelt = _by_spelling_of_names(questions)
        self._mapped = {normalise(tag): parse_target(target, schema) for tag, target in mapping.items()}
        self._known: dict[str, list[Target]] = {}
        for head in schema.heads:
            for one in head.classes:
                for spelling in (one.name, one.title):
                    self._add(spelling, (head.name, one.name))
                    for prefix in (head.name, head.title):
                        self._add(f"{prefix}_{spelling}", (head.name, one.name))
            self._add(f"{head.name}_cannot_tell", (head.name, Special.CANNOT_TELL))
        for spelling in _flag_names(schema):
            self._add(spelling, (schema.exclusion.name, EXCLUDED))

    def _add(self, spelling: str, target: Target) -> None:
        """Let a spelling mean this, perhaps among other things."""
        targets = self._known.setdefault(normalise(spelling), [])
        if target not in targets:
            targets.append(target)

    def resolve(self, tag: str) -> Target | None:
        """What a tag means; None for one to be left out.

        Raises:
            RowProblem: It means nothing, or several things.
        """
        key = normalise(tag)
        if key in self._mapped:
            return self._mapped[key]
        found = self._known.get(key, [])
        if len(found) == 1:
            return found[0]
        if found:
            options = [_in_words(target) for target in found]
            raise RowProblem(
                f"the tag {tag!r} may mean {' or '.join(options)}",
                f"say which with --map '{tag}={options[0]}'",
            )
        near = suggestion(tag, list(self._known)) if tag.strip() else ""
        near = near if near.startswith("did") else ""
        cure = f"say what it means with --map '{tag}=head.class', or leave it out with --map '{tag}='"
        raise RowProblem(f"the tag {tag!r} is no class", f"{near} {cure}".strip())

    def question(self, text: str) -> Question | None:
        """The head, or the exclusion, of this name; its exact name goes before a spelling."""
        return self._questions.get(text) or self._spelt.get(normalise(text))

    def mapped(self, question: str, tag: str) -> Target | Literal["unmapped"] | None:
        """What the mapping says of a tag, or of a tag of one question; None for one to be left out."""
        for key in (normalise(f"{question}.{tag}"), normalise(tag)):
            if key in self._mapped:
                return self._mapped[key]
        return UNMAPPED

    def resolve_in(self, head: Head, tag: str) -> Target | None:
        """What a tag means as an answer to one head; None for one to be left out.

        Raises:
            RowProblem: It is none of the head's classes, and the mapping does not say what it is.
        """
        key = normalise(f"{head.name}.{tag}")
        if key in self._mapped:
            return self._mapped[key]
        if (answer := from_word(tag, head)) is not None:
            return head.name, answer
        if (mapped := self.mapped(head.name, tag)) != UNMAPPED:
            return mapped
        near = suggestion(tag, [one.name for one in head.classes])
        raise RowProblem(
            f"{head.name} has no class {tag!r}", f"{near} or say what it is with --map '{tag}=head.class'"
        )

    def collect(self, said: Iterable[tuple[str, str]]) -> tuple[dict[str, Answer], bool | None]:
        """What the answers to several questions about one picture come to.

        Args:
            said: A head's or the exclusion's name and a tag; "" as the name for a tag of any head.

        Returns:
            The answers by head, and the exclusion flag; None where nothing is said of it.

        Raises:
            RowProblem: One of them is not understood, or two are of one head.
        """
        answers: dict[str, Answer] = {}
        by: dict[str, str] = {}
        excluded: bool | None = None
        flag = self.schema.exclusion.name
        for name, tag in said:
            asked = self.question(name) if name else None
            if isinstance(asked, Exclusion):
                excluded = self._flag(tag)
                continue
            target = self.resolve_in(asked, tag) if asked else self.resolve(tag)
            if target is None:
                continue
            head, answer = target
            if answers.setdefault(head, answer) != answer:
                raise RowProblem(f"{by[head]!r} and {tag!r} are both {head}", "keep one of them")
            by.setdefault(head, tag)
        if answers.pop(flag, None) is not None:
            excluded = True
        return answers, excluded

    def _flag(self, tag: str) -> bool | None:
        """What is said of the exclusion."""
        mapped = self.mapped(self.schema.exclusion.name, tag)
        if mapped != UNMAPPED and mapped is not None and mapped[0] == self.schema.exclusion.name:
            return True
        return (
            True if normalise(tag) in _flag_names(self.schema) else read_flag(tag, self.schema.exclusion.name)
        )


def _in_words(target: Target) -> str:
    """A target as the mapping wants it."""
    head, answer = target
    return f"{head}.{answer.value if isinstance(answer, Special) else answer}"
