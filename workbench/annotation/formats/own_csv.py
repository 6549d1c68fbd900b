"""Our own CSV: `file_name`, a column for each head, the exclusion; codes or class names."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.annotation.formats import cells
from workbench.annotation.formats.base import Format, ParsedFile, ParsedRow, RowProblem, SourceFile
from workbench.annotation.formats.report import RefusedRow
from workbench.annotation.labels import Answer, PictureLabels, Special
from workbench.errors import ImportRefused
from workbench.images.catalog import Picture
from workbench.schema import AnswerClass, Head, Schema
from workbench.toml import suggestion

_FILE_NAME = "file_name"
_FILE_COLUMNS = ("file_name", "filename")
_CANNOT_TELL = "-1"
_NUMBER = re.compile(r"[+-]?\d{1,9}(\.0*)?")  # pandas writes 1.0 where a column has gaps
_YES, _NO = ("1", "yes", "true"), ("0", "no", "false", "none")
_TYPO = 0.75


def write(
    pictures: Sequence[Picture], labels: Mapping[str, PictureLabels], schema: Schema, class_names: bool
) -> str:
    """The file's text: every picture, sorted by name; empty = not labelled, -1 = cannot tell.

    Args:
        pictures: One row for each.
        labels: By fingerprint.
        schema: Gives the columns.
        class_names: Class names instead of integer codes.
    """
    head_row = cells.line([_FILE_NAME, *map(cells.protect, (*schema.head_names, schema.exclusion.name))])
    nothing = PictureLabels()
    rows = [head_row]
    for picture in sorted(pictures, key=lambda one: one.name):
        known = labels.get(picture.fingerprint, nothing)
        touched = known.excluded or bool(known.answers)
        answers = [_cell(head, known.answers.get(head.name), class_names) for head in schema.heads]
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
        return f"'{answer}" if _NUMBER.fullmatch(answer) else cells.protect(answer)
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
    columns = _columns(source, schema)
    rows, refused, count = [], [], 0
    for row, found in cells.read_cells(source.text, columns.delimiter, source.path):
        if row == 1:
            continue
        count += 1
        try:
            rows.append(_row(row, found, columns, schema))
        except RowProblem as problem:
            name = cells.unprotect(found[columns.name]) if columns.name < len(found) else ""
            refused.append(RefusedRow(row, problem.reason, problem.cure, name))
    notes = (*columns.notes, *(["--map is of no use here: the columns name the heads"] if mapping else []))
    return ParsedFile(count, rows, refused, notes)


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


def _columns(source: SourceFile, schema: Schema) -> _Columns:
    """Find out what the header says."""
    where, possible = source.path, _delimiters(source.text)
    if len(possible) != 1:
        reason = (
            "more than one delimiter is possible"
            if possible
            else f"the first row has no column {_FILE_NAME!r}"
        )
        expected = ",".join([_FILE_NAME, *schema.head_names, schema.exclusion.name])
        raise ImportRefused(reason, where=f"{where}, row 1", cure=f"expected {expected}")
    delimiter = possible[0]
    header = cells.first_row(source.text, delimiter)
    known: dict[str, Head | None] = {cells.normalise(schema.exclusion.name): None}
    known |= {cells.normalise(head.title): head for head in schema.heads}
    known |= {cells.normalise(head.name): head for head in schema.heads}
    named = [cells.normalise(cells.unprotect(cell)) for cell in header]
    twice = next((name for name in named if name and named.count(name) > 1), None)
    if twice:
        raise ImportRefused(f"two columns are named {twice!r}", where=f"{where}, row 1", cure="remove one")
    name_at = next(index for index, name in enumerate(named) if name in _FILE_COLUMNS)
    notes = [] if delimiter == "," else [f"the delimiter is {cells.DELIMITER_NAMES[delimiter]}"]
    notes += _strangers(header, named, name_at, known, f"{where}, row 1")
    heads = {index: head for index, name in enumerate(named) if (head := known.get(name)) is not None}
    flag = next(
        (i for i, name in enumerate(named) if i != name_at and name in known and known[name] is None), None
    )
    if not heads and flag is None:
        raise ImportRefused(
            "no column is named like a head",
            where=f"{where}, row 1",
            cure=f"heads: {', '.join(schema.head_names)}",
        )
    missing = [head.name for head in schema.heads if head not in heads.values()]
    notes += [f"no column for {', '.join(missing)}: left as they are"] if missing else []
    return _Columns(delimiter, len(header), name_at, heads, flag, tuple(notes))


def _strangers(
    header: Sequence[str], named: Sequence[str], name_at: int, known: Mapping[str, Head | None], where: str
) -> list[str]:
    """Notes about columns that are no head; refuses what looks like a head misspelt."""
    notes = []
    for index, name in enumerate(named):
        if index == name_at or name in known:
            continue
        missing = [one for one in known if one not in named]
        if near := difflib.get_close_matches(name, missing, 1, _TYPO):
            raise ImportRefused(
                f"unknown column {header[index]!r}", where=where, cure=f"did you mean {near[0]!r}?"
            )
        notes.append(f"column {header[index]!r} is no head: left out")
    return notes


def _row(row: int, found: Sequence[str], columns: _Columns, schema: Schema) -> ParsedRow:
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
            answer = read_answer(found[index], head)
        except RowProblem as problem:
            problems.append(problem)
        else:
            if answer is not None:
                answers[head.name] = answer
    excluded = None
    try:
        excluded = _read_flag(found[columns.exclusion], schema) if columns.exclusion is not None else None
    except RowProblem as problem:
        problems.append(problem)
    if problems:
        raise RowProblem("; ".join(one.reason for one in problems), "; ".join(one.cure for one in problems))
    return ParsedRow(row, name, answers, excluded)


def _read_flag(cell: str, schema: Schema) -> bool | None:
    """The exclusion flag; None for an empty cell."""
    text = cell.strip().casefold()
    if _NUMBER.fullmatch(text):
        text = text.split(".")[0].lstrip("+")
    if text in ("", *_YES, *_NO):
        return text in _YES if text else None
    raise RowProblem(f"{schema.exclusion.name} is {cell!r}", "use 1, 0 or nothing")


def read_answer(cell: str, head: Head) -> Answer | None:
    """A cell as an answer: a code, -1, or a class name; None for an empty cell.

    Raises:
        RowProblem: The head has no such class.
    """
    text = cell.strip()
    if not text:
        return None
    if _NUMBER.fullmatch(text):
        code = int(text.split(".")[0])
        if code == -1:
            return Special.CANNOT_TELL
        if chosen := head.by_code(code):
            return chosen.name
    if chosen := head.by_name(cell) or (head.by_name(cell[1:]) if cell.startswith("'") else None):
        return chosen.name
    if chosen := by_spelling(text, head):
        return chosen.name
    if text == "?" or cells.normalise(text) == "cannot_tell":
        return Special.CANNOT_TELL
    if _NUMBER.fullmatch(text):
        codes = ", ".join(f"{one.code} {one.name}" for one in head.classes)
        raise RowProblem(f"{head.name} has no code {text}", f"codes: {codes}, -1 cannot tell")
    raise RowProblem(
        f"{head.name} has no class {text!r}", suggestion(text, [one.name for one in head.classes])
    )


def by_spelling(text: str, head: Head) -> AnswerClass | None:
    """The one class whose name or title is spelt so, case and separators aside."""
    wanted = cells.normalise(text)
    found = [one for one in head.classes if wanted in (cells.normalise(one.name), cells.normalise(one.title))]
    return found[0] if len(found) == 1 else None


def ours(data: bytes, schema: Schema) -> bool:
    """Whether a file begins with the header that `write` gives it."""
    return data.removeprefix(b"\xef\xbb\xbf").startswith(f"{_FILE_NAME},{schema.head_names[0]}".encode())


FORMAT = Format("csv", "our own CSV", matches, read, write, ours)
