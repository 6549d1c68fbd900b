"""Events as rows of the table and back, and the queries for them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy import Row as SqlRow

from workbench.annotation.labels import (
    BY_HAND,
    EXCLUDED,
    Answer,
    Event,
    NewEvent,
    Remark,
    RemarkKind,
    Source,
    Special,
)
from workbench.annotation.tables import decode, encode, events
from workbench.annotation.view import Change, Row, answer_without
from workbench.errors import InputError
from workbench.schema import Schema
from workbench.toml import suggestion

REMARKS = frozenset(kind.value for kind in RemarkKind)
"""What stands in the column kind for an event that answers no head."""
ANSWERS = {**dict.fromkeys(BY_HAND, 1), Source.UNDO: -1, Source.REDO: 1}
"""What an event of each source adds to the number of answers given."""
_MOST_NAMED = 500
_VIEW_COLUMNS = [
    events.c[name] for name in ("id", "annotator", "fingerprint", "head", "source", "kind", "class", "target")
]


def newer_than(id_: int) -> Select[Any]:
    """What the view needs of every event after this one."""
    return select(*_VIEW_COLUMNS).where(events.c.id > id_).order_by(events.c.id)


def history(connection: Connection, of: Event, annotator: str | None = None) -> list[Change]:
    """Every event of one picture's head, oldest first; of its flag or its note, where `of` is one.

    Args:
        connection: In a transaction.
        of: An event of that picture and head.
        annotator: Leave out what others did; everybody counts where None.
    """
    columns = (events.c.id, events.c.source, events.c.kind, events.c["class"], events.c.target)
    mine = [events.c.fingerprint == of.fingerprint, events.c.head == of.head]
    if of.remark is not None:
        mine.append(events.c.kind == of.remark.kind.value)
    if annotator is not None:
        mine.append(events.c.annotator == annotator)
    found = connection.execute(select(*columns).where(*mine).order_by(events.c.id))
    if of.remark is not None:
        return [Change(id_, source, name, target) for id_, source, _, name, target in found]
    return [Change(id_, source, decode(kind, name), target) for id_, source, kind, name, target in found]


def count_answers(connection: Connection, annotator: str, since: datetime) -> int:
    """Answers that a person gave since a moment, those taken back left out."""
    mine = (events.c.annotator == annotator, events.c.at >= since, events.c.head != "")
    found = connection.execute(select(events.c.source, func.count()).where(*mine).group_by(events.c.source))
    total: int = sum(ANSWERS.get(source, 0) * count for source, count in found)
    return max(0, total)


def turned(target: Event, source: Source, events_: Sequence[Change]) -> NewEvent:
    """The event that takes `target` back (`Source.UNDO`) or gives it again (`Source.REDO`).

    Args:
        target: What the person did.
        source: Which way.
        events_: The `history` of the same head, flag or note.
    """
    undone = source is Source.UNDO
    before = answer_without(events_, target.id) if undone else None
    if target.remark is None:
        answer = before if undone else target.answer
        return NewEvent(target.fingerprint, target.head, answer, target.name, source)
    remark = Remark(target.remark.kind, str(before or "")) if undone else target.remark
    return NewEvent(target.fingerprint, "", None, target.name, source, remark=remark)


def as_if_alone(connection: Connection, rows: Iterable[Any], annotator: str) -> Iterator[Row]:
    """The rows, in which an undo of this annotator says what holds among the own answers only.

    On the disk an undo names what holds among everybody's, which a blind pass must not show.
    """
    for row in map(Row._make, rows):
        takes_back = row.source in (Source.UNDO, Source.WITHDRAWN)
        if row.annotator == annotator and takes_back and row.target is not None:
            target = to_event(connection.execute(select(events).where(events.c.id == row.target)).one())
            kind, name = _kind(turned(target, Source.UNDO, history(connection, target, annotator)))
            yield row._replace(kind=kind, name=name)
        else:
            yield row


def answers_of(fingerprints: Collection[str]) -> Select[Any]:
    """What the view needs of every answer on these pictures, oldest first; on all where they are many."""
    wanted = [events.c.head != ""]
    if len(fingerprints) <= _MOST_NAMED:
        wanted.append(events.c.fingerprint.in_(fingerprints))
    return select(*_VIEW_COLUMNS).where(*wanted).order_by(events.c.id)


def check(new: NewEvent, schema: Schema) -> None:
    """Raise unless the schema has this head and this class.

    Raises:
        InputError: It has not; names the nearest class.
        ConfigError: It has no such head.
    """
    valid: Sequence[str] = (EXCLUDED,)
    if new.remark is not None:
        return
    if new.head != schema.exclusion.name:
        valid = [one.name for one in schema.head(new.head).classes]
        if isinstance(new.answer, Special):
            return
    if new.answer is not None and new.answer not in valid:
        raise InputError(f"{new.head!r} has no class {new.answer!r}", cure=suggestion(str(new.answer), valid))


def to_columns(new: NewEvent, at: datetime, annotator: str) -> dict[str, Any]:
    """The columns of a new event."""
    kind, name = _kind(new)
    suggested: tuple[str | None, str | None] = (None, None)
    if new.suggested is not None:
        suggested = encode(new.suggested)
    return {
        "at": at,
        "annotator": new.annotator or annotator,
        "fingerprint": new.fingerprint,
        "name": new.name,
        "head": new.head,
        "source": new.source.value,
        "kind": kind,
        "class": name,
        "suggested_kind": suggested[0],
        "suggested_class": suggested[1],
        "seconds": new.seconds,
    }


def _kind(event: NewEvent | Event) -> tuple[str, str | None]:
    """The columns kind and class of an answer or a remark."""
    return encode(event.answer) if event.remark is None else (event.remark.kind.value, event.remark.text)


def to_row(event: Event) -> Row:
    """An event of ours as the view wants it."""
    kind, name = _kind(event)
    return Row(
        event.id, event.annotator, event.fingerprint, event.head, event.source, kind, name, event.target
    )


def to_event(row: SqlRow[Any]) -> Event:
    """A whole row of the table as an event."""
    found = row._mapping
    answer: Answer | None = decode(found["kind"], found["class"])
    remark = None
    if found["kind"] in REMARKS:
        remark = Remark(RemarkKind(found["kind"]), found["class"] or "")
    return Event(
        id=found["id"],
        at=found["at"],
        annotator=found["annotator"],
        fingerprint=found["fingerprint"],
        head=found["head"],
        answer=answer,
        name=found["name"],
        source=Source(found["source"]),
        suggested=decode(found["suggested_kind"], found["suggested_class"]),
        seconds=found["seconds"],
        remark=remark,
        target=found["target"],
    )
