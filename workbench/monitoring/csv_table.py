"""A table of figures that another program writes: what its columns are, and its rows as numbers."""

import csv
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.errors import InputError
from workbench.monitoring.curves import CurveKey, Numbers
from workbench.monitoring.track import ABSENT
from workbench.text import neutralise
from workbench.training.log_names import heads_in, places
from workbench.training.metric_names import MONITORED

NAMES_NEEDED = "its first line must name the columns, such as: epoch,loss,val_loss"
MOST_CURVES = 200
"""Beyond them a table is not a training's, and must not fill the memory."""
OTHER_WIDTH = "rows that have not as many cells as the first line"
NO_NUMBERS = "rows without a number"
NUL_BYTES = "rows with NUL bytes"
_SEPARATORS = ",;\t"
_MISSING = frozenset({"NA", "N/A", "NULL", "null", "None"})
"""What stands for a figure that was not measured, such as one of validation in an epoch without it."""
_EPOCH, _RATE, _SECONDS = ("epoch", "epochs"), ("learning_rate", "lr"), ("seconds",)
_NO_FIGURES = frozenset({
    *_EPOCH, *_RATE, *_SECONDS, "step", "steps", "global_step", "iteration", "batch", "time", "timestamp",
    "date", "wall_time", "",
})  # fmt: skip
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Header:
    """The first line.

    Attributes:
        line: As it stands in the file; it may stand there again.
        separator: Between cells.
        width: How many cells a row has.
        epoch, rate, seconds: The columns of these; -1 where there is none.
        figures: (column, curve) of each figure.
    """

    line: bytes
    separator: str
    width: int
    epoch: int
    rate: int
    seconds: int
    figures: tuple[tuple[int, CurveKey], ...]

    @property
    def heads(self) -> tuple[str, ...]:
        """The heads, in the order of their columns."""
        return tuple(dict.fromkeys(head for _, (head, _, _) in self.figures if head))


@dataclass(frozen=True)
class Rows:
    """Rows as numbers.

    Attributes:
        epochs: Shape (n,). What stands in the column of epochs; NaN where no number does.
        rates, seconds: Shape (n,). Learning rate, and how long the epoch took; NaN where that is not told.
        offsets: Shape (n,). The bytes of the file at which the rows begin.
        values: Shape (n, figures). NaN for a cell that is no finite number, `ABSENT` for one that says so.
        numbered: Shape (figures,). Which columns hold any number, NaN being one.
        skipped: How many rows were left out, by the reason.
    """

    epochs: Numbers
    rates: Numbers
    seconds: Numbers
    offsets: Numbers
    values: Numbers
    numbered: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
    skipped: Counter[str]

    def __len__(self) -> int:
        return len(self.epochs)


def read_header(line: bytes) -> Header:
    """What the first line says.

    Raises:
        InputError: It names no columns of figures.
    """
    if b"\0" in line:
        raise InputError("is no table: there are NUL bytes in its first line", cure=NAMES_NEEDED)
    text = line.decode("utf-8-sig", "replace").rstrip("\r")
    separator = max(_SEPARATORS, key=text.count)
    names = [neutralise(cell.strip(), _LONGEST_NAME) for cell in split(text, separator)]
    if all(number(name, separator) is not None for name in names if name):
        raise InputError("is no table with names: its first line has none", cure=NAMES_NEEDED)
    lower = [name.lower() for name in names]
    of_figures = [name for name in dict.fromkeys(names) if name.lower() not in _NO_FIGURES]
    found = places(of_figures, heads_in(of_figures))
    keys = [(names.index(name), place) for name, place in found.items()]
    # The plainest figures first, if there are too many.
    keys.sort(key=lambda one: (bool(one[1][0]), one[1][1] not in MONITORED))
    return Header(
        line,
        separator,
        len(names),
        epoch=_first(lower, _EPOCH),
        rate=_first(lower, _RATE),
        seconds=_first(lower, _SECONDS),
        figures=tuple(sorted(keys[:MOST_CURVES])),
    )


def _first(names: Sequence[str], known: Sequence[str]) -> int:
    """The column that bears the first of these names; -1 for none."""
    return next((names.index(name) for name in known if name in names), -1)


def split(text: str, separator: str) -> list[str]:
    """The cells of a line."""
    if '"' not in text:
        return text.split(separator)
    try:
        return next(csv.reader([text], delimiter=separator), [""])
    except csv.Error:
        return text.split(separator)


def number(cell: str, separator: str) -> float | None:
    """A cell as a number, which NaN is, too; where commas do not part cells, they may be decimal ones."""
    try:
        return float(cell)
    except ValueError:
        if separator == "," or "," not in cell:
            return None
    try:
        return float(cell.replace(",", ".", 1))
    except ValueError:
        return None


class Table:
    """Reads the rows under a header.

    Args:
        header: The first line.
    """

    def __init__(self, header: Header) -> None:
        self.header = header
        self._columns = [column for column, _ in header.figures]

    def rows(self, lines: Iterable[tuple[int, bytes]]) -> Rows:
        """Lines, each with the byte at which it begins, as numbers."""
        skipped: Counter[str] = Counter()
        told: list[list[float]] = []
        values: list[list[float]] = []
        numbered = np.zeros(len(self._columns), np.bool_)
        for offset, line in lines:
            if not (cells := self._cells(line, skipped)):
                continue
            others = [
                self._told(cells, at) for at in (self.header.epoch, self.header.rate, self.header.seconds)
            ]
            row, numbers = self._figures(cells)
            if not any(numbers) and math.isnan(others[0]):
                skipped[NO_NUMBERS] += 1
                continue
            numbered |= numbers
            values.append(row)
            told.append([*others, offset])
        epochs, rates, seconds, offsets = np.array(told, np.float64).reshape(-1, 4).T
        figures = np.array(values, np.float64).reshape(-1, len(self._columns))
        return Rows(epochs, rates, seconds, offsets, figures, numbered, skipped)

    def _cells(self, line: bytes, skipped: Counter[str]) -> Sequence[str]:
        """The cells of a row; none of a line that is no row."""
        if b"\0" in line:
            skipped[NUL_BYTES] += 1
            return ()
        if not line.strip() or line == self.header.line:
            return ()
        cells = split(line.decode("utf-8", "replace").rstrip("\r"), self.header.separator)
        if len(cells) != self.header.width:
            skipped[OTHER_WIDTH] += 1
            return ()
        return cells

    def _told(self, cells: Sequence[str], column: int) -> float:
        """What a row tells beside its figures; NaN where it does not."""
        found = number(cells[column], self.header.separator) if column >= 0 else None
        return math.nan if found is None else found

    def _figures(self, cells: Sequence[str]) -> tuple[list[float], Sequence[bool]]:
        """A row's figures as a track takes them, and which of them are numbers."""
        found = [number(cells[column], self.header.separator) for column in self._columns]
        row = [
            value if value is not None and math.isfinite(value) else _absent(cells[column], value)
            for column, value in zip(self._columns, found, strict=True)
        ]
        return row, [value is not None for value in found]


def _absent(cell: str, value: float | None) -> float:
    """A cell that holds no finite number: a gap, or no point at all."""
    return ABSENT if value is None and cell.strip() in _MISSING else math.nan
