"""Flags and notes: events like answers, stored exactly, taken back in the same order."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.conftest import OpenStore, fingerprint
from workbench.annotation.labels import PictureLabels, Remark, RemarkKind, Source
from workbench.annotation.store import LabelStore
from workbench.errors import InputError, StoreError
from workbench.schema import Schema

A, B = fingerprint("a"), fingerprint("b")
FLAG, UNFLAG = Remark(RemarkKind.FLAG, "yes"), Remark(RemarkKind.FLAG)


def note(text: str) -> Remark:
    """A note."""
    return Remark(RemarkKind.NOTE, text)


def test_a_flag_and_a_note_are_there_after_a_restart_and_open_no_head(open_store: OpenStore) -> None:
    store = open_store()
    store.record(A, "glasses", "none", name="a.jpg")
    store.remark(A, FLAG, name="a.jpg")
    store.remark(A, note("half in the dark"), name="a.jpg")
    again = open_store()
    assert again.labels(A) == PictureLabels(
        {"glasses": "none"}, seen=True, flagged=True, note="half in the dark"
    )
    assert again.labels(B) == PictureLabels()
    again.remark(A, UNFLAG, name="a.jpg")
    again.remark(A, note(""), name="a.jpg")
    assert again.labels(A) == PictureLabels({"glasses": "none"}, seen=True)
    assert [one.head for one in again.events_since()] == ["glasses", "", "", "", ""]


def test_the_counts_of_answers_do_not_see_them(store: LabelStore) -> None:
    before = store.revision
    store.remark(A, FLAG, name="a.jpg")
    assert store.revision == before
    progress = store.progress()
    assert (progress.seen, progress.labelled, progress.complete) == (1, 0, 0)


def test_undo_takes_back_flags_notes_and_answers_in_their_order(open_store: OpenStore) -> None:
    store = open_store()
    store.remark(A, note("first"), name="a.jpg")
    store.record(A, "glasses", "none", name="a.jpg")
    store.remark(A, note("second"), name="a.jpg")
    store.remark(A, FLAG, name="a.jpg")
    store.close()
    store = open_store()
    seen = []
    while event := store.undo():
        now = store.labels(A)
        seen.append((event.remark, now.flagged, now.note, dict(now.answers)))
    assert seen == [
        (UNFLAG, False, "second", {"glasses": "none"}),
        (note("first"), False, "first", {"glasses": "none"}),
        (None, False, "first", {}),
        (note(""), False, "", {}),
    ]
    for _ in range(4):
        store.redo()
    assert store.labels(A) == PictureLabels({"glasses": "none"}, seen=True, flagged=True, note="second")
    assert store.redo() is None


def test_everybody_takes_back_their_own_flag(open_store: OpenStore) -> None:
    ana, ben = open_store("ana"), open_store("ben")
    ana.remark(A, FLAG, name="a.jpg")
    ben.remark(A, note("why?"), name="a.jpg")
    ana.refresh()
    assert ana.labels(A).note == "why?"
    ana.undo()
    ben.refresh()
    assert (ben.labels(A).flagged, ben.labels(A).note) == (False, "why?")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(min_size=1))
def test_the_text_is_kept_exactly(store: LabelStore, text: str) -> None:
    store.remark(A, note(text), name="a.jpg")
    store.refresh()
    (remark,) = [one.remark for one in store.events_of(A)][-1:]
    assert remark == note(text)
    assert store.labels(A).note == text


def test_what_is_no_unicode_is_kept_as_an_escape(store: LabelStore) -> None:
    store.remark(A, note("\udce9"), name="a.jpg")
    assert store.labels(A).note == "\\udce9"


def test_nothing_is_noted_where_nothing_can_be_written(open_store: OpenStore) -> None:
    open_store().close()
    store = open_store(read_only=True)
    with pytest.raises(StoreError, match="reading only"):
        store.remark(A, FLAG, name="a.jpg")
    assert not store.labels(A).flagged


def test_a_label_file_of_the_first_version_is_brought_up_to_date(
    labels_db: Path, open_store: OpenStore, face_schema: Schema
) -> None:
    first = open_store()
    first.record(A, "glasses", "none", name="a.jpg")
    first.close()
    raw = sqlite3.connect(labels_db)
    raw.execute("UPDATE meta SET value = '1' WHERE key = 'version'")
    raw.commit()
    raw.close()
    with open_store(read_only=True) as looking:  # its tables are the same, so it can be looked at as it is
        assert looking.labels(A).answers == {"glasses": "none"}
    assert version(labels_db) == "1"
    store = open_store()
    assert store.labels(A).answers == {"glasses": "none"}
    store.remark(A, FLAG, name="a.jpg")
    store.close()
    assert open_store(read_only=True).labels(A).flagged
    assert version(labels_db) == "2"


def version(labels_db: Path) -> str:
    """The version written in a label file."""
    raw = sqlite3.connect(labels_db)
    found = raw.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()[0]
    raw.close()
    return str(found)


def test_a_program_that_knows_no_remarks_would_refuse_the_file(
    labels_db: Path, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store().close()
    monkeypatch.setattr("workbench.annotation.migrations.VERSION", 1)
    with pytest.raises(InputError, match="version 2; this program knows 1; update workbench"):
        open_store()


def test_answers_of_a_day_are_counted_without_those_taken_back(open_store: OpenStore) -> None:
    store, other = open_store("ana"), open_store("ben")
    long_ago, now = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC)
    store.record(A, "glasses", "none", name="a.jpg")
    store.record(A, "hair_top", "few", name="a.jpg", source=Source.LOCKED)
    store.record(B, "hair_top", "few", name="b.jpg", source=Source.IMPORTED)
    store.remark(A, FLAG, name="a.jpg")
    other.record(B, "glasses", "none", name="b.jpg")
    assert store.answers_since(long_ago) == 2
    store.undo()  # the flag
    store.undo()
    assert store.answers_since(long_ago) == 1
    store.redo()
    assert store.answers_since(now) == 2
    assert store.answers_since(datetime.now(UTC) + timedelta(seconds=1)) == 0


def test_the_events_of_a_picture_are_its_history(store: LabelStore) -> None:
    store.mark_seen(A, "a.jpg")
    store.record(A, "glasses", "none", name="a.jpg", seconds=1.5)
    store.record(B, "glasses", "none", name="b.jpg")
    store.undo()
    store.remark(A, note("x"), name="a.jpg")
    found = store.events_of(A)
    assert [(one.source, one.head, one.seconds) for one in found] == [
        (Source.SEEN, "", None),
        (Source.HUMAN, "glasses", 1.5),
        (Source.HUMAN, "", None),
    ]
    assert found[-1].remark == note("x")
