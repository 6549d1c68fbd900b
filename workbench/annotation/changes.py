"""What the rows of a file would change in the labels as they stand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workbench.annotation.formats.base import ParsedRow
from workbench.annotation.formats.report import AcceptedRow, Replaced
from workbench.annotation.labels import EXCLUDED, FROM_FILES, Answer, PictureLabels, Remark, RemarkKind
from workbench.annotation.store import LabelStore
from workbench.images.catalog import Picture

_Match = tuple[ParsedRow, Picture]
_Key = tuple[str, str]
"""Fingerprint and head."""


@dataclass(frozen=True)
class _Word:
    """What one row says of one head."""

    place: int
    annotator: str
    answer: Answer | None


class Changes:
    """Rows that change something, in their order.

    Where a file says what several people answered, each answer is recorded under its annotator, and the last
    one holds. What is known already is not written again.

    Args:
        rows: With their pictures.
        store: The labels as they stand.

    Attributes:
        accepted: Rows that change something.
        unchanged: How many change nothing.
        replaced: Answers of a person that would be replaced.
    """

    def __init__(self, rows: Sequence[_Match], store: LabelStore) -> None:
        self._store, self._flag = store, store.schema.exclusion.name
        self._rows = sorted(rows, key=lambda match: match[0].row)
        self._imported: set[_Key] | None = None
        self._own = _own_answers(store) if any(row.annotator for row, _ in rows) else {}
        self.replaced: list[Replaced] = []
        written = self._written()
        self.accepted: list[AcceptedRow] = []
        for place, (row, picture) in enumerate(self._rows):
            changes = written.get(place, {})
            remarks = _new_remarks(row.remarks, store.labels(picture.fingerprint))
            if changes or remarks:
                seconds = {head: row.seconds[head] for head in changes if head in row.seconds}
                self.accepted.append(
                    AcceptedRow(
                        row.row, picture.name, picture.fingerprint, changes, row.annotator, seconds, remarks
                    )
                )
        changed = {one.name for one in self.accepted}
        self.unchanged = len({picture.name for _, picture in self._rows} - changed)

    def _written(self) -> dict[int, dict[str, Answer | None]]:
        """By place of a row, the answers of it that are new."""
        said: dict[_Key, list[_Word]] = {}
        for place, (row, picture) in enumerate(self._rows):
            for head, answer in row.says(self._store.schema).items():
                said.setdefault((picture.fingerprint, head), []).append(_Word(place, row.annotator, answer))
        found: dict[int, dict[str, Answer | None]] = {}
        for key, words in said.items():
            for word in self._new_words(key, words):
                found.setdefault(word.place, {})[key[1]] = word.answer
        return found

    def _new_words(self, key: _Key, words: Sequence[_Word]) -> list[_Word]:
        """All words about a head if one of them is new; each person's once."""
        known = self._store.labels(key[0])
        flag = EXCLUDED if known.excluded else None
        before = flag if key[1] == self._flag else known.answers.get(key[1])
        changed = words[-1].answer != before
        if not changed and all(self._is_known(key, word) for word in words):
            return []
        if changed and before is not None:
            self._imported = self._store.imported() if self._imported is None else self._imported
            if key not in self._imported:
                row, picture = self._rows[words[-1].place]
                self.replaced.append(Replaced(row.row, picture.name, key[1], before, words[-1].answer))
        kept: list[_Word] = []
        for word in words:
            if not any((one.annotator, one.answer) == (word.annotator, word.answer) for one in kept):
                kept.append(word)
        return kept

    def _is_known(self, key: _Key, word: _Word) -> bool:
        """Whether the store has a person's answer; what nobody in particular said need only hold."""
        return not word.annotator or self._own.get((*key, word.annotator)) == word.answer


def _own_answers(store: LabelStore) -> dict[tuple[str, str, str], Answer | None]:
    """The last answer that each person gave, or is said to have given, by picture, head and annotator."""
    events = store.events_since()
    gone = {event.target for event in events if event.target is not None and event.source in FROM_FILES}
    return {
        (event.fingerprint, event.head, event.annotator): event.answer
        for event in events
        if event.head and event.target is None and event.id not in gone
    }


def _new_remarks(remarks: Iterable[Remark], known: PictureLabels) -> tuple[Remark, ...]:
    """The flag and the note that are not there yet."""
    flag = "yes" if known.flagged else ""
    there = {RemarkKind.FLAG: flag, RemarkKind.NOTE: known.note}
    return tuple(one for one in remarks if there[one.kind] != one.text)
