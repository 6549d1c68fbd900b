"""Events as rows of the table and back, and the queries for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select
from sqlalchemy import Row as SqlRow

from workbench.annotation.labels import EXCLUDED, Answer, Event, NewEvent, Source, Special
from workbench.annotation.tables import decode, encode, events
from workbench.annotation.view import Change, Row
from workbench.errors import InputError
from workbench.schema import Schema
from workbench.toml import suggestion

_VIEW_COLUMNS = [
    events.c[name] for name in ("id", "annotator", "fingerprint", "head", "source", "kind", "class", "target")
]


def newer_than(id_: int) -> Select[Any]:
    """What the view needs of every event after this one."""
    return select(*_VIEW_COLUMNS).where(events.c.id > id_).order_by(events.c.id)


def history(connection: Connection, of: Event) -> list[Change]:
    """Every event of one picture's head, oldest first."""
    columns = (events.c.id, events.c.source, events.c.kind, events.c["class"], events.c.target)
    mine = (events.c.fingerprint == of.fingerprint, events.c.head == of.head)
    found = connection.execute(select(*columns).where(*mine).order_by(events.c.id))
    return [Change(id_, source, decode(kind, name), target) for id_, source, kind, name, target in found]


def check(new: NewEvent, schema: Schema) -> None:
    """Raise unless the schema has this head and this class.

    Raises:
        InputError: It has not; names the nearest class.
        ConfigError: It has no such head.
    """
    valid: Sequence[str] = (EXCLUDED,)
    if new.head != schema.exclusion.name:
        valid = [one.name for one in schema.head(new.head).classes]
        if isinstance(new.answer, Special):
            return
    if new.answer is not None and new.answer not in valid:
        raise InputError(f"{new.head!r} has no class {new.answer!r}", cure=suggestion(str(new.answer), valid))


def to_columns(new: NewEvent, at: datetime, annotator: str) -> dict[str, Any]:
    """The columns of a new event."""
    kind, name = encode(new.answer)
    suggested: tuple[str | None, str | None] = (None, None)
    if new.suggested is not None:
        suggested = encode(new.suggested)
    return {
        "at": at,
        "annotator": annotator,
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


def to_row(event: Event) -> Row:
    """An event of ours as the view wants it."""
    kind, name = encode(event.answer)
    return Row(
        event.id, event.annotator, event.fingerprint, event.head, event.source, kind, name, event.target
    )


def to_event(row: SqlRow[Any]) -> Event:
    """A whole row of the table as an event."""
    found = row._mapping
    answer: Answer | None = decode(found["kind"], found["class"])
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
        target=found["target"],
    )
