"""Taking an import back: in one step, by adding only, without touching what people answered."""

from pathlib import Path

import pytest

from tests.store.conftest import OpenStore, fingerprint, picture
from workbench.annotation.labels import NewEvent, Remark, RemarkKind, Source
from workbench.annotation.store import LabelStore
from workbench.annotation.transfer import apply_import, plan_import
from workbench.annotation.votes import votes
from workbench.errors import StoreError
from workbench.schema import Schema

A, B = fingerprint("a.jpg"), fingerprint("b.jpg")


def bring_in(store: LabelStore, *answers: tuple[str, str, str | None], annotator: str = "") -> None:
    """Import some answers in one go."""
    store.record_many(
        NewEvent(mark, head, answer, "x", Source.IMPORTED, annotator=annotator)
        for mark, head, answer in answers
    )


def test_everything_is_as_it_was_and_nothing_was_removed(store: LabelStore) -> None:
    store.record(A, "glasses", "none", name="a.jpg")
    store.record(A, "not_human", "yes", name="a.jpg")
    before = store.all_labels()
    bring_in(store, (A, "glasses", "normal"), (A, "not_human", None), (B, "hair_top", "few"))
    assert store.labels(B).answers == {"hair_top": "few"}
    events = store.events_since()
    taken = store.withdraw_import()
    assert taken is not None
    assert (taken.answers, taken.pictures, taken.annotators) == (3, 2, ("ana",))
    assert store.labels(A) == before[A]
    assert store.labels(B).answers == {}
    assert not store.labels(B).seen, "nobody looked at it"
    assert store.events_since()[: len(events)] == events
    assert [event.target for event in store.events_since()[len(events) :]] == [
        event.id for event in events if event.source is Source.IMPORTED
    ]


def test_one_import_after_the_other_and_then_none(store: LabelStore) -> None:
    bring_in(store, (A, "glasses", "none"))
    bring_in(store, (A, "glasses", "normal"))
    for left in ({"glasses": "none"}, {}):
        assert store.withdraw_import() is not None
        assert store.labels(A).answers == left
    assert store.withdraw_import() is None


def test_answers_given_since_stay(store: LabelStore, open_store: OpenStore) -> None:
    bring_in(store, (A, "glasses", "normal"), (A, "hair_top", "few"))
    ben = open_store("ben")
    ben.record(A, "glasses", "sunglasses", name="a.jpg")
    assert store.withdraw_import() is not None
    assert store.labels(A).answers == {"glasses": "sunglasses"}
    ben.refresh()
    assert ben.labels(A) == store.labels(A)
    ben.undo()
    assert ben.labels(A).answers == {}, "an undo does not bring the import back"


def test_undo_and_redo_of_a_person_do_not_meet_it(store: LabelStore) -> None:
    store.record(A, "glasses", "none", name="a.jpg")
    bring_in(store, (A, "glasses", "normal"), (B, "glasses", "normal"))
    store.withdraw_import()
    assert store.redo() is None
    undone = store.undo()
    assert undone is not None
    assert undone.fingerprint == A
    assert store.labels(A).answers == {}
    assert store.redo() is not None
    assert store.labels(A).answers == {"glasses": "none"}


def test_what_holds_afterwards_is_known_as_a_files_or_a_persons(store: LabelStore) -> None:
    bring_in(store, (A, "glasses", "none"))
    store.record(B, "glasses", "none", name="b.jpg")
    bring_in(store, (A, "glasses", "normal"), (B, "glasses", "normal"))
    store.withdraw_import()
    assert store.imported() == {(A, "glasses")}


def test_flags_and_notes_of_an_import_too(store: LabelStore) -> None:
    store.remark(A, Remark(RemarkKind.NOTE, "mine"), name="a.jpg")
    store.record_many(
        NewEvent(A, "", None, "a.jpg", Source.IMPORTED, remark=remark)
        for remark in (Remark(RemarkKind.NOTE, "theirs"), Remark(RemarkKind.FLAG, "yes"))
    )
    assert (store.labels(A).note, store.labels(A).flagged) == ("theirs", True)
    store.withdraw_import()
    assert (store.labels(A).note, store.labels(A).flagged) == ("mine", False)


def test_it_is_the_same_for_a_store_that_is_opened_later(store: LabelStore, open_store: OpenStore) -> None:
    bring_in(store, (A, "glasses", "normal"), annotator="7 (Label Studio)")
    taken = store.withdraw_import()
    assert taken is not None
    assert taken.annotators == ("7 (Label Studio)",)
    later = open_store("cleo")
    assert later.all_labels() == store.all_labels()
    assert later.labels(A).answers == {}
    store.record(A, "glasses", "none", name="a.jpg")
    later.refresh()
    later.record(A, "glasses", "normal", name="a.jpg")
    found = votes(later)[A]
    assert (found.imported, found.heads["glasses"]) == ({}, {"ana": "none", "cleo": "normal"})


def test_an_overwriting_import_is_asked_for_and_taken_back(
    store: LabelStore, tmp_path: Path, face_schema: Schema
) -> None:
    made = [picture("a.jpg"), picture("b.jpg")]
    store.record(A, "glasses", "none", name="a.jpg")
    file = tmp_path / "in.csv"
    file.write_text("file_name,glasses\na.jpg,2\nb.jpg,1\n")
    plan = plan_import(file, face_schema, made, store)
    assert plan.overwrites == 1
    apply_import(plan, store, overwrite=True)
    assert store.labels(A).answers == {"glasses": "sunglasses"}
    store.withdraw_import()
    assert store.labels(A).answers == {"glasses": "none"}
    assert plan_import(file, face_schema, made, store).overwrites == 1, "it is a person's answer again"


def test_a_store_that_only_reads_takes_nothing_back(open_store: OpenStore, store: LabelStore) -> None:
    bring_in(store, (A, "glasses", "normal"))
    with pytest.raises(StoreError, match="reading only"):
        open_store(read_only=True).withdraw_import()
