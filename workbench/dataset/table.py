"""The table that a model learns from: one row a distinct picture, one column a head.

It is frozen into the run's folder as `data.csv`, so that a run can be started again and evaluated long after
labels and pictures have moved on. Classes stand there by name: a person can read it without us.
"""

import csv
import hashlib
import io
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.annotation.formats.cells import protect, unprotect
from workbench.annotation.labels import PictureLabels
from workbench.errors import InputError, RunError
from workbench.files import file_error, write_atomically
from workbench.images.catalog import Picture
from workbench.schema import Head, Schema

MASKED = -1
"""The code of a missing label or of "cannot tell": left out of the loss and of every metric."""
SPLITS = ("train", "validation", "test")
_FIXED = ("fingerprint", "file_name", "path")


@dataclass(frozen=True)
class Table:
    """Labelled pictures, one row a fingerprint.

    Attributes:
        fingerprints: 32 hex digits each, the picture's content.
        names: Paths relative to the folder of pictures, exactly as on the disk.
        paths: Absolute paths.
        codes: For each head an int16 array (N,): the index into `head.classes`, or -1.
        splits: An array (N,) of "train", "validation", "test"; None before `split.assign_splits`.
    """

    fingerprints: tuple[str, ...]
    names: tuple[str, ...]
    paths: tuple[str, ...]
    codes: Mapping[str, NDArray[np.int16]]
    splits: NDArray[np.str_] | None = None

    def __len__(self) -> int:
        """The number of pictures."""
        return len(self.fingerprints)

    @property
    def fingerprint(self) -> str:
        """16 hex digits of pictures, labels and splits: equal where two runs saw the same data."""
        digest = hashlib.blake2b(digest_size=8)
        digest.update("\n".join(self.fingerprints).encode())
        for head, codes in self.codes.items():
            digest.update(f"\n{head}\n".encode())
            digest.update(codes.astype("<i2").tobytes())
        if self.splits is not None:
            digest.update("\n".join(self.splits.tolist()).encode())
        return digest.hexdigest()

    def rows(self, split: str) -> NDArray[np.intp]:
        """The row numbers of a split, ascending.

        Raises:
            ValueError: The table has not been divided, or there is no such split.
        """
        if self.splits is None or split not in SPLITS:
            raise ValueError(f"expected a divided table and one of {SPLITS}; received {split!r}")
        return np.flatnonzero(self.splits == split)

    def select(self, rows: NDArray[np.intp]) -> "Table":
        """The table of these rows, in this order."""
        return Table(
            tuple(self.fingerprints[row] for row in rows),
            tuple(self.names[row] for row in rows),
            tuple(self.paths[row] for row in rows),
            {head: codes[rows] for head, codes in self.codes.items()},
            None if self.splits is None else self.splits[rows],
        )

    def without(self, fingerprints: Collection[str]) -> "Table":
        """The table without these pictures, such as those that `PixelCache.ensure` set aside."""
        if not fingerprints:
            return self
        keep = [row for row, found in enumerate(self.fingerprints) if found not in fingerprints]
        return self.select(np.array(keep, dtype=np.intp))

    def with_splits(self, splits: NDArray[np.str_]) -> "Table":
        """The same pictures, divided."""
        return replace(self, splits=splits)

    def save(self, path: Path, schema: Schema) -> None:
        """Write the table as CSV, atomically.

        Raises:
            WorkbenchError: The file cannot be written.
        """
        text = io.StringIO()
        write = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        heads = [head for head in schema.heads if head.name in self.codes]
        write.writerow([*_FIXED, *(head.name for head in heads), "split"])
        columns = [_class_names(head, self.codes[head.name]) for head in heads]
        splits = [""] * len(self) if self.splits is None else self.splits.tolist()
        names, paths = map(protect, self.names), map(protect, self.paths)
        write.writerows(zip(self.fingerprints, names, paths, *columns, splits, strict=True))
        write_atomically(path, text.getvalue())

    @classmethod
    def load(cls, path: Path, schema: Schema) -> "Table":
        """Read what `save` wrote.

        Raises:
            RunError: The file is not there, is damaged, or does not fit the schema; says the row.
        """
        try:
            with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
                rows = list(csv.reader(file))
        except OSError as error:
            raise RunError(file_error(error, path).what, where=path) from error
        except csv.Error as error:
            raise RunError(str(error), where=path, cure="the file is damaged") from error
        expected = [*_FIXED, *schema.head_names, "split"]
        if (header := rows[0] if rows else []) != expected:
            raise RunError(
                f"expected the columns {', '.join(expected)}; found {', '.join(header) or 'nothing'}",
                where=path,
                cure="the file is damaged, or belongs to another schema",
            )
        return _parse(rows[1:], schema, path)


def _class_names(head: Head, codes: NDArray[np.int16]) -> list[str]:
    """Names in place of codes; empty for what is masked."""
    names = [*(protect(one.name) for one in head.classes), ""]
    return [names[code] for code in codes]


