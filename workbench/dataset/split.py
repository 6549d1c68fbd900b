"""Dividing labelled pictures into training, validation and test, once and for good.

A picture's split hangs on its content, so duplicates and renamed files never straddle; it is written down in
the bench's `splits.csv`, so that it stays as pictures are added: what the network was tested on, it is never
trained on later. Pictures without a split yet are divided by iterative stratification (Sechidis, Tsoumakas
and Vlahavas, ECML PKDD 2011): the rarest class first, each picture to the split that lacks that class most.
Other shares or another seed are another division, with rows of its own in the same file.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.config import SplitSettings
from workbench.dataset.table import MASKED, SPLITS, Table
from workbench.errors import BenchError
from workbench.files import file_error, write_atomically
from workbench.schema import Schema

_HEADER = "division,fingerprint,split"
_Assigned = dict[str, dict[str, str]]
"""Division → fingerprint → split."""


@dataclass(frozen=True)
class SplitReport:
    """How well a division kept the proportions.

    Attributes:
        pictures: Split → number of pictures.
        heads: Head → class → split → number of pictures.
    """

    pictures: Mapping[str, int]
    heads: Mapping[str, Mapping[str, Mapping[str, int]]]

    def missing(self) -> tuple[tuple[str, str, str], ...]:
        """(head, class, split) wherever a class that has pictures has none in a split."""
        return tuple(
            (head, name, split)
            for head, classes in self.heads.items()
            for name, counts in classes.items()
            if sum(counts.values())
            for split in SPLITS
            if not counts[split]
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        heads = {
            head: {name: dict(counts) for name, counts in classes.items()}
            for head, classes in self.heads.items()
        }
        return {"pictures": dict(self.pictures), "heads": heads}


def split_report(table: Table, schema: Schema) -> SplitReport:
    """Count each class in each split of a divided table."""
    rows = {split: table.rows(split) for split in SPLITS}
    heads: dict[str, dict[str, dict[str, int]]] = {}
    for head in schema.heads:
        counts = {
            split: np.bincount(table.codes[head.name][chosen] + 1, minlength=len(head.classes) + 1)[1:]
            for split, chosen in rows.items()
        }
        heads[head.name] = {
            one.name: {split: int(counts[split][index]) for split in SPLITS}
            for index, one in enumerate(head.classes)
        }
    return SplitReport({split: len(chosen) for split, chosen in rows.items()}, heads)


def assign_splits(
    table: Table, schema: Schema, settings: SplitSettings, splits_file: Path | None = None
) -> Table:
    """Give every picture its split: the one written down, else a new one that is written down now.

    Args:
        table: Labelled pictures.
        schema: The heads that are kept in proportion.
        settings: Shares and seed.
        splits_file: The bench's `splits.csv`; None, or a place that cannot be written, saves nothing.

    Raises:
        BenchError: The file is damaged; it is left as it is.
        WorkbenchError: The file cannot be read, or the disk is full.
    """
    if splits_file is None:
        return _divide(table, schema, settings, {})
    division = _division(settings)
    with _locked(splits_file.parent):
        known = read_splits(splits_file)
        mine = known.setdefault(division, {})
        divided = _divide(table, schema, settings, mine)
        assert divided.splits is not None
        found = dict(zip(divided.fingerprints, divided.splits.tolist(), strict=True))
        if any(fingerprint not in mine for fingerprint in found) and os.access(splits_file.parent, os.W_OK):
            mine.update(found)
            _write(splits_file, known)
    return divided


def _division(settings: SplitSettings) -> str:
    """The name in the file of what these shares and this seed give."""
    shares = ":".join(f"{100 * getattr(settings, split):g}" for split in SPLITS)
    return f"{shares} seed {settings.seed}"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one process at a time read and replace the file; where folders cannot be locked, go on without."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise file_error(error, folder) from error
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def read_splits(path: Path) -> _Assigned:
    """Read every division.

    Raises:
        BenchError: A line is damaged, or gives a picture two splits; says which line.
    """
    try:
        lines = path.read_bytes().decode("utf-8", "replace").split("\n")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise file_error(error, path) from error
    if lines[0] != _HEADER or lines[-1] != "":
        raise _damaged(
            path, 1 if lines[0] != _HEADER else len(lines), lines[0 if lines[0] != _HEADER else -1]
        )
    found: _Assigned = {}
    for number, line in enumerate(lines[1:-1], 2):
        division, _, rest = line.partition(",")
        fingerprint, _, split = rest.partition(",")
        mine = found.setdefault(division, {})
        if split not in SPLITS or not fingerprint or mine.get(fingerprint, split) != split:
            raise _damaged(path, number, line)
        mine[fingerprint] = split
    return found


def _damaged(path: Path, number: int, line: str) -> BenchError:
    """The refusal of a damaged file."""
    return BenchError(
        f"line {number} is damaged: {line[:80]!r}",
        where=path,
        cure="put back a copy of the file, or delete it: all pictures are then divided anew",
    )


def _write(path: Path, known: _Assigned) -> None:
    """Replace the file; older rows keep their order, so that a diff shows what is new."""
    lines = [_HEADER]
    lines += [
        f"{division},{fingerprint},{split}"
        for division, mine in known.items()
        for fingerprint, split in mine.items()
    ]
    write_atomically(path, "\n".join([*lines, ""]))


def _divide(table: Table, schema: Schema, settings: SplitSettings, known: Mapping[str, str]) -> Table:
    """Keep the splits that are known and stratify the rest."""
    stratifier = _Stratifier(_labels(table, schema), settings)
    fresh = []
    for row, fingerprint in enumerate(table.fingerprints):
        if fingerprint in known:
            stratifier.place(row, SPLITS.index(known[fingerprint]))
        else:
            fresh.append(row)
    salt = str(settings.seed).encode()[:16]
    fresh.sort(key=lambda row: hashlib.blake2b(table.fingerprints[row].encode(), salt=salt).digest())
    stratifier.divide(fresh)
    return table.with_splits(np.array(SPLITS)[np.array(stratifier.split, dtype=np.intp)])


def _labels(table: Table, schema: Schema) -> list[list[int]]:
    """For each picture its classes, numbered through all heads; label 0 is "a picture" and belongs to all."""
    labels = [[0] for _ in range(len(table))]
    offset = 1
    for head in schema.heads:
        for row, code in enumerate(table.codes[head.name].tolist()):
            if code != MASKED:
                labels[row].append(offset + code)
        offset += len(head.classes)
    return labels


class _Stratifier:
    """Iterative stratification over labels; counts of each label in each split are kept up to date."""

    def __init__(self, labels: Sequence[Sequence[int]], settings: SplitSettings) -> None:
        """Set out from nothing placed; `labels[row]` are the labels of a picture."""
        self.labels = labels
        self.split = [-1] * len(labels)
        counts = np.bincount([label for row in labels for label in row], minlength=1).tolist()
        self.totals: list[int] = counts
        self.lacking = [_targets(count, settings) for count in counts]
        self.placed = [[0, 0, 0] for _ in counts]

    def place(self, row: int, split: int) -> None:
        """Put a picture, not yet placed, into a split."""
        self.split[row] = split
        for label in self.labels[row]:
            self.lacking[label][split] -= 1
            self.placed[label][split] += 1

    def divide(self, rows: Sequence[int]) -> None:
        """Place the rows, given in the order in which ties are settled."""
        waiting: dict[int, list[int]] = {}
        left: dict[int, int] = {}
        for row in rows:
            for label in self.labels[row]:
                waiting.setdefault(label, []).append(row)
                left[label] = left.get(label, 0) + 1
        while left:
            rarest = min(left, key=lambda label: (left[label], -label))
            lacking, overall = self.lacking[rarest], self.lacking[0]
            for row in waiting[rarest]:
                if self.split[row] >= 0:
                    continue
                self.place(row, max((0, 1, 2), key=lambda split: (lacking[split], overall[split])))
                for label in self.labels[row]:
                    left[label] -= 1
            left = {label: count for label, count in left.items() if count}
        self._fill_gaps(rows)

    def _fill_gaps(self, rows: Sequence[int]) -> None:
        """Move new pictures so that a class with three or more is in every split, at no other's cost."""
        for label, total in enumerate(self.totals):
            for split in range(3):
                if total < 3 or self.placed[label][split]:
                    continue
                spare = [row for row in rows if label in self.labels[row]]
                if label:  # only a split without any picture is worth another class's loss
                    spare = [row for row in spare if not self._loss(row)]
                if spare:
                    here = self.placed[label]
                    self._move(min(spare, key=lambda row: (self._loss(row), -here[self.split[row]])), split)

    def _loss(self, row: int) -> int:
        """How many classes would be gone from a split if this picture left it."""
        return sum(self.placed[label][self.split[row]] == 1 for label in self.labels[row])

    def _move(self, row: int, split: int) -> None:
        """Put a placed picture into another split."""
        for label in self.labels[row]:
            self.lacking[label][self.split[row]] += 1
            self.placed[label][self.split[row]] -= 1
        self.place(row, split)


def _targets(count: int, settings: SplitSettings) -> list[float]:
    """How many of `count` pictures each split should get: its share, but one at least of three."""
    if count < 3:
        return [count * settings.train, count * settings.validation, count * settings.test]
    validation, test = max(1.0, count * settings.validation), max(1.0, count * settings.test)
    return [count - validation - test, validation, test]
