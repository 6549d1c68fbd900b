"""Every label ever given: an append-only log on the disk, and its present state in memory.

One key press is one committed transaction. Memory changes after the commit only, so that nothing is ever
shown as saved that is not.
"""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, delete, insert, select

from workbench.annotation.database import Database
from workbench.annotation.labels import Answer, Event, NewEvent, PictureLabels, Remark, Source
from workbench.annotation.log import EventLog
from workbench.annotation.migrations import prepare
from workbench.annotation.rows import (
    as_if_alone,
    check,
    history,
    newer_than,
    to_columns,
    to_event,
    to_row,
    turned,
)
from workbench.annotation.tables import events, state
from workbench.annotation.view import LabelView, StoreProgress
from workbench.annotation.withdrawal import Withdrawn, last_import, withdrawals
from workbench.errors import StoreError
from workbench.schema import Schema

_ROWS_AT_ONCE = 5000


class LabelStore(EventLog):
    """The labels of a bench. May be used from several threads; several programs may hold one file.

    Args:
        url_or_path: `labels.db`, or a SQLAlchemy URL of a team's database.
        schema: The bench's heads.
        annotator: Who answers; undo and the saved place are this person's own.
        read_only: Never write; works without write permission, and where there is no file yet.
        busy_timeout: Seconds to wait while another program writes.
        blind: Know this annotator's own answers only, for a second pass that the first cannot sway.
        waiting: Told, while another program writes, how many seconds that took so far.

    Raises:
        StoreError: Locked, full, damaged, no label file, or not writable.
        InputError: The labels are of another project or of a newer version.
    """

    def __init__(
        self,
        url_or_path: str | Path,
        schema: Schema,
        *,
        annotator: str = "",
        read_only: bool = False,
        busy_timeout: float = 3.0,
        blind: bool = False,
        waiting: Callable[[float], None] | None = None,
    ) -> None:
        self.schema, self.read_only, self.blind = schema, read_only, blind
        self.annotator = annotator.encode("utf-8", "backslashreplace").decode()
        self._lock = threading.RLock()
        self._view = LabelView(schema, self.annotator, blind=blind)
        self._database = Database(
            url_or_path, read_only=read_only, busy_timeout=busy_timeout, waiting=waiting
        )
        self.where = self._database.where
        try:
            may_write = self._database.may_write
            with self._database.writing() if may_write else self._database.reading() as connection:
                prepare(connection, schema, self.where, may_write=may_write)
            self.refresh()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def record(
        self,
        fingerprint: str,
        head: str,
        answer: Answer | None,
        *,
        name: str,
        source: Source = Source.HUMAN,
        suggested: Answer | None = None,
        seconds: float | None = None,
    ) -> Event:
        """Add one answer; it is on the disk when this returns.

        Args:
            fingerprint: The picture.
            head: A head's name, or the exclusion's (whose only answer is "yes").
            answer: A class name, "cannot tell", or None to clear.
            name: The picture's file name.
            source: How it came about.
            suggested: What a model had suggested.
            seconds: Time that the person took.

        Raises:
            StoreError: Nothing was recorded, here or on the disk.
            InputError: No such head or class.
        """
        return self.add(NewEvent(fingerprint, head, answer, name, source, suggested, seconds))

    def add(self, new: NewEvent) -> Event:
        """The same for an event that is put together already."""
        check(new, self.schema)
        with self._lock:
            with self._adding() as connection:
                event = self._insert(connection, new)
            self._apply(event)
        return event

    def remark(self, fingerprint: str, remark: Remark, *, name: str) -> Event:
        """Put a flag or a note on a picture, or take it away; it is on the disk when this returns.

        Raises:
            StoreError: Nothing was recorded.
        """
        text = remark.text.encode("utf-8", "backslashreplace").decode()
        return self.add(NewEvent(fingerprint, "", None, name, remark=Remark(remark.kind, text)))

    def record_many(self, rows: Iterable[NewEvent]) -> int:
        """Add many answers, all or none of them; returns how many."""
        waiting, at, count = iter(rows), datetime.now(UTC), 0
        with self._lock:
            with self._adding() as connection:
                while some := list(islice(waiting, _ROWS_AT_ONCE)):
                    for row in some:
                        check(row, self.schema)
                    connection.execute(insert(events), [to_columns(row, at, self.annotator) for row in some])
                    count += len(some)
            self.refresh()
        return count

    def mark_seen(self, fingerprint: str, name: str) -> None:
        """Note that the picture was looked at; nothing happens where that is known."""
        with self._lock:
            if self._view.labels(fingerprint).seen:
                return
            with self._adding() as connection:
                event = self._insert(connection, NewEvent(fingerprint, "", None, name, Source.SEEN))
            self._apply(event)

    def undo(self) -> Event | None:
        """Take back this annotator's last answer that is not taken back yet, also of an earlier session.

        Returns:
            The new event, whose answer is what holds now; None where nothing is left to take back.
        """
        return self._turn(Source.UNDO)

    def redo(self) -> Event | None:
        """Give again what `undo` took back last; None after a new answer, or where nothing was undone."""
        return self._turn(Source.REDO)

    def withdraw_import(self) -> Withdrawn | None:
        """Take back the last import, whoever made it, that is not taken back yet; answers given since stay.

        Returns:
            What was taken back; None where there is no such import.
        """
        with self._lock:
            with self._adding() as connection:
                if not (taken := last_import(connection)):
                    return None
                at = datetime.now(UTC)
                rows = [
                    {**to_columns(new, at, self.annotator), "target": target}
                    for new, target in withdrawals(connection, taken)
                ]
                connection.execute(insert(events), rows)
            self.refresh()
        return Withdrawn.of(taken)

    def _turn(self, source: Source) -> Event | None:
        """Undo or redo."""
        with self._lock:
            with self._adding() as connection:
                stack = self._view.undoable if source is Source.UNDO else self._view.redoable
                if not stack:
                    return None
                target = to_event(connection.execute(select(events).where(events.c.id == stack[-1])).one())
                new = turned(target, source, history(connection, target))
                event = self._insert(connection, new, target.id)
                if self.blind:
                    own = turned(target, source, history(connection, target, self.annotator))
                    event = replace(event, answer=own.answer, remark=own.remark)
            self._apply(event)
        return event

    def labels(self, fingerprint: str) -> PictureLabels:
        """The current labels of one picture; empty for an unknown one."""
        with self._lock:
            return self._view.labels(fingerprint)

    def all_labels(self) -> dict[str, PictureLabels]:
        """The current labels of every picture that was ever touched, by fingerprint."""
        with self._lock:
            return {fingerprint: self._view.labels(fingerprint) for fingerprint in self._view.fingerprints()}

    def progress(self) -> StoreProgress:
        """Counts over every picture that was ever touched."""
        with self._lock:
            return self._view.progress()

    def contested(self) -> frozenset[str]:
        """The pictures that were answered in more than one name, as far as read; by fingerprint."""
        with self._lock:
            return frozenset(self._view.contested)

    @property
    def revision(self) -> int:
        """Grows by one with each event that changed a label, ours or another program's, as far as read."""
        return self._view.revision

    def refresh(self) -> int:
        """Read what other programs added since; returns how many events."""
        with self._lock, self._database.reading() as connection:
            return self._catch_up(connection)

    def get_state(self, key: str) -> Any:
        """What `set_state` kept for this annotator; None if nothing."""
        query = select(state.c.value).where(state.c.annotator == self.annotator, state.c.key == key)
        with self._lock, self._database.reading() as connection:
            found = connection.execute(query).scalar_one_or_none()
        return None if found is None else json.loads(found)

    def set_state(self, key: str, value: Any) -> None:
        """Keep a JSON value for this annotator. Survives a kill; a power cut may lose it: it is no label.

        Raises:
            StoreError: Not kept: locked (it does not wait), full or read-only.
        """
        self._must_write()
        row = {"annotator": self.annotator, "key": key, "value": json.dumps(value)}
        with self._lock, self._database.noting() as connection:
            connection.execute(delete(state).where(state.c.annotator == self.annotator, state.c.key == key))
            connection.execute(insert(state), [row])

    def close(self) -> None:
        """Let go of the file; harmless when done twice."""
        with self._lock:
            self._database.close()

    def _must_write(self) -> None:
        """Raise if opened for reading only."""
        if self.read_only:
            raise StoreError(
                "the labels were opened for reading only", where=self.where, cure="nothing was saved"
            )

    @contextmanager
    def _adding(self) -> Iterator[Connection]:
        """A transaction that adds events, begun by reading what others added."""
        self._must_write()
        with self._database.writing() as connection:
            if connection.dialect.name == "postgresql":  # ids must become visible in their order
                connection.exec_driver_sql("LOCK TABLE events IN EXCLUSIVE MODE")
            self._catch_up(connection)
            yield connection

    def _catch_up(self, connection: Connection) -> int:
        """Play the events that the view does not know."""
        rows = connection.execute(newer_than(self._view.last_id))
        return self._view.play(as_if_alone(connection, rows, self.annotator) if self.blind else rows)

    def _apply(self, event: Event) -> None:
        """Let the view know of our own committed event."""
        self._view.play([to_row(event)])

    def _insert(self, connection: Connection, new: NewEvent, target: int | None = None) -> Event:
        """Add a row and return it as an event."""
        at = datetime.now(UTC)
        key = connection.execute(
            insert(events), {**to_columns(new, at, self.annotator), "target": target}
        ).inserted_primary_key
        assert key is not None
        known = vars(new) | {"annotator": new.annotator or self.annotator}
        return Event(id=key[0], at=at, **known, target=target)