def _parse(rows: list[list[str]], schema: Schema, path: Path) -> Table:
    """The table in the rows of a CSV file."""
    width = len(_FIXED) + len(schema.heads) + 1
    for number, row in enumerate(rows, 2):
        if len(row) != width:
            raise RunError(
                f"row {number} has {len(row)} cells, not {width}", where=path, cure="the file is damaged"
            )
    columns = list(zip(*rows, strict=True)) or [()] * width
    codes = {}
    for head, column in zip(schema.heads, columns[len(_FIXED) : -1], strict=True):
        codes[head.name] = _codes(head, column, path)
    splits = None
    if any(columns[-1]):
        splits = np.array(columns[-1], dtype="<U10")
        if len(wrong := np.flatnonzero(~np.isin(splits, SPLITS))):
            raise RunError(
                f"row {wrong[0] + 2}: {columns[-1][wrong[0]]!r} is no split",
                where=path,
                cure="the file is damaged",
            )
    names, paths = (tuple(map(unprotect, column)) for column in columns[1:3])
    return Table(columns[0], names, paths, codes, splits)


def _codes(head: Head, column: Iterable[str], path: Path) -> NDArray[np.int16]:
    """A head's column of class names as codes."""
    index = {protect(one.name): position for position, one in enumerate(head.classes)} | {"": MASKED}
    column = tuple(column)
    for number, name in enumerate(column, 2):
        if name not in index:
            raise RunError(
                f"row {number}: {name!r} is no class of {head.name}",
                where=path,
                cure="the file is damaged, or belongs to another schema",
            )
    return np.array([index[name] for name in column], dtype=np.int16)


def build_table(
    pictures: Iterable[Picture],
    labels: Mapping[str, PictureLabels],
    schema: Schema,
    images_root: Path,
) -> Table:
    """Join pictures and labels.

    Args:
        pictures: What the catalog found; of duplicates the first by name stands for all.
        labels: Current labels by fingerprint.
        schema: The heads.
        images_root: Where the pictures lie.

    Returns:
        The table, sorted by name, not yet divided. Pictures that are excluded ("not a face") or have no class
        for any head are left out; "cannot tell" and missing answers are -1.
    """
    index = {head.name: {one.name: at for at, one in enumerate(head.classes)} for head in schema.heads}
    rows: dict[str, tuple[str, list[int]]] = {}
    for picture in sorted(pictures, key=lambda one: one.name):
        known = labels.get(picture.fingerprint)
        if known is None or known.excluded or picture.fingerprint in rows:
            continue
        codes = [_code(classes, known.answers.get(head)) for head, classes in index.items()]
        if any(code != MASKED for code in codes):
            rows[picture.fingerprint] = (picture.name, codes)
    names = tuple(name for name, _ in rows.values())
    matrix = np.array([codes for _, codes in rows.values()], dtype=np.int16).reshape(-1, len(index))
    return Table(
        tuple(rows),
        names,
        tuple(str(images_root / name) for name in names),
        {head: np.ascontiguousarray(matrix[:, column]) for column, head in enumerate(index)},
    )


def _code(classes: Mapping[str, int], answer: object) -> int:
    """The class's index; "cannot tell", nothing, and a class that the schema has lost are masked."""
    return classes.get(answer, MASKED) if isinstance(answer, str) else MASKED


def check_trainable(table: Table, schema: Schema) -> None:
    """Refuse data from which nothing can be learnt, before a run is started.

    Raises:
        InputError: No labelled pictures; a head with fewer than two classes labelled (in the training split,
            if the table is divided); or an empty training or validation split. Says what would help.
    """
    if not len(table):
        raise InputError("no labelled pictures", cure="label some first, or import a CSV file of labels")
    for head in schema.heads:
        _check_head(table.codes[head.name], head, "")
    if table.splits is None:
        return
    for split in ("train", "validation"):
        if not len(table.rows(split)):
            raise InputError(
                f"no picture fell into the {split} split: {len(table)} labelled pictures are too few",
                cure="label more pictures, at least ten for each class",
            )
    train = table.rows("train")
    for head in schema.heads:
        _check_head(table.codes[head.name][train], head, " in the training split")


def _check_head(codes: NDArray[np.int16], head: Head, where: str) -> None:
    """Refuse a head that has fewer than two classes."""
    present = np.unique(codes[codes != MASKED])
    if len(present) >= 2:
        return
    others = [one.name for index, one in enumerate(head.classes) if index not in present]
    some = ", ".join(repr(name) for name in others[:3])
    if not len(present):
        what = f"no picture has a class{where}"
        cure = "label this head in some pictures, or leave it out of the schema"
    else:
        only = head.classes[int(present[0])].name
        count = int((codes != MASKED).sum())
        what = f"only one class{where}: all {count} labelled pictures are {only!r}"
        cure = f"label some pictures as {some}, or leave the head out of the schema"
    raise InputError(what, where=f"head {head.name}", cure=cure)
