"""Where a study is kept: a SQLite file in the bench, or a PostgreSQL database that several machines share.

A password is only ever in memory: what is shown, stored in a run or raised names a database without it.
"""

import re
import sqlite3
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_from_bytes

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from workbench.bench import Bench
from workbench.errors import ConfigError, MissingLibrary, StoreError
from workbench.files import file_error

if TYPE_CHECKING:
    from optuna.storages import RDBStorage  # noqa: TID251 - only its name, for types

INSTEAD_OF = "instead_of"
"""The note of a trial that repeats one whose machine is gone."""
_KINDS = ("postgresql", "postgres", "postgresql+psycopg")
_EXAMPLE = "for example postgresql://USER@HOST/DATABASE, the password in ~/.pgpass or PGPASSWORD"
_AT = "write an @ within the password as %40, or put it in ~/.pgpass or PGPASSWORD"
_CONNECT_S = 10
_HEARTBEAT_S = 60
_GRACE_S = 600
"""A trial of a machine of which nothing was heard for so long is given to another one."""
_TURN_KEY = 0x776F726B
"""The number of PostgreSQL's advisory lock under which studies are begun and trials given out."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_IN_URL = re.compile(r"(://[^:/@\s]*):.*@", re.DOTALL)
_IN_QUERY = re.compile(r"((?:password|passwd|sslpassword)(?:=|%3D))[^&]*", re.IGNORECASE)
"""Rather too much is left out than a part of a password that holds a space or an @."""


@dataclass(frozen=True)
class Place:
    """Where one study is, or will be, kept.

    Attributes:
        shown: What a person sees of it; never a password.
        shared: Whether several machines may work on it at once.
        folder: The bench's folder of studies and of their locks.
        file: The SQLite file, where it is none that is shared.
    """

    shown: str
    shared: bool
    folder: Path
    file: Path = Path()
    url: URL | None = field(default=None, repr=False)

    @property
    def exists(self) -> bool:
        """Whether there is anything to read; a database is asked for that."""
        return self.shared or self.file.is_file()


def place_of(bench: Bench, study: str, url: str = "") -> Place:
    """Where a study is kept.

    Args:
        bench: The bench.
        study: Its name; a file is named after it.
        url: The address of a PostgreSQL database; "" for the bench.

    Raises:
        ConfigError: A name that cannot be a file's, or no such address.
    """
    if not is_name(study):
        raise ConfigError(
            f"{study!r} cannot be the name of a study",
            where="STUDY",
            cure="use up to 64 letters, digits, dots, dashes and underscores",
        )
    if not url:
        file = bench.studies_dir / f"{study}.db"
        return Place(str(file), False, bench.studies_dir, file)
    parsed = _parse(url)
    return Place(_shown(parsed), True, bench.studies_dir, url=parsed)


def is_name(study: str) -> bool:
    """Whether a study can have this name; a copy that somebody put beside it may have any."""
    return _NAME.fullmatch(study) is not None


def without_password(words: Sequence[str]) -> list[str]:
    """A command line as it may be written down."""
    return [_IN_QUERY.sub(r"\1***", _IN_URL.sub(r"\1:***@", word)) for word in words]


def _parse(url: str) -> URL:
    """An address, checked; its text is not repeated in a refusal."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigError("no address of a database", where="--storage", cure=_EXAMPLE) from error
    if parsed.drivername not in _KINDS:
        what = f"a study is not kept in {parsed.drivername}"
        raise ConfigError(what, where="--storage", cure=_EXAMPLE)
    if not parsed.database:
        raise ConfigError("the address names no database", where="--storage", cure=_EXAMPLE)
    if "@" in f"{parsed.host}{parsed.database}":  # the end of a password, which would be shown
        raise ConfigError("no address of a database: it has two @", where="--storage", cure=_AT)
    return parsed.set(drivername="postgresql+psycopg")


def _shown(url: URL) -> str:
    """Host and database; a password may also stand in the query, so that is left out as a whole."""
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database)
    return bare.render_as_string()


