"""The history of a picture in words that a person understands."""

from tests.store.conftest import OpenStore, fingerprint
from workbench.annotation.history import answer_words, history_lines
from workbench.annotation.labels import Remark, RemarkKind, Source, Special
from workbench.annotation.store import LabelStore
from workbench.schema import Schema

A = fingerprint("a.jpg")


def test_who_did_what_and_how(open_store: OpenStore, face_schema: Schema) -> None:
    ana, ben = open_store("ana"), open_store("ben\x1b[2J")
    ana.mark_seen(A, "a.jpg")
    ana.record(A, "glasses", "sunglasses", name="a.jpg", seconds=1.25)
    ben.record(A, "hair_top", "few", name="a.jpg", source=Source.CHANGED, suggested="thick")
    ben.record(A, "hair_colour", Special.CANNOT_TELL, name="a.jpg", source=Source.LOCKED)
    ana.record(A, "not_human", "yes", name="a.jpg")
    ana.undo()
    ana.remark(A, Remark(RemarkKind.FLAG, "yes"), name="a.jpg")
    ana.remark(A, Remark(RemarkKind.NOTE, "odd\n"), name="a.jpg")
    ana.undo()
    lines = history_lines(ana.events_of(A), face_schema)
    assert [(one.who, one.what, one.how) for one in lines] == [
        ("ana", "looked at", ""),
        ("ana", "glasses: sunglasses", "by hand"),
        ("ben\\e[2J", "hair top: few", "suggestion overruled (thick)"),
        ("ben\\e[2J", "hair colour: cannot tell", "locked"),
        ("ana", "not a face", "by hand"),
        ("ana", "not “not a face”", "undone"),
        ("ana", "flagged", "by hand"),
        ("ana", "note “odd\\n”", "by hand"),
        ("ana", "no note", "undone"),
    ]
    assert lines[1].seconds == 1.25
    assert all(one.at.tzinfo is not None for one in lines)


def test_a_blind_pass_does_not_show_what_others_did(open_store: OpenStore) -> None:
    open_store("ben").record(A, "glasses", "sunglasses", name="a.jpg")
    ana = open_store("ana", blind=True)
    ana.record(A, "glasses", "none", name="a.jpg")
    assert [one.annotator for one in ana.events_of(A)] == ["ana"]


def test_every_source_has_words(store: LabelStore, face_schema: Schema) -> None:
    for source in Source:
        store.record(A, "glasses", "none", name="a.jpg", source=source)
    assert len(history_lines(store.events_of(A), face_schema)) == len(Source)


def test_a_head_and_a_class_that_are_gone_keep_their_names(face_schema: Schema) -> None:
    assert answer_words(None, "blue") == "blue"
    assert answer_words(face_schema.heads[0], "gone") == "gone"
    assert answer_words(face_schema.heads[0], None) == "open"
