"""Following a training that is not ours by the table that it writes: `history.csv`, or Keras' CSVLogger.

The table grows by a row an epoch, is replaced as a whole, or is begun anew: what is new is read from where
the last look ended, and nothing in it is trusted. Nobody holds a lock on it, so nothing tells whether the
training lives: how old the last row is, and how fast they came, is all that is said.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import InputError
from workbench.files import file_error
from workbench.monitoring.advice import Advice, advise
from workbench.monitoring.csv_rows import CsvRows
from workbench.monitoring.csv_table import NAMES_NEEDED, Header, Table, read_header
from workbench.monitoring.curves import Axis, Curve, CurveKey
from workbench.monitoring.marks import best_mark
from workbench.monitoring.snapshot import RunSnapshot
from workbench.training.lines import LineReader, open_log
from workbench.training.state import RunState

UNKNOWN = "a table does not tell whether its training goes on, only when its last row came"
TOO_LONG = "lines longer than 1 MiB"
_NAME_A_FILE = "name the table that the training writes"
_LOOK_BYTES = 1 << 20
_SLICE = 8192
_LATE, _LATE_S = 3.0, 60.0
"""A row is late after so many times as long as they took, and not before so many seconds."""


class CsvFollower:
    """Reads one table again and again; belongs to one thread.

    Args:
        path: The file; it may be empty, or not be there yet.
        clock: Unix seconds, for the age of the last row.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock = path, clock
        self._reader = LineReader(path, rewritten=True)
        self._written = 0.0
        self._advice: tuple[object, tuple[Advice, ...]] = (None, ())
        self._begin()

    def _begin(self) -> None:
        """As if nothing had been read."""
        self._table: Table | None = None
        self._refusal = ""
        self._skipped: Counter[str] = Counter()
        self._rows = CsvRows()

    def _begin_anew(self) -> None:
        """The file is another one than that which was read."""
        had_rows = self._rows.count
        self._begin()
        if had_rows:
            self._rows.notes.append(
                "the file was cut or replaced while it was open: this is what stands in it"
            )

    def poll(self, seconds: float | None = None) -> RunSnapshot:
        """Read what is new and say where the training stands.

        Args:
            seconds: About how long to read; what is left is read next time, and `reading` says how far it
                came. None reads everything that there is.
        """
        with suppress(OSError):  # the reader says that it is gone
            self._written = self._path.stat().st_mtime
        return self._snapshot(self._reader.hand_on(self._take, self._begin_anew, seconds))

    def _take(self, lines: Sequence[tuple[int, bytes]]) -> None:
        """Lines of the file, the first of which names the columns."""
        if self._table is None and lines and not self._refusal:
            lines = self._take_header(lines)
        if self._table is None:
            return
        for start in range(0, len(lines), _SLICE):
            rows = self._table.rows(lines[start : start + _SLICE])
            self._skipped += rows.skipped
            self._rows.feed(self._table.header, rows, self._written)

    def _take_header(self, lines: Sequence[tuple[int, bytes]]) -> Sequence[tuple[int, bytes]]:
        """The first line; gives the others."""
        try:
            if self._reader.skipped:
                raise InputError("is no table: its first line is longer than 1 MiB", cure=NAMES_NEEDED)
            self._table = Table(read_header(lines[0][1]))
        except InputError as error:
            self._refusal = error.what
        return lines[1:]

    def detail(self, axis: Axis, left: float, right: float) -> Mapping[CurveKey, Curve]:  # noqa: ARG002
        """Nothing: of a table, each row has a bucket of its own as long as anybody looks that closely."""
        return {}

    def _snapshot(self, reading: float | None) -> RunSnapshot:
        rows, written = self._rows, self._written
        curves = rows.track.curves()
        too_long = {TOO_LONG: self._reader.skipped} if self._reader.skipped else {}
        return RunSnapshot(
            name=name_of(self._path),
            state=RunState.UNKNOWN,
            phase=self._phase(),
            epoch=int(rows.place),
            step=rows.count,
            best_epoch=rows.best.epoch,
            metric=rows.best.metric,
            curves=curves,
            notes=(UNKNOWN, *rows.notes),
            marks=(*rows.restarts, *best_mark(rows.best.epoch, next(iter(curves.values()), None))),
            advice=self._advised(curves),
            started=rows.started,
            sign_wall=written,
            data_wall=rows.wall,
            sign_age=max(0.0, self._clock() - written) if written else 0.0,
            data_age=max(0.0, self._clock() - rows.wall) if rows.wall else 0.0,
            reading=reading,
            log_path=self._path,
            skipped={**self._skipped, **too_long},
            gone=self._reader.gone,
            learning_rate=rows.rate,
        )

    def _phase(self) -> str:
        """How fast rows come, or for how long none has."""
        if self._reader.gone:
            return "watching: the file is gone; waiting for it"
        if self._refusal:
            return f"waiting: this file {self._refusal}"
        if not self._rows.count:
            return "waiting: there is no row yet"
        age, pace = max(0.0, self._clock() - self._rows.wall), self._rows.pace
        if pace is not None and age <= max(_LATE_S, _LATE * pace):
            return f"watching: a row every {in_words(pace)}"
        if age > _LATE_S:
            return f"watching: no new row for {in_words(age)}"
        return "watching: the next row will tell how fast they come"

    def _advised(self, curves: Mapping[CurveKey, Curve]) -> tuple[Advice, ...]:
        """What is worth knowing, worked out anew only when there are new rows."""
        known = (id(self._rows), self._rows.count)
        if self._advice[0] != known:
            best = self._rows.best
            self._advice = (known, advise(curves, metric=best.metric, best_epoch=best.epoch, majority={}))
        return self._advice[1]


