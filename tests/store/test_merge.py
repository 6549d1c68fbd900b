"""Several answers become one by a rule that is named; what the rule cannot decide is listed."""

import pytest

from tests.store.conftest import OpenStore, fingerprint
from workbench.annotation.labels import NewEvent, PictureLabels, Source, Special
from workbench.annotation.merge import Merged, merge
from workbench.annotation.store import LabelStore
from workbench.errors import InputError

A, B, C = (fingerprint(name) for name in "abc")


@pytest.fixture
def three(open_store: OpenStore) -> LabelStore:
    """ana, bea and cid on a; ana and bea on b; ana alone on c."""
    given: list[tuple[str, str, str, str | Special]] = [
        ("ana", A, "glasses", "none"),
        ("bea", A, "glasses", "none"),
        ("cid", A, "glasses", "normal"),
        ("ana", A, "hair_top", "few"),
        ("ana", B, "glasses", "normal"),
        ("bea", B, "glasses", "sunglasses"),
        ("ana", B, "wrinkles", "yes"),
        ("bea", B, "wrinkles", "yes"),
        ("ana", C, "freckles", Special.CANNOT_TELL),
    ]
    for who, content, head, answer in given:
        open_store(who).record(content, head, answer, name="x.jpg")
    return open_store("dan")


def glasses(merged: Merged) -> dict[str, object]:
    return {name: merged.labels[content].answers.get("glasses") for name, content in (("a", A), ("b", B))}


def test_the_latest_is_what_the_screen_shows(three: LabelStore) -> None:
    merged = merge(three)
    assert merged.labels == three.all_labels()
    assert glasses(merged) == {"a": "normal", "b": "sunglasses"}
    assert merged.notes() == ("merged by the rule latest: where annotators differ, the latest answer counts",)


def test_the_majority_counts_and_a_tie_gives_none(three: LabelStore) -> None:
    merged = merge(three, "majority")
    assert glasses(merged) == {"a": "none", "b": None}
    assert merged.labels[B].answers == {"wrinkles": "yes"}
    assert merged.labels[A].answers["hair_top"] == "few", "one vote is the most frequent one"
    assert merged.undecided == ((B, ("glasses",)),)
    assert merged.notes()[1] == "undecided, and so without an answer: 1 head of 1 picture"


def test_the_adjudicator_decides_and_elsewhere_all_must_agree(three: LabelStore) -> None:
    merged = merge(three, "adjudicated", "cid")
    assert glasses(merged) == {"a": "normal", "b": None}
    assert merged.labels[B].answers == {"wrinkles": "yes"}
    assert merge(three, "adjudicated", "ana").undecided == ()
    assert "cid's answer counts" in merged.notes()[0]


def test_pictures_of_one_annotator_are_as_they_are(three: LabelStore) -> None:
    for merged in (merge(three), merge(three, "majority"), merge(three, "adjudicated", "bea")):
        assert merged.labels[C].answers == {"freckles": Special.CANNOT_TELL}


def test_the_flag_is_voted_on_by_all_who_answered(open_store: OpenStore) -> None:
    for who in ("ana", "bea"):
        open_store(who).record(A, "glasses", "none", name="a.jpg")
    open_store("cid").record(A, "not_human", "yes", name="a.jpg")
    store = open_store("dan")
    assert store.labels(A).excluded
    assert not merge(store, "majority").labels[A].excluded
    assert merge(store, "adjudicated", "cid").labels[A].excluded
    assert merge(store, "adjudicated", "bea").labels[A].excluded is False
    open_store("eve").record(A, "not_human", "yes", name="a.jpg")
    tied = merge(open_store("dan"), "majority")
    assert tied.undecided == ((A, ("not_human",)),)
    assert not tied.labels[A].excluded


def test_an_import_counts_where_no_person_answered(open_store: OpenStore) -> None:
    ana, bea = open_store("ana"), open_store("bea")
    imported = {"glasses": "none", "hair_top": "few"}
    open_store("").record_many(
        [NewEvent(A, head, given, "a.jpg", Source.IMPORTED) for head, given in imported.items()]
    )
    ana.record(A, "wrinkles", "yes", name="a.jpg")
    bea.record(A, "glasses", "normal", name="a.jpg")
    found = merge(bea, "majority")
    assert found.labels[A].answers == {"glasses": "normal", "hair_top": "few", "wrinkles": "yes"}
    assert found.undecided == ()


def test_no_answer_of_one_hides_the_others(open_store: OpenStore) -> None:
    ana, bea = open_store("ana"), open_store("bea")
    ana.record(A, "glasses", "none", name="a.jpg")
    bea.record(A, "glasses", "normal", name="a.jpg")
    bea.record(A, "glasses", None, name="a.jpg")
    assert ana.refresh()
    assert ana.labels(A).answers == {}, "the latest is what the screen shows"
    bea.record(A, "wrinkles", "yes", name="a.jpg")
    assert merge(ana, "majority").labels[A].answers == {"glasses": "none", "wrinkles": "yes"}


@pytest.mark.parametrize(
    ("rule", "adjudicator", "line"),
    [
        ("median", "", "--merge: no rule is named 'median'"),
        ("adjudicated", "", "--adjudicator: the rule needs an adjudicator"),
        ("adjudicated", "cyd", "nobody named 'cyd' answered; did you mean 'cid'"),
    ],
)
def test_a_wrong_rule_is_one_line(three: LabelStore, rule: str, adjudicator: str, line: str) -> None:
    with pytest.raises(InputError, match=line):
        merge(three, rule, adjudicator)


def test_a_bench_of_one_needs_no_rule(store: LabelStore) -> None:
    store.record(A, "glasses", "none", name="a.jpg")
    for merged in (merge(store, "majority"), merge(store, "adjudicated", "ana")):
        assert merged.labels[A] == PictureLabels({"glasses": "none"}, seen=True)
        assert merged.undecided == ()
