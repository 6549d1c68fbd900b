"""Everything that the Label screen does, without a screen: answers, undo, the way back."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from workbench.annotation.accepting import acceptance, provenance
from workbench.annotation.carrying import Carrying
from workbench.annotation.history import after_turn, answer_words
from workbench.annotation.labels import (
    EXCLUDED,
    Answer,
    Event,
    NewEvent,
    PictureLabels,
    Remark,
    RemarkKind,
    Source,
    Special,
)
from workbench.annotation.outcome import NO_PICTURE, Outcome
from workbench.annotation.selection import TO_LABEL
from workbench.annotation.store import LabelStore
from workbench.annotation.suggestions import Advice, Suggestion, Suggestions
from workbench.annotation.walk import Walk
from workbench.errors import StoreError
from workbench.images.catalog import Picture
from workbench.schema import Schema
from workbench.text import neutralise

__all__ = ["LabelSession", "Outcome"]


class LabelSession(Walk):
    """One person labelling one queue of pictures.

    Args:
        schema: The heads.
        store: Where answers go.
        pictures: All pictures, by name; several files of one content count once.
        clock: Seconds, monotonic.
        advice: What may be shown of a network's suggestions; it may be replaced at any time.
    """

    def __init__(
        self,
        schema: Schema,
        store: LabelStore,
        pictures: Sequence[Picture],
        clock: Callable[[], float] = time.monotonic,
        advice: Advice | None = None,
    ) -> None:
        super().__init__(schema, store, pictures, clock)
        self._carrying = Carrying(schema)
        self._cursor.skipped = self._carrying.locks
        self.advice = advice or Advice(Suggestions(schema))

    @property
    def suggestions(self) -> dict[str, Suggestion]:
        """What is suggested for the picture under the cursor, by head, where it may be shown."""
        return self.advice.shown(self.picture.fingerprint) if self.picture is not None else {}

    def answer(self, key: str) -> Outcome:
        """Answer the active head with the class of this key; then the next head, or the next picture."""
        chosen = self.head.by_key(key)
        if chosen is None:
            keys = ", ".join(f"{one.key} {one.title}" for one in self.head.classes)
            return Outcome(message=neutralise(f"{self.head.title} has no key {key}: {keys}"))
        return self._give(chosen.name)

    def cannot_tell(self) -> Outcome:
        """Answer the active head with "cannot tell", which training masks out."""
        return self._give(Special.CANNOT_TELL)

    def answer_head(self, head: str, name: str) -> Outcome:
        """Answer any head with a class; then the next open head, or the next picture where none is open."""
        self._cursor.head_index = self._schema.head_names.index(head)
        return self._give(name, any_order=True)

    def accept(self) -> Outcome:
        """Answer every open head as suggested; then the next picture, or the first head still open."""
        if self.picture is None:
            return Outcome(message=NO_PICTURE)
        rows = acceptance(self.picture, self.labels, self.suggestions, self._schema)
        rows = [one for one in rows if one.head not in self.locks and self.passing in ("", one.head)]
        if not rows:
            self._pace.press()
            return Outcome(message="nothing is suggested here: answer by the keys of the classes")
        return self._after_several(self._commit(rows), "no suggestion for the heads that are open")

    def repeat(self) -> Outcome:
        """Give the active head the answer that it was given last, here or on the picture before."""
        if self.picture is None:
            return Outcome(message=NO_PICTURE)
        answer = self._carrying.last(self.head.name) or self._before().answers.get(self.head.name)
        if answer is None:
            return Outcome(message=f"{neutralise(self.head.title)} was not answered before")
        return self._give(answer, repeated=True)

    def carry(self) -> Outcome:
        """Give every open head the answer that the last picture has."""
        if self.picture is None:
            return Outcome(message=NO_PICTURE)
        rows = self._carrying.carried_rows(self.picture, self.labels, self._before())
        if not rows:
            self._pace.press()
            return Outcome(message="the last picture has no answer for a head that is open here")
        return self._after_several(self._commit(rows), "the last picture has no answer for what is open")

    @property
    def locks(self) -> Mapping[str, Answer]:
        """The locked heads, each with the answer that it gets beside every other answer of a picture."""
        return self._carrying.locks

    def toggle_lock(self) -> Outcome:
        """Lock the active head on its answer, or else on the last one that it was given; or unlock it."""
        self._pace.press()
        head, title = self.head, neutralise(self.head.title)
        if self._carrying.unlock(head.name):
            return Outcome(message=f"{title} is not locked any more")
        answer = self.labels.answers.get(head.name) or self._carrying.last(head.name)
        if answer is None:
            return Outcome(
                message=f"answer {title} first: a lock gives that answer to the pictures that follow"
            )
        self._carrying.lock(head.name, answer)
        words = neutralise(answer_words(head, answer))
        return Outcome(message=f"{title} is locked: {words}, together with the other answers of each picture")

    def toggle_flag(self) -> Outcome:
        """Flag the picture to be looked at again, or take the flag away."""
        now = "" if self.labels.flagged else "yes"
        return self._remark(Remark(RemarkKind.FLAG, now), "flagged" if now else "no longer flagged")

    def write_note(self, text: str) -> Outcome:
        """Keep a note on the picture, exactly as written; "" removes it."""
        if text == self.labels.note:
            return Outcome()
        return self._remark(Remark(RemarkKind.NOTE, text), "note kept" if text else "note removed")

    def clear(self) -> Outcome:
        """Take the active head's answer away; the cursor stays."""
        if self.head.name not in self.labels.answers:
            return Outcome(message=f"{neutralise(self.head.title)} has no answer to clear")
        return self._record(self.head.name, None)

    def exclude(self) -> Outcome:
        """Mark the picture as showing nothing to label and move on; a second time takes the mark away."""
        flag = self._schema.exclusion
        if self.labels.excluded:
            outcome = self._record(flag.name, None)
            return (
                outcome
                if outcome.failed
                else Outcome(saved=True, message=f"no longer {neutralise(flag.title)}")
            )
        outcome = self._record(flag.name, EXCLUDED)
        return self._on_to_next_picture() if outcome.saved else outcome

    def undo(self) -> Outcome:
        """Take back the last answer that is not taken back yet, and go to its picture and head."""
        return self._turn(self._store.undo, "nothing to undo", "undone")

    def redo(self) -> Outcome:
        """Give again what was undone last, and go to its picture and head."""
        return self._turn(self._store.redo, "nothing to redo", "redone")

    def _give(self, answer: Answer, *, any_order: bool = False, repeated: bool = False) -> Outcome:
        """Record an answer of the active head, and those of locked heads, and go on."""
        if self.picture is None:
            return Outcome(message=NO_PICTURE)
        was_open = not self.labels.complete(self._schema)
        source, suggested = provenance(self.advice, self.picture, self.labels, self.head.name, answer)
        if repeated and source is Source.HUMAN:
            source = Source.CARRIED
        outcome = self._record(self.head.name, answer, source, suggested)
        if not outcome.saved:
            return outcome
        if self.passing:
            return self._on_to_next_picture()
        if was_open and (any_order or self.suggestions):  # ⏎ will do the rest: stay until nothing is open
            if self.labels.complete(self._schema):
                return self._on_to_next_picture()
            self._cursor.to_head(self._cursor.next_open_head())
            return outcome
        following = self._cursor.following_head()
        if following is None:
            return self._on_to_next_picture()
        self._cursor.to_head(following)
        return outcome

    def _after_several(self, outcome: Outcome, still_open: str) -> Outcome:
        """After answers of several heads: the next picture, or else the first head that is still open."""
        if not outcome.saved:
            return outcome
        if self.passing or self.labels.complete(self._schema):
            return self._on_to_next_picture()
        self._cursor.to_head(self._cursor.first_open_head())
        return Outcome(saved=True, message=still_open)

    def _before(self) -> PictureLabels:
        """The labels of the picture that was answered last, or else of the one before in the queue."""
        assert self.picture is not None
        last = self._carrying.last_picture(other_than=self.picture.fingerprint)
        if last is not None:
            return self._store.labels(last)
        return self._cursor.labels_at(self.position - 1) if self.position else PictureLabels()

    def _record(
        self, head: str, answer: Answer | None, source: Source = Source.HUMAN, suggested: Answer | None = None
    ) -> Outcome:
        """One key press about one head."""
        picture = self.picture
        if picture is None:
            return Outcome(message=NO_PICTURE)
        return self._commit([NewEvent(picture.fingerprint, head, answer, picture.name, source, suggested)])

    def _commit(self, rows: list[NewEvent]) -> Outcome:
        """One key press: one transaction with its answers and those of locked heads, or why there is none."""
        assert self.picture is not None
        seconds = self._pace.press(answer=True)
        each = round(seconds / len(rows), 3)
        rows = [replace(one, seconds=each) for one in rows]
        given = frozenset(one.head for one in rows if one.answer is not None)
        if given - {self._schema.exclusion.name}:
            rows += self._carrying.locked_rows(self.picture, self.labels, given)
        try:
            if len(rows) == 1:  # an event of ours need not be read back
                self._store.add(rows[0])
            else:
                self._store.record_many(rows)
        except StoreError as error:
            return Outcome(message=str(error), failed=True)
        self._counts.note(self.picture.fingerprint, len(rows), len(rows))
        for one in rows:
            if one.answer is not None and one.head in self._schema.head_names:
                self._carrying.note(one.fingerprint, one.head, one.answer)
        return Outcome(saved=True)

    def _remark(self, remark: Remark, said: str) -> Outcome:
        """One key press about the picture as a whole."""
        if self.picture is None:
            return Outcome(message=NO_PICTURE)
        self._pace.press()
        try:
            self._store.remark(self.picture.fingerprint, remark, name=self.picture.name)
        except StoreError as error:
            return Outcome(message=str(error), failed=True)
        return Outcome(saved=True, message=said)

    def _on_to_next_picture(self) -> Outcome:
        """After the last answer of a picture."""
        self._pace.leave()
        if self._cursor.index + 1 < self.total:
            self._cursor.arrive(self._cursor.index + 1)
            return Outcome(saved=True, picture_changed=True)
        self._cursor.to_head(self._cursor.head_index if self.passing else self._cursor.first_open_head())
        if self.choice.kind not in TO_LABEL:
            return Outcome(saved=True, message="the last picture of this queue")
        left = self.queue_progress.left
        nothing = "every picture is labelled" if self.choice.everything else "nothing is left in this queue"
        return Outcome(saved=True, message=f"the last picture; {left} still to do" if left else nothing)

    def _turn(self, turn: Callable[[], Event | None], nothing: str, done: str) -> Outcome:
        """Undo or redo, and go where it happened."""
        self._pace.press()
        try:
            event = turn()
        except StoreError as error:
            return Outcome(message=str(error), failed=True)
        if event is None:
            return Outcome(message=nothing)
        answers = int(event.remark is None)
        self._counts.note(event.fingerprint, answers, answers if event.source is Source.REDO else -answers)
        message = f"{done}: {after_turn(event, self._schema)}"
        place = self._queue.place(event.fingerprint)
        if place is None:
            return Outcome(saved=True, message=f"{message} ({neutralise(event.name)}, not in this list)")
        moved = place != self._cursor.index
        if moved:
            self._pace.leave()
            self._cursor.arrive(place)
        if event.head in self._schema.head_names:
            self._cursor.to_head(self._schema.head_names.index(event.head))
        return Outcome(saved=True, picture_changed=moved, message=message)