@dataclass(frozen=True)
class CsvSource:
    """The table of a training that is not ours.

    Raises:
        InputError: There is no such file, or it is no table.
    """

    path: Path

    def __post_init__(self) -> None:
        self._header()

    @property
    def name(self) -> str:
        """The file and its folder, because many are called history.csv."""
        return name_of(self.path)

    def heads(self) -> tuple[tuple[str, str], ...]:
        """Names and titles of the heads that its columns tell of."""
        try:
            header = self._header()
        except InputError:
            return ()
        return tuple((head, head.replace("_", " ")) for head in (header.heads if header is not None else ()))

    def follow(self) -> CsvFollower:
        """Read it from the start."""
        return CsvFollower(self.path)

    def _header(self) -> Header | None:
        """What the first line names; None while there is no whole line."""
        try:
            return _look(_beginning(self.path))
        except OSError as error:
            raise InputError(file_error(error, self.path).what, where=self.path, cure=_NAME_A_FILE) from error
        except InputError as error:
            raise InputError(error.what, where=self.path, cure=error.cure) from error


def _beginning(path: Path) -> bytes:
    """The first mebibyte, and what is needed to see whether there is more."""
    with open_log(path) as file:
        return file.read(_LOOK_BYTES + 1)


def _look(beginning: bytes) -> Header | None:
    """What the first line of a file names; None while there is no whole line.

    Raises:
        InputError: It is no table.
    """
    first, *lines = beginning.split(b"\n")
    if not lines:
        if len(first) > _LOOK_BYTES:
            raise InputError("is no table: its first line is longer than 1 MiB", cure=NAMES_NEEDED)
        return None
    header = read_header(first)
    rows = Table(header).rows((0, line) for line in lines[:-1])
    if rows.skipped and not len(rows):
        raise InputError("is no table of figures: no row fits its first line", cure=NAMES_NEEDED)
    return header


def name_of(path: Path) -> str:
    """A file and its folder."""
    path = path.absolute()
    return f"{path.parent.name}/{path.name}" if path.parent.name else path.name


def in_words(seconds: float) -> str:
    """ "45 s", "12 min", "3 h": as exact as a person wants it."""
    if seconds < 60:
        return f"{seconds:.3g} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 2 * 86400 else f"{seconds / 86400:.0f} days"
