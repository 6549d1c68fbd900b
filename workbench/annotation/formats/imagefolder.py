"""Hugging Face imagefolder: metadata.csv, .jsonl or .parquet beside the pictures, read and written.

`file_name,glasses,…,not_human`: paths relative to the file, names of classes, nothing for no answer.
`datasets` reads the CSV with pandas' defaults, so a code in a column with gaps would become 1.0, and None, NA
or null nothing at all; a column of class names stays what it is. Names are written exactly: what a
spreadsheet would run begins with "./" instead of our apostrophe, which `datasets` would not take off.
"""

import io
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.annotation.formats import cells
from workbench.annotation.formats.answers import NUMBER, read_answer, to_word
from workbench.annotation.formats.base import (
    Format,
    Labelled,
    ParsedFile,
    ParsedRow,
    RowProblem,
    SourceFile,
)
from workbench.annotation.formats.metadata_rows import (
    FILE_NAME,
    PARQUET,
    entries,
    is_name_column,
    looks_like_metadata,
    pyarrow_if_there,
)
from workbench.annotation.formats.report import RefusedRow
from workbench.annotation.formats.tags import TAG_NAMES, UNMAPPED, Vocabulary
from workbench.annotation.labels import PictureLabels
from workbench.errors import ImportRefused, InputError
from workbench.images.catalog import Picture
from workbench.schema import PANDAS_MISSING, Head, Schema

_KINDS = (".csv", ".jsonl", ".parquet")
_FORMULA = "=+-@\t\r\n＝＋－＠"


def write(what: Labelled) -> str | bytes:
    """A row for each picture that such a file can name.

    Raises:
        InputError: A head or a class bears a name that `datasets` takes for something else.
        MissingLibrary: Parquet, and pyarrow is not there.
    """
    kind = what.path.suffix
    _check_names(what.schema, kind)
    rows = [_entry(picture, known, what.schema) for picture, known in what.rows() if nameable(picture)]
    if kind == ".jsonl":
        return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    columns = [FILE_NAME, *what.schema.head_names, what.schema.exclusion.name]
    if kind == ".parquet":
        return _parquet(rows, columns)
    lines = [cells.line(columns)]
    lines += [cells.line([_cell(row[column]) for column in columns]) for row in rows]
    return "".join(lines)


def nameable(picture: Picture) -> bool:
    """Whether `datasets` finds a picture of this name: UTF-8, and no backslash, which it turns round."""
    return "\\" not in picture.name and not any("\ud800" <= one <= "\udfff" for one in picture.name)


def _entry(picture: Picture, known: PictureLabels, schema: Schema) -> dict[str, Any]:
    """One row by column."""
    touched = known.excluded or bool(known.answers)
    entry: dict[str, Any] = {FILE_NAME: _path(picture.name)}
    for head in schema.heads:
        answer = known.answers.get(head.name)
        entry[head.name] = None if answer is None else to_word(head, answer)
    return entry | {schema.exclusion.name: known.excluded if touched else None}


def _path(name: str) -> str:
    """A relative path that is no formula, no number and not what pandas takes for nothing."""
    stem_is_plain = name[0].isalnum() and not name.replace(".", "").isdigit()
    return name if stem_is_plain and "." in name and name not in PANDAS_MISSING else f"./{name}"


def _cell(value: Any) -> str:
    """A value in CSV."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _check_names(schema: Schema, kind: str) -> None:
    """Refuse names that would not survive."""
    for name in (*schema.head_names, schema.exclusion.name):
        if name == "image" or name.endswith(("file_name", "file_names")):
            raise InputError(
                f"a column named {name!r} holds pictures there",
                where="imagefolder",
                cure="export to another format",
            )
    words = [name for head in schema.heads for name in (head.name, *(one.name for one in head.classes))]
    words.append(schema.exclusion.name)
    bad = next((one for one in words if one[0] in _FORMULA or "\0" in one), None)
    if kind == ".csv" and bad is not None:
        raise InputError(
            f"{bad!r} begins like a formula, which a spreadsheet would run, or is no text",
            where="metadata.csv",
            cure="write metadata.jsonl",
        )


def _parquet(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    """The rows as Parquet: text, and one column of booleans."""
    pyarrow, parquet = pyarrow_if_there()
    types = [pyarrow.bool_() if column == columns[-1] else pyarrow.string() for column in columns]
    schema = pyarrow.schema(list(zip(columns, types, strict=True)))
    file = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(list(rows), schema=schema), file)
    return file.getvalue()


def place(path: Path) -> Path:
    """The file to write: metadata.csv in a folder, or a file that bears the name which `datasets` looks for.

    Raises:
        InputError: Another name, or another kind of metadata lies there already.
    """
    file = path / "metadata.csv" if path.is_dir() else path
    if file.stem != "metadata" or file.suffix not in _KINDS:
        raise InputError(
            "datasets looks for metadata.csv, metadata.jsonl or metadata.parquet only",
            where=path,
            cure=f"name {file.with_name('metadata.csv')}",
        )
    for kind in _KINDS:
        if kind != file.suffix and file.with_suffix(kind).exists():
            raise InputError(
                f"metadata{kind} lies there already, and datasets refuses two kinds",
                where=file,
                cure="remove it, or write that one",
            )
    return file


def notes(what: Labelled) -> list[str]:
    """Where the file must lie, and what is not in it."""
    found = []
    if what.images is not None and what.path.resolve().parent != what.images.resolve():
        found.append(f"pictures are not copied: move it to {what.images / what.path.name}, beside them")
    if left_out := [one.name for one in what.pictures if not nameable(one)]:
        found.append(
            f"{len(left_out)} pictures are left out, for datasets cannot open such names: {left_out[0]!r}"
        )
    return found


def matches(source: SourceFile, _: Schema) -> bool:
    """Whether it bears the name that `datasets` looks for, or is a folder with such a file."""
    if source.parts is not None:
        return any(_is_metadata(name) for name in source.parts)
    by_name = _is_metadata(source.path.name) or source.data.startswith(PARQUET)
    return by_name or looks_like_metadata(source)


def _is_metadata(name: str) -> bool:
    """Whether a file's name is one of the three."""
    return name in {f"metadata{kind}" for kind in _KINDS}


