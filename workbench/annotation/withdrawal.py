"""Taking back an import: every event of it, in one step, by events that say so. Nothing is ever removed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, and_, func, select

from workbench.annotation.labels import Event, NewEvent, Remark, Source
from workbench.annotation.rows import to_event
from workbench.annotation.tables import events
from workbench.annotation.view import Change, answer_without

_NOTHING = -1


@dataclass(frozen=True)
class Withdrawn:
    """An import that was taken back.

    Attributes:
        at: When it had been made, in UTC.
        answers: Answers, flags and notes of it.
        pictures: Pictures that it spoke of.
        annotators: In whose names.
    """

    at: datetime
    answers: int
    pictures: int
    annotators: tuple[str, ...]

    @classmethod
    def of(cls, taken: Sequence[Event]) -> "Withdrawn":
        """The summary of its events, one at least."""
        people = sorted({event.annotator for event in taken})
        return cls(taken[0].at, len(taken), len({event.fingerprint for event in taken}), tuple(people))


def last_import(connection: Connection) -> list[Event]:
    """Every event of the last import that is not taken back; all of one import bear the same time."""
    withdrawn = select(events.c.target).where(events.c.source == Source.WITHDRAWN.value)
    standing = and_(events.c.source == Source.IMPORTED.value, events.c.id.not_in(withdrawn))
    newest = connection.execute(select(func.max(events.c.id)).where(standing)).scalar_one()
    if newest is None:
        return []
    at = select(events.c.at).where(events.c.id == newest).scalar_subquery()
    found = connection.execute(select(events).where(standing, events.c.at == at).order_by(events.c.id))
    return [to_event(row) for row in found]


def withdrawals(connection: Connection, taken: Sequence[Event]) -> list[tuple[NewEvent, int]]:
    """The events that take others back, each with the id of what it takes back.

    What holds afterwards is what would hold without them: an answer that came later stays.
    """
    gone = {event.id for event in taken}
    holds = {
        key: answer_without(_changes(some, gone), _NOTHING)
        for key, some in groupby(_histories(connection, taken[0].at), key=_subject)
    }
    return [(_withdrawal(event, holds.get(_subject(event))), event.id) for event in taken]


def _subject(event: Event) -> tuple[str, str, str]:
    """What an event is about: a head of a picture, its flag or its note."""
    return event.fingerprint, event.head, event.remark.kind.value if event.remark else ""


def _histories(connection: Connection, at: datetime) -> list[Event]:
    """Every event about what one import spoke of, in the order of `_subject`, the oldest first."""
    of_import = (events.c.source == Source.IMPORTED.value, events.c.at == at)
    pictures = select(events.c.fingerprint).where(*of_import)
    found = connection.execute(select(events).where(events.c.fingerprint.in_(pictures)))
    return sorted(map(to_event, found), key=lambda event: (_subject(event), event.id))


def _changes(some: Iterable[Event], gone: set[int]) -> list[Change]:
    """Events as the changes that they are, those of the import left out."""
    return [
        Change(one.id, one.source, one.remark.text if one.remark else one.answer, one.target)
        for one in some
        if one.id not in gone
    ]


def _withdrawal(event: Event, holds: object) -> NewEvent:
    """The event that takes one back."""
    if event.remark is not None:
        remark = Remark(event.remark.kind, str(holds or ""))
        return NewEvent(event.fingerprint, "", None, event.name, Source.WITHDRAWN, remark=remark)
    return NewEvent(event.fingerprint, event.head, holds, event.name, Source.WITHDRAWN)  # type: ignore[arg-type]


def from_files(connection: Connection) -> set[tuple[str, str]]:
    """(fingerprint, head) of the current answers that came from a file and not from a person."""
    last = select(func.max(events.c.id)).group_by(events.c.fingerprint, events.c.head)
    wanted = (events.c.source.in_((Source.IMPORTED.value, Source.WITHDRAWN.value)), events.c.head != "")
    query = select(events.c.fingerprint, events.c.head, events.c.source)
    found = list(connection.execute(query.where(events.c.id.in_(last), *wanted)))
    imported = {(mark, head) for mark, head, source in found if source == Source.IMPORTED.value}
    unclear = {(mark, head) for mark, head, source in found if source == Source.WITHDRAWN.value}
    return imported | {key for key in unclear if _is_from_file(connection, *key)}


def _is_from_file(connection: Connection, fingerprint: str, head: str) -> bool:
    """Whether what holds after an import was taken back came from an earlier one."""
    about = (events.c.fingerprint == fingerprint, events.c.head == head)
    found = [to_event(row) for row in connection.execute(select(events).where(*about).order_by(events.c.id))]
    sources = {event.id: event.source for event in found}
    standing = answer_without(
        [Change(one.id, one.source, str(one.id), one.target) for one in found], _NOTHING
    )
    return standing is not None and sources[int(str(standing))] is Source.IMPORTED
