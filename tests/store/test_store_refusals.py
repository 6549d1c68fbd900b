"""Where the disk says no: one line that says what, where, what to do; nothing shown as saved that is not."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.store.conftest import OpenStore, fingerprint
from workbench.annotation.labels import PictureLabels
from workbench.annotation.store import LabelStore
from workbench.errors import InputError, StoreError
from workbench.schema import Schema

A = fingerprint("a")
NOBODY = 65534


@pytest.fixture
def plain_folder() -> Iterator[Path]:
    """A folder of a user whom permissions bind: root tries this as somebody else."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    folder = Path(tempfile.mkdtemp())
    yield folder
    for one in (folder, folder / "copy"):
        if one.is_dir():
            one.chmod(0o777)
    shutil.rmtree(folder)
    if root:
        os.seteuid(0)


def assert_nothing_saved(store: LabelStore, path: Path, line: str) -> None:
    """A key press fails with one line, and is not shown as saved."""
    revision = store.revision
    with pytest.raises(StoreError, match=line) as caught:
        store.record(A, "glasses", "none", name="a.jpg")
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    assert caught.value.cure
    assert store.labels(A) == PictureLabels()
    assert store.revision == revision


def test_a_full_disk(store: LabelStore, labels_db: Path) -> None:
    with store._database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    for index in range(200):  # the pages that are there fill up, then the disk is full
        try:
            store.record(fingerprint(str(index)), "glasses", "none", name="x" * 200)
        except StoreError:
            break
    kept = store.events_since()
    with pytest.raises(StoreError, match="the disk is full, nothing was saved; free some space"):
        store.record(A, "glasses", "none", name="y" * 9000)
    assert store.labels(A) == PictureLabels()
    assert store.events_since() == kept
    with store._database.reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 100000")
    store.record(A, "glasses", "none", name="a.jpg")
    assert len(store.events_since()) == len(kept) + 1, "it goes on once there is space"


def test_a_file_that_another_program_holds(open_store: OpenStore, labels_db: Path) -> None:
    store = open_store(busy_timeout=0.01)
    other = sqlite3.connect(labels_db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert_nothing_saved(store, labels_db, "another program holds the label file; close that program")
    with pytest.raises(StoreError, match="another program"):
        store.set_state("place", 1)
    other.execute("ROLLBACK")
    other.close()
    store.record(A, "glasses", "none", name="a.jpg")
    assert store.labels(A).answers == {"glasses": "none"}


def test_a_file_that_became_read_only(store: LabelStore, labels_db: Path) -> None:
    with store._database.reading() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match=r"cannot be written, nothing was saved; make it .* writable"):
        store.record(A, "glasses", "none", name="a.jpg")
    assert store.labels(A) == PictureLabels()


def test_a_file_that_is_no_label_file(labels_db: Path, face_schema: Schema) -> None:
    labels_db.write_bytes(b"file_name,glasses\n" * 100)
    for read_only in (False, True):
        with pytest.raises(StoreError, match=r"labels.db: not a label file; restore it"):
            LabelStore(labels_db, face_schema, read_only=read_only)
    assert labels_db.read_bytes().startswith(b"file_name"), "left as it was"


def test_a_database_of_another_program(labels_db: Path, face_schema: Schema) -> None:
    with sqlite3.connect(labels_db) as raw:
        raw.execute("CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(InputError, match=r"another program .*'bookmarks'"):
        LabelStore(labels_db, face_schema)


def test_a_folder_that_is_not_there(tmp_path: Path, face_schema: Schema) -> None:
    with pytest.raises(StoreError, match="cannot be opened; check that its folder is there"):
        LabelStore(tmp_path / "no" / "labels.db", face_schema)


def test_an_unknown_kind_of_database(face_schema: Schema) -> None:
    with pytest.raises(StoreError, match="label database"):
        LabelStore("nosuchdialect://host/x", face_schema)


def test_reading_only_never_writes(open_store: OpenStore, labels_db: Path) -> None:
    open_store().record(A, "glasses", "none", name="a.jpg")
    reader = open_store("ben", read_only=True)
    assert reader.labels(A).answers == {"glasses": "none"}
    attempts: list[Callable[[], object]] = [
        lambda: reader.record(A, "glasses", "normal", name="a.jpg"),
        reader.undo,
        lambda: reader.set_state("place", 1),
    ]
    for attempt in attempts:
        with pytest.raises(StoreError, match="reading only"):
            attempt()


def test_reading_only_where_there_are_no_labels_yet(labels_db: Path, face_schema: Schema) -> None:
    reader = LabelStore(labels_db, face_schema, read_only=True)
    assert reader.all_labels() == {}
    with pytest.raises(StoreError, match="reading only"):
        reader.record(A, "glasses", "normal", name="a.jpg")
    reader.close()
    assert not labels_db.exists()


def test_a_folder_without_write_permission_is_read(plain_folder: Path, face_schema: Schema) -> None:
    path = plain_folder / "labels.db"
    with LabelStore(path, face_schema) as store:
        store.record(A, "glasses", "none", name="a.jpg")
    path.chmod(0o444)
    plain_folder.chmod(0o555)
    with LabelStore(path, face_schema, read_only=True) as reader:
        assert reader.labels(A).answers == {"glasses": "none"}
    with pytest.raises(StoreError, match="writ"):
        LabelStore(path, face_schema)


def test_a_read_only_copy_of_a_killed_program_shows_its_last_answers(
    plain_folder: Path, face_schema: Schema
) -> None:
    path = plain_folder / "labels.db"
    copy = plain_folder / "copy"
    with LabelStore(path, face_schema) as store:
        store.record(A, "glasses", "none", name="a.jpg")
        copy.mkdir()  # what a kill leaves: the answers are in the journal still
        for name in ("labels.db", "labels.db-wal"):
            shutil.copyfile(plain_folder / name, copy / name)
            (copy / name).chmod(0o444)
    copy.chmod(0o555)
    with LabelStore(copy / "labels.db", face_schema, read_only=True) as reader:
        assert reader.labels(A).answers == {"glasses": "none"}
    assert sorted(one.name for one in copy.iterdir()) == ["labels.db", "labels.db-wal"]
