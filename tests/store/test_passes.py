"""One head over all pictures, answers that are carried, repeated and locked, flags, notes, and jumps."""

import pytest

from tests.store.conftest import OpenStore, fingerprint, picture, pictures
from workbench.annotation.labels import Source, Special
from workbench.annotation.session import LabelSession, Outcome
from workbench.annotation.store import LabelStore
from workbench.schema import Schema

FACE = {
    "wrinkles": "yes",
    "freckles": "none",
    "glasses": "sunglasses",
    "hair_colour": "red",
    "hair_top": "few",
}


@pytest.fixture
def session(face_schema: Schema, store: LabelStore) -> LabelSession:
    """Four pictures, nothing labelled."""
    return LabelSession(face_schema, store, pictures(4))


def place(session: LabelSession) -> tuple[str, str]:
    """Picture and head under the cursor."""
    assert session.picture is not None
    return session.picture.name, session.head.name


def answers(store: LabelStore, number: int) -> dict[str, object]:
    """The answers of a picture."""
    return dict(store.labels(fingerprint(f"{number:04d}.jpg")).answers)


def press(session: LabelSession, keys: str) -> Outcome:
    """Digits."""
    outcome = Outcome()
    for key in keys:
        outcome = session.answer(key)
    return outcome


def test_a_pass_asks_one_head_of_each_picture(session: LabelSession, store: LabelStore) -> None:
    session.next_head()
    session.next_head()
    assert session.toggle_pass() == Outcome(message="glasses only: one key a picture")
    for key in "213":
        assert place(session)[1] == "glasses"
        session.answer(key)
    assert place(session) == ("0003.jpg", "glasses")
    assert [answers(store, number) for number in range(3)] == [
        {"glasses": one} for one in ("normal", "none", "sunglasses")
    ]
    assert session.queue_progress.left == 1
    assert session.progress.left == 4, "no picture is complete"
    assert session.cannot_tell().message == "every picture is labelled"
    assert place(session) == ("0003.jpg", "glasses")
    assert session.toggle_pass() == Outcome(message="all heads of a picture")
    assert place(session) == ("0003.jpg", "wrinkles")
    assert not press(session, "1").picture_changed


def test_in_a_pass_up_and_down_change_the_head_that_is_asked(session: LabelSession) -> None:
    session.toggle_pass()
    session.next_head()
    assert session.passing == "freckles"
    assert session.answer("1").picture_changed
    assert place(session) == ("0001.jpg", "freckles")


def test_the_next_open_picture_of_a_pass_is_one_where_its_head_is_open(
    session: LabelSession, store: LabelStore
) -> None:
    store.record(fingerprint("0001.jpg"), "wrinkles", "yes", name="0001.jpg")
    store.record(fingerprint("0002.jpg"), "not_human", "yes", name="0002.jpg")
    session.toggle_pass()
    session.next_unlabelled()
    assert place(session) == ("0003.jpg", "wrinkles")


def test_a_pass_is_kept_over_a_restart(face_schema: Schema, open_store: OpenStore) -> None:
    first = LabelSession(face_schema, open_store(), pictures(4))
    first.next_head()
    first.toggle_pass()
    first.answer("1")
    again = LabelSession(face_schema, open_store(), pictures(4))
    assert (again.passing, place(again)) == ("freckles", ("0001.jpg", "freckles"))
    assert LabelSession(face_schema, open_store("ben"), pictures(4)).passing == ""


def test_undo_in_a_pass_goes_to_what_was_undone_and_the_pass_goes_on(session: LabelSession) -> None:
    press(session, "1")
    session.next_head()
    session.toggle_pass()
    session.answer("1")
    session.undo()
    session.undo()
    assert place(session) == ("0000.jpg", "wrinkles")
    session.answer("1")
    assert place(session) == ("0001.jpg", "glasses")


