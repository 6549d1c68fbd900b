"""JSON Lines of our own: everything that is known of a picture on one line, a header line first.

`{"workbench": "labels", "version": 1, "schema": "face", "merge": "latest"}`
`{"file_name": "a.jpg", "answers": {"glasses": "none"}, "cannot_tell": ["hair_top"], "excluded": false, …}`
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.annotation.formats.answers import from_word
from workbench.annotation.formats.base import (
    Format,
    Labelled,
    ParsedFile,
    ParsedRow,
    RowProblem,
    SourceFile,
)
from workbench.annotation.formats.report import RefusedRow
from workbench.annotation.formats.source import parse_json
from workbench.annotation.formats.tags import UNMAPPED, Vocabulary
from workbench.annotation.labels import Answer, Event, PictureLabels, Remark, RemarkKind, Special
from workbench.errors import ImportRefused
from workbench.images.catalog import Picture
from workbench.schema import Head, Schema
from workbench.toml import suggestion

VERSION = 1
_START = '{"workbench": "labels", '
_LINES_TO_LOOK_AT = 3


def write(what: Labelled) -> str:
    """A header, then a line a picture, sorted by name."""
    header: dict[str, Any] = {"workbench": "labels", "version": VERSION, "schema": what.schema.name}
    if what.merge:
        header["merge"] = what.merge
    return "".join(
        f"{to_line(entry)}\n"
        for entry in (header, *(_entry(picture, known, what) for picture, known in what.rows()))
    )


def to_line(entry: Mapping[str, Any]) -> str:
    """A JSON object on one line, in valid UTF-8 whatever bytes are in a name."""
    try:
        line = json.dumps(entry, ensure_ascii=False)
        line.encode()
    except UnicodeEncodeError:
        line = json.dumps(entry)
    return line


def _entry(picture: Picture, known: PictureLabels, what: Labelled) -> dict[str, Any]:
    """What one line says; only the name and the answers are always there."""
    entry: dict[str, Any] = {"file_name": picture.name, "fingerprint": picture.fingerprint}
    entry["answers"] = {
        head: answer for head, answer in known.answers.items() if not isinstance(answer, Special)
    }
    entry["cannot_tell"] = [head for head, answer in known.answers.items() if isinstance(answer, Special)]
    if known.excluded or known.answers:
        entry["excluded"] = known.excluded
    if known.flagged:
        entry["flagged"] = True
    if known.note:
        entry["note"] = known.note
    asked = (*known.answers, *([what.schema.exclusion.name] if known.excluded else []))
    given = {head: _origin(event) for head in asked if (event := what.given.get((picture.fingerprint, head)))}
    return entry | ({"given": given} if given else {})


def _origin(event: Event) -> dict[str, Any]:
    """Who gave an answer, when and how."""
    origin: dict[str, Any] = {"annotator": event.annotator, "at": event.at.isoformat(), "how": event.source}
    return origin | ({"seconds": event.seconds} if event.seconds is not None else {})


def matches(source: SourceFile, _: Schema) -> bool:
    """Whether one of the first lines is an object with a file name and answers, or our header."""
    if not source.looks_like_json or source.text.lstrip().startswith("["):
        return False
    for line in source.text[:100_000].split("\n", _LINES_TO_LOOK_AT)[:_LINES_TO_LOOK_AT]:
        try:
            entry = parse_json(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and ("workbench" in entry or {"file_name", "answers"} <= entry.keys()):
            return True
    return False


def read(source: SourceFile, schema: Schema, mapping: Mapping[str, str]) -> ParsedFile:
    """Understand every line.

    Raises:
        ImportRefused: The header is of a newer version.
    """
    vocabulary = Vocabulary(schema, mapping)
    rows: list[ParsedRow] = []
    refused: list[RefusedRow] = []
    notes: list[str] = []
    count = 0
    for number, line in enumerate(source.text.split("\n"), 1):
        if not line.strip():
            continue
        name = ""
        try:
            entry = _object(line)
            if "workbench" in entry:
                notes += _header(entry, source, schema)
                continue
            name = entry["file_name"] if isinstance(entry.get("file_name"), str) else ""
            rows += _rows(number, entry, vocabulary)
        except RowProblem as problem:
            refused.append(problem.refused(number, name))
        count += 1
    return ParsedFile(count, rows, refused, notes)


def _object(line: str) -> dict[str, Any]:
    """A line as an object."""
    try:
        entry = parse_json(line)
    except ValueError as error:
        raise RowProblem(f"not JSON: {error}", "correct or remove the line") from None
    if not isinstance(entry, dict):
        raise RowProblem("no JSON object", 'expected {"file_name": name, "answers": {head: class}}')
    return entry


def _header(entry: Mapping[str, Any], source: SourceFile, schema: Schema) -> Iterator[str]:
    """What the header has to say."""
    version = entry.get("version")
    if entry["workbench"] != "labels" or not isinstance(version, int) or version > VERSION:
        raise ImportRefused(
            f"JSON Lines of version {version!r}, expected {VERSION}",
            where=source.path,
            cure="update the program",
        )
    if entry.get("schema") not in (None, schema.name):
        yield f"labels of the schema {entry['schema']!r}; this bench has {schema.name!r}"
    if isinstance(entry.get("merge"), str):
        yield f"the answers of several annotators were merged by the rule {entry['merge']}"


def _rows(number: int, entry: Mapping[str, Any], vocabulary: Vocabulary) -> list[ParsedRow]:
    """What a line says, apart for each person who is said to have answered."""
    name, excluded = entry.get("file_name"), entry.get("excluded")
    if not isinstance(name, str) or not name:
        raise RowProblem("no file name", 'add "file_name", or remove the line')
    if not (excluded is None or isinstance(excluded, bool)):
        raise RowProblem(f"excluded is {excluded!r}", "use true or false")
    answers = _answers(entry, vocabulary)
    people, seconds = _people(entry)
    flag = vocabulary.schema.exclusion.name
    rows = []
    for who in dict.fromkeys(["", *people.values()]):
        own = {head: answer for head, answer in answers.items() if people.get(head, "") == who}
        own_flag = excluded if people.get(flag, "") == who else None
        if own or own_flag is not None:
            rows.append(ParsedRow(number, name, own, own_flag, who, seconds))
    remarks = _remarks(entry)
    if remarks or not rows:
        rows.append(ParsedRow(number, name, {}, remarks=remarks))
    return rows


def _answers(entry: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, Answer]:
    """The answers of a line."""
    given, unsure = entry.get("answers", {}), entry.get("cannot_tell", [])
    if not isinstance(given, dict) or not isinstance(unsure, list):
        raise RowProblem("no answers", 'expected "answers": {head: class}, "cannot_tell": [head]')
    found: dict[str, Answer] = {}
    for key, value in given.items():
        head = _head(key, vocabulary)
        if value is None:
            continue
        if not isinstance(value, str):
            raise RowProblem(f"{head.name} is {value!r}", "use the name of a class")
        answer = _class(value, head, vocabulary)
        if answer is not None:
            found[head.name] = answer
    for key in unsure:
        head = _head(key, vocabulary)
        if head.name in found:
            raise RowProblem(f"{head.name} has a class and cannot be told", "keep one of them")
        found[head.name] = Special.CANNOT_TELL
    return found


def _class(text: str, head: Head, vocabulary: Vocabulary) -> Answer | None:
    """A class of a head; "cannot tell" has a place of its own, so that a class may bear any name."""
    if head.by_name(text):
        return text
    mapped = vocabulary.mapped(head.name, text)
    if mapped is None:
        return None
    if mapped != UNMAPPED and mapped[0] == head.name:
        return mapped[1]
    if (answer := from_word(text, head)) is None:
        near = suggestion(text, [one.name for one in head.classes])
        raise RowProblem(f"{head.name} has no class {text!r}", near)
    return answer


def _head(name: object, vocabulary: Vocabulary) -> Head:
    """The head of this name."""
    found = vocabulary.question(name) if isinstance(name, str) else None
    if not isinstance(found, Head):
        raise RowProblem(f"no head is named {name!r}", suggestion(str(name), vocabulary.schema.head_names))
    return found


def _people(entry: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, float]]:
    """Who answered each head, and how long it took, as far as the line says so."""
    given = entry.get("given")
    people: dict[str, str] = {}
    seconds: dict[str, float] = {}
    for head, origin in given.items() if isinstance(given, dict) else ():
        if isinstance(origin, dict) and isinstance(origin.get("annotator"), str):
            people[head] = origin["annotator"]
        if isinstance(origin, dict) and isinstance(origin.get("seconds"), int | float):
            seconds[head] = float(origin["seconds"])
    return people, seconds


def _remarks(entry: Mapping[str, Any]) -> tuple[Remark, ...]:
    """Flag and note of a line."""
    remarks = []
    if entry.get("flagged") is True:
        remarks.append(Remark(RemarkKind.FLAG, "yes"))
    if isinstance(entry.get("note"), str) and entry["note"]:
        remarks.append(Remark(RemarkKind.NOTE, entry["note"]))
    return tuple(remarks)


def ours(data: bytes, _: Schema) -> bool:
    """Whether a file begins with the header that `write` gives it."""
    return data.startswith(_START.encode())


FORMAT = Format("jsonl", "our own JSON Lines", matches, read, write, ours, origins=True)
