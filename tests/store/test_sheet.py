"""Sheets: which faces stand on a page, what a key changes on it, and what ⏎ stores."""

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.store.conftest import OpenStore, fingerprint, pictures
from tests.store.test_suggestions import SHOW_ALL, logged
from workbench.annotation.labels import Source, Special
from workbench.annotation.sheet import SheetSession
from workbench.annotation.sheet_page import Mark, PageWork, SheetPage
from workbench.annotation.store import LabelStore
from workbench.annotation.suggestions import Advice, SuggestedRow, Suggestions
from workbench.schema import Schema
from workbench.settings import SuggestionSettings

MakeSheet = Callable[..., SheetSession]
Said = tuple[str, float]


@pytest.fixture
def make_sheet(face_schema: Schema, store: LabelStore) -> MakeSheet:
    """Sheets of glasses; what is suggested is given as {number of the picture: (class, confidence)}."""

    def make(
        said: Mapping[int, Said],
        count: int = 8,
        settings: SuggestionSettings = SHOW_ALL,
        store: LabelStore = store,
        head: str = "glasses",
        clock: Callable[[], float] = lambda: 0.0,
    ) -> SheetSession:
        rows = [
            SuggestedRow(fingerprint(f"{number:04d}.jpg"), {head: one}, "0007-sgd", "now")
            for number, one in said.items()
        ]
        advice = Advice(Suggestions(face_schema, rows), settings)
        return SheetSession(face_schema, store, pictures(count), advice, head, clock)

    return make


def names(page: SheetPage) -> list[str]:
    """The pictures of a page, without ending."""
    return [face.picture.name.removesuffix(".jpg").lstrip("0") or "0" for face in page.faces]


SAID: Mapping[int, Said] = {
    0: ("none", 0.7),
    1: ("normal", 0.8),
    2: ("none", 0.9),
    3: ("none", 0.8),
    5: ("normal", 0.99),
    6: ("none", 0.95),
}


def test_a_page_holds_one_class_the_surest_first(make_sheet: MakeSheet) -> None:
    sheet = make_sheet(SAID)
    page = sheet.page(3)
    assert (page.answer, names(page)) == ("none", ["6", "2", "3"])
    assert [face.picture.name for face in page.following] == ["0000.jpg"]
    last_of_its_class = [face.picture.name for face in sheet.page(4).following]
    assert last_of_its_class == ["0005.jpg", "0001.jpg"], "drawn beforehand, although of the next class"
    assert (page.left, page.done, page.total) == ({"none": 4, "normal": 2, "sunglasses": 0}, 0, 8)
    assert page.faces[0].confidence == pytest.approx(0.95)


def test_enter_stores_the_rest_as_suggested_and_exceptions_as_changed(
    make_sheet: MakeSheet, store: LabelStore
) -> None:
    sheet = make_sheet(SAID)
    work = PageWork(sheet.page(4))
    for place, key in ((1, "3"), (2, "?")):
        work.choose(place)
        assert (work.cannot_tell() if key == "?" else work.answer(key)) == ""
    assert logged(store) == [], "nothing is stored before ⏎"
    outcome = sheet.accept(work.page, work.changes)
    assert (outcome.saved, outcome.message) == (True, "4 answers, 2 changed")
    assert logged(store) == [
        ("glasses", Source.ACCEPTED, "none", "none"),
        ("glasses", Source.CHANGED, "sunglasses", "none"),
        ("glasses", Source.CHANGED, Special.CANNOT_TELL, "none"),
        ("glasses", Source.ACCEPTED, "none", "none"),
    ]
    page = sheet.page(4)
    assert (page.answer, names(page), page.done) == ("normal", ["5", "1"], 4), "on to the next class"
    sheet.accept(page, {})
    assert sheet.page(4).faces == ()


def test_excluded_and_left_out_faces_get_no_answer(make_sheet: MakeSheet, store: LabelStore) -> None:
    sheet = make_sheet(SAID)
    work = PageWork(sheet.page(4))
    for place, mark in ((0, Mark.EXCLUDED), (1, Mark.LEFT_OUT)):
        work.choose(place)
        work.mark(mark)
    assert sheet.accept(work.page, work.changes).message == "3 answers, 1 changed; 1 left out"
    assert store.labels(fingerprint("0006.jpg")).excluded
    assert store.labels(fingerprint("0002.jpg")).answers == {}
    sheet.show_class("1")
    assert sheet.page(4).left["none"] == 0, "not asked again today"
    assert make_sheet(SAID).page(4).left["none"] == 1, "but the next time"


def test_undo_takes_a_page_back_as_one_step(make_sheet: MakeSheet, store: LabelStore) -> None:
    sheet = make_sheet(SAID)
    store.record(fingerprint("0007.jpg"), "wrinkles", "yes", name="0007.jpg")
    first = sheet.page(3)
    sheet.accept(first, {0: "sunglasses"})
    sheet.accept(sheet.page(3), {})
    assert sheet.undo().message == "undone: the last page, 1 answer"
    assert sheet.undo().message == "undone: the last page, 3 answers"
    assert sheet.page(3) == first
    assert not sheet.undo().saved
    assert store.labels(fingerprint("0007.jpg")).answers == {"wrinkles": "yes"}, "earlier answers stay"


