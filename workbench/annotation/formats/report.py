"""What an import would do, said before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.annotation.formats.cells import line, protect
from workbench.annotation.labels import Answer, Remark, Special
from workbench.files import write_atomically
from workbench.text import neutralise

_REPLACED_LISTED = 20


@dataclass(frozen=True)
class RefusedRow:
    """A row that is not taken.

    Attributes:
        row: Counted from 1; a header counts.
        reason: What is wrong.
        cure: What would mend it.
        name: The picture's name as the file has it.
    """

    row: int
    reason: str
    cure: str
    name: str


@dataclass(frozen=True)
class AcceptedRow:
    """A row that changes something.

    Attributes:
        row: Counted from 1; a header counts.
        name: The picture's name in the bench.
        fingerprint: The picture.
        changes: New answers by head (or exclusion); None clears.
        annotator: Who answered, where the file knows it.
        seconds: Time that the person took, by head.
        remarks: Flag and note that are new.
    """

    row: int
    name: str
    fingerprint: str
    changes: Mapping[str, Answer | None]
    annotator: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Replaced:
    """An answer of a person that would be replaced.

    Attributes:
        row: Counted from 1.
        name: The picture's name in the bench.
        head: The head, or the exclusion.
        before: What the person answered.
        after: What the file says; None clears.
    """

    row: int
    name: str
    head: str
    before: Answer
    after: Answer | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**vars(self), "before": _word(self.before), "after": _word(self.after)}

    def as_text(self) -> str:
        """One line for people; not neutralised but for the name."""
        change = f"{self.head}: {_word(self.before)} → {_word(self.after) or 'none any more'}"
        return f"  row {self.row}  {neutralise(self.name, 60)}: {change}"


def _word(answer: Answer | None) -> str | None:
    """An answer as a word."""
    return answer.value if isinstance(answer, Special) else answer


@dataclass(frozen=True)
class ImportPlan:
    """A file of labels, checked row by row.

    Attributes:
        format: The format's name.
        rows: Rows of data in the file.
        accepted: Rows that change something.
        refused: Rows that are not taken.
        replaced: Answers of a person that would be replaced.
        unchanged: Rows that say only what is known already.
        file: Where it came from.
        notes: What else to know, one line each.
        revision: State of the labels that the plan was made for.
    """

    format: str
    rows: int
    accepted: tuple[AcceptedRow, ...]
    refused: tuple[RefusedRow, ...]
    replaced: tuple[Replaced, ...]
    unchanged: int
    file: str = ""
    notes: tuple[str, ...] = ()
    revision: int = 0

    @property
    def overwrites(self) -> int:
        """How many answers of a person would be replaced."""
        return len(self.replaced)

    @property
    def answers(self) -> int:
        """Answers, flags and notes that would be written."""
        return sum(len(row.changes) + len(row.remarks) for row in self.accepted)

    @property
    def pictures(self) -> int:
        """Pictures that would change."""
        return len({row.name for row in self.accepted})

    def as_text(self, limit: int = 0) -> str:
        """The report for people, neutralised.

        Args:
            limit: If positive, the most refused rows to list.
        """
        lines = [f"{self.file}: {self.format}, {self.rows} rows"]
        lines += [f"note: {note}" for note in self.notes]
        lines.append(f"accepted: {self.pictures} pictures with {self.answers} new answers")
        if self.unchanged:
            lines.append(f"unchanged: {self.unchanged} pictures whose row says nothing new")
        if self.overwrites:
            lines.append(f"overwrites: {self.overwrites} answers that a person gave; needs --overwrite")
            lines += [one.as_text() for one in self.replaced[:_REPLACED_LISTED]]
            if self.overwrites > _REPLACED_LISTED:
                lines.append(f"  and {self.overwrites - _REPLACED_LISTED} more; --json lists all")
        lines.append(f"refused: {len(self.refused)} rows")
        shown = self.refused[:limit] if limit > 0 else self.refused
        lines += [
            f"  row {one.row}  {neutralise(one.name, 60)}: {one.reason}{f'; {one.cure}' if one.cure else ''}"
            for one in shown
        ]
        if len(shown) < len(self.refused):
            lines.append(f"  and {len(self.refused) - len(shown)} more")
        return "\n".join(map(neutralise, lines))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; the accepted rows as counts."""
        return {
            "file": self.file,
            "format": self.format,
            "rows": self.rows,
            "accepted": self.pictures,
            "answers": self.answers,
            "unchanged": self.unchanged,
            "overwrites": self.overwrites,
            "replaced": [one.to_dict() for one in self.replaced],
            "refused": [vars(one) for one in self.refused],
            "notes": list(self.notes),
        }

    def refused_csv(self) -> str:
        """The refused rows as CSV: row, file_name, reason, cure."""
        head = line(["row", "file_name", "reason", "cure"])
        return head + "".join(
            line([str(one.row), *map(protect, (one.name, one.reason, one.cure))]) for one in self.refused
        )

    def write_refused(self, path: Path) -> None:
        """Write `refused_csv` to a file.

        Raises:
            WorkbenchError: The place cannot be written.
        """
        write_atomically(path, self.refused_csv())
