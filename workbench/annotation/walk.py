"""The way through the pictures: which queue, which place in it, which pass, and how far everything is."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress

from workbench.annotation.agreement import disagreeing
from workbench.annotation.counts import Counts, QueueProgress
from workbench.annotation.cursor import Cursor
from workbench.annotation.labels import PictureLabels
from workbench.annotation.outcome import NO_PICTURE, Outcome
from workbench.annotation.progress import Pace, SessionProgress
from workbench.annotation.queue import PictureQueue
from workbench.annotation.selection import Order, QueueChoice, QueueKind, arrange, select
from workbench.annotation.store import LabelStore
from workbench.errors import StoreError
from workbench.images.catalog import Picture
from workbench.schema import Head, Schema
from workbench.text import neutralise

_MODE = "mode"
_SHOWN_TEXT = 40


class Walk:
    """One person going through one queue of pictures. A queue is what it was when it was opened: a picture
    stays in it, whatever is answered, until it is opened again.

    Args:
        schema: The heads.
        store: Where the place in each queue is kept.
        pictures: All pictures, by name; several files of one content count once.
        clock: Seconds, monotonic.
    """

    def __init__(
        self,
        schema: Schema,
        store: LabelStore,
        pictures: Sequence[Picture],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._schema, self._store = schema, store
        self._pictures = PictureQueue(pictures)
        self._pace = Pace(clock)
        self._counts = Counts(schema, store, self._pictures, self._pace)
        mode = store.get_state(_MODE)
        mode = mode if isinstance(mode, dict) else {}
        self.choice = QueueChoice.from_dict(mode.get("queue"), schema)
        self._cursor = Cursor(schema, store, self._open(None), self.choice)
        if mode.get("passing") in schema.head_names:
            self._cursor.begin_pass(mode["passing"])

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
    def passing(self) -> str:
        """The head of a pass over one head, one key a picture; "" where all heads of a picture are asked."""
        return self._cursor.passing

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All pictures, by name, each content once."""
        return tuple(self._pictures)

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
        """Done and left over all pictures, overall and for each head, with the pace."""
        return self._counts.progress

    @property
    def queue_progress(self) -> QueueProgress:
        """How far the queue is, in this pass."""
        return self._counts.of_queue(self.position, self.passing)

    @property
    def _queue(self) -> PictureQueue:
        """The present queue."""
        return self._cursor.queue

    def upcoming(self, count: int = 1) -> tuple[Picture, ...]:
        """The pictures after the one under the cursor, to be made ready in advance."""
        first = self._cursor.index + 1
        return tuple(self._queue[index] for index in range(first, min(first + count, self.total)))

    def has_copies(self) -> bool:
        """Whether other files hold the same picture; they share its labels."""
        return self.picture is not None and self._pictures.has_copies(self.picture.fingerprint)

    def extend(self, pictures: Iterable[Picture]) -> int:
        """Append newly found pictures; the cursor stays. Returns how many are new to the queue."""
        batch, was_empty, before = list(pictures), not self.total, self.total
        added = self._pictures.extend(batch)
        if self._queue is not self._pictures:
            self._queue.extend(one for one in batch if self._queue.place(one.fingerprint) is not None)
            self._queue.extend(arrange(self._chosen(added), self.choice))
        if was_empty and self.total:
            self._cursor.start()
        return self.total - before

    def open_queue(self, choice: QueueChoice, walk: Mapping[str, int] | None = None) -> Outcome:
        """Go through other pictures, or the same as the labels are now, from the place where that was left.

        Args:
            choice: Which, and in which order.
            walk: For an order by likeness: the place of each fingerprint.
        """
        self._pace.press()
        self._pace.leave()
        self.choice = choice
        self._cursor.take_queue(self._open(walk), choice)
        if choice.kind is QueueKind.HEAD_OPEN:
            self._cursor.begin_pass(choice.head)
        self._keep_mode()
        words = f"{choice.title(self._schema)}, {choice.order_title()}: {self.total}"
        return Outcome(picture_changed=True, message=neutralise(f"{words} picture{'s' * (self.total != 1)}"))

    def rearrange(self, walk: Mapping[str, int]) -> None:
        """Put the pictures of the queue into the order of likeness, which was not known; the cursor stays."""
        if self.choice.order is not Order.LIKENESS:
            return  # another order was chosen meanwhile
        queue = PictureQueue(arrange(list(self._queue), self.choice, walk))
        self._counts.take_queue(queue, self.choice)
        self._cursor.replace_queue(queue)

    def toggle_pass(self) -> Outcome:
        """Change between one head over all pictures and all heads of each picture."""
        self._pace.press()
        self._pace.begin_anew()
        if self.passing:
            self._cursor.end_pass()
        else:
            self._cursor.begin_pass(self.head.name)
        self._keep_mode()
        title = neutralise(self.head.title)
        return Outcome(
            message=f"{title} only: one key a picture" if self.passing else "all heads of a picture"
        )

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

    def next_doubtful(self) -> Outcome:
        """Go to the next picture that is flagged, or where somebody could not tell."""
        found = self._cursor.next_where(lambda labels: labels.doubtful)
        return Outcome(message="no picture is in doubt here") if found is None else self._move(found, "")

    def go_to(self, index: int) -> Outcome:
        """Go to a place in the queue, counted from 0."""
        return self._move(index, f"there is no picture {index + 1}")

    def find(self, text: str) -> Outcome:
        """Go to a number, counted from 1, or to the next picture whose name holds the text."""
        wanted = text.strip().casefold()
        if wanted.isdecimal() and not wanted.startswith("0") and int(wanted) <= self.total:
            return self.go_to(int(wanted) - 1)
        places = [index for index, one in enumerate(self._queue) if wanted in one.name.casefold()]
        shown = neutralise(text, _SHOWN_TEXT)
        if not wanted or not places:
            elsewhere = sum(wanted in one.name.casefold() for one in self._pictures) if wanted else 0
            more = f"; {elsewhere} in the queue of all" if elsewhere else ""
            return Outcome(message=f"no picture here is named or numbered “{shown}”{more}")
        number = next((k for k, index in enumerate(places) if index > self.position), 0)
        outcome = self._move(places[number], "")
        return Outcome(
            picture_changed=outcome.picture_changed,
            message=f"“{shown}” in the name: {number + 1} of {len(places)}",
        )

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

    def _open(self, walk: Mapping[str, int] | None) -> PictureQueue:
        """The pictures of the present choice, as the labels are now."""
        queue = self._pictures
        if not self.choice.plain:
            queue = PictureQueue(arrange(self._chosen(self._pictures), self.choice, walk))
        self._counts.take_queue(queue, self.choice)
        return queue

    def _chosen(self, pictures: Iterable[Picture]) -> list[Picture]:
        """Those that belong to the queue."""
        differing: Collection[str] = ()
        if self.choice.kind is QueueKind.DISAGREEING:
            differing = frozenset(disagreeing(self._store))
        return select(pictures, self._store.labels, self.choice, self._schema, differing)

    def _move(self, index: int, refusal: str) -> Outcome:
        """Go to a picture because the person said so."""
        self._pace.press()
        if not 0 <= index < self.total:
            return Outcome(message=refusal if self.total else NO_PICTURE)
        if index == self._cursor.index:
            return Outcome()
        self._pace.leave()
        self._cursor.arrive(index)
        return Outcome(picture_changed=True)

    def _move_head(self, index: int) -> Outcome:
        """Make a head active; in a pass, the pass goes on with it."""
        self._pace.press()
        self._cursor.to_head(index)
        if self.passing:
            self._cursor.begin_pass(self.head.name)
            self._keep_mode()
        return Outcome()

    def _keep_mode(self) -> None:
        """Keep queue and pass for the next session; losing them costs two keys, no label."""
        if not self._store.read_only:
            with suppress(StoreError):
                self._store.set_state(_MODE, {"queue": self.choice.to_dict(), "passing": self.passing})
