"""Answers that go from one picture to the next: the last one of each head, and those that are locked."""

from collections.abc import Mapping

from workbench.annotation.labels import Answer, NewEvent, PictureLabels, Source
from workbench.images.catalog import Picture
from workbench.schema import Schema


class Carrying:
    """What one person answered last, and which heads are locked. Kept for a session only: a lock that was
    forgotten over night would answer in nobody's name.

    Args:
        schema: The heads.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._last: dict[str, Answer] = {}
        self._recent: list[str] = []  # fingerprints of the last two pictures that were answered
        self._locks: dict[str, Answer] = {}

    @property
    def locks(self) -> Mapping[str, Answer]:
        """The answer of each locked head."""
        return self._locks

    def note(self, fingerprint: str, head: str, answer: Answer) -> None:
        """Remember an answer that a person gave."""
        self._last[head] = answer
        if self._recent[-1:] != [fingerprint]:
            self._recent = [*self._recent[-1:], fingerprint]

    def last(self, head: str) -> Answer | None:
        """The answer that was given to a head last; None before the first."""
        return self._last.get(head)

    def last_picture(self, other_than: str) -> str | None:
        """The picture that was answered last, other than this one."""
        return next((one for one in reversed(self._recent) if one != other_than), None)

    def lock(self, head: str, answer: Answer) -> None:
        """From now on give a head this answer beside every other."""
        self._locks[head] = answer

    def unlock(self, head: str) -> bool:
        """Give it no more; whether it was locked."""
        return self._locks.pop(head, None) is not None

    def locked_rows(self, picture: Picture, labels: PictureLabels, beside: frozenset[str]) -> list[NewEvent]:
        """The answers of locked heads that a picture does not have yet.

        Args:
            picture: The picture.
            labels: Its answers so far.
            beside: The heads that are being answered; a lock never stands against a key.
        """
        return [
            NewEvent(picture.fingerprint, head, answer, picture.name, Source.LOCKED)
            for head, answer in self._locks.items()
            if head not in labels.answers and head not in beside
        ]

    def carried_rows(self, picture: Picture, labels: PictureLabels, of: PictureLabels) -> list[NewEvent]:
        """Another picture's answers for the open heads of this one."""
        return [
            NewEvent(picture.fingerprint, head.name, of.answers[head.name], picture.name, Source.CARRIED)
            for head in labels.open_heads(self._schema)
            if head.name in of.answers
        ]
