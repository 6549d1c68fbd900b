"""Labels that are there again: what is recorded, what is seen, who may open which file."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from tests.store.conftest import OpenStore, fingerprint
from workbench.annotation.labels import NewEvent, PictureLabels, Source, Special
from workbench.annotation.store import LabelStore
from workbench.annotation.tables import metadata
from workbench.errors import ConfigError, InputError
from workbench.schema import Schema

A, B = fingerprint("a"), fingerprint("b")


def test_an_answer_is_there_after_reopening(open_store: OpenStore) -> None:
    store = open_store()
    store.record(A, "glasses", "sunglasses", name="a.jpg")
    store.record(A, "hair_colour", Special.CANNOT_TELL, name="a.jpg")
    store.close()
    assert open_store().labels(A).answers == {"glasses": "sunglasses", "hair_colour": Special.CANNOT_TELL}


def test_an_event_keeps_when_who_how_what_was_suggested_and_how_long(store: LabelStore) -> None:
    before = datetime.now(UTC)
    store.record(
        A,
        "glasses",
        "normal",
        name="caf\udce9\n.jpg",
        source=Source.CHANGED,
        suggested=Special.CANNOT_TELL,
        seconds=1.25,
    )
    (event,) = store.events_since()
    assert (event.annotator, event.fingerprint, event.head, event.answer) == ("ana", A, "glasses", "normal")
    assert (event.source, event.suggested, event.seconds) == (Source.CHANGED, Special.CANNOT_TELL, 1.25)
    assert before <= event.at <= datetime.now(UTC)
    assert event.name == "caf\udce9\n.jpg", "names are kept byte for byte"
    assert store.events_since(event.id) == []


def test_a_cleared_answer_is_open_again(store: LabelStore, face_schema: Schema) -> None:
    store.record(A, "freckles", "yes", name="a.jpg")
    store.record(A, "freckles", None, name="a.jpg")
    labels = store.labels(A)
    assert labels.answers == {}
    assert [head.name for head in labels.open_heads(face_schema)] == list(face_schema.head_names)


def test_an_excluded_picture_is_complete_and_keeps_its_answers(
    store: LabelStore, face_schema: Schema
) -> None:
    store.record(A, "freckles", "yes", name="a.jpg")
    store.record(A, "not_human", "yes", name="a.jpg")
    assert store.labels(A).excluded
    assert store.labels(A).complete(face_schema)
    assert store.labels(A).open_heads(face_schema) == ()
    store.record(A, "not_human", None, name="a.jpg")
    assert store.labels(A) == PictureLabels({"freckles": "yes"}, excluded=False, seen=True)


def test_seen_differs_from_unseen_and_is_noted_once(store: LabelStore) -> None:
    assert not store.labels(A).seen
    store.mark_seen(A, "a.jpg")
    store.mark_seen(A, "a.jpg")
    assert store.labels(A) == PictureLabels(seen=True)
    assert [event.source for event in store.events_since()] == [Source.SEEN]
    store.record_many([NewEvent(B, "glasses", "none", "b.jpg", Source.IMPORTED)])
    assert not store.labels(B).seen, "nobody looked at an imported picture yet"


def test_counts_and_names_of_everything_touched(store: LabelStore, face_schema: Schema) -> None:
    store.record_many(NewEvent(A, head.name, head.classes[0].name, "old.jpg") for head in face_schema.heads)
    store.record(A, "glasses", "normal", name="new.jpg")
    store.record(B, "not_human", "yes", name="b.jpg")
    progress = store.progress()
    assert (progress.seen, progress.labelled, progress.complete, progress.excluded) == (2, 1, 2, 1)
    assert progress.per_head == dict.fromkeys(face_schema.head_names, 1)
    assert store.names() == {A: "new.jpg", B: "b.jpg"}
    assert set(store.all_labels()) == {A, B}
    assert store.all_labels()[A].answers["glasses"] == "normal"


def test_what_the_schema_lacks_is_refused_and_not_recorded(store: LabelStore) -> None:
    with pytest.raises(InputError, match="'glasses' has no class 'normall'; did you mean 'normal'"):
        store.record(A, "glasses", "normall", name="a.jpg")
    with pytest.raises(ConfigError, match=r"glases.*did you mean 'glasses'"):
        store.record(A, "glases", "normal", name="a.jpg")
    with pytest.raises(InputError, match="no class"):
        store.record_many([NewEvent(A, "glasses", "normal"), NewEvent(A, "not_human", "maybe")])
    assert store.events_since() == []
    assert store.labels(A) == PictureLabels()


def test_two_windows_see_each_others_answers(open_store: OpenStore) -> None:
    here, there = open_store("ana"), open_store("ben")
    there.record(A, "glasses", "none", name="a.jpg")
    assert here.labels(A).answers == {}
    revision = here.revision
    here.record(B, "glasses", "normal", name="b.jpg")
    assert here.labels(A).answers == {"glasses": "none"}, "read before our own event is added"
    assert here.revision == revision + 2
    assert there.refresh() == 1
    assert there.all_labels() == here.all_labels()


def test_the_place_is_kept_for_each_annotator(open_store: OpenStore) -> None:
    store = open_store("ana")
    store.set_state("place", {"head": "glasses"})
    store.set_state("place", {"head": "hair_top"})
    assert open_store("ana").get_state("place") == {"head": "hair_top"}
    assert open_store("ben").get_state("place") is None


def test_an_annotator_may_bear_any_name(open_store: OpenStore) -> None:
    odd = "a\udcff\x1b[31m"
    open_store(odd).record(A, "glasses", "none", name="a.jpg")
    again = open_store(odd)
    undone = again.undo()
    assert undone is not None
    assert again.labels(A).answers == {}


def test_events_can_only_be_added(store: LabelStore, labels_db: Path) -> None:
    store.record(A, "glasses", "none", name="a.jpg")
    with sqlite3.connect(labels_db) as raw:
        for statement in ("DELETE FROM events", "UPDATE events SET annotator = 'eve'"):
            with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
                raw.execute(statement)


def test_every_commit_reaches_the_disk(store: LabelStore) -> None:
    with store._database.reading() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    store.set_state("place", 1)
    with store._database.reading() as connection:
        after = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    assert (mode, synchronous, after) == ("wal", 2, 2), "2 is FULL, also after a note that may be lost"


def test_the_tables_are_valid_for_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in metadata.sorted_tables:
        text = str(CreateTable(table).compile(dialect=dialect))
        text += "".join(str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes)
        assert "BIGSERIAL" in text or table.name != "events"
        assert "TRIGGER" not in text


def grown(schema: Schema, **changes: object) -> Schema:
    """The schema with a class more, and what else is asked for."""
    table = schema.to_dict() | changes
    table["heads"][2]["classes"].append({"name": "goggles", "code": 3, "key": "4"})
    return Schema.from_dict(table)


def test_a_schema_that_only_grew_opens_the_labels(open_store: OpenStore, face_schema: Schema) -> None:
    open_store().record(A, "glasses", "normal", name="a.jpg")
    larger = grown(face_schema)
    store = open_store(schema=larger)
    store.record(B, "glasses", "goggles", name="b.jpg")
    assert store.labels(A).answers == {"glasses": "normal"}
    with pytest.raises(InputError, match="lacks the class 'goggles' of 'glasses'"):
        open_store(schema=face_schema)


def test_labels_of_another_project_are_refused_with_both_names(
    open_store: OpenStore, face_schema: Schema, labels_db: Path
) -> None:
    table = face_schema.to_dict() | {"name": "birds"}
    table["heads"] = table["heads"][:2]
    birds = Schema.from_dict(table)
    open_store(schema=face_schema)
    open_store(schema=birds).close()  # nothing is labelled yet, so nothing is lost
    store = open_store(schema=face_schema)
    store.record(A, "hair_top", "few", name="a.jpg")
    with pytest.raises(InputError) as caught:
        open_store(schema=birds)
    assert "'face'" in str(caught.value)
    assert "'birds'" in str(caught.value)
    assert str(labels_db) in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_newer_version_is_refused_with_both_versions(open_store: OpenStore, labels_db: Path) -> None:
    open_store().close()
    with sqlite3.connect(labels_db) as raw:
        raw.execute("UPDATE meta SET value = '7' WHERE key = 'version'")
    with pytest.raises(InputError, match="version 7; this program knows 2; update"):
        open_store()
    with sqlite3.connect(labels_db) as raw:
        kept = dict(raw.execute("SELECT key, value FROM meta"))
    assert json.loads(kept["schema"])["name"] == "face", "nothing of it was touched"
