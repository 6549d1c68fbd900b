"""A blind second pass: bea sees her own answers only, and takes nothing away from anybody else's."""

from pathlib import Path

from tests.store.conftest import OpenStore, fingerprint, picture, pictures
from workbench.annotation.agreement import disagreeing
from workbench.annotation.labels import Event, NewEvent, PictureLabels, Source
from workbench.annotation.session import LabelSession
from workbench.annotation.store import LabelStore
from workbench.annotation.transfer import export
from workbench.schema import Schema

A, B = fingerprint("a"), fingerprint("b")


def answer(store: LabelStore, given: str | None, content: str = A) -> Event:
    return store.record(content, "glasses", given, name="a.jpg")


def seen_by(store: LabelStore) -> str:
    store.refresh()
    return str(store.labels(A).answers.get("glasses"))


def test_only_ones_own_answers_are_there(open_store: OpenStore) -> None:
    ana = open_store("ana")
    answer(ana, "none")
    answer(ana, "normal", B)
    bea = open_store("bea", blind=True)
    assert bea.labels(A) == PictureLabels()
    assert bea.all_labels() == {}
    assert bea.progress().labelled == bea.progress().seen == 0
    answer(bea, "normal")
    answer(ana, "sunglasses")
    assert seen_by(bea) == "normal"
    assert set(bea.all_labels()) == {A}
    assert disagreeing(bea) == (), "nor who differs from her"
    assert disagreeing(ana) == (A,)


def test_undo_shows_ones_own_answer_and_leaves_the_others(open_store: OpenStore) -> None:
    ana, bea = open_store("ana"), open_store("bea", blind=True)
    answer(ana, "none")
    answer(bea, "normal")
    undone = bea.undo()
    assert undone is not None
    assert undone.answer is None, "what she is told is hers"
    assert seen_by(bea) == "None"
    assert seen_by(ana) == "none", "what ana answered is back"
    redone = bea.redo()
    assert redone is not None
    assert (seen_by(bea), seen_by(ana)) == ("normal", "normal")


def test_undo_is_as_blind_after_a_restart(open_store: OpenStore) -> None:
    ana, bea = open_store("ana"), open_store("bea", blind=True)
    answer(bea, "sunglasses")
    answer(ana, "none")
    answer(bea, "normal")
    bea.undo()
    again = open_store("bea", blind=True)
    assert again.all_labels() == bea.all_labels() == {A: PictureLabels({"glasses": "sunglasses"}, seen=True)}
    assert seen_by(ana) == "none"
    again.undo()
    assert seen_by(again) == "None"


def test_undo_of_another_window_of_hers_is_blind_too(open_store: OpenStore) -> None:
    answer(open_store("ana"), "none")
    here, there = open_store("bea", blind=True), open_store("bea")
    answer(there, "normal")
    there.undo()
    assert there.labels(A).answers == {"glasses": "none"}
    assert seen_by(here) == "None"


def test_a_file_that_somebody_else_imported_is_not_shown(open_store: OpenStore) -> None:
    open_store("").record_many([NewEvent(A, "glasses", "none", "a.jpg", Source.IMPORTED)])
    assert open_store("bea", blind=True).all_labels() == {}


def test_an_export_of_a_blind_pass_holds_her_answers_and_says_so(
    open_store: OpenStore, tmp_path: Path
) -> None:
    answer(open_store("ana"), "none")
    bea = open_store("bea", blind=True)
    answer(bea, "normal", B)
    some = [picture("a.jpg", "a"), picture("b.jpg", "b")]
    done = export(tmp_path / "out.csv", bea.schema, some, bea, class_names=True)
    assert done.notes[0] == "a blind pass: only the answers of bea are in it"
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert [line.split(",")[3] for line in lines[1:]] == ["", "normal"]


def test_the_revision_counts_what_changed_for_her(open_store: OpenStore) -> None:
    bea = open_store("bea", blind=True)
    answer(open_store("ana"), "none")
    before = bea.revision
    bea.refresh()
    assert bea.revision == before
    answer(bea, "none")
    assert bea.revision == before + 1


def test_a_session_counts_her_own_pictures_only(open_store: OpenStore, face_schema: Schema) -> None:
    some = pictures(2)
    for who in ("ana", "bea"):
        store = open_store(who, blind=True)
        session = LabelSession(face_schema, store, some)
        assert (session.position, session.progress.done) == (0, 0)
        for head in face_schema.heads:
            session.answer(head.classes[0].key)
        assert session.progress.done == 1
    assert {event.annotator for event in open_store("cid").events_since()} == {"ana", "bea"}
