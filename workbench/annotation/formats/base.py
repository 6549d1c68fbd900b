"""What every format of label files has in common: the file, its rows, its entry in the registry."""

import codecs
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from workbench.annotation.formats.report import RefusedRow
from workbench.annotation.labels import Answer, PictureLabels
from workbench.errors import ImportRefused
from workbench.files import file_error
from workbench.images.catalog import Picture
from workbench.schema import Schema

MAX_BYTES = 256 << 20
_SAVE_AS_UTF8 = "save it as UTF-8 (in a spreadsheet: 'CSV UTF-8')"
_OTHER_ENCODINGS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


class RowProblem(Exception):
    """Why one row cannot be taken; the readers turn it into a RefusedRow.

    Args:
        reason: What is wrong with it.
        cure: What would mend it.
    """

    def __init__(self, reason: str, cure: str = "") -> None:
        super().__init__(reason)
        self.reason, self.cure = reason, cure


@dataclass(frozen=True)
class SourceFile:
    """A file of labels as it lies on the disk."""

    path: Path
    data: bytes

    @classmethod
    def read(cls, path: Path) -> "SourceFile":
        """Read it whole.

        Raises:
            WorkbenchError: It cannot be read, or is too large for a file of labels.
        """
        try:
            if path.exists() and not path.is_file():
                raise ImportRefused("not a file", where=path, cure="name the file of labels")
            if path.stat().st_size > MAX_BYTES:
                raise ImportRefused(f"larger than {MAX_BYTES >> 20} MiB, so no file of labels", where=path)
            return cls(path, path.read_bytes())
        except FileNotFoundError as error:
            raise ImportRefused("no such file", where=path, cure="check the path") from error
        except OSError as error:
            raise file_error(error, path) from error

    @cached_property
    def text(self) -> str:
        """The text, without a byte order mark.

        Raises:
            ImportRefused: Another encoding than UTF-8; says at which byte.
        """
        for mark, name in _OTHER_ENCODINGS.items():
            if self.data.startswith(mark):
                raise ImportRefused(f"encoded as {name}, expected UTF-8", where=self.path, cure=_SAVE_AS_UTF8)
        if b"\0" in self.data:
            raise ImportRefused(
                f"not a text file: byte 0 at position {self.data.index(0)}",
                where=self.path,
                cure="name the file of labels",
            )
        try:
            return self.data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            # The codec counts without the byte order mark and hands over what it decoded.
            start = error.start + len(self.data) - len(error.object)
            line = self.data.count(b"\n", 0, start) + 1
            raise ImportRefused(
                f"not UTF-8: byte 0x{self.data[start]:02x} at position {start}, line {line}",
                where=self.path,
                cure=_SAVE_AS_UTF8,
            ) from error


@dataclass(frozen=True)
class ParsedRow:
    """One row, understood but not yet matched with a picture.

    Attributes:
        row: Counted from 1; a header counts.
        name: The picture's name as the file has it.
        answers: Answers by head; heads of which the row says nothing are absent.
        excluded: The exclusion flag; None where the row says nothing.
    """

    row: int
    name: str
    answers: Mapping[str, Answer]
    excluded: bool | None = None


@dataclass(frozen=True)
class ParsedFile:
    """Everything that a file says.

    Attributes:
        count: Rows of data in the file.
        rows: Those that were understood; a format may have merged some.
        refused: Those that were not.
        notes: What else the person should know, one line each.
    """

    count: int
    rows: Sequence[ParsedRow]
    refused: Sequence[RefusedRow] = ()
    notes: Sequence[str] = field(default=())


@dataclass(frozen=True)
class Format:
    """An entry of the registry.

    Attributes:
        name: As on the command line.
        title: For people.
        matches: Whether a file looks like this format.
        read: Understands a file; the mapping is tag -> "head.class".
        write: Text of a file with these pictures; None where the format is only read.
        ours: Whether a file was written by `write`, so that it may be replaced without asking.
    """

    name: str
    title: str
    matches: Callable[[SourceFile, Schema], bool]
    read: Callable[[SourceFile, Schema, Mapping[str, str]], ParsedFile]
    write: Callable[[Sequence[Picture], Mapping[str, PictureLabels], Schema, bool], str] | None = None
    ours: Callable[[bytes, Schema], bool] | None = None