def test_hidden_answered_and_excluded_pictures_are_on_no_page(
    make_sheet: MakeSheet, store: LabelStore
) -> None:
    store.record(fingerprint("0000.jpg"), "glasses", "none", name="0000.jpg")
    store.record(fingerprint("0002.jpg"), "not_human", "yes", name="0002.jpg")
    store.record(fingerprint("0003.jpg"), "wrinkles", "yes", name="0003.jpg")
    page = make_sheet(SAID).page(9)
    assert names(page) == ["6", "3"]
    assert page.done == 2
    settings = SuggestionSettings(hidden_share=0.5)
    sheet = make_sheet(dict.fromkeys(range(3, 200), ("none", 0.9)), 200, settings)
    advice = sheet._advice
    shown = sheet.page(1000).faces
    assert 60 < len(shown) < 140
    assert not any(advice.hidden(face.picture.fingerprint) for face in shown)


def test_an_answer_given_meanwhile_is_left_alone(
    make_sheet: MakeSheet, store: LabelStore, open_store: OpenStore
) -> None:
    sheet = make_sheet(SAID)
    page = sheet.page(4)
    other = open_store("ben")
    other.record(fingerprint("0006.jpg"), "glasses", "normal", name="0006.jpg")
    assert "1 answered by somebody else meanwhile" in sheet.accept(page, {}).message
    assert store.labels(fingerprint("0006.jpg")).answers == {"glasses": "normal"}
    other.record(fingerprint("0005.jpg"), "glasses", "none", name="0005.jpg")
    store.refresh()
    assert names(sheet.page(4)) == ["1"]


def test_a_page_that_cannot_be_saved_stays(
    make_sheet: MakeSheet, open_store: OpenStore, labels_db: Path
) -> None:
    sheet = make_sheet(SAID, store=open_store(busy_timeout=0.01))
    page = sheet.page(4)
    other = sqlite3.connect(labels_db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    outcome = sheet.accept(page, {})
    other.close()
    assert outcome.failed
    assert "another program" in outcome.message
    assert sheet.page(4) == page
    assert sheet.accept(page, {}).saved
    assert sheet.undo().saved


def test_heads_and_classes_are_switched(make_sheet: MakeSheet) -> None:
    sheet = make_sheet(SAID)
    sheet.next_class()
    assert sheet.page(2).answer == "normal"
    sheet.next_class()
    assert sheet.page(2).answer == "none", "sunglasses have no face"
    sheet.next_class(-1)
    assert sheet.page(2).answer == "normal"
    assert sheet.show_class("3").message == "no face is left that is taken for sunglasses"
    assert sheet.show_class("9").message == "glasses has no key 9: 1 none, 2 normal, 3 sunglasses"
    assert sheet.page(2).answer == "normal"
    sheet.next_head()
    assert sheet.head.name == "hair_colour"
    sheet.next_head(-2)
    assert sheet.head.name == "freckles"


def test_without_suggestions_the_person_names_the_class(make_sheet: MakeSheet, store: LabelStore) -> None:
    sheet = make_sheet({}, 5)
    page = sheet.page(3)
    assert (page.answer, page.suggested, names(page)) == ("", False, ["0", "1", "2"])
    assert sheet.accept(page, {}).message == "press the key of the class first that all of these are"
    work = PageWork(page)
    work.choose(0)
    assert work.answer("2") == "press the letter of a face first"
    sheet.show_class("2")
    page = sheet.page(3)
    assert page.answer == "normal"
    assert page.faces[0].confidence is None
    sheet.accept(page, {1: "none"})
    assert [one[1:] for one in logged(store)] == [
        (Source.HUMAN, "normal", None),
        (Source.HUMAN, "none", None),
        (Source.HUMAN, "normal", None),
    ]
    assert names(sheet.page(3)) == ["3", "4"]


def test_a_letter_alone_turns_a_face_of_a_head_with_two_classes(make_sheet: MakeSheet) -> None:
    work = PageWork(make_sheet({0: ("none", 0.9), 1: ("none", 0.8)}, head="wrinkles").page(5))
    work.choose(1)
    assert work.changes == {1: "yes"}
    work.choose(1)
    assert work.changes == {}
    work.choose(0)
    assert work.cannot_tell() == ""
    assert work.changes == {0: Special.CANNOT_TELL}
    work.choose(0)
    assert work.changes == {}
    work.choose(7)
    assert work.chosen is None, "no such face"


def test_a_change_can_be_taken_back_before_enter(make_sheet: MakeSheet) -> None:
    work = PageWork(make_sheet(SAID).page(4))
    work.choose(2)
    work.answer("3")
    assert (work.changes, work.chosen) == ({2: "sunglasses"}, None)
    work.choose(2)
    work.answer("1")
    assert work.changes == {}, "the page's own class is no change"
    work.choose(2)
    work.answer("3")
    work.choose(2)
    work.choose(2)
    assert work.changes == {}
    work.choose(1)
    assert "no key 8" in work.answer("8")
    assert work.chosen == 1


def test_the_seconds_of_a_page_are_shared_by_its_faces(make_sheet: MakeSheet, store: LabelStore) -> None:
    now = [0.0]
    sheet = make_sheet(SAID, clock=lambda: now[0])
    page = sheet.page(4)
    now[0] = 6.0
    sheet.accept(page, {})
    assert [one.seconds for one in store.events_since()] == [1.5] * 4


def test_copies_stand_on_a_page_once(face_schema: Schema, store: LabelStore) -> None:
    rows = [SuggestedRow(fingerprint("0000.jpg"), {"glasses": ("none", 0.5)}, "x", "now")]
    twice = [*pictures(1), *pictures(1)]
    sheet = SheetSession(
        face_schema, store, twice, Advice(Suggestions(face_schema, rows), SHOW_ALL), "glasses"
    )
    assert len(sheet.page(9).faces) == 1
