"""A small label file and pictures that need no pixels."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workbench.annotation.store import LabelStore
from workbench.images.catalog import Picture
from workbench.schema import Schema

OpenStore = Callable[..., LabelStore]


def fingerprint(name: str) -> str:
    """What a picture of this content would have."""
    return hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


def picture(name: str, content: str = "") -> Picture:
    """A picture; two of the same `content` are copies of each other."""
    return Picture(name, fingerprint(content or name), 8, 8)


def pictures(count: int) -> list[Picture]:
    """0000.jpg, 0001.jpg and so on."""
    return [picture(f"{index:04d}.jpg") for index in range(count)]


@pytest.fixture
def labels_db(tmp_path: Path) -> Path:
    """Where the label file will be."""
    return tmp_path / "labels.db"


@pytest.fixture(scope="session")
def empty_labels(tmp_path_factory: pytest.TempPathFactory, face_schema: Schema) -> Path:
    """A label file without labels: copying it is quicker than making tables."""
    path = tmp_path_factory.mktemp("labels") / "labels.db"
    LabelStore(path, face_schema).close()
    return path


@pytest.fixture
def open_store(labels_db: Path, empty_labels: Path, face_schema: Schema) -> Iterator[OpenStore]:
    """Opens the label file, as often as wanted; closes all at the end."""
    opened: list[LabelStore] = []
    shutil.copyfile(empty_labels, labels_db)

    def open_one(annotator: str = "ana", schema: Schema = face_schema, **options: object) -> LabelStore:
        opened.append(LabelStore(labels_db, schema, annotator=annotator, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def store(open_store: OpenStore) -> LabelStore:
    """An empty label file of the face schema, opened by ana."""
    return open_store()
