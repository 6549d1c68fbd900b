"""What a label file can be asked about its events, beside the labels as they stand."""

import threading
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from workbench.annotation.database import Database
from workbench.annotation.labels import Event
from workbench.annotation.rows import count_answers, to_event
from workbench.annotation.tables import events
from workbench.annotation.view import Row
from workbench.annotation.withdrawal import from_files


class EventLog:
    """The questions; a store opens the file and answers them, in any thread."""

    annotator: str
    blind: bool
    _lock: threading.RLock
    _database: Database

    def events_since(self, id_: int = 0) -> list[Event]:
        """Every event after the one of this id, oldest first."""
        query = select(events).where(events.c.id > id_).order_by(events.c.id)
        with self._lock, self._database.reading() as connection:
            return [to_event(row) for row in connection.execute(query)]

    def events_of(self, fingerprint: str) -> list[Event]:
        """Every event of one picture, oldest first; in a blind pass this annotator's own."""
        query = select(events).where(events.c.fingerprint == fingerprint).order_by(events.c.id)
        if self.blind:
            query = query.where(events.c.annotator == self.annotator)
        with self._lock, self._database.reading() as connection:
            return [to_event(row) for row in connection.execute(query)]

    def answers_since(self, moment: datetime) -> int:
        """How many answers this annotator gave since, without those taken back."""
        with self._lock, self._database.reading() as connection:
            return count_answers(connection, self.annotator, moment)

    def names(self) -> dict[str, str]:
        """The last known file name of each picture that was ever touched, by fingerprint."""
        last = select(func.max(events.c.id)).group_by(events.c.fingerprint)
        query = select(events.c.fingerprint, events.c.name).where(events.c.id.in_(last))
        with self._lock, self._database.reading() as connection:
            return dict(iter(connection.execute(query)))

    def imported(self) -> set[tuple[str, str]]:
        """(fingerprint, head) of the current answers that came from a file and not from a person."""
        with self._lock, self._database.reading() as connection:
            return from_files(connection)

    def rows(self, query: Select[Any]) -> list[Row]:
        """What a query of `rows` finds, in one state of the labels."""
        with self._lock, self._database.reading() as connection:
            return [Row._make(row) for row in connection.execute(query)]
