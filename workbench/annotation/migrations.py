"""Makes the tables, brings older ones up to date, and refuses a label file that is not this bench's."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, insert, inspect, select

from workbench.annotation.tables import events, meta, metadata
from workbench.errors import BenchError, InputError, StoreError
from workbench.schema import Schema

VERSION = 2
READABLE = 1
"""The oldest version whose tables this program reads as they are."""


def _create(connection: Connection) -> None:
    """From nothing to version 1."""
    metadata.create_all(connection)


def _remarks(_connection: Connection) -> None:
    """To version 2: notes and flags are events too. No table changes, but a program that knows version 1 only
    would take them for looks at a picture, and undo would do nothing."""


STEPS: Mapping[int, Callable[[Connection], None]] = {0: _create, 1: _remarks}
"""What leads from each version to the next; a step and its mark are one transaction."""


def prepare(connection: Connection, schema: Schema, where: str, *, may_write: bool) -> None:
    """Check the label file and bring it up to date; run inside a transaction.

    Args:
        connection: In a transaction that its owner commits.
        schema: The bench's heads.
        where: The file's name for messages.
        may_write: Whether tables may be made and marks set.

    Raises:
        BenchError: The file is of a newer version.
        InputError: It belongs to another project, or to another program.
        StoreError: It is of an older version and cannot be written.
    """
    found = _read_meta(connection, where)
    version = int(found.get("version", 0))
    if version > VERSION:
        raise BenchError(
            f"the label file has version {version}; this program knows {VERSION}",
            where=where,
            cure="update workbench",
        )
    if version < VERSION:
        if not may_write and version < READABLE:
            raise StoreError(
                f"the label file has version {version}, this program needs {VERSION}",
                where=where,
                cure="make it writable and open it once",
            )
        if may_write:
            for step in range(version, VERSION):
                STEPS[step](connection)
            _set(connection, "version", str(VERSION))
    _check_schema(connection, found.get("schema"), schema, where, may_write=may_write)


def _read_meta(connection: Connection, where: str) -> dict[str, str]:
    """The marks; none where the file is new."""
    tables = set(inspect(connection).get_table_names())
    if "meta" not in tables:
        if tables and connection.dialect.name == "sqlite":
            raise InputError(
                f"a database of another program (it has the table {min(tables)!r})",
                where=where,
                cure="move that file away; a new label file is made",
            )
        return {}
    return dict(iter(connection.execute(select(meta.c.key, meta.c.value))))


def _set(connection: Connection, key: str, value: str) -> None:
    """Write one mark."""
    connection.execute(delete(meta).where(meta.c.key == key))
    connection.execute(insert(meta).values(key=key, value=value))


def _check_schema(
    connection: Connection, recorded: str | None, schema: Schema, where: str, *, may_write: bool
) -> None:
    """Labels may only be opened with a schema that has all their heads and classes, and perhaps more."""
    ours = {
        "name": schema.name,
        "exclusion": schema.exclusion.name,
        "heads": {head.name: [one.name for one in head.classes] for head in schema.heads},
    }
    if recorded is not None:
        theirs = json.loads(recorded)
        missing = _missing(theirs, ours)
        if missing and connection.execute(select(func.count()).select_from(events)).scalar_one():
            raise InputError(
                f"these labels belong to the schema {theirs['name']!r}, the bench has {schema.name!r}, "
                f"which lacks {missing}",
                where=where,
                cure="open them with the schema that they were made with, or move labels.db away",
            )
        if theirs == ours:
            return
    if may_write:
        _set(connection, "schema", json.dumps(ours))


def _missing(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> str:
    """What the labels' schema has and ours lacks; empty where ours only grew."""
    for head, classes in theirs["heads"].items():
        if head not in ours["heads"]:
            return f"the head {head!r}"
        for name in classes:
            if name not in ours["heads"][head]:
                return f"the class {name!r} of {head!r}"
    if theirs["exclusion"] != ours["exclusion"]:
        return f"the flag {theirs['exclusion']!r}"
    return ""