def test_the_last_answer_is_repeated_with_one_key(session: LabelSession, store: LabelStore) -> None:
    assert session.repeat() == Outcome(message="wrinkles was not answered before")
    press(session, "21345")
    session.go_to(1)
    assert session.repeat() == Outcome(saved=True)
    assert place(session) == ("0001.jpg", "freckles")
    assert answers(store, 1) == {"wrinkles": "yes"}
    assert [one.source for one in store.events_of(fingerprint("0001.jpg"))] == [Source.CARRIED]


def test_after_a_restart_the_picture_before_is_repeated(face_schema: Schema, open_store: OpenStore) -> None:
    press(LabelSession(face_schema, open_store(), pictures(3)), "21342")
    again = LabelSession(face_schema, open_store(), pictures(3))
    assert place(again) == ("0001.jpg", "wrinkles")
    again.repeat()
    assert again.labels.answers == {"wrinkles": "yes"}
    assert again.carry() == Outcome(saved=True, picture_changed=True)


def test_one_key_carries_all_answers_of_the_last_picture_forward(
    session: LabelSession, store: LabelStore
) -> None:
    press(session, "21352")
    session.answer("1")
    assert session.carry() == Outcome(saved=True, picture_changed=True)
    assert answers(store, 1) == {**FACE, "wrinkles": "none"}, "what was answered already stays"
    assert session.undo().message == "undone: hair top, now open", "each answer is taken back by itself"
    assert len(answers(store, 1)) == 4
    session.redo()
    session.go_to(3)
    session.carry()
    assert answers(store, 3) == {**FACE, "wrinkles": "none"}, (
        "from the picture answered last, not the one before"
    )


def test_what_the_last_picture_lacks_is_not_carried(session: LabelSession, store: LabelStore) -> None:
    assert not session.carry().saved
    session.cannot_tell()
    session.next_picture()
    outcome = session.carry()
    assert (outcome.saved, outcome.message) == (True, "the last picture has no answer for what is open")
    assert answers(store, 1) == {"wrinkles": Special.CANNOT_TELL}
    assert place(session) == ("0001.jpg", "freckles")


def test_a_locked_head_is_answered_beside_every_other(session: LabelSession, store: LabelStore) -> None:
    assert "answer wrinkles first" in session.toggle_lock().message
    press(session, "2")
    session.previous_head()
    assert session.toggle_lock().message.startswith("wrinkles is locked: yes")
    session.go_to(1)
    assert place(session) == ("0001.jpg", "freckles"), "a locked head need not be gone to"
    assert answers(store, 1) == {}, "looking at a picture answers nothing"
    session.answer("1")
    assert answers(store, 1) == {"freckles": "none", "wrinkles": "yes"}
    events = store.events_of(fingerprint("0001.jpg"))
    assert [(one.head, one.source) for one in events] == [
        ("freckles", Source.HUMAN),
        ("wrinkles", Source.LOCKED),
    ]
    session.undo()
    assert answers(store, 1) == {"freckles": "none"}
    session.undo()
    assert answers(store, 1) == {}


def test_the_last_head_is_skipped_when_it_is_locked(session: LabelSession, store: LabelStore) -> None:
    press(session, "21352")
    session.go_to(0)
    session.previous_head()
    session.toggle_lock()
    session.go_to(1)
    assert press(session, "1111").picture_changed
    assert answers(store, 1)["hair_top"] == "few"
    assert session.progress.done == 2


def test_a_key_stands_against_a_lock(session: LabelSession, store: LabelStore) -> None:
    press(session, "2")
    session.previous_head()
    session.toggle_lock()
    session.go_to(1)
    session.previous_head()
    session.answer("1")
    assert answers(store, 1) == {"wrinkles": "none"}
    session.answer("1")
    assert answers(store, 1)["wrinkles"] == "none"
    session.previous_head()
    session.previous_head()
    assert session.toggle_lock().message == "wrinkles is not locked any more"
    session.go_to(2)
    session.answer("1")
    session.answer("1")
    assert answers(store, 2) == {"wrinkles": "none", "freckles": "none"}


