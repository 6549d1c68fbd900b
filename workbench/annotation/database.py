"""One connection to the label database, and every refusal of it as a line that says what to do."""

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from workbench.errors import StoreError

_LEAST_FREE = 64 * 1024
_WRITING = "write"
_TURN_S = 0.25
_LOCKED = ("another program holds the label file", "close that program, then try again")
_DAMAGED = ("the label file is damaged", "restore it from a copy")
_CAUSES = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_FULL: ("the disk is full, nothing was saved", "free some space, then try again"),
    sqlite3.SQLITE_READONLY: (
        "the label file cannot be written, nothing was saved",
        "make it and its folder writable, or copy the bench",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "the label file cannot be opened",
        "check that its folder is there and may be written",
    ),
    sqlite3.SQLITE_PERM: ("no permission", "change the permissions of the label file"),
    sqlite3.SQLITE_NOTADB: (
        "not a label file",
        "restore it from a copy, or move it away to begin with no labels",
    ),
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_IOERR: ("the disk reports an error, nothing was saved", "check the disk, then try again"),
}


def store_error(error: Exception, where: str) -> StoreError:
    """The database's refusal as one line."""
    original = getattr(error, "orig", None) or error
    code = getattr(original, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_IOERR and _is_full(where):
        code = sqlite3.SQLITE_FULL  # SQLite says so of the journal only, not of the memory that it shares
    what, cure = _CAUSES.get(code, (str(original).split("\n", 1)[0], "nothing was saved; try again"))
    return StoreError(what, where=where, cure=cure)


def _is_full(where: str) -> bool:
    """Whether the disk of a file has no room left."""
    try:
        return shutil.disk_usage(Path(where).parent).free < _LEAST_FREE
    except OSError:
        return False


class Database:
    """A connection that is held open, so that one key press is one short transaction.

    Args:
        url_or_path: The path of a SQLite file, or a SQLAlchemy URL.
        read_only: Never write. Works without write permission, and without a file (no labels yet).
        busy_timeout: Seconds to wait while another program writes.
        waiting: Told now and then, while it waits, how many seconds that took so far.

    Raises:
        StoreError: It cannot be opened.
    """

    def __init__(
        self,
        url_or_path: str | Path,
        *,
        read_only: bool = False,
        busy_timeout: float = 3.0,
        waiting: Callable[[float], None] | None = None,
    ) -> None:
        self._timeout, self._waiting = busy_timeout, waiting
        self._scratch: Path | None = None
        is_url = isinstance(url_or_path, str) and "://" in url_or_path
        self.where = "label database" if is_url else str(url_or_path)
        path = None if is_url else Path(url_or_path).absolute()
        self.may_write = not read_only or (path is not None and not path.exists())
        try:
            self._engine = create_engine(str(url_or_path)) if path is None else self._sqlite(path, read_only)
            self._sqlite_file = path is not None
            self._connection = self._engine.connect()
        except (SQLAlchemyError, sqlite3.Error, ImportError, OSError) as error:
            self._remove_scratch()
            raise store_error(error, self.where) from error

    def _sqlite(self, path: Path, read_only: bool) -> Engine:
        """An engine whose transactions begin when we say so (pysqlite would begin them late)."""

        def connect() -> sqlite3.Connection:
            raw = self._connect_read_only(path) if read_only else self._connect(path)
            raw.isolation_level = None
            return raw

        engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            raw: Any = connection.connection.dbapi_connection
            words = connection.info.get("begin", "BEGIN")
            if words == _WRITING:
                self._begin_writing(raw)
            else:
                raw.execute(words)

        return engine

    def _begin_writing(self, raw: sqlite3.Connection) -> None:
        """Wait for other writers in short turns, so that somebody can be told of it."""
        started = time.monotonic()
        raw.execute(f"PRAGMA busy_timeout={round(1000 * min(_TURN_S, self._timeout))}")
        try:
            while True:
                try:
                    raw.execute("BEGIN IMMEDIATE")
                    return
                except sqlite3.OperationalError as error:
                    passed = time.monotonic() - started
                    if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or passed >= self._timeout:
                        raise
                    if self._waiting is not None:
                        self._waiting(passed)
        finally:
            raw.execute(f"PRAGMA busy_timeout={round(self._timeout * 1000)}")

    def _connect(self, path: Path) -> sqlite3.Connection:
        """For writing: each commit is on the disk when it returns, and readers never wait."""
        raw = sqlite3.connect(path, timeout=self._timeout, check_same_thread=False)
        try:
            raw.execute("PRAGMA journal_mode=WAL")
            raw.execute("PRAGMA synchronous=FULL")
        except sqlite3.Error:
            raw.close()
            raise
        return raw

    def _connect_read_only(self, path: Path) -> sqlite3.Connection:
        """For reading, also where SQLite cannot make the files that it shares with writers."""
        if not path.exists():
            return sqlite3.connect(":memory:", check_same_thread=False)
        try:
            return self._open_uri(path, "mode=ro")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
                raise
        journal = path.with_name(path.name + "-wal")
        if not journal.exists() or journal.stat().st_size == 0:
            return self._open_uri(path, "immutable=1")
        # Answers of a program that was killed are still in the journal, which an immutable file would ignore.
        self._scratch = Path(tempfile.mkdtemp(prefix="workbench-labels-"))
        for source in (path, journal):
            shutil.copyfile(source, self._scratch / source.name)
        return self._open_uri(self._scratch / path.name, "mode=rw")

    def _open_uri(self, path: Path, options: str) -> sqlite3.Connection:
        """Connect and read something: only that opens the file."""
        uri = f"file:{quote_from_bytes(bytes(path))}?{options}"
        raw = sqlite3.connect(uri, uri=True, timeout=self._timeout, check_same_thread=False)
        try:
            raw.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error:
            raw.close()
            raise
        return raw

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A short transaction that sees one state of the labels."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is on the disk when the block ends, or of which nothing is.

        Raises:
            StoreError: Locked, full, not writable or damaged.
        """
        with self._transaction(_WRITING) as connection:
            yield connection

    @contextmanager
    def noting(self) -> Iterator[Connection]:
        """A transaction for what may be lost in a power cut: no wait for the disk, none for other writers."""
        if not self._sqlite_file:
            with self._transaction("BEGIN") as connection:
                yield connection
            return
        raw: Any = self._connection.connection.dbapi_connection
        try:
            raw.execute("PRAGMA synchronous=NORMAL")
            raw.execute("PRAGMA busy_timeout=0")
            with self._transaction("BEGIN IMMEDIATE") as connection:
                yield connection
        except sqlite3.Error as error:
            raise store_error(error, self.where) from error
        finally:
            raw.execute("PRAGMA synchronous=FULL")
            raw.execute(f"PRAGMA busy_timeout={round(self._timeout * 1000)}")

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        """Begin, commit at the end or roll back, and translate what goes wrong."""
        self._connection.info["begin"] = begin
        try:
            with self._connection.begin():
                yield self._connection
        except (DBAPIError, sqlite3.Error) as error:
            raise store_error(error, self.where) from error

    def close(self) -> None:
        """Let go of the file; harmless when done twice."""
        with suppress(SQLAlchemyError, sqlite3.Error):
            self._connection.close()
        self._engine.dispose()
        self._remove_scratch()

    def _remove_scratch(self) -> None:
        """Delete the private copy, if one was made."""
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None
