"""How the data of two runs differ: heads and classes, pictures, answers, and which split each picture is in.

Pictures are the same where their content is (their fingerprint), whatever they are called. A head or class
that was only renamed is taken for the same, so that its answers are not all said to differ.
"""

import csv
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from workbench.annotation.formats.cells import protect, unprotect
from workbench.errors import ConfigError
from workbench.schema import Head, Schema
from workbench.text import neutralise
from workbench.training.run import RunFolder
from workbench.training.tail import part

_FIXED = ("fingerprint", "file_name", "path")
_EXAMPLES = 5
_MOST_BYTES = 1 << 30


@dataclass(frozen=True)
class HeadDifference:
    """How a head's classes and answers differ.

    Attributes:
        head: Its name in the first run.
        renamed: Its name in the other, if that is another one.
        added, removed: Classes that only the other run, or only the first one, has.
        renamed_classes: Name in the first run → in the other.
        recoded: Classes of the same name with another code.
        changed: Pictures with another class in the other run.
        answered, unanswered: Pictures that have a class only in the other run, or only in the first.
        examples: (file name, class in the first run, class in the other) of a few that differ.
    """

    head: str
    renamed: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed_classes: Mapping[str, str] = field(default_factory=dict)
    recoded: tuple[str, ...] = ()
    changed: int = 0
    answered: int = 0
    unanswered: int = 0
    examples: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class DataDifference:
    """How a run's data differ from those of the first.

    Attributes:
        run: Its name.
        same: Whether pictures, answers and splits are all the same.
        heads_added, heads_removed: Heads that only this run, or only the first one, has.
        heads: The heads of both of which something differs.
        common: Pictures that both have.
        only_first, only_here: How many pictures only one of them has.
        examples_first, examples_here: Names of a few of those.
        moved: "train → validation" → how many of the common pictures.
        problem: Why the pictures could not be compared; "" if they could.
    """

    run: str
    same: bool = False
    heads_added: tuple[str, ...] = ()
    heads_removed: tuple[str, ...] = ()
    heads: tuple[HeadDifference, ...] = ()
    common: int = 0
    only_first: int = 0
    only_here: int = 0
    examples_first: tuple[str, ...] = ()
    examples_here: tuple[str, ...] = ()
    moved: Mapping[str, int] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class _Pictures:
    """data.csv by columns; `rows` is fingerprint → row."""

    rows: Mapping[str, int]
    names: Sequence[str]
    answers: Mapping[str, Sequence[str]]
    splits: Sequence[str]


_Described = tuple[RunFolder, Mapping[str, Any]]


class _Unreadable(Exception):
    """Why a data.csv cannot be compared."""


def compare_data(
    runs: Sequence[RunFolder], described: Sequence[Mapping[str, Any]]
) -> tuple[DataDifference, ...]:
    """Compare the data of each run but the first with the first run's.

    Args:
        runs: The runs.
        described: The run.json of each.
    """
    first, *others = zip(runs, described, strict=True)
    read = cache(_read)  # the first is read once
    return tuple(_compare(first, other, read) for other in others)


def _compare(first: _Described, other: _Described, read: Callable[[RunFolder], _Pictures]) -> DataDifference:
    """Compare two runs, each with its run.json."""
    (first_run, first_described), (run, described) = first, other
    fingerprints = {_fingerprint(first_described), _fingerprint(described)}
    if len(fingerprints) == 1 and "" not in fingerprints and _same_schema(first_described, described):
        return DataDifference(run.name, same=True)
    before, after = _schema(first_described), _schema(described)
    if before is None or after is None:
        return DataDifference(run.name, problem="a schema in run.json cannot be read")
    pairs = _pair_heads(before, after)
    paired = set(pairs.values())
    added = tuple(one for one in after.head_names if one not in paired)
    removed = tuple(one for one in before.head_names if one not in pairs)
    try:
        here, there = read(first_run), read(run)
    except _Unreadable as problem:
        heads = tuple(_classes(before.head(one), after.head(other)) for one, other in pairs.items())
        differing = tuple(one for one in heads if one != HeadDifference(one.head))
        return DataDifference(
            run.name, heads_added=added, heads_removed=removed, heads=differing, problem=str(problem)
        )
    return _of_pictures(run.name, (before, after), pairs, (added, removed), (here, there))


