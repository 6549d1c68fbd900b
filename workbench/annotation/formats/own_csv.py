"""Our own CSV: `file_name`, a column for each head, the exclusion; codes or class names."""

import difflib
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from workbench.annotation.formats import cells
from workbench.annotation.formats.answers import NUMBER, read_answer, read_flag
from workbench.annotation.formats.base import (
    Format,
    Labelled,
    ParsedFile,
    ParsedRow,
    RowProblem,
    SourceFile,
)
from workbench.annotation.formats.tags import Vocabulary
from workbench.annotation.labels import Answer, Special
from workbench.errors import ImportRefused
from workbench.schema import Head, Schema

_FILE_NAME = "file_name"
_FILE_COLUMNS = ("file_name", "filename")
_CANNOT_TELL = "-1"
_TYPO = 0.75


def write(what: Labelled) -> str:
    """The file's text: every picture, sorted by name; empty = not labelled, -1 = cannot tell."""
    schema = what.schema
    rows = [cells.line([_FILE_NAME, *map(cells.protect, (*schema.head_names, schema.exclusion.name))])]
    for picture, known in what.rows():
        touched = known.excluded or bool(known.answers)
        answers = [_cell(head, known.answers.get(head.name), what.class_names) for head in schema.heads]
        flag = str(int(known.excluded)) if touched else ""
        rows.append(cells.line([cells.protect(picture.name), *answers, flag]))
    return "".join(rows)


def _cell(head: Head, answer: Answer | None, class_names: bool) -> str:
    """An answer as it stands in the file."""
    if answer is None:
        return ""
    if isinstance(answer, Special):
        return _CANNOT_TELL
    chosen = head.by_name(answer)
    if class_names or chosen is None:
        return f"'{answer}" if NUMBER.fullmatch(answer) else cells.protect(answer)
    return str(chosen.code)


@dataclass(frozen=True)
class _Columns:
    """Where things stand in a row."""

    delimiter: str
    width: int
    name: int
    heads: Mapping[int, Head]
    exclusion: int | None
    notes: tuple[str, ...]


def matches(source: SourceFile, _: Schema) -> bool:
    """Whether the first row has a column file_name, with whatever delimiter."""
    return bool(_delimiters(source.text))


def read(source: SourceFile, schema: Schema, mapping: Mapping[str, str]) -> ParsedFile:
    """Understand every row.

    Raises:
        ImportRefused: The file as a whole cannot be read: encoding, delimiter, columns, an open quote.
    """
    vocabulary = Vocabulary(schema, mapping)
    columns = _columns(source, schema, vocabulary)
    rows, refused, count = [], [], 0
    for row, found in cells.read_cells(source.text, columns.delimiter, source.path):
        if row == 1:
            continue
        count += 1
        try:
            rows.append(_row(row, found, columns, vocabulary))
        except RowProblem as problem:
            name = cells.unprotect(found[columns.name]) if columns.name < len(found) else ""
            refused.append(problem.refused(row, name))
    return ParsedFile(count, rows, refused, columns.notes)


def _delimiters(text: str) -> list[str]:
    """The delimiters with which the first row has a column file_name and another one."""
    if cells.normalise(text.split("\n", 1)[0]) in _FILE_COLUMNS:
        return [","]
    found = []
    for delimiter in cells.DELIMITERS:
        row = cells.first_row(text, delimiter)
        if len(row) > 1 and any(cells.normalise(cell) in _FILE_COLUMNS for cell in row):
            found.append(delimiter)
    return found


