"""The table behind the catalog: one SQLite file in the bench's cache, thrown away at any time."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from workbench.errors import WorkbenchError
from workbench.files import file_error
from workbench.images.decode import DECODER_VERSION

VERSION = 1000 + DECODER_VERSION
RETRY = -1
"""As a file's time: read it again at the next scan."""

_TABLE = """
CREATE TABLE IF NOT EXISTS files (
  name BLOB PRIMARY KEY,      -- os.fsencode of the relative path: any bytes
  size INTEGER NOT NULL, mtime INTEGER NOT NULL, inode INTEGER NOT NULL,
  fingerprint BLOB,           -- NULL where the file cannot be used
  width INTEGER NOT NULL, height INTEGER NOT NULL,
  reason TEXT                 -- why it cannot be used
) WITHOUT ROWID
"""
_SELECT = "SELECT name, size, mtime, inode, fingerprint, width, height, reason FROM files"


class Row(NamedTuple):
    """One file as it is kept; where it is unusable, `fingerprint` is None and `reason` is set."""

    name: str
    size: int
    mtime: int
    inode: int
    fingerprint: bytes | None
    width: int
    height: int
    reason: str | None


class Shelf:
    """Reads and writes the table; a connection for each call, so that any thread may call.

    Args:
        database: The file. Where it cannot be written, a temporary copy takes its place.
    """

    def __init__(self, database: Path) -> None:
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._database = self._writable(database)
        self._prepare()

    def rows(self) -> dict[str, Row]:
        """Every file, by name."""
        with self._connection() as connection:
            found = connection.execute(_SELECT)
            return {(name := os.fsdecode(row[0])): Row(name, *row[1:]) for row in found}

    def usable(self) -> list[tuple[bytes, bytes, int, int]]:
        """Name, fingerprint, width and height of each usable file, by name."""
        return self._all(
            "SELECT name, fingerprint, width, height FROM files WHERE fingerprint IS NOT NULL ORDER BY name"
        )

    def unusable(self) -> list[tuple[bytes, str]]:
        """Name and reason of each file that cannot be used, by name."""
        return self._all("SELECT name, reason FROM files WHERE fingerprint IS NULL ORDER BY name")

    def repeated(self) -> list[tuple[bytes, bytes]]:
        """Fingerprint and name of each file that is not the only one of its content, by name."""
        return self._all(
            "SELECT fingerprint, name FROM files WHERE fingerprint IN (SELECT fingerprint FROM files"
            " WHERE fingerprint IS NOT NULL GROUP BY fingerprint HAVING count(*) > 1) ORDER BY name"
        )

    def count(self) -> int:
        """How many files are usable."""
        return int(self._all("SELECT count(*) FROM files WHERE fingerprint IS NOT NULL")[0][0])

    def replace(self, rows: Iterable[Row], remove: Iterable[str] = ()) -> None:
        """Put rows in and take names out, in one transaction.

        Raises:
            WorkbenchError: The cache cannot be written.
        """
        with self._connection() as connection, connection:
            connection.executemany(
                "DELETE FROM files WHERE name = ?", ((os.fsencode(name),) for name in remove)
            )
            connection.executemany(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                ((os.fsencode(row.name), *row[1:]) for row in rows),
            )

    def close(self) -> None:
        """Remove the temporary copy, if there is one."""
        if self._temporary is not None:
            self._temporary.cleanup()

    def _all(self, query: str) -> list[Any]:
        """Every row of a query."""
        with self._connection() as connection:
            return connection.execute(query).fetchall()

    def _writable(self, database: Path) -> Path:
        """The file itself, or a copy where its folder cannot be written."""
        with suppress(OSError):
            database.parent.mkdir(parents=True, exist_ok=True)
            if os.access(database.parent, os.W_OK) and (
                not database.exists() or os.access(database, os.W_OK)
            ):
                return database
        self._temporary = tempfile.TemporaryDirectory(prefix="workbench-catalog-")
        copy = Path(self._temporary.name) / "catalog.db"
        with suppress(OSError):
            shutil.copyfile(database, copy)
        return copy

    def _prepare(self) -> None:
        """Make the table; throw the file away first if it is damaged or of another version."""
        try:
            if self._is_ours():
                return
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise self._failure(error) from error
        except sqlite3.DatabaseError:
            pass  # damaged, or no database at all
        for suffix in ("", "-journal", "-wal", "-shm"):
            try:
                Path(f"{self._database}{suffix}").unlink(missing_ok=True)
            except OSError as error:
                raise file_error(error, self._database) from error
        with self._connection() as connection, connection:
            connection.execute(_TABLE)
            connection.execute(f"PRAGMA user_version = {VERSION}")

    def _is_ours(self) -> bool:
        """Whether the file is whole and of this version."""
        with closing(sqlite3.connect(self._database, timeout=30)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            whole = connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
            if version != VERSION or not whole:
                return False
            connection.execute(_SELECT + " LIMIT 1")
            return True

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection for one operation."""
        try:
            with closing(sqlite3.connect(self._database, timeout=30)) as connection:
                connection.execute("PRAGMA synchronous = NORMAL")
                yield connection
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def _failure(self, error: sqlite3.Error) -> WorkbenchError:
        """What SQLite says, and that the file may simply be deleted."""
        if "full" in str(error):
            return WorkbenchError(
                "the disk is full", where=self._database, cure="free some space and try again"
            )
        return WorkbenchError(
            f"the list of pictures cannot be used ({error})",
            where=self._database,
            cure="close other programs that use it; it is a cache and may be deleted",
        )