def _of_pictures(
    name: str,
    schemas: tuple[Schema, Schema],
    pairs: Mapping[str, str],
    changed_heads: tuple[tuple[str, ...], tuple[str, ...]],
    pictures: tuple[_Pictures, _Pictures],
) -> DataDifference:
    """Everything that two readable tables tell."""
    (before, after), (first, here) = schemas, pictures
    common = [(row, here.rows[one]) for one, row in first.rows.items() if one in here.rows]
    heads = tuple(
        _answers(_classes(before.head(one), after.head(other)), other, first, here, common)
        for one, other in pairs.items()
    )
    only_first = [first.names[row] for one, row in first.rows.items() if one not in here.rows]
    only_here = [here.names[row] for one, row in here.rows.items() if one not in first.rows]
    moves = Counter((first.splits[one], here.splits[other]) for one, other in common)
    moved = {f"{a or 'none'} → {b or 'none'}": count for (a, b), count in sorted(moves.items()) if a != b}
    differing = tuple(one for one in heads if one != HeadDifference(one.head))
    return DataDifference(
        name,
        same=not (differing or only_first or only_here or moved or any(changed_heads)),
        heads_added=changed_heads[0],
        heads_removed=changed_heads[1],
        heads=differing,
        common=len(common),
        only_first=len(only_first),
        only_here=len(only_here),
        examples_first=tuple(map(unprotect, only_first[:_EXAMPLES])),
        examples_here=tuple(map(unprotect, only_here[:_EXAMPLES])),
        moved=moved,
    )


def _answers(
    head: HeadDifference,
    other: str,
    first: _Pictures,
    here: _Pictures,
    common: Sequence[tuple[int, int]],
) -> HeadDifference:
    """The head with its answers counted, classes that were renamed taken for the same."""
    names = {protect(old): protect(new) for old, new in head.renamed_classes.items()}
    before = [names.get(one, one) for one in first.answers.get(head.head, ())]
    after = here.answers.get(other, ())
    if not before or not after:
        return head
    differing = [(row, before[row], after[at]) for row, at in common if before[row] != after[at]]
    answered = sum(not one for _, one, _ in differing)
    unanswered = sum(not two for _, _, two in differing)
    examples = tuple(
        (unprotect(first.names[row]), unprotect(one), unprotect(two))
        for row, one, two in differing[:_EXAMPLES]
    )
    counts = {"changed": len(differing) - answered - unanswered, "answered": answered}
    return HeadDifference(**{**vars(head), **counts, "unanswered": unanswered, "examples": examples})


def _pair_heads(before: Schema, after: Schema) -> dict[str, str]:
    """Head of the first run → that of the other: by name, else one with the very same classes."""
    pairs = {one: one for one in before.head_names if one in after.head_names}
    free = [one for one in after.heads if one.name not in pairs]
    for head in before.heads:
        if head.name in pairs:
            continue
        classes = {(one.name, one.code) for one in head.classes}
        same = [one for one in free if {(two.name, two.code) for two in one.classes} == classes]
        if len(same) == 1:
            pairs[head.name] = same[0].name
            free.remove(same[0])
    return {one: pairs[one] for one in before.head_names if one in pairs}


def _classes(before: Head, after: Head) -> HeadDifference:
    """How the classes of a head differ; the same code under a new name is the class renamed."""
    old, new = ({one.name: one.code for one in head.classes} for head in (before, after))
    by_code = {code: name for name, code in new.items() if name not in old}
    renamed = {name: by_code[code] for name, code in old.items() if name not in new and code in by_code}
    return HeadDifference(
        before.name,
        renamed=after.name if after.name != before.name else "",
        added=tuple(name for name in new if name not in old and name not in renamed.values()),
        removed=tuple(name for name in old if name not in new and name not in renamed),
        renamed_classes=renamed,
        recoded=tuple(name for name, code in old.items() if name in new and new[name] != code),
    )


def _read(run: RunFolder) -> _Pictures:
    """A run's data.csv.

    Raises:
        _Unreadable: It is not there, or damaged.
    """
    where = f"{neutralise(run.name)}/data.csv"
    try:
        if run.data.stat().st_size > _MOST_BYTES:
            raise _Unreadable(f"{where} is too large to compare")
        with run.data.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            header, *rows = csv.reader(file)
    except OSError as error:
        raise _Unreadable(f"{where}: {error.strerror or error}") from error
    except (csv.Error, ValueError) as error:
        raise _Unreadable(f"{where} is damaged") from error
    heads = header[len(_FIXED) : -1]
    if (*header[: len(_FIXED)], *header[-1:]) != (*_FIXED, "split") or any(
        len(row) != len(header) for row in rows
    ):
        raise _Unreadable(f"{where} is damaged")
    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    answers = dict(zip(heads, columns[len(_FIXED) : -1], strict=True))
    return _Pictures({one: row for row, one in enumerate(columns[0])}, columns[1], answers, columns[-1])


def _fingerprint(described: Mapping[str, Any]) -> str:
    """That of pictures, answers and splits; "" where it is not known."""
    return str(part(described, "data").get("fingerprint") or "")


def _same_schema(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether heads and classes are the same."""
    return bool(one.get("schema_fingerprint")) and one["schema_fingerprint"] == other.get(
        "schema_fingerprint"
    )


def _schema(described: Mapping[str, Any]) -> Schema | None:
    """The schema that a run was made with; None where it cannot be read."""
    found = described.get("schema")
    try:
        return Schema.from_dict(found) if isinstance(found, Mapping) else None
    except ConfigError:
        return None
