"""Labelling without a screen: what each key does, and that one comes back to the same place."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.store.conftest import OpenStore, fingerprint, picture, pictures
from workbench.annotation.labels import NewEvent, Special
from workbench.annotation.queue import unlabelled
from workbench.annotation.session import LabelSession, Outcome
from workbench.annotation.store import LabelStore
from workbench.schema import Schema


@pytest.fixture
def session(face_schema: Schema, store: LabelStore) -> LabelSession:
    """Three pictures, nothing labelled."""
    return LabelSession(face_schema, store, pictures(3))


def place(session: LabelSession) -> tuple[str, str]:
    """Picture and head under the cursor."""
    assert session.picture is not None
    return session.picture.name, session.head.name


def press(session: LabelSession, keys: str) -> Outcome:
    """Digits, and ? for cannot tell."""
    outcome = Outcome()
    for key in keys:
        outcome = session.cannot_tell() if key == "?" else session.answer(key)
    return outcome


def test_digits_answer_head_after_head_and_then_the_next_picture(session: LabelSession) -> None:
    assert place(session) == ("0000.jpg", "wrinkles")
    assert session.answer("2") == Outcome(saved=True)
    assert place(session) == ("0000.jpg", "freckles")
    outcome = press(session, "13?4")
    assert outcome == Outcome(saved=True, picture_changed=True)
    assert place(session) == ("0001.jpg", "wrinkles")
    session.previous_picture()
    assert session.labels.answers == {
        "wrinkles": "yes",
        "freckles": "none",
        "glasses": "sunglasses",
        "hair_colour": Special.CANNOT_TELL,
        "hair_top": "not_visible",
    }


def test_a_key_that_the_head_lacks_changes_nothing(session: LabelSession) -> None:
    outcome = session.answer("7")
    assert not outcome.saved
    assert outcome.message == "wrinkles has no key 7: 1 none, 2 yes"
    assert place(session) == ("0000.jpg", "wrinkles")


def test_the_next_picture_begins_at_its_first_open_head(face_schema: Schema, store: LabelStore) -> None:
    store.record(fingerprint("0001.jpg"), "wrinkles", "yes", name="0001.jpg")
    session = LabelSession(face_schema, store, pictures(2))
    press(session, "11111")
    assert place(session) == ("0001.jpg", "freckles")


def test_after_the_last_head_it_goes_on_even_if_other_heads_are_open(session: LabelSession) -> None:
    session.previous_head()
    assert place(session) == ("0000.jpg", "hair_top"), "round the corner"
    assert session.answer("1").picture_changed
    assert place(session) == ("0001.jpg", "wrinkles")
    session.previous_picture()
    assert place(session) == ("0000.jpg", "wrinkles")


def test_an_answer_given_again_replaces_the_first(session: LabelSession) -> None:
    press(session, "11111")
    session.previous_picture()
    press(session, "2")
    assert session.labels.answers["wrinkles"] == "yes"
    assert session.head.name == "freckles"


def test_not_a_face_is_set_and_moves_on_and_taken_back(session: LabelSession) -> None:
    assert session.exclude() == Outcome(saved=True, picture_changed=True)
    assert place(session) == ("0001.jpg", "wrinkles")
    session.previous_picture()
    assert session.labels.excluded
    outcome = session.exclude()
    assert (outcome.saved, outcome.picture_changed, outcome.message) == (True, False, "no longer not a face")
    assert not session.labels.excluded


def test_clear_opens_the_head_again(session: LabelSession) -> None:
    press(session, "1")
    session.previous_head()
    assert session.clear().saved
    assert session.labels.answers == {}
    assert session.clear() == Outcome(message="wrinkles has no answer to clear")


def test_undo_goes_to_what_was_undone(session: LabelSession) -> None:
    press(session, "111111")
    assert place(session) == ("0001.jpg", "freckles")
    outcome = session.undo()
    assert outcome == Outcome(saved=True, picture_changed=False, message="undone: wrinkles, now open")
    assert place(session) == ("0001.jpg", "wrinkles")
    outcome = session.undo()
    assert outcome.picture_changed
    assert place(session) == ("0000.jpg", "hair_top")
    assert session.redo().message == "redone: hair top, now bald"
    assert session.redo().message == "redone: wrinkles, now none"
    assert session.redo() == Outcome(message="nothing to redo")


def test_undo_of_not_a_face_and_of_a_picture_that_is_gone(face_schema: Schema, store: LabelStore) -> None:
    store.record(fingerprint("gone"), "glasses", "none", name="gone\x1b.jpg")
    session = LabelSession(face_schema, store, pictures(2))
    session.exclude()
    assert session.undo().message == "undone: not a face, now not set"
    assert place(session) == ("0000.jpg", "wrinkles")
    outcome = session.undo()
    assert outcome.saved
    assert outcome.message == "undone: glasses, now open (gone\\e.jpg, not in this list)"
    assert session.undo() == Outcome(message="nothing to undo")


def test_arrows_stop_at_the_ends(session: LabelSession) -> None:
    assert session.previous_picture() == Outcome(message="this is the first picture")
    assert session.go_to(2) == Outcome(picture_changed=True)
    assert session.next_picture() == Outcome(message="this is the last picture")
    assert session.go_to(7).message == "there is no picture 8"
    assert (session.position, session.total) == (2, 3)
    assert [one.name for one in session.upcoming(5)] == []
    session.go_to(0)
    assert [one.name for one in session.upcoming(1)] == ["0001.jpg"]


def test_the_end_says_what_is_left(session: LabelSession) -> None:
    session.go_to(2)
    outcome = press(session, "11111")
    assert outcome == Outcome(saved=True, message="the last picture; 2 still to do")
    assert session.next_unlabelled().picture_changed
    assert place(session) == ("0000.jpg", "wrinkles"), "from the beginning again"
    session.exclude()
    press(session, "1111")
    assert press(session, "1").picture_changed
    session.go_to(2)
    press(session, "1111")
    assert press(session, "1").message == "every picture is labelled"
    assert session.next_unlabelled() == Outcome(message="nothing is left to label")


def test_it_comes_back_to_the_same_place(face_schema: Schema, open_store: OpenStore) -> None:
    first = LabelSession(face_schema, open_store(), pictures(5))
    first.go_to(3)
    press(first, "11")
    # no close(): as after a kill
    again = LabelSession(face_schema, open_store(), pictures(5))
    assert place(again) == ("0003.jpg", "glasses")
    assert place(LabelSession(face_schema, open_store("ben"), pictures(5))) == ("0000.jpg", "wrinkles")
    assert place(LabelSession(face_schema, open_store(), pictures(2))) == ("0000.jpg", "wrinkles")


def test_it_starts_at_the_first_picture_with_something_to_do(face_schema: Schema, store: LabelStore) -> None:
    store.record(fingerprint("0000.jpg"), "not_human", "yes", name="0000.jpg")
    for head in face_schema.heads[:2]:
        store.record(fingerprint("0001.jpg"), head.name, head.classes[0].name, name="0001.jpg")
    assert place(LabelSession(face_schema, store, pictures(3))) == ("0001.jpg", "glasses")


def test_a_picture_that_was_passed_by_is_seen(session: LabelSession, store: LabelStore) -> None:
    session.next_picture()
    assert store.labels(fingerprint("0000.jpg")).seen
    assert not store.labels(fingerprint("0001.jpg")).seen
    session.close()
    assert store.labels(fingerprint("0001.jpg")).seen


def test_an_answer_that_cannot_be_saved_is_not_shown(
    face_schema: Schema, open_store: OpenStore, labels_db: Path
) -> None:
    session = LabelSession(face_schema, open_store(busy_timeout=0.01), pictures(2))
    before = session.progress
    other = sqlite3.connect(labels_db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    outcomes = [session.answer("1"), session.cannot_tell(), session.exclude(), session.undo()]
    moved = session.next_picture()
    other.close()
    assert all(one.failed and not one.saved and "another program" in one.message for one in outcomes)
    assert moved.picture_changed, "looking goes on"
    session.previous_picture()
    assert place(session) == ("0000.jpg", "wrinkles")
    assert session.labels.answers == {}
    assert session.progress.done == before.done


def test_a_read_only_bench_is_looked_through(face_schema: Schema, open_store: OpenStore) -> None:
    open_store().close()
    session = LabelSession(face_schema, open_store(read_only=True), pictures(2))
    assert session.next_picture().picture_changed
    assert "reading only" in session.answer("1").message
    session.close()


def test_no_pictures_at_all(face_schema: Schema, store: LabelStore) -> None:
    session = LabelSession(face_schema, store, [])
    steps: list[Callable[[], Outcome]] = [session.exclude, session.next_picture, session.next_unlabelled]
    for step in [*steps, session.undo, session.clear, session.cannot_tell]:
        assert not step().saved
    assert session.answer("1").message == "there are no pictures yet"
    assert (session.picture, session.total, session.progress.total) == (None, 0, 0)
    session.close()
    assert session.extend(pictures(2)) == 2
    assert place(session) == ("0000.jpg", "wrinkles")


def test_pictures_found_later_are_appended_and_the_place_kept(session: LabelSession) -> None:
    session.go_to(1)
    press(session, "1")
    assert session.extend([*pictures(3), picture("later.jpg"), picture("copy.jpg", "0001.jpg")]) == 1
    assert place(session) == ("0001.jpg", "freckles")
    assert session.total == 4
    assert session.progress.total == 4
    assert session.has_copies()


def test_a_picture_renamed_meanwhile_is_found_under_its_new_name(session: LabelSession) -> None:
    session.extend([picture("new name.jpg", "0000.jpg"), *pictures(3)[1:]])
    assert place(session)[0] == "new name.jpg"


def test_copies_share_labels_and_count_once(face_schema: Schema, store: LabelStore) -> None:
    session = LabelSession(
        face_schema, store, [picture("a.jpg", "x"), picture("b.jpg", "x"), picture("c.jpg")]
    )
    assert session.total == 2
    assert session.has_copies()
    press(session, "11111")
    assert session.picture is not None
    assert session.picture.name == "c.jpg"
    assert not session.has_copies()
    assert session.progress.done == 1


def test_the_unlabelled_ones_in_order(face_schema: Schema, store: LabelStore) -> None:
    store.record(fingerprint("0001.jpg"), "not_human", "yes", name="0001.jpg")
    store.record_many([NewEvent(fingerprint("0002.jpg"), "glasses", "none")])
    left = unlabelled([*pictures(4), picture("copy.jpg", "0000.jpg")], store.all_labels(), face_schema)
    assert [one.name for one in left] == ["0000.jpg", "0002.jpg", "0003.jpg"]


def test_messages_hide_what_a_terminal_would_obey(store: LabelStore) -> None:
    table = {
        "name": "odd",
        "heads": [{"name": "h", "title": "\x1b[31mred", "classes": ["a", {"name": "b", "title": "[b]\n"}]}],
    }
    store.close()
    with LabelStore(Path(store.where).with_name("odd.db"), Schema.from_dict(table)) as odd:
        session = LabelSession(Schema.from_dict(table), odd, pictures(1))
        assert session.answer("9").message == "\\e[31mred has no key 9: 1 a, 2 [b]\\n"
