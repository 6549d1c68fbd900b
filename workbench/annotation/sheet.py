"""A sheet of faces for one head: those that a network takes for the same class, to be confirmed page by page.

What is done to a page before it is accepted is in `sheet_page`.
"""

import time
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from workbench.annotation.accepting import provenance
from workbench.annotation.labels import EXCLUDED, NewEvent
from workbench.annotation.outcome import Outcome
from workbench.annotation.queue import PictureQueue
from workbench.annotation.sheet_page import Changes, Face, Mark, SheetPage
from workbench.annotation.store import LabelStore
from workbench.annotation.suggestions import Advice
from workbench.errors import StoreError
from workbench.images.catalog import Picture
from workbench.schema import Head, Schema
from workbench.text import neutralise

_Group = list[tuple[int, float]]  # places in the queue with their confidences, the surest first


class SheetSession:
    """One person going through sheets. Pictures whose suggestions are held back are in no sheet.

    Where nothing at all is suggested for a head, the person names the class first that all of these are.

    Args:
        schema: The heads.
        store: Where answers go.
        pictures: The bench's.
        advice: What is suggested, and what of it may be shown.
        head: The head to begin with; the first where not given.
        clock: Seconds, monotonic.
    """

    def __init__(
        self,
        schema: Schema,
        store: LabelStore,
        pictures: Iterable[Picture],
        advice: Advice,
        head: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._schema, self._store, self._advice, self._clock = schema, store, advice, clock
        self._queue = PictureQueue(pictures)
        self._fingerprints = [self._queue[index].fingerprint for index in range(len(self._queue))]
        self._hidden: NDArray[np.bool_] | None = None
        self._left_out: set[tuple[str, str]] = set()
        self._pages: list[tuple[int, str, str]] = []  # of each accepted page: events, head, class
        self._began = clock()
        self._head, self._answer = head or schema.head_names[0], ""
        self._fill()

    @property
    def head(self) -> Head:
        """The head that is answered."""
        return self._schema.head(self._head)

    def page(self, size: int) -> SheetPage:
        """The next faces of the present class, or of the next class that has any.

        Args:
            size: The most faces.
        """
        if self._store.revision != self._revision:
            self._fill()
        names = [one.name for one in self.head.classes]
        self._settle(names)
        group = self._groups.get(self._answer or ("" if self._suggested else names[0]), [])
        self._began = self._clock()
        return SheetPage(
            self.head,
            self._answer,
            tuple(self._face(*one) for one in group[:size]),
            tuple(self._face(*one) for one in self._following(names, size)),
            {name: len(self._groups.get(name, ())) for name in names},
            self._done,
            len(self._queue),
            self._suggested,
        )

    def _following(self, names: list[str], size: int) -> _Group:
        """What the next page will hold, if no face is left out: of the same class, or of the next one."""
        group = self._groups.get(self._answer, [])
        if len(group) > size or not self._suggested or not self._answer:
            return group[size : 2 * size]
        at = names.index(self._answer)
        later = (self._groups.get(name, []) for name in names[at + 1 :] + names[:at])
        return next((one[:size] for one in later if one), [])

    def next_head(self, step: int = 1) -> None:
        """Another head, beginning with its first class that has faces."""
        names = self._schema.head_names
        self._open(names[(names.index(self._head) + step) % len(names)], "")

    def next_class(self, step: int = 1) -> None:
        """The next class of the head that has faces."""
        names = [one.name for one in self.head.classes]
        self._settle(names)
        at = names.index(self._answer) if self._answer in names else (-1 if step > 0 else 0)
        order = [names[(at + step * (1 + count)) % len(names)] for count in range(len(names))]
        wanted = (name for name in order if self._groups.get(name) or not self._suggested)
        self._open(self._head, next(wanted, self._answer))

    def show_class(self, key: str) -> Outcome:
        """The class of this key."""
        chosen = self.head.by_key(key)
        if chosen is None:
            keys = ", ".join(f"{one.key} {one.title}" for one in self.head.classes)
            return Outcome(message=neutralise(f"{self.head.title} has no key {key}: {keys}"))
        if self._suggested and not self._groups.get(chosen.name):
            return Outcome(message=neutralise(f"no face is left that is taken for {chosen.title}"))
        self._open(self._head, chosen.name)
        return Outcome()

    def accept(self, page: SheetPage, changes: Changes) -> Outcome:
        """Answer the faces of a page in one transaction: those in `changes` so, all others as the page says.

        Args:
            page: What the person saw.
            changes: By place on the page; a face that is left out gets no answer.
        """
        if not page.answer:
            return Outcome(message="press the key of the class first that all of these are")
        self._store.refresh()
        self._left_out |= {
            (page.head.name, page.faces[place].picture.fingerprint)
            for place, change in changes.items()
            if change is Mark.LEFT_OUT
        }
        rows = self._rows(page, changes)
        try:
            if rows:
                self._store.record_many(rows)
        except StoreError as error:
            return Outcome(message=str(error), failed=True)
        if rows:
            self._pages.append((len(rows), page.head.name, page.answer))
        self._remove(page, len(rows))
        return Outcome(saved=bool(rows), message=self._in_words(page, changes, len(rows)))

    def undo(self) -> Outcome:
        """Take back the last page that was accepted here, as one step, and show it again."""
        if not self._pages:
            return Outcome(message="no page to take back; u on the Label screen takes back earlier answers")
        count, head, answer = self._pages.pop()
        taken = 0
        try:
            while taken < count and self._store.undo() is not None:
                taken += 1
        except StoreError as error:
            if taken < count:
                self._pages.append((count - taken, head, answer))
            return Outcome(message=str(error), failed=True)
        self._open(head, answer)
        return Outcome(saved=True, message=f"undone: the last page, {_answers(taken)}")

    def _open(self, head: str, answer: str) -> None:
        """Show a class of a head."""
        same = head == self._head and self._store.revision == self._revision
        self._head, self._answer = head, answer
        if not same:
            self._fill()

    def _settle(self, names: list[str]) -> None:
        """Go on to the next class where the present one has no face left."""
        if self._suggested and not self._groups.get(self._answer):
            at = names.index(self._answer) if self._answer in names else 0
            self._answer = next((name for name in names[at:] + names[:at] if self._groups.get(name)), "")

    def _fill(self) -> None:
        """Sort the pictures that are open into the groups of the head."""
        self._revision = self._store.revision
        codes, chances = self._advice.suggestions.column(self._head, self._fingerprints)
        self._suggested = bool((codes >= 0).any())
        places = self._still_open()
        self._done = len(self._queue) - len(places)
        places = [one for one in places if (self._head, self._fingerprints[one]) not in self._left_out]
        self._groups: dict[str, _Group] = {}
        if not self._suggested:
            self._groups = {one.name: [(place, -1.0) for place in places] for one in self.head.classes}
            return
        hidden = self._held_back()
        order = np.array(places, dtype=np.int64)
        order = order[(codes[order] >= 0) & ~hidden[order]] if len(order) else order
        order = order[np.argsort(-chances[order], kind="stable")]
        for place in order.tolist():
            name = self.head.classes[int(codes[place])].name
            self._groups.setdefault(name, []).append((place, float(chances[place])))

    def _still_open(self) -> list[int]:
        """The places of the pictures on which the head wants an answer."""
        labels, head = self._store.labels, self._head
        found = []
        for place, fingerprint in enumerate(self._fingerprints):
            known = labels(fingerprint)
            if not known.excluded and head not in known.answers:
                found.append(place)
        return found

    def _held_back(self) -> NDArray[np.bool_]:
        """Which pictures belong to the slice whose suggestions are not shown."""
        if self._hidden is None:
            self._hidden = np.array([self._advice.hidden(one) for one in self._fingerprints], dtype=np.bool_)
        return self._hidden

    def _face(self, place: int, confidence: float) -> Face:
        """A picture of a group."""
        return Face(self._queue[place], confidence if confidence >= 0 else None)

    def _rows(self, page: SheetPage, changes: Changes) -> list[NewEvent]:
        """The events of a page; a face that somebody answered meanwhile is left alone."""
        found: list[NewEvent] = []
        each = round((self._clock() - self._began) / max(1, len(page.faces)), 3)
        for place, face in enumerate(page.faces):
            picture, change = face.picture, changes.get(place, page.answer)
            known = self._store.labels(picture.fingerprint)
            if known.excluded or page.head.name in known.answers or change is Mark.LEFT_OUT:
                continue
            if isinstance(change, Mark):
                flag = self._schema.exclusion.name
                found.append(NewEvent(picture.fingerprint, flag, EXCLUDED, picture.name, seconds=each))
                continue
            head = page.head.name
            source, suggested = provenance(self._advice, picture, known, head, change)
            found.append(NewEvent(picture.fingerprint, head, change, picture.name, source, suggested, each))
        return found

    def _remove(self, page: SheetPage, events: int) -> None:
        """Take a page's faces out of their group; anything else that changed has everything sorted anew."""
        if self._store.revision != self._revision + events:
            return
        self._revision += events
        gone = {face.picture.fingerprint for face in page.faces}
        for name, group in self._groups.items():
            self._groups[name] = [one for one in group if self._fingerprints[one[0]] not in gone]
        self._done += events

    def _in_words(self, page: SheetPage, changes: Changes, stored: int) -> str:
        """What an accepted page came to."""
        changed = sum(change is not Mark.LEFT_OUT for change in changes.values())
        parts = [f"{_answers(stored)}, {changed} changed"]
        if left := sum(change is Mark.LEFT_OUT for change in changes.values()):
            parts.append(f"{left} left out")
        if (other := len(page.faces) - stored - left) > 0:
            parts.append(f"{other} answered by somebody else meanwhile")
        return "; ".join(parts)


def _answers(count: int) -> str:
    """ "1 answer", "2 answers"."""
    return f"{count} answer{'s' * (count != 1)}"
