"""Undo and redo: events too, without limit, across sessions, each annotator's own."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.conftest import OpenStore, fingerprint
from workbench.annotation.labels import Answer, NewEvent, Source
from workbench.annotation.store import LabelStore
from workbench.annotation.view import Change, answer_without

A, B = fingerprint("a"), fingerprint("b")


def answers(store: LabelStore, of: str = A) -> dict[str, Answer]:
    """The current answers of a picture."""
    return dict(store.labels(of).answers)


def test_undo_gives_back_what_was_before(store: LabelStore) -> None:
    store.record(A, "glasses", "none", name="a.jpg")
    store.record(A, "glasses", "normal", name="a.jpg")
    event = store.undo()
    assert event is not None
    assert (event.source, event.head, event.answer, event.name) == (Source.UNDO, "glasses", "none", "a.jpg")
    assert answers(store) == {"glasses": "none"}
    store.undo()
    assert answers(store) == {}
    assert store.undo() is None


def test_undo_has_no_limit_and_survives_a_restart(open_store: OpenStore) -> None:
    store = open_store()
    states = [answers(store)]
    for index in range(12):
        store.record(A, ("glasses", "hair_top")[index % 2], ("none", "few")[index % 2], name="a.jpg")
        states.append(answers(store))
    for k in range(1, 13):
        if k % 4 == 0:
            store.close()
            store = open_store()
        store.undo()
        assert answers(store) == states[12 - k]
    for k in range(1, 13):
        if k % 5 == 0:
            store.close()
            store = open_store()
        store.redo()
        assert answers(store) == states[k]
    assert store.redo() is None


def test_a_new_answer_ends_redo(store: LabelStore) -> None:
    store.record(A, "glasses", "none", name="a.jpg")
    store.undo()
    store.record(A, "glasses", "normal", name="a.jpg")
    assert store.redo() is None
    store.undo()
    assert answers(store) == {}
    assert store.undo() is None, "what was undone before does not come back"


def test_everybody_undoes_their_own(open_store: OpenStore) -> None:
    ana, ben = open_store("ana"), open_store("ben")
    ana.record(A, "glasses", "none", name="a.jpg")
    ben.record(A, "hair_top", "few", name="a.jpg")
    event = ana.undo()
    assert event is not None
    assert event.head == "glasses"
    assert answers(ana) == {"hair_top": "few"}
    assert ana.undo() is None


def test_undo_leaves_what_others_answered_since(open_store: OpenStore) -> None:
    ana, ben = open_store("ana"), open_store("ben")
    ana.record(A, "glasses", "none", name="a.jpg")
    ben.record(A, "glasses", "sunglasses", name="a.jpg")
    event = ana.undo()
    assert event is not None
    assert event.answer == "sunglasses"
    ben.undo()
    assert answers(ben) == {}, "both are taken back"
    ana.redo()
    assert answers(ana) == {"glasses": "none"}


def test_an_import_is_not_undone_key_by_key(store: LabelStore) -> None:
    store.record(B, "freckles", "yes", name="b.jpg")
    store.record_many([NewEvent(A, "glasses", "none", "a.jpg", Source.IMPORTED)])
    store.undo()
    assert answers(store) == {"glasses": "none"}
    assert answers(store, B) == {}


def test_the_exclusion_and_a_clear_are_undone_too(store: LabelStore) -> None:
    store.record(A, "glasses", "none", name="a.jpg")
    store.record(A, "glasses", None, name="a.jpg")
    store.record(A, "not_human", "yes", name="a.jpg")
    store.undo()
    assert not store.labels(A).excluded
    store.undo()
    assert answers(store) == {"glasses": "none"}
    store.redo()
    store.redo()
    assert store.labels(A).excluded
    assert answers(store) == {}


def test_two_windows_of_one_person_share_the_undo(open_store: OpenStore) -> None:
    one, two = open_store(), open_store()
    one.record(A, "glasses", "none", name="a.jpg")
    two.record(A, "glasses", "normal", name="a.jpg")
    one.undo()
    assert answers(one) == {"glasses": "none"}
    two.undo()
    assert answers(two) == {}
    assert one.undo() is None


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.sampled_from(["none", "normal", "undo", "undo", "redo"]), max_size=14))
def test_undo_and_redo_behave_like_an_editor(steps: list[str]) -> None:
    past: list[tuple[int, str]] = []
    future: list[tuple[int, str]] = []
    history: list[Change] = []
    for id_, step in enumerate(steps, 1):
        if step == "undo" and past:
            target = past.pop()
            future.append(target)
            answer = answer_without(history, target[0])
            assert answer == (past[-1][1] if past else None)
            history.append(Change(id_, Source.UNDO, answer, target[0]))
        elif step == "redo" and future:
            target = future.pop()
            past.append(target)
            history.append(Change(id_, Source.REDO, target[1], target[0]))
        elif step not in ("undo", "redo"):
            past.append((id_, step))
            future.clear()
            history.append(Change(id_, Source.HUMAN, step, None))
