"""A label file is looked through: whole ones are silent, every damage is named, no repair loses a label."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.conftest import OpenStore, fingerprint
from workbench.annotation.integrity import examine_labels
from workbench.annotation.labels import Remark, RemarkKind, Special
from workbench.annotation.store import LabelStore
from workbench.schema import Schema

A, B = fingerprint("a"), fingerprint("b")


@pytest.fixture
def used(store: LabelStore, labels_db: Path) -> Path:
    """A label file in which everything that there is happened."""
    store.record(A, "glasses", "none", name="a\udcff.jpg")
    store.record(A, "hair_top", Special.CANNOT_TELL, name="a.jpg")
    store.record(B, "not_human", "yes", name="b.jpg", suggested="yes", seconds=1.5)
    store.remark(A, Remark(RemarkKind.NOTE, "why?"), name="a.jpg")
    store.mark_seen(fingerprint("c"), "c.jpg")
    store.undo()
    store.redo()
    store.close()
    return labels_db


def damage(path: Path, *statements: str) -> None:
    """Change a label file as no program of ours does."""
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("PRAGMA writable_schema = ON")
        for statement in statements:
            raw.execute(statement)


def said(path: Path, schema: Schema) -> list[str]:
    return [f"{one.where}: {one.what}" for one in examine_labels(path, schema)]


def test_a_whole_file_has_no_problem(used: Path, face_schema: Schema) -> None:
    assert examine_labels(used, face_schema) == []


def test_where_there_is_no_file_there_is_no_problem(tmp_path: Path, face_schema: Schema) -> None:
    assert examine_labels(tmp_path / "labels.db", face_schema) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("at", "'yesterday'", "its time is no time: 'yesterday'"),
        ("fingerprint", "'xyz'", "its picture has no fingerprint: 'xyz'"),
        ("name", "'text'", "its file name is no bytes"),
        ("source", "'dreamt'", "it came about in an unknown way: 'dreamt'"),
        ("kind", "'maybe'", "it is of an unknown kind: 'maybe'"),
        ("head", "'ears'", "the schema has no head 'ears'"),
        ("class", "'monocle'", "'glasses' has no class 'monocle'"),
    ],
)
def test_an_event_that_makes_no_sense_is_named(
    used: Path, face_schema: Schema, column: str, value: str, what: str
) -> None:
    damage(used, "DROP TRIGGER events_no_update", f"UPDATE events SET {column} = {value} WHERE id = 1")
    assert f"event 1: {what}" in said(used, face_schema)


def test_an_undo_of_nothing_is_named(used: Path, face_schema: Schema) -> None:
    damage(used, "DROP TRIGGER events_no_update", "UPDATE events SET target = 99 WHERE source = 'undo'")
    assert any(
        "takes back or repeats event 99, which is not there" in line for line in said(used, face_schema)
    )


@pytest.mark.parametrize("name", ["events_no_update", "events_no_delete", "events_of_picture"])
def test_a_missing_guard_or_index_is_put_back(used: Path, face_schema: Schema, name: str) -> None:
    damage(used, f"DROP {'INDEX' if name == 'events_of_picture' else 'TRIGGER'} {name}")
    (problem,) = examine_labels(used, face_schema)
    assert (name in problem.what, problem.repair) == (True, "put it back")
    assert problem.mend is not None
    problem.mend()
    assert examine_labels(used, face_schema) == []


def test_an_index_that_lacks_rows_is_made_anew(used: Path, face_schema: Schema) -> None:
    with closing(sqlite3.connect(used)) as raw:
        before = raw.execute("SELECT * FROM events").fetchall()
    damage(
        used,
        "UPDATE sqlite_master SET sql = sql || ' WHERE id > 1' WHERE name = 'events_of_picture'",
    )
    damage(used, "REINDEX events_of_picture")
    damage(
        used,
        "UPDATE sqlite_master SET sql = replace(sql, ' WHERE id > 1', '') WHERE name = 'events_of_picture'",
    )
    (problem,) = examine_labels(used, face_schema)
    assert (problem.what.startswith("an index is damaged"), problem.repair) == (True, "make its indexes anew")
    assert problem.mend is not None
    problem.mend()
    assert examine_labels(used, face_schema) == []
    with closing(sqlite3.connect(used)) as raw:
        assert raw.execute("SELECT * FROM events").fetchall() == before


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda path: path.write_bytes(b"file_name,glasses\n" * 50), "not a label file"),
        (lambda path: path.write_bytes(path.read_bytes()[:5000]), "damaged"),
    ],
)
def test_a_file_that_is_damaged_beyond_repair_says_so(
    used: Path, face_schema: Schema, spoil: Callable[[Path], object], what: str
) -> None:
    spoil(used)
    problems = examine_labels(used, face_schema)
    assert problems
    assert all(what in one.what for one in problems)
    assert all("restore it from a copy" in one.cure and one.mend is None for one in problems)


def test_looking_changes_nothing(open_store: OpenStore, labels_db: Path, face_schema: Schema) -> None:
    open_store().record(A, "glasses", "none", name="a.jpg")
    before = {
        path.name: path.read_bytes() for path in labels_db.parent.glob("labels.db*") if "shm" not in path.name
    }
    examine_labels(labels_db, face_schema)
    after = {
        path.name: path.read_bytes() for path in labels_db.parent.glob("labels.db*") if "shm" not in path.name
    }
    assert before == after
