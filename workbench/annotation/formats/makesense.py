"""makesense.ai's exports: four shapes of CSV without attribute names, and their JSON twin.

Image recognition:    `a.jpg,"[blond,wrinkled]"`; before August 2020 `label,image,width,height`
Rectangles and lines: `label,…,…,…,…,image,width,height`
Points:               `label,x,y,image,width,height`

Some versions write a header, so the first row is one only if it does not read as data.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workbench.annotation.formats.base import Format, ParsedFile, ParsedRow, RowProblem, SourceFile
from workbench.annotation.formats.report import RefusedRow
from workbench.annotation.formats.tags import Vocabulary
from workbench.errors import ImportRefused
from workbench.schema import Schema

_LINE_END = re.compile(r"\r\n|\n|\r")
_NUMBER = re.compile(r"\s*-?\d+(\.\d+)?\s*")
_HEADER = frozenset({"label_name", "image_name"})
_TAG_LIST = {mark: re.compile(rf'(?P<name>.+){re.escape(mark)}"?\[(?P<tags>.*)\]"?\s*') for mark in ",;\t"}
_SHAPES = {4: (1, (2, 3)), 6: (3, (1, 2, 4, 5)), 8: (5, (1, 2, 3, 4, 6, 7))}
"""Cells of a row -> where the image's name stands, and which cells are numbers; the label comes first."""
_SAMPLE = 50


@dataclass(frozen=True)
class _Entry:
    """A row that reads as data; `whole` unless it is one of several shapes drawn on the picture."""

    row: int
    name: str
    tags: tuple[str, ...]
    whole: bool


@dataclass
class _Found:
    """What the rows of a file are."""

    entries: list[_Entry] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)


def matches(source: SourceFile, _: Schema) -> bool:
    """Whether the file reads as one of the shapes, or as the list of label names."""
    if (listed := _json(source)) is not None:
        return bool(listed.entries)
    return _delimiter(source) is not None or _is_label_names(source)


def read(source: SourceFile, schema: Schema, mapping: Mapping[str, str]) -> ParsedFile:
    """Understand every row; rows of shapes drawn on one picture are merged.

    Raises:
        ImportRefused: It is none of the shapes, or a target of the mapping is unknown.
    """
    vocabulary = Vocabulary(schema, mapping)
    found = _json(source)
    if found is None:
        found = _csv(source)
    count = len(found.entries) + len(found.refused)
    rows = [*_whole_rows(found, vocabulary), *_merged_rows(found, vocabulary)]
    return ParsedFile(
        count, sorted(rows, key=lambda one: one.row), sorted(found.refused, key=lambda one: one.row)
    )


def _json(source: SourceFile) -> _Found | None:
    """The JSON twin's entries; None if the file is no JSON list."""
    document = source.document_or_none
    if not isinstance(document, list):
        return None
    found = _Found()
    for row, entry in enumerate(document, 1):
        name = entry.get("image") if isinstance(entry, dict) else None
        tags = entry.get("annotations") if isinstance(entry, dict) else None
        listed = isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)
        if isinstance(name, str) and name and listed:
            found.entries.append(_Entry(row, name, tuple(tags or ()), whole=True))
        else:
            reason = "no entry of makesense.ai's image recognition"
            cure = 'expected {"image": name, "annotations": [tags]}'
            found.refused.append(RefusedRow(row, reason, cure, name if isinstance(name, str) else ""))
    return found