def read(source: SourceFile, schema: Schema, mapping: Mapping[str, str]) -> ParsedFile:
    """Understand every row.

    Raises:
        ImportRefused: Two kinds of metadata in one folder, or a file that cannot be read as a whole.
        MissingLibrary: Parquet, and pyarrow is not there.
    """
    if source.parts is not None:
        there = [one for name, one in source.parts.items() if _is_metadata(name)]
        if len(there) > 1:
            kinds = " and ".join(one.path.name for one in there)
            raise ImportRefused(f"{kinds} in one folder", where=source.path, cure="name the one that holds")
        source = there[0]
    vocabulary = Vocabulary(schema, mapping)
    rows: list[ParsedRow] = []
    refused: list[RefusedRow] = []
    strangers: dict[str, None] = {}
    count = 0
    for number, entry in entries(source):
        count += 1
        name = ""
        try:
            if isinstance(entry, RowProblem):
                raise entry
            name = _name(entry)
            rows.append(_row(number, name, entry, vocabulary, strangers))
        except RowProblem as problem:
            refused.append(problem.refused(number, name))
    return ParsedFile(count, rows, refused, [f"column {one!r} is no head: left out" for one in strangers])


def _name(entry: Mapping[str, Any]) -> str:
    """The picture's name, as `datasets` would accept it."""
    name = next((entry[key] for key in sorted(entry, key=len) if is_name_column(key)), None)
    if not isinstance(name, str) or not name:
        raise RowProblem("no file name", f"fill in {FILE_NAME}, or remove the row")
    if "://" in name or name.startswith("/") or ".." in name.split("/"):
        raise RowProblem(f"the path {name!r} leaves the folder", "paths are relative to the file")
    return name.removeprefix("./")


def _row(
    number: int, name: str, entry: Mapping[str, Any], vocabulary: Vocabulary, strangers: dict[str, None]
) -> ParsedRow:
    """One row of data."""
    said: list[tuple[str, str]] = []
    for key, value in entry.items():
        if is_name_column(key) or value is None:
            continue
        asked = vocabulary.question(key)
        words = [_word(one, asked) for one in (value if isinstance(value, list) else [value])]
        if asked is None and key not in TAG_NAMES:
            mapped = [one for one in words if vocabulary.mapped(key, one) != UNMAPPED]
            said += [
                ("", f"{key}.{one}" if vocabulary.mapped("", one) == UNMAPPED else one) for one in mapped
            ]
            if len(mapped) < len(words):
                strangers[key] = None
            continue
        said += [(key if asked else "", word) for word in words if word]
    answers, excluded = vocabulary.collect(said)
    return ParsedRow(number, name, answers, excluded)


def _word(value: object, asked: object) -> str:
    """A value as a word; a code of a head as the name of its class."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        value = int(value) if value.is_integer() else value
    text = str(value)
    if isinstance(asked, Head) and asked.by_name(text) is None and NUMBER.fullmatch(text):
        answer = read_answer(text, asked)
        return "" if answer is None else to_word(asked, answer)
    return text


def ours(data: bytes, schema: Schema) -> bool:
    """Whether a file begins as `write` begins it."""
    first = schema.head_names[0]
    return data.startswith((f"{FILE_NAME},{first}".encode(), b'{"file_name": "'))


FORMAT = Format(
    "imagefolder", "Hugging Face imagefolder", matches, read, write, ours, place, notes, folder=True
)
