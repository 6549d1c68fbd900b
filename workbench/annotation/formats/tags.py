"""Tags of other tools, which know no heads, as answers of ours."""

from collections.abc import Iterable, Mapping, Sequence

from workbench.annotation.formats.base import RowProblem
from workbench.annotation.formats.cells import normalise
from workbench.annotation.formats.own_csv import by_spelling
from workbench.annotation.labels import EXCLUDED, Answer, Special
from workbench.errors import ImportRefused
from workbench.schema import Schema
from workbench.toml import suggestion

Target = tuple[str, Answer]
"""A head's name (or the exclusion's) and its answer."""
LEFT_OUT = ("", "-")
"""Targets that say: this tag means nothing here."""


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


class Vocabulary:
    """Every spelling of every answer.

    Args:
        schema: The heads.
        mapping: tag -> "head.class", which goes before all else.

    Raises:
        ImportRefused: A target of the mapping is unknown.
    """

    def __init__(self, schema: Schema, mapping: Mapping[str, str]) -> None:
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

    def resolve_all(self, tags: Sequence[str]) -> dict[str, Answer]:
        """What several tags of one picture say, by head.

        Raises:
            RowProblem: One of them is not understood, or two are of one head.
        """
        answers: dict[str, Answer] = {}
        by: dict[str, str] = {}
        for tag in tags:
            target = self.resolve(tag)
            if target is None:
                continue
            head, answer = target
            if answers.setdefault(head, answer) != answer:
                raise RowProblem(f"{by[head]!r} and {tag!r} are both {head}", "keep one of them")
            by.setdefault(head, tag)
        return answers


def _in_words(target: Target) -> str:
    """A target as the mapping wants it."""
    head, answer = target
    return f"{head}.{answer.value if isinstance(answer, Special) else answer}"
