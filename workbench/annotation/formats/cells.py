"""Cells of CSV files: read exactly, written so that no spreadsheet runs them."""

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from workbench.errors import ImportRefused

DELIMITERS = ",;\t|"
DELIMITER_NAMES = {",": "a comma", ";": "';'", "\t": "a tab", "|": "'|'"}
_FORMULA = "=+-@\t\r\n＝＋－＠"
_MARK = "'"
_BYTES = "'b:"
_QUOTED = re.compile(r"[,;\t|\"\r\n]|^\s|\s$")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_SEPARATORS = re.compile(r"[\s_\-.:=]+")


def protect(text: str) -> str:
    """Text that a spreadsheet shows and never runs, and that is valid UTF-8; `unprotect` gives it back.

    A text that begins like a formula, or with an apostrophe, gets an apostrophe before it. A name with
    bytes that are not UTF-8, or that are 0, is written as `'b:` and per cent escapes.
    """
    if _NO_TEXT.search(text):
        return _BYTES + quote_from_bytes(_as_bytes(text), safe="/ ()[]+,!")
    return _MARK + text if text and text[0] in _FORMULA + _MARK else text


def _as_bytes(text: str) -> bytes:
    """The bytes of a name; halves of characters, which JSON can hold and no disk does, as they come."""
    try:
        return os.fsencode(text)
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def unprotect(cell: str) -> str:
    """What `protect` was given; other cells stay as they are."""
    if cell.startswith(_BYTES):
        return os.fsdecode(unquote_to_bytes(cell[len(_BYTES) :]))
    return cell[1:] if cell[:1] == _MARK and len(cell) > 1 and cell[1] in _FORMULA + _MARK else cell


def line(cells: Iterable[str]) -> str:
    """One line of CSV; quoted also where another delimiter would split it into a formula."""
    return (
        ",".join(
            f'"{cell.replace(chr(34), chr(34) * 2)}"' if _QUOTED.search(cell) else cell for cell in cells
        )
        + "\n"
    )


def read_cells(text: str, delimiter: str, where: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows of a CSV text with their numbers, counted from 1; blank ones are left out.

    Raises:
        ImportRefused: A quote that is never closed, or a cell beyond all reason; with its line.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    row = 0
    try:
        for row, cells in enumerate(reader, 1):
            if any(cells):
                yield row, cells
    except csv.Error as error:
        raise ImportRefused(
            f"not CSV at row {row + 1}, line {reader.line_num}: {error}",
            where=where,
            cure="look for a quote that is not closed",
        ) from error


def first_row(text: str, delimiter: str) -> list[str]:
    """The cells of the first row; none where it is no CSV."""
    try:
        return next(csv.reader(io.StringIO(text[:100_000], newline=""), delimiter=delimiter), [])
    except csv.Error:
        return []


def normalise(text: str) -> str:
    """For comparing what people type: case, blanks, hyphens, underscores and dots do not matter."""
    return _SEPARATORS.sub("_", text.casefold().strip()).strip("_")