@contextmanager
def refusals(place: Place) -> Iterator[None]:
    """What the database or Optuna says against it becomes one line.

    Raises:
        StoreError: It cannot be reached, read or written.
        MissingLibrary: The driver is not installed.
    """
    from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError  # noqa: TID251 - see study

    try:
        yield
    except UpdateFinishedTrialError:
        raise  # another machine has taken the trial, which is no fault of the database
    except ImportError as error:
        raise MissingLibrary(
            "PostgreSQL needs the package psycopg", where=place.shown, cure="install face-workbench[postgres]"
        ) from error
    except OSError as error:
        raise file_error(error, place.shown) from error
    except (SQLAlchemyError, sqlite3.Error, StorageInternalError, RuntimeError) as error:
        cause = error.__cause__ if isinstance(error, StorageInternalError) else error
        raise StoreError(_reason(cause or error, place), where=place.shown, cure=_cure(place)) from None


def _reason(error: BaseException, place: Place) -> str:
    """The first line of what the driver says, without the password."""
    words = str(getattr(error, "orig", None) or error).strip().split("\n", 1)[0]
    secret = place.url.password if place.url is not None else None
    words = words.replace(str(secret), "***") if secret else words
    return f"the study cannot be used: {without_password([words])[0]}"


def _cure(place: Place) -> str:
    """What a person can do."""
    if place.shared:
        return "check the address, the password and that the server runs, then try again"
    return "nothing was lost of the runs; restore the file from a copy, or move it away to begin anew"


def open_storage(place: Place, *, write: bool) -> "RDBStorage":
    """Optuna's tables in a database.

    Args:
        place: Where.
        write: Make the tables where they are not there yet; else they are only read.

    Raises:
        StoreError: It cannot be reached, read or written.
        MissingLibrary: The driver is not installed.
    """
    with refusals(place), warnings.catch_warnings():
        import optuna  # noqa: TID251 - see study

        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # heartbeats
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        if place.url is not None:
            address = place.url.render_as_string(hide_password=False)
            options: dict[str, Any] = {"connect_args": {"connect_timeout": _CONNECT_S}, "pool_pre_ping": True}
            return optuna.storages.RDBStorage(
                address.replace("{", "{{").replace("}", "}}"),  # Optuna takes it for a template
                options,
                heartbeat_interval=_HEARTBEAT_S,
                grace_period=_GRACE_S,
                heartbeat_stale_trial_callback=_give_back,
                skip_table_creation=not write,
            )
        if write:
            place.folder.mkdir(exist_ok=True)
        return optuna.storages.RDBStorage(
            "sqlite://", _sqlite(place.file, write), skip_table_creation=not write
        )


def _sqlite(file: Path, write: bool) -> dict[str, Any]:
    """Connections to a path that may hold any character."""
    uri = f"file:{quote_from_bytes(bytes(file.absolute()))}?mode={'rwc' if write else 'ro'}"
    return {
        "creator": lambda: sqlite3.connect(uri, uri=True, timeout=_CONNECT_S, check_same_thread=False),
        "poolclass": QueuePool,
    }


def _give_back(study: Any, trial: Any) -> None:
    """Let somebody else begin the trial of a machine that is gone."""
    study.enqueue_trial(trial.params, user_attrs={INSTEAD_OF: trial.number})


@contextmanager
def turn(place: Place) -> Iterator[None]:
    """One machine at a time begins a study or takes a trial; a study in a bench has one process only.

    Raises:
        StoreError: The database cannot be reached.
    """
    if place.url is None:
        yield
        return
    with refusals(place):
        engine = create_engine(place.url, connect_args={"connect_timeout": _CONNECT_S})
        try:
            with engine.begin() as connection:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _TURN_KEY})
                yield
        finally:
            engine.dispose()


def has_tables(place: Place) -> bool:
    """Whether any study was ever begun in a database; nothing is made in it.

    Raises:
        StoreError: It cannot be reached or read.
    """
    with refusals(place):
        if place.url is not None:
            engine = create_engine(place.url, connect_args={"connect_timeout": _CONNECT_S})
        else:
            engine = create_engine("sqlite://", **_sqlite(place.file, write=False))
        try:
            return inspect(engine).has_table("version_info")
        finally:
            engine.dispose()
