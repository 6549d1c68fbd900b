"""The labels as they stand, kept in memory: what the events say when they are played in order."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from workbench.annotation.labels import BY_HAND, FROM_FILES, TURNS, Answer, PictureLabels, RemarkKind, Source
from workbench.annotation.tables import decode
from workbench.schema import Schema


class Row(NamedTuple):
    """What the view needs of an event, in the order of the store's query."""

    id: int
    annotator: str
    fingerprint: str
    head: str
    source: str
    kind: str
    name: str | None
    target: int | None


@dataclass(frozen=True)
class StoreProgress:
    """How far the labels are, over every picture that was ever touched.

    Attributes:
        seen: Pictures that somebody looked at.
        labelled: Pictures with at least one answer.
        complete: Pictures with nothing left to do, excluded ones among them.
        excluded: Pictures that show nothing to label.
        per_head: Number of answers of each head, "cannot tell" among them.
    """

    seen: int
    labelled: int
    complete: int
    excluded: int
    per_head: dict[str, int]


class LabelView:
    """Current labels of all pictures, and what one annotator can undo and redo.

    Args:
        schema: Tells the exclusion's name and the heads.
        annotator: Whose undo it is.
        blind: Whether only this annotator's own events count.
    """

    def __init__(self, schema: Schema, annotator: str, *, blind: bool = False) -> None:
        self._schema, self._exclusion, self._annotator = schema, schema.exclusion.name, annotator
        self._blind = blind
        self._answers: dict[str, dict[str, Answer]] = {}
        self._excluded: set[str] = set()
        self._seen: set[str] = set()
        self._flagged: set[str] = set()
        self._notes: dict[str, str] = {}
        self._strings: dict[str, str] = {}  # one object a word: 250,000 answers are a few dozen words
        self._first: dict[str, str] = {}  # who answered a picture first
        self.contested: set[str] = set()  # pictures that another one answered too
        self.undoable: array[int] = array("q")
        self.redoable: array[int] = array("q")
        self.last_id = 0
        self.revision = 0

    def play(self, rows: Iterable[tuple[int, str, str, str, str, str, str | None, int | None]]) -> int:
        """Apply events in order of their ids; returns how many."""
        count, share = 0, self._strings.setdefault
        for row in rows:
            id_, annotator, fingerprint, head, source, kind, name, target = row
            if self._blind and annotator != self._annotator:
                self.last_id = id_
                continue
            answer = decode(kind, share(name, name) if name is not None else None)
            self._answers.setdefault(fingerprint, {})
            if source not in FROM_FILES:
                self._seen.add(fingerprint)
            if head == self._exclusion:
                (self._excluded.add if answer is not None else self._excluded.discard)(fingerprint)
            elif head:
                self._set(fingerprint, share(head, head), answer)
            elif kind == RemarkKind.FLAG:
                (self._flagged.add if name else self._flagged.discard)(fingerprint)
            elif kind == RemarkKind.NOTE:
                self._notes[fingerprint] = name or ""
            if annotator == self._annotator:
                self._stack(id_, source, target)
            if head and self._first.setdefault(fingerprint, share(annotator, annotator)) != annotator:
                self.contested.add(fingerprint)
            self.last_id = id_
            self.revision += bool(head)
            count += 1
        return count

    def _set(self, fingerprint: str, head: str, answer: Answer | None) -> None:
        """The answer of a head from now on."""
        if answer is not None:
            self._answers[fingerprint][head] = answer
        else:
            self._answers[fingerprint].pop(head, None)

    def _stack(self, id_: int, source: str, target: int | None) -> None:
        """What this event of our annotator does to undo and redo."""
        if source in BY_HAND:
            self.undoable.append(id_)
            del self.redoable[:]
        elif source == Source.UNDO and target is not None:
            _take(self.undoable, target)
            self.redoable.append(target)
        elif source == Source.REDO and target is not None:
            _take(self.redoable, target)
            self.undoable.append(target)

    def answer(self, fingerprint: str, head: str) -> Answer | None:
        """The current answer of a head or of the exclusion."""
        if head == self._exclusion:
            return "yes" if fingerprint in self._excluded else None
        return self._answers.get(fingerprint, {}).get(head)

    def labels(self, fingerprint: str) -> PictureLabels:
        """A copy of one picture's labels."""
        return PictureLabels(
            dict(self._answers.get(fingerprint, ())),
            fingerprint in self._excluded,
            fingerprint in self._seen,
            fingerprint in self._flagged,
            self._notes.get(fingerprint, ""),
        )

    def fingerprints(self) -> Iterable[str]:
        """Every picture that was ever touched."""
        return self._answers

    def progress(self) -> StoreProgress:
        """Count everything once."""
        heads = self._schema.head_names
        per_head = dict.fromkeys(heads, 0)
        labelled = complete = 0
        for fingerprint, answers in self._answers.items():
            for head in answers:
                per_head[head] = per_head.get(head, 0) + 1
            labelled += bool(answers)
            complete += fingerprint in self._excluded or all(head in answers for head in heads)
        return StoreProgress(len(self._seen), labelled, complete, len(self._excluded), per_head)


def _take(stack: "array[int]", id_: int) -> None:
    """Remove the newest entry of this id: mostly the last, but one person may have two windows."""
    for index in range(len(stack) - 1, -1, -1):
        if stack[index] == id_:
            del stack[index]
            return


class Change(NamedTuple):
    """One event in the life of one head of one picture."""

    id: int
    source: str
    answer: Answer | None
    target: int | None


def answer_without(history: Iterable[Change], undone: int) -> Answer | None:
    """What a head's answer is when one event is taken back.

    Args:
        history: Every event of that picture and head, oldest first.
        undone: The id of the event to leave out. Later answers, of an import or of another annotator, stay.
    """
    standing: dict[int, Answer | None] = {}
    for change in history:
        if change.source in TURNS and change.target is not None:
            standing.pop(change.target, None)
            if change.source == Source.REDO:
                standing[change.target] = change.answer
        else:
            standing[change.id] = change.answer
    standing.pop(undone, None)
    return next(reversed(standing.values()), None)
