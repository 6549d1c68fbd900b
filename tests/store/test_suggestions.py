"""Suggestions: read and written whole, held back on a slice, and never an answer before a key is pressed."""

import time
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.store.conftest import OpenStore, fingerprint, pictures
from workbench.annotation.labels import Source, Special
from workbench.annotation.session import LabelSession, Outcome
from workbench.annotation.store import LabelStore
from workbench.annotation.suggestions import Advice, SuggestedRow, Suggestion, Suggestions, certainty
from workbench.errors import InputError, WorkbenchError
from workbench.schema import Schema, load_schema
from workbench.settings import SuggestionSettings

ALL = {"wrinkles": "yes", "freckles": "none", "glasses": "normal", "hair_colour": "blond", "hair_top": "few"}
SHOW_ALL = SuggestionSettings(hidden_share=0)
HIDE_ALL = SuggestionSettings(hidden_share=1)
MakeSession = Callable[..., LabelSession]


def row(
    name: str, answers: Mapping[str, str], confidence: float = 0.9, source: str = "0007-sgd"
) -> SuggestedRow:
    """Suggestions for a picture of this name."""
    said = {head: (one, confidence) for head, one in answers.items()}
    return SuggestedRow(fingerprint(name), said, source, "2026-11-24T22:00:00+00:00")


@pytest.fixture
def make_session(face_schema: Schema, store: LabelStore) -> MakeSession:
    """A session on three pictures; the first two have suggestions."""

    def make(
        first: Mapping[str, str] = ALL, settings: SuggestionSettings = SHOW_ALL, store: LabelStore = store
    ) -> LabelSession:
        rows = [row("0000.jpg", first), row("0001.jpg", ALL)]
        advice = Advice(Suggestions(face_schema, rows), settings)
        return LabelSession(face_schema, store, pictures(3), advice=advice)

    return make


def logged(store: LabelStore) -> list[tuple[str, Source, object, object]]:
    """Head, source, answer and suggestion of each answer."""
    return [
        (one.head, one.source, one.answer, one.suggested) for one in store.events_since() if one.head != ""
    ]


def test_a_file_is_read_as_it_was_written(face_schema: Schema, tmp_path: Path) -> None:
    some = [row("a", ALL, 0.875), row("b", {"glasses": "none"}, 1.0, "=other's file.csv"), row("c", {})]
    Suggestions(face_schema, some).write(tmp_path / "s.csv")
    again = Suggestions.read(tmp_path / "s.csv", face_schema)
    assert [again.row(one) for one in again.fingerprints()] == some
    assert again.of(fingerprint("a"))["hair_colour"] == Suggestion("blond", 0.875, "0007-sgd")
    assert again.of("unknown") == {}
    assert "'=other's file.csv" in (tmp_path / "s.csv").read_text(), "no spreadsheet runs it"


def test_no_file_is_no_suggestion_and_a_later_row_replaces_an_earlier_one(
    face_schema: Schema, tmp_path: Path
) -> None:
    assert len(Suggestions.read(tmp_path / "none.csv", face_schema)) == 0
    found = Suggestions(face_schema, [row("a", ALL), row("b", ALL), row("a", {"glasses": "none"})])
    assert len(found) == 2
    assert {head: one.answer for head, one in found.of(fingerprint("a")).items()} == {"glasses": "none"}