def _csv(source: SourceFile) -> _Found:
    """The rows of any of the CSV shapes."""
    delimiter = _delimiter(source)
    if delimiter is None and _is_label_names(source):
        raise ImportRefused(
            "one name a line: makesense.ai's list of label names, which says nothing of any picture",
            where=source.path,
            cure="export the labels themselves there (Actions, Export Annotations)",
        )
    if delimiter is None:
        raise ImportRefused(
            "no row reads as an export of makesense.ai", where=source.path, cure="try --format csv"
        )
    found = _Found()
    lines = _LINE_END.split(source.text)
    first = next((index for index, one in enumerate(lines) if one.strip()), 0)
    for index, text in enumerate(lines):
        if not text.strip():
            continue
        if entry := _entry(index + 1, text, delimiter):
            found.entries.append(entry)
        elif index != first or not _HEADER & {cell.strip().casefold() for cell in _split(text, delimiter)}:
            reason = f"{len(_split(text, delimiter))} cells that are none of makesense.ai's shapes"
            found.refused.append(RefusedRow(index + 1, reason, "correct or remove the row", text[:80]))
    return found


def _split(text: str, delimiter: str) -> list[str]:
    """The cells of one line, as far as it is CSV."""
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return [text]


def _entry(row: int, text: str, delimiter: str) -> _Entry | None:
    """A line as data; None if it is none of the shapes."""
    if listed := _TAG_LIST[delimiter].fullmatch(text):
        name = listed["name"]
        if len(name) > 1 and name[0] == name[-1] == '"':
            name = name[1:-1].replace('""', '"')
        tags = [tag.strip().strip('"').strip() for tag in listed["tags"].split(",")]
        return _Entry(row, name, tuple(tag for tag in tags if tag), whole=True)
    cells = _split(text, delimiter)
    name_at, numbers = _SHAPES.get(len(cells), (0, ()))
    if not numbers or not cells[name_at] or not all(_NUMBER.fullmatch(cells[index]) for index in numbers):
        return None
    return _Entry(row, cells[name_at], (cells[0].strip(),), whole=False)


def _delimiter(source: SourceFile) -> str | None:
    """The delimiter with which the first rows read as data; None if none does."""
    sample = [one for one in _LINE_END.split(source.text[:200_000]) if one.strip()][:_SAMPLE]
    hits = {mark: sum(_entry(0, one, mark) is not None for one in sample) for mark in _TAG_LIST}
    best = max(hits, key=lambda mark: hits[mark])
    return best if hits[best] else None


def _is_label_names(source: SourceFile) -> bool:
    """Whether every line is one short name."""
    lines = [one for one in _LINE_END.split(source.text) if one.strip()]
    return bool(lines) and all(len(one) <= 80 and not any(c in one for c in ",;\t{[<") for one in lines)


def _parsed(entry: _Entry, tags: Iterable[str], vocabulary: Vocabulary) -> ParsedRow:
    """What some tags say of an entry's picture."""
    answers, excluded = vocabulary.collect(("", tag) for tag in tags)
    return ParsedRow(entry.row, entry.name, answers, excluded)


def _whole_rows(found: _Found, vocabulary: Vocabulary) -> list[ParsedRow]:
    """Rows that say everything about their picture."""
    rows = []
    for entry in found.entries:
        if entry.whole:
            try:
                rows.append(_parsed(entry, entry.tags, vocabulary))
            except RowProblem as problem:
                found.refused.append(problem.refused(entry.row, entry.name))
    return rows


def _merged_rows(found: _Found, vocabulary: Vocabulary) -> list[ParsedRow]:
    """One row for each picture with shapes drawn on it; two answers of one head refuse all its rows."""
    pictures: dict[str, list[_Entry]] = {}
    for entry in found.entries:
        if entry.whole:
            continue
        try:
            _parsed(entry, entry.tags, vocabulary)
        except RowProblem as problem:
            found.refused.append(problem.refused(entry.row, entry.name))
        else:
            pictures.setdefault(entry.name, []).append(entry)
    rows = []
    for name, entries in pictures.items():
        try:
            rows.append(_parsed(entries[0], [tag for entry in entries for tag in entry.tags], vocabulary))
        except RowProblem as problem:
            found.refused += [problem.refused(one.row, name) for one in entries]
    return rows


FORMAT = Format("makesense", "makesense.ai", matches, read)
