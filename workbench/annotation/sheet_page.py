"""One page of a sheet: the faces, and what a person changes on it before ⏎ accepts the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from workbench.annotation.labels import Answer, Special
from workbench.images.catalog import Picture
from workbench.schema import Head
from workbench.text import neutralise


class Mark(Enum):
    """What a face can get instead of an answer."""

    EXCLUDED = "excluded"
    LEFT_OUT = "left out"


Change = Answer | Mark
Changes = Mapping[int, Change]
"""By place on the page, counted from 0."""


@dataclass(frozen=True)
class Face:
    """A picture on a page; its confidence is None where a person named the class and no network."""

    picture: Picture
    confidence: float | None


@dataclass(frozen=True)
class SheetPage:
    """What a person is asked about at once.

    Attributes:
        head: The head.
        answer: The name of the class that all of these are; "" where none is named yet.
        faces: The pictures, the surest first.
        following: Those of the next page, to be drawn beforehand.
        left: How many faces each class still has, by name.
        done: Pictures on which the head needs no answer any more.
        total: Pictures.
        suggested: Whether there are suggestions for this head at all.
    """

    head: Head
    answer: str
    faces: tuple[Face, ...]
    following: tuple[Face, ...]
    left: Mapping[str, int]
    done: int
    total: int
    suggested: bool


class PageWork:
    """A page in the making; nothing of it is stored.

    A letter chooses a face; a class's key, `?`, the exclusion or a blank says what it is. Of a head with two
    classes the letter alone turns the face to the other one. The same letter again takes the change back.

    Args:
        page: What is shown.

    Attributes:
        chosen: The place of the face that the next key is about.
        changes: What differs from the page's class.
    """

    def __init__(self, page: SheetPage) -> None:
        self.page = page
        self.chosen: int | None = None
        self.changes: dict[int, Change] = {}

    def choose(self, place: int) -> None:
        """The face of a letter; the same one again is as it was."""
        if not self.page.answer or place >= len(self.page.faces):
            return
        if place == self.chosen or (place in self.changes and self._turns):
            self.changes.pop(place, None)
            self.chosen = None
            return
        self.chosen = place
        if self._turns and place not in self.changes:
            other = next(one.name for one in self.page.head.classes if one.name != self.page.answer)
            self.changes[place] = other

    @property
    def _turns(self) -> bool:
        """Whether a letter alone says everything."""
        return len(self.page.head.classes) == 2

    def answer(self, key: str) -> str:
        """Give the chosen face the class of this key; returns what is wrong with that, or ""."""
        head = self.page.head
        found = head.by_key(key)
        if found is None:
            keys = ", ".join(f"{one.key} {one.title}" for one in head.classes)
            return neutralise(f"{head.title} has no key {key}: {keys}")
        return self._change(found.name)

    def cannot_tell(self) -> str:
        """The chosen face's answer is "cannot tell"."""
        return self._change(Special.CANNOT_TELL)

    def mark(self, mark: Mark) -> str:
        """Exclude the chosen face, or leave it out."""
        return self._change(mark)

    def take_over(self, before: "PageWork") -> None:
        """Keep what was changed on faces that are still here, such as after the window changed its size."""
        if before.page.head != self.page.head or before.page.answer != self.page.answer:
            return
        places = {face.picture.fingerprint: place for place, face in enumerate(self.page.faces)}
        for place, change in before.changes.items():
            here = places.get(before.page.faces[place].picture.fingerprint)
            if here is not None:
                self.changes[here] = change

    def leave_out(self, place: int) -> None:
        """A face that cannot be shown gets no answer."""
        self.changes[place] = Mark.LEFT_OUT

    def _change(self, change: Change) -> str:
        """Note it; the page's own class is no change."""
        if self.chosen is None:
            return "press the letter of a face first"
        if change == self.page.answer:
            self.changes.pop(self.chosen, None)
        else:
            self.changes[self.chosen] = change
        self.chosen = None
        return ""
