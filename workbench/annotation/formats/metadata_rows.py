"""Rows of the files that Hugging Face's imagefolder looks for: CSV, JSON Lines or Parquet."""

import io
from collections.abc import Iterator
from typing import Any

from workbench.annotation.formats import cells
from workbench.annotation.formats.base import RowProblem, SourceFile
from workbench.annotation.formats.source import parse_json
from workbench.errors import ImportRefused, MissingLibrary
from workbench.schema import PANDAS_MISSING

FILE_NAME = "file_name"
PARQUET = b"PAR1"
"""How a Parquet file begins."""
_MAX_PARQUET_BYTES = 1 << 30


def looks_like_metadata(source: SourceFile) -> bool:
    """Whether the first line is an object with a file name and without what our own JSON Lines have."""
    if not source.looks_like_json:
        return False
    entry = _object(source.text[:100_000].lstrip().split("\n", 1)[0])
    return isinstance(entry, dict) and FILE_NAME in entry and "answers" not in entry


def entries(source: SourceFile) -> Iterator[tuple[int, dict[str, Any] | RowProblem]]:
    """The rows with their numbers, whatever the kind."""
    if source.data.startswith(PARQUET):
        yield from enumerate(_parquet_rows(source), 1)
    elif source.looks_like_json:
        for number, line in enumerate(source.text.split("\n"), 1):
            if line.strip():
                yield number, _object(line)
    else:
        yield from _csv_rows(source)


def _object(line: str) -> dict[str, Any] | RowProblem:
    """A line of JSON."""
    try:
        entry = parse_json(line)
    except ValueError as error:
        return RowProblem(f"not JSON: {error}", "correct or remove the line")
    return entry if isinstance(entry, dict) else RowProblem("no JSON object", 'expected {"file_name": …}')


def _csv_rows(source: SourceFile) -> Iterator[tuple[int, dict[str, Any] | RowProblem]]:
    """Rows of CSV; what pandas reads as nothing is nothing."""
    rows = cells.read_cells(source.text, ",", source.path)
    _, header = next(rows, (0, []))
    if not any(is_name_column(name) for name in header):
        raise ImportRefused(
            "the first row has no column 'file_name'", where=f"{source.path}, row 1", cure="add it"
        )
    if twice := next((name for name in header if header.count(name) > 1), None):
        raise ImportRefused(
            f"two columns are named {twice!r}", where=f"{source.path}, row 1", cure="remove one"
        )
    for number, found in rows:
        if len(found) == len(header):
            yield (
                number,
                {
                    name: None if cell in PANDAS_MISSING else cell
                    for name, cell in zip(header, found, strict=True)
                },
            )
        else:
            reason = f"{len(found)} cells where the header has {len(header)}"
            yield number, RowProblem(reason, "a name with the delimiter in it needs quotes around it")


def _parquet_rows(source: SourceFile) -> list[dict[str, Any]]:
    """Rows of Parquet, if they fit into the memory."""
    _, parquet = pyarrow_if_there()
    try:
        file = parquet.ParquetFile(io.BytesIO(source.data))
        groups = (file.metadata.row_group(index) for index in range(file.metadata.num_row_groups))
        if sum(group.total_byte_size for group in groups) > _MAX_PARQUET_BYTES:
            raise ImportRefused("more than 1 GiB when unpacked, so no file of labels", where=source.path)
        rows: list[dict[str, Any]] = file.read().to_pylist()
    except ImportRefused:
        raise
    except Exception as error:  # the library raises whatever it likes
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise ImportRefused(f"not Parquet: {reason}", where=source.path, cure="write it again") from error
    return rows


def is_name_column(name: str) -> bool:
    """Whether `datasets` takes a column for names of pictures."""
    return name == FILE_NAME or name.endswith("_file_name")


def pyarrow_if_there() -> tuple[Any, Any]:
    """The library for Parquet, which is not one of ours."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingLibrary(
            "Parquet needs pyarrow", where="imagefolder", cure="pip install pyarrow, or use metadata.jsonl"
        ) from error
    return pyarrow, pyarrow.parquet
