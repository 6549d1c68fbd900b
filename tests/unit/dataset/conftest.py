"""Tables of made-up labels, and tables of small pictures that really lie on the disk."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import write_pictures
from workbench.dataset.table import Table
from workbench.schema import Schema

MakeTable = Callable[..., Table]


def fingerprint(number: int) -> str:
    """The fingerprint of a picture that does not exist."""
    return hashlib.blake2b(str(number).encode(), digest_size=16).hexdigest()


@pytest.fixture
def make_table(face_schema: Schema) -> MakeTable:
    """A function that labels `count` pictures at random, rare classes rare, some answers missing."""

    def make(count: int, *, start: int = 0, masked: float = 0.1) -> Table:
        codes = {}
        for number, head in enumerate(face_schema.heads):
            shares = np.cumsum(0.4 ** np.arange(len(head.classes)))
            generator = np.random.default_rng(number)
            drawn = np.searchsorted(shares / shares[-1], generator.random(5000)[start : start + count])
            hidden = np.random.default_rng((9, number)).random(5000)[start : start + count]
            codes[head.name] = np.where(hidden < masked, -1, drawn).astype(np.int16)
        rows = range(start, start + count)
        names = tuple(f"{row:05d}.jpg" for row in rows)
        return Table(tuple(fingerprint(row) for row in rows), names, names, codes)

    return make


@pytest.fixture
def picture_table(tmp_path: Path, face_schema: Schema) -> MakeTable:
    """A function that writes `count` small JPEGs and gives their table, all of them in training."""

    def make(count: int) -> Table:
        paths = write_pictures(tmp_path / "pictures", count)
        found = [hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest() for path in paths]
        codes = {
            head.name: np.arange(count, dtype=np.int16) % len(head.classes) for head in face_schema.heads
        }
        table = Table(tuple(found), tuple(path.name for path in paths), tuple(map(str, paths)), codes)
        return table.with_splits(np.array(["train"] * count))

    return make
