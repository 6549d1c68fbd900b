"""Files of labels: one module a format, one registry."""

from collections.abc import Mapping
from pathlib import Path

from workbench.annotation.formats import (
    cvat,
    fiftyone,
    imagefolder,
    jsonl,
    label_studio,
    makesense,
    own_csv,
)
from workbench.annotation.formats.base import Format, SourceFile
from workbench.errors import ImportRefused
from workbench.schema import Schema
from workbench.toml import suggestion

FORMATS: Mapping[str, Format] = {
    one.name: one
    for one in (
        own_csv.FORMAT,
        jsonl.FORMAT,
        label_studio.FORMAT,
        imagefolder.FORMAT,
        fiftyone.FORMAT,
        cvat.FORMAT,
        makesense.FORMAT,
    )
}
"""By name, in the order in which they are tried; imagefolder before all others, by the name of the file."""
WRITTEN = tuple(one.name for one in FORMATS.values() if one.write)
"""The names of the formats that can be written."""
_BY_ENDING = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "label-studio"}


def format_named(name: str) -> Format:
    """The format of this name.

    Raises:
        ImportRefused: There is none; names the nearest.
    """
    if name not in FORMATS:
        raise ImportRefused(
            f"no format is named {name!r}", where="--format", cure=suggestion(name, list(FORMATS))
        )
    return FORMATS[name]


def format_to_write(path: Path) -> Format:
    """The format that a person means who names this file."""
    if path.stem == "metadata" and path.suffix in (".csv", ".jsonl", ".parquet"):
        return imagefolder.FORMAT
    return FORMATS[_BY_ENDING.get(path.suffix, "csv")]


def detect(source: SourceFile, schema: Schema) -> Format:
    """Find out which format a file, or a folder, has.

    Raises:
        ImportRefused: None that is known, an empty file, or no UTF-8.
    """
    if source.parts is not None:
        return _detect_folder(source, schema)
    if imagefolder.FORMAT.matches(source, schema):
        return imagefolder.FORMAT
    if not source.text.strip():
        raise ImportRefused("the file is empty", where=source.path, cure="export the labels again")
    for one in FORMATS.values():
        if one.matches(source, schema):
            return one
    if source.looks_like_json:
        source.document  # noqa: B018 - says what is wrong with JSON that nobody can read
    expected = ",".join(["file_name", *schema.head_names, schema.exclusion.name])
    raise ImportRefused(
        "no labels in any format that is known",
        where=source.path,
        cure=f"expected the first row {expected}, or a file of {_titles(but=('csv',))}",
    )


def _detect_folder(source: SourceFile, schema: Schema) -> Format:
    """Find out which format the files in a folder have."""
    for one in FORMATS.values():
        if one.folder and one.matches(source, schema):
            return one
    raise ImportRefused(
        "a folder without files of labels",
        where=source.path,
        cure="name the file, or a folder with metadata.csv, annotations.xml or labels.json",
    )


def _titles(but: tuple[str, ...]) -> str:
    """The formats for people."""
    titles = [one.title for one in FORMATS.values() if one.name not in but]
    return f"{', '.join(titles[:-1])} or {titles[-1]}"
