"""Whether a label file is whole: its pages, its indexes, and every event in it."""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.schema import CreateIndex

from workbench.annotation.database import Database, store_error
from workbench.annotation.labels import TURNS, Source
from workbench.annotation.rows import REMARKS
from workbench.annotation.tables import CANNOT_TELL, CLASS, CLEARED, TRIGGERS, events
from workbench.errors import StoreError
from workbench.problem import Problem
from workbench.schema import Schema

KIND = "labels"
_FINGERPRINT = re.compile(r"[0-9a-f]{32}")
_IN_AN_INDEX = re.compile(r"(row \d+ missing from|wrong # of entries in) index")
_SOURCES = frozenset(source.value for source in Source)
_TURNS = frozenset(source.value for source in TURNS)
_MOST_LINES = 20
_EVENTS = (
    "SELECT id, at, fingerprint, typeof(name), head, source, kind, class, target FROM events ORDER BY id"
)
_INDEXES = {str(index.name): str(CreateIndex(index)) for index in events.indexes}


def examine_labels(path: Path, schema: Schema) -> list[Problem]:
    """Look through a label file, without writing to it.

    Args:
        path: `labels.db`; one that is not there has no problem.
        schema: The bench's heads.
    """
    if not path.exists():
        return []
    try:
        database = Database(path, read_only=True)
        with closing(database), database.reading() as connection:
            return [*_pages(connection, path), *_guards(connection, path), *_events(connection, schema)]
    except StoreError as error:
        return [Problem(KIND, str(path), error.what, error.cure)]


def _pages(connection: Connection, path: Path) -> Iterator[Problem]:
    """What SQLite says of its own file."""
    found = connection.exec_driver_sql(f"PRAGMA integrity_check({_MOST_LINES})").scalars().all()
    lines = [str(line) for line in found if line != "ok"]
    if lines and all(_IN_AN_INDEX.match(line) for line in lines):
        what = f"an index is damaged: {lines[0]}"
        yield Problem(
            KIND, str(path), what, repair="make its indexes anew", mend=partial(_execute, path, ["REINDEX"])
        )
    else:
        for line in lines:
            yield Problem(KIND, str(path), f"damaged: {line}", "restore it from a copy")


def _guards(connection: Connection, path: Path) -> Iterator[Problem]:
    """Whether events can still only be added, and are found quickly."""
    master = set(connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars())
    if "events" not in master:
        return
    for name, statement in {**TRIGGERS, **_INDEXES}.items():
        if name not in master:
            what = f"{name!r} is missing, which {'guards' if name in TRIGGERS else 'finds'} events"
            yield Problem(
                KIND, str(path), what, repair="put it back", mend=partial(_execute, path, [statement])
            )


def _execute(path: Path, statements: Iterable[str]) -> None:
    """Run statements in one transaction.

    Raises:
        StoreError: Locked, full or not writable.
    """
    try:
        with closing(sqlite3.connect(path, timeout=10)) as connection, connection:
            for statement in statements:
                connection.execute(statement)
    except sqlite3.Error as error:
        raise store_error(error, str(path)) from error


def _events(connection: Connection, schema: Schema) -> Iterator[Problem]:
    """Every event that this program cannot make sense of."""
    classes: dict[str, set[str]] = {head.name: {one.name for one in head.classes} for head in schema.heads}
    classes[schema.exclusion.name] = {"yes"}
    known: set[int] = set()
    if connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'events'").first() is None:
        return
    for row in connection.exec_driver_sql(_EVENTS):
        known.add(row[0])
        if what := _oddity(tuple(row), classes, known):
            yield Problem(KIND, f"event {row[0]}", what, "it is kept; correct the answer on the Label screen")


def _oddity(row: tuple[Any, ...], classes: Mapping[str, set[str]], known: set[int]) -> str:
    """What is odd about an event; empty where nothing is."""
    _, at, fingerprint, name_type, head, source, kind, class_, target = row
    if not _is_time(at):
        return f"its time is no time: {at!r}"
    if not _FINGERPRINT.fullmatch(str(fingerprint)):
        return f"its picture has no fingerprint: {fingerprint!r}"
    if name_type != "blob":
        return "its file name is no bytes"
    if source not in _SOURCES:
        return f"it came about in an unknown way: {source!r}"
    if kind not in (CLASS, CANNOT_TELL, CLEARED, *REMARKS):
        return f"it is of an unknown kind: {kind!r}"
    if source in _TURNS and target not in known:
        return f"it takes back or repeats event {target}, which is not there"
    if head and head not in classes:
        return f"the schema has no head {head!r}"
    if kind == CLASS and class_ not in classes.get(head, set()):
        return f"{head!r} has no class {class_!r}"
    return ""


def _is_time(at: object) -> bool:
    """Whether this is a moment as SQLAlchemy writes it."""
    try:
        datetime.fromisoformat(str(at))
    except ValueError:
        return False
    return True
