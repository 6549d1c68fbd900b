"""Suggestions out of somebody's file: `file_name`, and for each head its class and `HEAD_probability`.

That is what `workbench predict` writes; heads may be missing, and other columns are left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.annotation.formats.answers import read_answer
from workbench.annotation.formats.base import RowProblem, SourceFile
from workbench.annotation.formats.cells import line, protect, read_cells, unprotect
from workbench.annotation.formats.report import RefusedRow
from workbench.annotation.matching import PictureNames
from workbench.annotation.suggestions import SuggestedRow
from workbench.errors import ImportRefused
from workbench.files import write_atomically
from workbench.images.catalog import Picture
from workbench.schema import Head, Schema
from workbench.text import neutralise

FILE_NAME, PROBABILITY, SET_ASIDE = "file_name", "_probability", "set_aside"
_MOST = 20
_Columns = Mapping[str, int]


@dataclass(frozen=True)
class SuggestionPlan:
    """A file of suggestions, checked row by row.

    Attributes:
        file: Where it came from.
        rows: Rows of data in the file.
        accepted: One for each picture.
        refused: Rows that are not taken.
        heads: The heads that the file speaks of.
        set_aside: Rows of pictures that the network could not read.
    """

    file: str
    rows: int
    accepted: tuple[SuggestedRow, ...]
    refused: tuple[RefusedRow, ...]
    heads: tuple[str, ...]
    set_aside: int

    def as_text(self) -> str:
        """The report for people, neutralised."""
        heads = ", ".join(self.heads)
        lines = [f"{self.file}: {self.rows} rows, suggestions for {heads}"]
        lines.append(f"accepted: {len(self.accepted)} pictures")
        if self.set_aside:
            lines.append(f"set aside: {self.set_aside} pictures without an answer")
        lines.append(f"refused: {len(self.refused)} rows")
        lines += [f"  row {one.row}  {one.name}: {one.reason}; {one.cure}" for one in self.refused[:_MOST]]
        if len(self.refused) > _MOST:
            lines.append(f"  and {len(self.refused) - _MOST} more; --refused FILE writes them all")
        return "\n".join(map(neutralise, lines))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; the accepted rows as a count."""
        return {
            "file": self.file,
            "rows": self.rows,
            "pictures": len(self.accepted),
            "answers": sum(len(row.answers) for row in self.accepted),
            "heads": list(self.heads),
            "set_aside": self.set_aside,
            "refused": [vars(one) for one in self.refused],
        }

    def write_refused(self, path: Path) -> None:
        """Write the refused rows as CSV: row, file_name, reason, cure.

        Raises:
            WorkbenchError: The place cannot be written.
        """
        rows = [line([str(one.row), *map(protect, (one.name, one.reason, one.cure))]) for one in self.refused]
        write_atomically(path, line(["row", FILE_NAME, "reason", "cure"]) + "".join(rows))


def plan_suggestions(
    path: Path, schema: Schema, pictures: Sequence[Picture], root: Path, made: str
) -> SuggestionPlan:
    """Read a file and match its rows with pictures; nothing is written.

    Args:
        path: The file.
        schema: The bench's heads.
        pictures: The bench's pictures.
        root: Their folder; names in the file may begin with it.
        made: When, in ISO 8601.

    Raises:
        ImportRefused: It is no such file, or is of other heads or classes.
    """
    source = SourceFile.read(path)
    cells = read_cells(source.text, ",", path)
    header = [unprotect(cell) for cell in next(cells, (1, []))[1]]
    columns = {name: index for index, name in enumerate(header)}
    heads = _heads(columns, schema, path)
    accepted: dict[str, tuple[int, SuggestedRow]] = {}
    refused: list[RefusedRow] = []
    names, count, aside = PictureNames(pictures), 0, 0
    for row, found in cells:
        count += 1
        name = unprotect(found[columns[FILE_NAME]]) if columns[FILE_NAME] < len(found) else ""
        try:
            if len(found) < len(header):
                raise RowProblem("the row is cut off", f"{len(header)} cells are expected")
            answers = dict(_answers(found, columns, heads))
            if not answers:
                aside += 1
                continue
            picture = names.find(name.removeprefix(f"{root}/"))
            if (first := accepted.get(picture.fingerprint)) is not None and first[1].answers != answers:
                raise RowProblem(f"row {first[0]} is of the same picture and differs", "keep the right one")
            accepted[picture.fingerprint] = row, SuggestedRow(picture.fingerprint, answers, path.name, made)
        except RowProblem as problem:
            refused.append(RefusedRow(row, problem.reason, problem.cure, name))
    if refused and not accepted:
        first_row = refused[0]
        raise ImportRefused(
            f"none of the {count} rows can be taken; row {first_row.row}: {first_row.reason}",
            where=path,
            cure=first_row.cure,
        )
    rows = tuple(row for _, row in accepted.values())
    return SuggestionPlan(str(path), count, rows, tuple(refused), tuple(one.name for one in heads), aside)


def _heads(columns: _Columns, schema: Schema, path: Path) -> list[Head]:
    """The heads that the file has columns for."""
    where, expected = f"{path}, row 1", ",".join([FILE_NAME, *_pair(schema.heads[0]), "…"])
    if FILE_NAME not in columns:
        raise ImportRefused(f"no column {FILE_NAME!r}", where=where, cure=f"expected {expected}")
    heads = [head for head in schema.heads if head.name in columns]
    if not heads:
        raise ImportRefused(
            "these suggestions are of other heads than the bench's",
            where=where,
            cure=f"heads: {', '.join(schema.head_names)}",
        )
    for head in heads:
        if head.name + PROBABILITY not in columns:
            raise ImportRefused(
                f"no column {head.name + PROBABILITY!r}", where=where, cure="add it: a number from 0 to 1"
            )
    return heads


def _pair(head: Head) -> tuple[str, str]:
    """The names of a head's two columns."""
    return head.name, head.name + PROBABILITY


def _answers(
    found: Sequence[str], columns: _Columns, heads: Sequence[Head]
) -> Iterator[tuple[str, tuple[str, float]]]:
    """Class and confidence of each head that the row speaks of."""
    for head in heads:
        answer = read_answer(unprotect(found[columns[head.name]]), head)
        if answer is None:
            continue
        if not isinstance(answer, str):
            raise RowProblem(f"{head.name} is “cannot tell”", "a suggestion names a class, or nothing")
        cell = found[columns[head.name + PROBABILITY]]
        try:
            chance = float(cell)
        except ValueError:
            chance = -1.0
        if not 0 <= chance <= 1:
            raise RowProblem(f"{head.name + PROBABILITY} is {cell!r}", "a number from 0 to 1 is expected")
        yield head.name, (answer, chance)