def test_not_a_face_and_a_cleared_head_answer_no_locked_head(
    session: LabelSession, store: LabelStore
) -> None:
    press(session, "2")
    session.previous_head()
    session.toggle_lock()
    session.go_to(1)
    session.exclude()
    assert answers(store, 1) == {}
    session.answer("1")
    session.previous_head()
    session.clear()
    assert answers(store, 2) == {"wrinkles": "yes"}


def test_a_flag_is_set_and_taken_away_and_the_place_stays(session: LabelSession) -> None:
    assert session.toggle_flag() == Outcome(saved=True, message="flagged")
    assert session.labels.flagged
    assert place(session) == ("0000.jpg", "wrinkles")
    assert session.toggle_flag().message == "no longer flagged"
    assert session.undo().message == "undone: flag, now set"
    session.undo()
    assert not session.labels.flagged


def test_a_note_is_kept_exactly_and_shown_harmlessly(session: LabelSession) -> None:
    text = " half in\x1b[2J the dark\n"
    assert session.write_note(text) == Outcome(saved=True, message="note kept")
    assert session.write_note(text) == Outcome(), "nothing new"
    assert session.labels.note == text
    session.write_note("")
    assert session.undo().message == "undone: note, now “ half in\\e[2J the dark\\n”"
    session.next_picture()
    session.undo()
    assert place(session)[0] == "0000.jpg"
    assert session.labels.note == ""


def test_the_next_doubtful_picture_is_flagged_or_could_not_be_told(session: LabelSession) -> None:
    assert session.next_doubtful() == Outcome(message="no picture is in doubt here")
    session.go_to(1)
    session.cannot_tell()
    session.go_to(3)
    session.toggle_flag()
    session.go_to(0)
    found = []
    for _ in range(3):
        session.next_doubtful()
        found.append(session.position)
    assert found == [1, 3, 1]


def test_a_number_or_a_part_of_the_name_is_jumped_to(face_schema: Schema, store: LabelStore) -> None:
    named = [picture(name) for name in ("anna 1.jpg", "bea.jpg", "Anna 2.jpg", "12.jpg", "an\x1bna.jpg")]
    session = LabelSession(face_schema, store, named)
    assert session.find("3").picture_changed
    assert session.position == 2
    assert session.find(" ANNA ") == Outcome(picture_changed=True, message="“ ANNA ” in the name: 1 of 2")
    assert session.position == 0
    session.find("anna")
    assert session.position == 2
    session.find("12")
    assert session.position == 3, "a number that no picture has may be a name"
    assert session.find("carl").message == "no picture here is named or numbered “carl”"
    assert session.find("").message == "no picture here is named or numbered “”"
    assert session.find("\x1b").message == "“\\e” in the name: 1 of 1"


def test_a_store_that_refuses_keeps_flags_and_carried_answers_unsaid(
    face_schema: Schema, open_store: OpenStore
) -> None:
    press(LabelSession(face_schema, open_store(), pictures(3)), "21352")
    session = LabelSession(face_schema, open_store(read_only=True), pictures(3))
    session.go_to(1)
    for step in (session.toggle_flag, session.carry, session.repeat, lambda: session.write_note("x")):
        outcome = step()
        assert outcome.failed
        assert "reading only" in outcome.message
    assert session.labels.answers == {}
    session.toggle_pass()
    assert session.passing


def test_with_no_pictures_nothing_is_flagged_carried_or_found(face_schema: Schema, store: LabelStore) -> None:
    session = LabelSession(face_schema, store, [])
    for step in (
        session.toggle_flag,
        session.carry,
        session.repeat,
        session.next_doubtful,
        session.toggle_lock,
    ):
        assert not step().saved
    assert not session.find("1").picture_changed
    assert not session.write_note("x").saved
    assert store.events_since() == []
