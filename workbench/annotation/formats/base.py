"""What every format of label files has in common: its rows, what it writes, its entry in the registry."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workbench.annotation.formats.report import RefusedRow
from workbench.annotation.formats.source import MAX_BYTES, SourceFile
from workbench.annotation.labels import EXCLUDED, Answer, Event, PictureLabels, Remark
from workbench.images.catalog import Picture
from workbench.schema import Schema

__all__ = [
    "MAX_BYTES",
    "Format",
    "Labelled",
    "ParsedFile",
    "ParsedRow",
    "RowProblem",
    "SourceFile",
    "Written",
]
_NOTHING = PictureLabels()


class RowProblem(Exception):
    """Why one row cannot be taken; the readers turn it into a RefusedRow.

    Args:
        reason: What is wrong with it.
        cure: What would mend it.
    """

    def __init__(self, reason: str, cure: str = "") -> None:
        super().__init__(reason)
        self.reason, self.cure = reason, cure

    def refused(self, row: int, name: str) -> RefusedRow:
        """The row that it refuses."""
        return RefusedRow(row, self.reason, self.cure, name)


@dataclass(frozen=True)
class ParsedRow:
    """What one person says of one picture, understood but not yet matched with a picture.

    Attributes:
        row: Counted from 1; a header counts. A row of which several people speak comes several times, the
            one whose word holds last.
        name: The picture's name as the file has it.
        answers: Answers by head; heads of which the row says nothing are absent.
        excluded: The exclusion flag; None where the row says nothing.
        annotator: Who said so, where the file knows it.
        seconds: Time that the person took, by head, where the file knows it.
        without_ending: Whether the name lacks the ending of the picture's file.
        remarks: A flag and a note, where the file has them.
    """

    row: int
    name: str
    answers: Mapping[str, Answer]
    excluded: bool | None = None
    annotator: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)
    without_ending: bool = False
    remarks: Sequence[Remark] = ()

    def says(self, schema: Schema) -> dict[str, Answer | None]:
        """The answers with the exclusion flag among them."""
        said: dict[str, Answer | None] = dict(self.answers)
        if self.excluded is not None:
            said[schema.exclusion.name] = EXCLUDED if self.excluded else None
        return said


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
class Labelled:
    """What is to be written, and where.

    Attributes:
        pictures: One row for each.
        labels: By fingerprint.
        schema: The heads.
        class_names: Class names instead of integer codes, where a format knows both.
        path: The file, or the folder, that will be written.
        images: The folder of the pictures.
        given: The event behind each answer, by fingerprint and head, as far as known.
        merge: The rule by which the answers of several people became one; "" where one person answered.
    """

    pictures: Sequence[Picture]
    labels: Mapping[str, PictureLabels]
    schema: Schema
    class_names: bool = False
    path: Path = Path()
    images: Path | None = None
    given: Mapping[tuple[str, str], Event] = field(default_factory=dict)
    merge: str = ""

    def rows(self) -> Iterator[tuple[Picture, PictureLabels]]:
        """Every picture with its labels, sorted by name."""
        for picture in sorted(self.pictures, key=lambda one: one.name):
            yield picture, self.labels.get(picture.fingerprint, _NOTHING)


Written = str | bytes | Mapping[str, str]
"""A file, or the files of a folder by name."""


def _no_notes(_: Labelled) -> Sequence[str]:
    """Nothing to say."""
    return ()


@dataclass(frozen=True)
class Format:
    """An entry of the registry.

    Attributes:
        name: As on the command line.
        title: For people.
        matches: Whether a file (or a folder, where `folder` says so) looks like this format.
        read: Understands a file; the mapping is tag -> "head.class".
        write: What a file with these pictures holds; None where the format is only read.
        ours: Whether a file that begins so was written by `write`, so that it may be replaced unasked.
        place: The file to write where a person named this path; InputError where it cannot be.
        notes: What the person should know about a file that was written, one line each.
        folder: Whether it may be a folder of several files.
        origins: Whether it says who gave each answer, or how long that took.
    """

    name: str
    title: str
    matches: Callable[[SourceFile, Schema], bool]
    read: Callable[[SourceFile, Schema, Mapping[str, str]], ParsedFile]
    write: Callable[[Labelled], Written] | None = None
    ours: Callable[[bytes, Schema], bool] | None = None
    place: Callable[[Path], Path] | None = None
    notes: Callable[[Labelled], Sequence[str]] = _no_notes
    folder: bool = False
    origins: bool = False
