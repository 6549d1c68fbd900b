"""Taking back an import: every event of it, in one step, by events that say so. Nothing is ever removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from workbench.annotation.labels import Event, NewEvent, Remark, Source
from workbench.annotation.rows import REMARKS, to_event
from workbench.annotation.tables import CLEARED, decode, events
from workbench.annotation.view import Change, answer_without

_NOTHING = -1
_COLUMNS = [events.c[name] for name in ("id", "fingerprint", "head", "source", "kind", "class", "target")]
_Subject = tuple[str, str, str]
"""A picture's head, its flag or its note: fingerprint, head, kind of remark."""


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
    of_import = (events.c.source == Source.IMPORTED.value, events.c.at == taken[0].at)
    histories = _histories(connection, select(events.c.fingerprint).where(*of_import))
    holds = {
        subject: answer_without([one for one in history if one.id not in gone], _NOTHING)
        for subject, history in histories.items()
    }
    return [(_withdrawal(event, holds.get(_subject(event))), event.id) for event in taken]


def _subject(event: Event) -> _Subject:
    """What an event is about."""
    return event.fingerprint, event.head, event.remark.kind.value if event.remark else ""


def _histories(connection: Connection, fingerprints: Select[Any]) -> dict[_Subject, list[Change]]:
    """Every change of everything that was said of some pictures, the oldest first."""
    query = select(*_COLUMNS).where(events.c.fingerprint.in_(fingerprints)).order_by(events.c.id)
    found: dict[_Subject, list[Change]] = {}
    for id_, fingerprint, head, source, kind, name, target in connection.execute(query):
        remark = kind if kind in REMARKS else ""
        change = Change(id_, source, name if remark else decode(kind, name), target)
        found.setdefault((fingerprint, head, remark), []).append(change)
    return found


def _withdrawal(event: Event, holds: object) -> NewEvent:
    """The event that takes one back."""
    if event.remark is not None:
        remark = Remark(event.remark.kind, str(holds or ""))
        return NewEvent(event.fingerprint, "", None, event.name, Source.WITHDRAWN, remark=remark)
    return NewEvent(event.fingerprint, event.head, holds, event.name, Source.WITHDRAWN)  # type: ignore[arg-type]


def from_files(connection: Connection) -> set[tuple[str, str]]:
    """(fingerprint, head) of the current answers that came from a file and not from a person."""
    last = select(func.max(events.c.id)).group_by(events.c.fingerprint, events.c.head)
    newest = (events.c.id.in_(last), events.c.head != "")
    found = select(events.c.fingerprint, events.c.head).where(
        *newest, events.c.source == Source.IMPORTED.value
    )
    imported = {(fingerprint, head) for fingerprint, head in connection.execute(found)}
    unclear = select(events.c.fingerprint).where(
        *newest, events.c.source == Source.WITHDRAWN.value, events.c.kind != CLEARED
    )
    for (fingerprint, head, _), history in _histories(connection, unclear).items():
        if history[-1].source == Source.WITHDRAWN and _is_from_file(history):
            imported.add((fingerprint, head))
    return imported


def _is_from_file(history: Sequence[Change]) -> bool:
    """Whether what holds after an import was taken back came from an earlier one."""
    sources = {str(one.id): one.source for one in history}
    standing = answer_without([one._replace(answer=str(one.id)) for one in history], _NOTHING)
    return sources.get(str(standing)) == Source.IMPORTED
