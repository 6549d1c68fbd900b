"""The tables of `labels.db`, in words that SQLite and PostgreSQL both understand."""

import os
from datetime import UTC, datetime

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    event,
)

from workbench.annotation.labels import Answer, Special


class ExactName(TypeDecorator[str]):
    """A file name, byte for byte: names need not be UTF-8, and text columns refuse what is not."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> bytes | None:
        """To bytes, as the file system has them."""
        return None if value is None else os.fsencode(value)

    def process_result_value(self, value: bytes | None, _dialect: Dialect) -> str | None:
        """Back to the name that Python shows."""
        return None if value is None else os.fsdecode(value)


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite would forget the time zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """To UTC without a zone."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """With its zone again."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    comment="version of these tables; name and classes of the schema that the labels belong to",
)

events = Table(
    "events",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("annotator", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("name", ExactName, nullable=False),
    Column("head", Text, nullable=False),
    Column("source", String(24), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("class", Text),
    Column("suggested_kind", String(16)),
    Column("suggested_class", Text),
    Column("seconds", Float),
    Column("target", BigInteger().with_variant(Integer(), "sqlite")),
    Index("events_of_picture", "fingerprint"),
    comment="append-only; the labels are the last event of each picture and head",
)

state = Table(
    "state",
    metadata,
    Column("annotator", Text, primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    comment="where each annotator was; no label is in here",
)

TRIGGERS = {
    f"events_no_{what.lower()}": f"CREATE TRIGGER events_no_{what.lower()} BEFORE {what} ON events "
    "BEGIN SELECT RAISE(ABORT, 'label events are only ever added'); END"
    for what in ("UPDATE", "DELETE")
}
"""What keeps SQLite's events as they are."""

for _statement in TRIGGERS.values():
    event.listen(
        events,
        "after_create",
        DDL(_statement).execute_if(dialect="sqlite"),  # type: ignore[no-untyped-call]
    )

CLASS, CANNOT_TELL, CLEARED = "class", "cannot_tell", "cleared"


def encode(answer: Answer | None) -> tuple[str, str | None]:
    """An answer as the columns kind and class: a class may bear any name, so the name alone cannot say it."""
    if answer is None:
        return CLEARED, None
    return (CANNOT_TELL, None) if isinstance(answer, Special) else (CLASS, answer)


def decode(kind: str | None, name: str | None) -> Answer | None:
    """The answer that the columns kind and class stand for."""
    if kind == CLASS:
        return name
    return Special.CANNOT_TELL if kind == CANNOT_TELL else None