def _columns(source: SourceFile, schema: Schema, vocabulary: Vocabulary) -> _Columns:
    """Find out what the header says."""
    where, possible = f"{source.path}, row 1", _delimiters(source.text)
    if len(possible) != 1:
        reason = (
            "more than one delimiter is possible"
            if possible
            else f"the first row has no column {_FILE_NAME!r}"
        )
        expected = ",".join([_FILE_NAME, *schema.head_names, schema.exclusion.name])
        raise ImportRefused(reason, where=where, cure=f"expected {expected}")
    delimiter = possible[0]
    header = [cells.unprotect(cell) for cell in cells.first_row(source.text, delimiter)]
    name_at = next(index for index, cell in enumerate(header) if cells.normalise(cell) in _FILE_COLUMNS)
    asked = {
        index: found
        for index, cell in enumerate(header)
        if index != name_at and (found := vocabulary.question(cell)) is not None
    }
    for index, one in asked.items():
        if any(one is other for other in list(asked.values())[: list(asked).index(index)]):
            raise ImportRefused(f"two columns are named {one.name!r}", where=where, cure="remove one")
    notes = [] if delimiter == "," else [f"the delimiter is {cells.DELIMITER_NAMES[delimiter]}"]
    notes += _strangers(header, {name_at, *asked}, [one.name for one in asked.values()], schema, where)
    heads = {index: one for index, one in asked.items() if isinstance(one, Head)}
    flag = next((index for index in asked if index not in heads), None)
    if not asked:
        cure = f"heads: {', '.join(schema.head_names)}"
        raise ImportRefused("no column is named like a head", where=where, cure=cure)
    missing = [head.name for head in schema.heads if head not in heads.values()]
    notes += [f"no column for {', '.join(missing)}: left as they are"] if missing else []
    return _Columns(delimiter, len(header), name_at, heads, flag, tuple(notes))


def _strangers(
    header: Sequence[str], known: Container[int], there: Sequence[str], schema: Schema, where: str
) -> list[str]:
    """Notes about columns that are no head; refuses what looks like a head misspelt."""
    notes = []
    missing = [
        cells.normalise(one) for one in (*schema.head_names, schema.exclusion.name) if one not in there
    ]
    for index, cell in enumerate(header):
        if index in known:
            continue
        if near := difflib.get_close_matches(cells.normalise(cell), missing, 1, _TYPO):
            raise ImportRefused(f"unknown column {cell!r}", where=where, cure=f"did you mean {near[0]!r}?")
        notes.append(f"column {cell!r} is no head: left out")
    return notes


def _row(row: int, found: Sequence[str], columns: _Columns, vocabulary: Vocabulary) -> ParsedRow:
    """One row of data."""
    if len(found) < columns.width or any(found[columns.width :]):
        raise RowProblem(
            f"{len(found)} cells where the header has {columns.width}",
            "a name with the delimiter in it needs quotes around it",
        )
    name = cells.unprotect(found[columns.name])
    if not name:
        raise RowProblem("no file name", f"fill in {_FILE_NAME}, or remove the row")
    answers: dict[str, Answer] = {}
    problems = []
    for index, head in columns.heads.items():
        try:
            answer = _read_answer(found[index], head, vocabulary)
        except RowProblem as problem:
            problems.append(problem)
        else:
            if answer is not None:
                answers[head.name] = answer
    excluded = None
    try:
        if columns.exclusion is not None:
            excluded = read_flag(found[columns.exclusion], vocabulary.schema.exclusion.name)
    except RowProblem as problem:
        problems.append(problem)
    if problems:
        raise RowProblem("; ".join(one.reason for one in problems), "; ".join(one.cure for one in problems))
    return ParsedRow(row, name, answers, excluded)


def _read_answer(cell: str, head: Head, vocabulary: Vocabulary) -> Answer | None:
    """A cell as an answer; what is none of the head's own may be mapped."""
    try:
        return read_answer(cell, head)
    except RowProblem:
        mapped = vocabulary.mapped(head.name, cell)
        if mapped is None:
            return None
        if isinstance(mapped, str) or mapped[0] != head.name:
            raise
        return mapped[1]


def ours(data: bytes, schema: Schema) -> bool:
    """Whether a file begins with the header that `write` gives it."""
    return data.removeprefix(b"\xef\xbb\xbf").startswith(f"{_FILE_NAME},{schema.head_names[0]}".encode())


FORMAT = Format("csv", "our own CSV", matches, read, write, ours)