def test_suggestions_for_other_heads_or_classes_are_refused_in_one_line(
    face_schema: Schema, tmp_path: Path
) -> None:
    path = tmp_path / "s.csv"
    Suggestions(load_schema("cartoon_faces")).write(path)
    with pytest.raises(InputError, match=r"of other heads than the bench's; make it anew: workbench suggest"):
        Suggestions.read(path, face_schema)
    Suggestions(face_schema, [row("a", ALL)]).write(path)
    path.write_text(path.read_text().replace("blond", "b\x1b[31mlue"))
    with pytest.raises(InputError, match=r"line 2: these suggestions are of other classes") as caught:
        Suggestions.read(path, face_schema)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("before", "after"),
    [("0.9000", "nan"), ("0.9000", "1.5"), ("0.9000", "much"), (",few", ""), ("blond", '"blond')],
)
def test_a_damaged_file_says_where(face_schema: Schema, tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "s.csv"
    Suggestions(face_schema, [row("a", ALL)]).write(path)
    path.write_text(path.read_text().replace(before, after, 1))
    with pytest.raises(InputError, match="damaged") as caught:
        Suggestions.read(path, face_schema)
    assert "s.csv, line" in str(caught.value)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        Suggestions.read(path, face_schema)


def test_a_place_that_cannot_be_written_keeps_the_file(face_schema: Schema, tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="no such folder"):
        Suggestions(face_schema).write(tmp_path / "nowhere" / "s.csv")
    with pytest.raises(WorkbenchError, match="folder"):
        Suggestions.read(tmp_path, face_schema)


def test_many_suggestions_are_read_quickly_into_little_memory(face_schema: Schema, tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    Suggestions(face_schema, (row(f"{index}.jpg", ALL) for index in range(50_000))).write(path)
    started = time.process_time()
    Suggestions.read(path, face_schema)
    assert time.process_time() - started < 2.0, "0.3 s on an idle machine"
    tracemalloc.start()
    found = Suggestions.read(path, face_schema)
    held, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found) == 50_000
    assert held < 20e6
    assert most < 50e6


def test_a_column_is_codes_and_confidences(face_schema: Schema) -> None:
    found = Suggestions(face_schema, [row("a", ALL, 0.5), row("b", {})])
    codes, chances = found.column("hair_colour", [fingerprint(name) for name in "abc"])
    assert codes.tolist() == [face_schema.head("hair_colour").index_of("blond"), -1, -1]
    assert chances[0] == pytest.approx(0.5)


def test_the_hidden_slice_is_random_seeded_and_of_the_size_that_is_set(face_schema: Schema) -> None:
    names = [fingerprint(str(index)) for index in range(4000)]
    found = Suggestions(face_schema, (row(str(index), ALL) for index in range(4000)))
    first, again, other = (Advice(found, SuggestionSettings(seed=seed)) for seed in (0, 0, 1))
    hidden = [one for one in names if first.hidden(one)]
    assert 330 < len(hidden) < 470, "a tenth"
    assert hidden == [one for one in names if again.hidden(one)]
    assert hidden != [one for one in names if other.hidden(one)]
    for one in names[:50]:
        assert bool(first.shown(one)) != bool(first.held_back(one))


def test_enter_accepts_the_open_heads_and_goes_on(make_session: MakeSession, store: LabelStore) -> None:
    session = make_session()
    assert session.suggestions["hair_colour"].answer == "blond"
    assert session.labels.answers == {}, "a suggestion is no answer"
    assert session.accept() == Outcome(saved=True, picture_changed=True)
    assert store.labels(fingerprint("0000.jpg")).answers == ALL
    assert logged(store) == [(head, Source.ACCEPTED, one, one) for head, one in ALL.items()]
    assert session.position == 1
    assert session.progress.done == 1
    assert session.undo().message == "undone: hair top, now open", "one answer at a time"


def test_a_digit_overrules_one_and_stays_for_the_rest(make_session: MakeSession, store: LabelStore) -> None:
    session = make_session()
    session.previous_head()
    assert session.head.name == "hair_top"
    assert session.answer("1") == Outcome(saved=True), "the others are not answered yet: it stays"
    assert (session.position, session.head.name) == (0, "wrinkles")
    session.answer("2")
    session.cannot_tell()
    assert session.accept().picture_changed
    assert logged(store) == [
        ("hair_top", Source.CHANGED, "bald", "few"),
        ("wrinkles", Source.ACCEPTED, "yes", "yes"),
        ("freckles", Source.CHANGED, Special.CANNOT_TELL, "none"),
        ("glasses", Source.ACCEPTED, "normal", "normal"),
        ("hair_colour", Source.ACCEPTED, "blond", "blond"),
    ]


def test_the_last_open_head_moves_on_without_enter(make_session: MakeSession) -> None:
    session = make_session()
    outcomes = [session.answer(key) for key in "21242"]
    assert [one.picture_changed for one in outcomes] == [False] * 4 + [True]
    session.previous_picture()
    assert session.answer("1") == Outcome(saved=True), "a second look at a finished picture goes head by head"
    assert session.head.name == "freckles"


def test_heads_without_a_suggestion_stay_open(make_session: MakeSession, store: LabelStore) -> None:
    session = make_session({"glasses": "none"})
    outcome = session.accept()
    assert (outcome.saved, outcome.picture_changed, session.head.name) == (True, False, "wrinkles")
    assert outcome.message == "no suggestion for the heads that are open"
    assert store.labels(fingerprint("0000.jpg")).answers == {"glasses": "none"}
    assert not session.accept().saved, "nothing more is suggested"


def test_answers_that_are_there_are_not_replaced_by_enter(
    make_session: MakeSession, store: LabelStore
) -> None:
    store.record(fingerprint("0000.jpg"), "hair_colour", "black", name="0000.jpg")
    session = make_session()
    session.go_to(0)
    session.accept()
    assert store.labels(fingerprint("0000.jpg")).answers["hair_colour"] == "black"


def test_enter_without_suggestions_stores_nothing_and_says_so(
    make_session: MakeSession, store: LabelStore
) -> None:
    session = make_session()
    session.go_to(2)
    assert session.suggestions == {}
    assert "nothing is suggested here" in session.accept().message
    session.go_to(0)
    session.exclude()
    session.go_to(0)
    assert not session.accept().saved, "an excluded picture has no open heads"
    assert [one[0] for one in logged(store)] == ["not_human"]


def test_a_hidden_suggestion_is_not_shown_but_on_record(make_session: MakeSession, store: LabelStore) -> None:
    session = make_session(settings=HIDE_ALL)
    assert session.suggestions == {}
    assert not session.accept().saved
    for key in "11111":
        session.answer(key)
    assert session.position == 1, "head by head, as if there were no suggestion"
    assert logged(store)[0] == ("wrinkles", Source.HUMAN, "none", "yes")
    assert logged(store)[1] == ("freckles", Source.HUMAN, "none", "none")


def test_any_head_is_answered_directly(make_session: MakeSession, store: LabelStore) -> None:
    session = make_session()
    session.answer_head("glasses", "none")
    assert session.head.name == "hair_colour"
    assert session.accept().picture_changed
    assert logged(store)[0] == ("glasses", Source.CHANGED, "none", "normal")
    session.go_to(2)
    for head, name in reversed(ALL.items()):
        outcome = session.answer_head(head, name)
    assert outcome.message == "the last picture; 1 still to do", "complete in whatever order"


def test_the_seconds_of_enter_are_shared_by_its_answers(face_schema: Schema, store: LabelStore) -> None:
    now = [0.0]
    advice = Advice(Suggestions(face_schema, [row("0000.jpg", ALL)]), SHOW_ALL)
    session = LabelSession(face_schema, store, pictures(1), lambda: now[0], advice)
    now[0] = 2.0
    session.accept()
    assert [one.seconds for one in store.events_since() if one.head] == [0.4] * 5


def test_enter_that_cannot_be_saved_accepts_nothing(
    make_session: MakeSession, open_store: OpenStore, labels_db: Path
) -> None:
    import sqlite3

    session = make_session(store=open_store(busy_timeout=0.01))
    other = sqlite3.connect(labels_db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    outcome = session.accept()
    other.close()
    assert outcome.failed
    assert session.position == 0
    assert session.labels.answers == {}


def test_in_a_pass_enter_accepts_its_head_only(make_session: MakeSession, store: LabelStore) -> None:
    session = make_session()
    session.go_to(0)
    session.next_head()
    session.toggle_pass()
    assert session.passing == "freckles"
    assert session.accept().picture_changed
    assert store.labels(fingerprint("0000.jpg")).answers == {"freckles": "none"}
    assert session.answer("2").picture_changed
    assert logged(store)[-1] == ("freckles", Source.CHANGED, "yes", "none")


def test_enter_leaves_a_locked_head_to_its_lock(make_session: MakeSession, store: LabelStore) -> None:
    session = make_session()
    session.answer("1")
    session.previous_head()
    assert session.head.name == "wrinkles"
    session.toggle_lock()
    session.go_to(1)
    session.accept()
    answers = store.labels(fingerprint("0001.jpg")).answers
    assert answers == {**ALL, "wrinkles": "none"}, "the lock stands against the suggestion"


def test_only_certainty_is_called_one() -> None:
    assert [certainty(one) for one in (1.0, 0.9999, 0.994, 0.91, 0.0)] == [
        "1.00",
        "0.99",
        "0.99",
        "0.91",
        "0.00",
    ]


def test_a_second_answer_is_not_put_down_to_a_suggestion(
    make_session: MakeSession, store: LabelStore
) -> None:
    store.record(fingerprint("0000.jpg"), "wrinkles", "none", name="0000.jpg")
    session = make_session()
    session.go_to(0)
    session.answer_head("wrinkles", "yes")
    assert logged(store)[-1] == ("wrinkles", Source.HUMAN, "yes", None), "an answered head shows none"
