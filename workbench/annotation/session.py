"""Everything that the Label screen does, without a screen: answers, undo, the way back."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from workbench.annotation.accepting import acceptance, provenance
from workbench.annotation.cursor import Cursor
from workbench.annotation.labels import EXCLUDED, Answer, Event, PictureLabels, Source, Special
from workbench.annotation.progress import Pace, SessionProgress, Tally
from workbench.annotation.queue import PictureQueue
from workbench.annotation.store import LabelStore
from workbench.annotation.suggestions import Advice, Suggestion, Suggestions
from workbench.errors import StoreError
from workbench.images.catalog import Picture
from workbench.schema import Head, Schema
from workbench.text import neutralise

_NO_PICTURE = "there are no pictures yet"


@dataclass(frozen=True)
class Outcome:
    """What a key did.

    Attributes:
        saved: Whether an event is on the disk now.
        picture_changed: Whether another picture is to be drawn.
        message: What to tell the person, neutralised; "" for nothing.
        failed: Whether the store refused; `message` says why, and nothing was changed.
    """

    saved: bool = False
    picture_changed: bool = False
    message: str = ""
    failed: bool = False


class LabelSession:
    """One person labelling one queue of pictures.

    Args:
        schema: The heads.
        store: Where answers go.
        pictures: In the order in which they come; several files of one content count once.
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
        self._schema, self._store = schema, store
        self._queue = PictureQueue(pictures)
        self._cursor = Cursor(schema, store, self._queue)
        self._tally, self._revision = Tally(schema), -1
        self._pace = Pace(clock)
        self.advice = advice or Advice(Suggestions(schema))

    @property
    def picture(self) -> Picture | None:
        """The picture under the cursor; None while there is none."""
        return self._cursor.picture

    @property
    def head(self) -> Head:
        """The head that a digit answers."""
        return self._cursor.head

    @property
    def labels(self) -> PictureLabels:
        """The labels of the picture under the cursor."""
        return self._cursor.labels

    @property
    def suggestions(self) -> dict[str, Suggestion]:
        """What is suggested for the picture under the cursor, by head, where it may be shown."""
        return self.advice.shown(self.picture.fingerprint) if self.picture is not None else {}

    @property
    def position(self) -> int:
        """The cursor's place in the queue, counted from 0."""
        return self._cursor.index

    @property
    def total(self) -> int:
        """Pictures in the queue, each content once."""
        return len(self._queue)

    @property
    def progress(self) -> SessionProgress:
        """Done and left, overall and for each head, with the pace."""
        if self._revision != self._store.revision:  # an import, or another window, changed the labels
            self._revision, self._tally = self._store.revision, Tally(self._schema)
        if len(self._tally) < self.total:
            self._tally.append(map(self._cursor.labels_at, range(len(self._tally), self.total)))
        seconds = self._pace.seconds_per_picture
        left = None if seconds is None else seconds * (self.total - self._tally.done)
        return SessionProgress(
            self._tally.done,
            self.total,
            dict(self._tally.per_head),
            seconds,
            self._pace.keys_per_picture,
            left,
        )

    def upcoming(self, count: int = 1) -> tuple[Picture, ...]:
        """The pictures after the one under the cursor, to be made ready in advance."""
        first = self._cursor.index + 1
        return tuple(self._queue[index] for index in range(first, min(first + count, self.total)))

    def has_copies(self) -> bool:
        """Whether other files hold the same picture; they share its labels."""
        return self.picture is not None and self._queue.has_copies(self.picture.fingerprint)

    def extend(self, pictures: Iterable[Picture]) -> int:
        """Append newly found pictures; the cursor stays where it is. Returns how many are new."""
        was_empty = not self.total
        added = self._queue.extend(pictures)
        if was_empty and added:
            self._cursor.start()
        return len(added)

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
            return Outcome(message=_NO_PICTURE)
        seconds = self._pace.press(answer=bool(self.suggestions))
        rows = acceptance(self.picture, self.labels, self.suggestions, self._schema, seconds)
        if not rows:
            return Outcome(message="nothing is suggested here: answer by the keys of the classes")
        try:
            self._store.record_many(rows)
        except StoreError as error:
            return Outcome(message=str(error), failed=True)
        self._count(self.picture.fingerprint, len(rows))
        if self.labels.complete(self._schema):
            return self._on_to_next_picture()
        self._cursor.to_head(self._cursor.first_open_head())
        return Outcome(saved=True, message="no suggestion for the heads that are open")

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

    def next_picture(self) -> Outcome:
        """Go on by one picture."""
        return self._move(self._cursor.index + 1, "this is the last picture")

    def previous_picture(self) -> Outcome:
        """Go back by one picture."""
        return self._move(self._cursor.index - 1, "this is the first picture")

    def next_unlabelled(self) -> Outcome:
        """Go to the next picture with something left to do, from the beginning again after the end."""
        found = self._cursor.next_open(self._cursor.index)
        return Outcome(message="nothing is left to label") if found is None else self._move(found, "")

    def go_to(self, index: int) -> Outcome:
        """Go to a place in the queue, counted from 0."""
        return self._move(index, f"there is no picture {index + 1}")

    def next_head(self) -> Outcome:
        """Make the next head active; after the last, the first."""
        return self._move_head(self._cursor.head_index + 1)

    def previous_head(self) -> Outcome:
        """Make the head before active; before the first, the last."""
        return self._move_head(self._cursor.head_index - 1)

    def close(self) -> None:
        """Note the place, and that the picture was seen. The store stays open."""
        self._cursor.mark_seen()
        self._cursor.save()

    def _give(self, answer: Answer, *, any_order: bool = False) -> Outcome:
        """Record an answer of the active head and go on."""
        if self.picture is None:
            return Outcome(message=_NO_PICTURE)
        was_open = not self.labels.complete(self._schema)
        source, suggested = provenance(self.advice, self.picture.fingerprint, self.head.name, answer)
        outcome = self._record(self.head.name, answer, source, suggested)
        if not outcome.saved:
            return outcome
        if was_open and (any_order or self.suggestions):  # ⏎ will do the rest: stay until nothing is open
            if self.labels.complete(self._schema):
                return self._on_to_next_picture()
            self._cursor.to_head(self._cursor.next_open_head())
            return outcome
        if self._cursor.head_index + 1 < len(self._schema.heads):
            self._cursor.to_head(self._cursor.head_index + 1)
            return outcome
        return self._on_to_next_picture()

    def _record(
        self, head: str, answer: Answer | None, source: Source = Source.HUMAN, suggested: Answer | None = None
    ) -> Outcome:
        """One key press: one committed event, or a message that says why not."""
        picture = self.picture
        if picture is None:
            return Outcome(message=_NO_PICTURE)
        seconds = round(self._pace.press(answer=True), 3)
        try:
            self._store.record(
                picture.fingerprint,
                head,
                answer,
                name=picture.name,
                source=source,
                suggested=suggested,
                seconds=seconds,
            )
        except StoreError as error:
            return Outcome(message=str(error), failed=True)
        self._count(picture.fingerprint)
        return Outcome(saved=True)

    def _count(self, fingerprint: str, events: int = 1) -> None:
        """Keep the tally right after events of ours; others' events make `progress` count anew."""
        place = self._queue.place(fingerprint)
        if self._store.revision == self._revision + events:
            self._revision += events
            if place is not None and place < len(self._tally):
                self._tally.update(place, self._cursor.labels_at(place))

    def _on_to_next_picture(self) -> Outcome:
        """After the last answer of a picture."""
        self._pace.leave()
        if self._cursor.index + 1 < self.total:
            self._cursor.arrive(self._cursor.index + 1)
            return Outcome(saved=True, picture_changed=True)
        self._cursor.to_head(self._cursor.first_open_head())
        left = self.progress.left
        message = f"the last picture; {left} still to do" if left else "every picture is labelled"
        return Outcome(saved=True, message=message)

    def _turn(self, turn: Callable[[], Event | None], nothing: str, done: str) -> Outcome:
        """Undo or redo, and go where it happened."""
        self._pace.press()
        try:
            event = turn()
        except StoreError as error:
            return Outcome(message=str(error), failed=True)
        if event is None:
            return Outcome(message=nothing)
        self._count(event.fingerprint)
        message = f"{done}: {self._in_words(event)}"
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

    def _in_words(self, event: Event) -> str:
        """What holds after an undo or a redo."""
        flag = self._schema.exclusion
        if event.head == flag.name:
            return neutralise(f"{flag.title}, now {'not ' if event.answer is None else ''}set")
        head = self._schema.head(event.head)
        now = "open" if event.answer is None else "cannot tell"
        if isinstance(event.answer, str):
            chosen = head.by_name(event.answer)
            now = chosen.title if chosen else event.answer
        return neutralise(f"{head.title}, now {now}")

    def _move(self, index: int, refusal: str) -> Outcome:
        """Go to a picture because the person said so."""
        self._pace.press()
        if not 0 <= index < self.total:
            return Outcome(message=refusal if self.total else _NO_PICTURE)
        if index == self._cursor.index:
            return Outcome()
        self._pace.leave()
        self._cursor.arrive(index)
        return Outcome(picture_changed=True)

    def _move_head(self, index: int) -> Outcome:
        """Make a head active."""
        self._pace.press()
        self._cursor.to_head(index)
        return Outcome()
