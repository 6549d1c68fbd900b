"""Label Studio's JSON_MIN and CSV, read: one row an annotation, one column a head.

`{"image": …, "glasses": "none", "annotator": 1, "annotation_id": 7, "lead_time": 4.2}`

One choice is a bare string, several are `{"choices": […]}`. Skipped annotations are not in these files.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workbench.annotation.formats import cells
from workbench.annotation.formats.addresses import to_name
from workbench.annotation.formats.base import ParsedFile, ParsedRow, RowProblem, SourceFile
from workbench.annotation.formats.report import RefusedRow
from workbench.annotation.formats.source import parse_json
from workbench.annotation.formats.tags import TAG_NAMES, UNMAPPED, Vocabulary
from workbench.errors import ImportRefused

_OURS = frozenset(
    {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement", "history"}
)
_ALWAYS = frozenset({"annotator", "annotation_id", "lead_time"})
_IMAGE_KEYS = ("image", "img", "picture", "photo", "file", "file_name", "filename", "url", "path")
_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif")
_DELIMITERS = ",\t;"


def image_of(data: Mapping[str, Any]) -> str:
    """The name of a task's picture.

    Raises:
        RowProblem: No value of the task looks like one.
    """
    usual = [data.get(key) or data.get(f"_data_{key}") for key in _IMAGE_KEYS]
    likely = [value for value in data.values() if isinstance(value, str)]
    likely = [value for value in likely if to_name(value).casefold().endswith(_ENDINGS)]
    for value in (*usual, *likely):
        if isinstance(value, str) and value:
            return to_name(value)
    raise RowProblem("no picture", 'its address belongs under "image"')


def annotator_of(value: object) -> str:
    """Who answered, as the store is to know them; "" where the file does not say."""
    if isinstance(value, dict):
        value = value.get("email") or value.get("id")
    if value is None or isinstance(value, bool) or str(value).strip() in ("", "None"):  # its CSV writes None
        return ""
    return f"{str(value).strip()} (Label Studio)"


def split_seconds(value: object, heads: Sequence[str]) -> dict[str, float]:
    """The time of a whole annotation, in equal parts for its heads; none where it makes no sense."""
    try:
        seconds = float(value) if isinstance(value, int | float | str) and value else 0.0
    except (ValueError, OverflowError):
        return {}
    if not heads or not 0 < seconds < 86_400 * 365:
        return {}
    return dict.fromkeys(heads, seconds / len(heads))


def matches_json(entry: Mapping[str, Any]) -> bool:
    """Whether an entry of a list is one of JSON_MIN's."""
    return entry.keys() >= _ALWAYS


def matches_csv(source: SourceFile) -> bool:
    """Whether the first row has the columns that Label Studio always writes."""
    return _delimiter(source) is not None


def _delimiter(source: SourceFile) -> str | None:
    """The delimiter with which the first row has them."""
    found = [mark for mark in _DELIMITERS if set(cells.first_row(source.text, mark)) >= _ALWAYS]
    return found[0] if found else None


def read_json(entries: Sequence[object], vocabulary: Vocabulary) -> ParsedFile:
    """Understand every entry of a JSON_MIN file."""
    return _read(enumerate(entries, 1), vocabulary)


def read_csv(source: SourceFile, vocabulary: Vocabulary) -> ParsedFile:
    """Understand every row of a CSV file.

    Raises:
        ImportRefused: The first row is not Label Studio's, or a quote is never closed.
    """
    delimiter = _delimiter(source)
    if delimiter is None:
        raise ImportRefused(
            "the first row has no columns annotator, annotation_id and lead_time",
            where=source.path,
            cure="export it from Label Studio as CSV, or better as JSON",
        )
    rows = cells.read_cells(source.text, delimiter, source.path)
    _, header = next(rows)
    if twice := next((name for name in header if header.count(name) > 1), None):
        raise ImportRefused(
            f"two columns are named {twice!r}", where=f"{source.path}, row 1", cure="remove one"
        )
    return _read(((row, _as_entry(header, found)) for row, found in rows), vocabulary)


def _as_entry(header: Sequence[str], found: Sequence[str]) -> object:
    """A row of CSV as an entry of JSON_MIN; None where cells and columns do not fit."""
    if len(found) != len(header):
        return None
    return {name: _value(cell) for name, cell in zip(header, found, strict=True) if cell}


def _value(cell: str) -> object:
    """A cell; what is an object or a list in JSON is one."""
    if cell[:1] in ("{", "["):
        try:
            return parse_json(cell)
        except ValueError:
            return cell
    return cell


def _read(entries: Iterable[tuple[int, object]], vocabulary: Vocabulary) -> ParsedFile:
    """Understand every row, however it was written."""
    rows: list[ParsedRow] = []
    refused: list[RefusedRow] = []
    strangers: dict[str, None] = {}
    count = 0
    for number, entry in entries:
        count += 1
        name = ""
        try:
            if not isinstance(entry, dict):
                raise RowProblem("no row of Label Studio", "export the annotations again")
            name = image_of(entry)
            rows.append(_row(number, name, entry, vocabulary, strangers))
        except RowProblem as problem:
            refused.append(problem.refused(number, name))
    notes = [f"{stranger!r} is no head: left out" for stranger in strangers]
    notes.append("skipped annotations are not in this file; Label Studio's JSON has them")
    return ParsedFile(count, rows, refused, notes)


def _row(
    number: int, name: str, entry: Mapping[str, Any], vocabulary: Vocabulary, strangers: dict[str, None]
) -> ParsedRow:
    """One annotation."""
    said: list[tuple[str, str]] = []
    for key, value in entry.items():
        asked = vocabulary.question(key)
        if asked is None and (key in _OURS or to_name(str(value)) == name):
            continue
        tags = list(_tags(value))
        if asked is None and key not in TAG_NAMES:
            mapped = [tag for tag in tags if vocabulary.mapped(key, tag) != UNMAPPED]
            said += [
                ("", f"{key}.{tag}" if vocabulary.mapped("", tag) == UNMAPPED else tag) for tag in mapped
            ]
            if len(mapped) < len(tags) or not tags:
                strangers[key] = None
            continue
        said += [(key if asked else "", tag) for tag in tags]
    answers, excluded = vocabulary.collect(said)
    seconds = split_seconds(entry.get("lead_time"), list(answers))
    return ParsedRow(number, name, answers, excluded, annotator_of(entry.get("annotator")), seconds)


def _tags(value: object) -> Iterable[str]:
    """The choices in a value, however they are wrapped."""
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, dict):
        return _tags(value.get("choices", []))
    if isinstance(value, list):
        return [tag for one in value for tag in _tags(one)]
    return [] if value is None else [json.dumps(value)]
