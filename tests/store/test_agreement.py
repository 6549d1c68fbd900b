"""Several annotators on one bench: nobody hides another, and figures that one can check by hand."""

import math

import pytest

from tests.store.conftest import OpenStore, fingerprint
from workbench.annotation.agreement import agreement, disagreeing, measure
from workbench.annotation.labels import NewEvent, Source, Special
from workbench.annotation.store import LabelStore

A, B, C = (fingerprint(name) for name in "abc")


def units(*rows: str) -> list[dict[str, str]]:
    """Each annotator's answers in a row, a character a picture; "." is none."""
    return [
        {f"who{index}": answer for index, answer in enumerate(column) if answer != "."}
        for column in zip(*rows, strict=True)
    ]


def answer(store: LabelStore, content: str, head: str, given: str | Special | None) -> None:
    store.record(content, head, given, name=f"{content[:4]}.jpg")


def test_cohens_kappa_by_hand() -> None:
    found = measure(units("y" * 25 + "n" * 25, "y" * 20 + "n" * 5 + "y" * 10 + "n" * 15))
    assert (found.pictures, found.compared, found.equal, found.percent) == (50, 50, 35, 70.0)
    assert found.kappa == pytest.approx((0.70 - 0.50) / (1 - 0.50)), "expected: 25·30 + 25·20 of 50·50"


def test_krippendorffs_alpha_of_his_examples() -> None:
    binary = measure(units("0100000010", "1110010000"))
    assert binary.alpha == pytest.approx(0.095, abs=5e-4)
    gaps = measure(units("123321412...", "1233224125.3", ".3332342251.", "12332441251."))
    assert gaps.alpha == pytest.approx(0.743, abs=5e-4)
    assert gaps.kappa is None, "four annotators"
    assert gaps.pictures == 11, "the last picture has one answer only"


def test_all_alike_and_nothing_to_compare() -> None:
    alike = measure(units("aaab", "aaab"))
    assert (alike.percent, alike.kappa) == (100.0, 1.0)
    assert alike.alpha == pytest.approx(1.0)
    one_answer = measure(units("aaaa", "aaaa"))
    assert (one_answer.percent, one_answer.kappa, one_answer.alpha) == (100.0, None, None)
    nothing = measure(units("a.", ".a"))
    assert (nothing.pictures, nothing.percent, nothing.kappa, nothing.alpha) == (0, None, None, None)


def test_chance_is_zero() -> None:
    found = measure(units("ab" * 50, "aabb" * 25))
    assert found.kappa == pytest.approx(0.0)
    assert found.alpha is not None
    assert math.isclose(found.alpha, 0.0, abs_tol=0.01)


def test_a_bench_of_two(open_store: OpenStore) -> None:
    ana, bea = open_store("ana"), open_store("bea")
    answer(ana, A, "glasses", "none")
    answer(bea, A, "glasses", "none")
    answer(ana, B, "glasses", "normal")
    answer(bea, B, "glasses", Special.CANNOT_TELL)
    answer(bea, C, "glasses", "normal")
    report = agreement(ana)
    assert report.annotators == ("ana", "bea")
    assert report.pictures == 2
    assert (report.heads["glasses"].pictures, report.heads["glasses"].percent) == (2, 50.0)
    assert report.heads["wrinkles"].pictures == 0
    assert report.heads["not_human"].percent == 100.0, "both answered heads, so both take it for a face"
    assert report.overall.percent == 75.0
    assert report.disagreeing == ((B, ("glasses",)),)
    assert disagreeing(bea) == (B,)
    assert report.pairs["ana", "bea"].compared == 4
    found = report.to_dict({B: "b.jpg"})
    assert found["disagreeing"] == [{"fingerprint": B, "name": "b.jpg", "heads": ["glasses"]}]
    assert found["heads"]["glasses"]["percent"] == 50.0


def test_three_annotators_in_pairs(open_store: OpenStore) -> None:
    for who, given in (("ana", "none"), ("bea", "none"), ("cid", "normal")):
        answer(open_store(who), A, "glasses", given)
    report = agreement(open_store("dan"))
    assert (report.heads["glasses"].compared, report.heads["glasses"].equal) == (3, 1)
    assert report.heads["glasses"].kappa is None
    pairs = {pair: (one.compared, one.equal) for pair, one in report.pairs.items()}
    assert pairs == {("ana", "bea"): (2, 2), ("ana", "cid"): (2, 1), ("bea", "cid"): (2, 1)}, "with the flag"


def test_one_who_excludes_and_one_who_answers_differ(open_store: OpenStore) -> None:
    answer(open_store("ana"), A, "not_human", "yes")
    answer(open_store("bea"), A, "glasses", "none")
    report = agreement(open_store("cid"))
    assert report.disagreeing == ((A, ("not_human",)),)
    assert report.heads["not_human"].percent == 0.0


def test_each_annotators_own_undo_counts(open_store: OpenStore) -> None:
    ana, bea = open_store("ana"), open_store("bea")
    answer(ana, A, "glasses", "none")
    answer(bea, A, "glasses", "normal")
    answer(bea, A, "glasses", "none")
    assert disagreeing(ana) == ()
    bea.undo()
    assert disagreeing(ana) == (A,)
    bea.redo()
    assert disagreeing(ana) == ()
    ana.undo()
    assert agreement(ana).heads["glasses"].pictures == 0


def test_an_import_that_names_nobody_is_nobodys_judgement(open_store: OpenStore) -> None:
    nobody, bea = open_store(""), open_store("bea")
    nobody.record_many([NewEvent(A, "glasses", "none", "a.jpg", Source.IMPORTED)])
    answer(bea, A, "glasses", "normal")
    assert disagreeing(bea) == ()
    assert agreement(bea).annotators == ()


def test_an_import_that_names_an_annotator_is_a_judgement_of_that_one(open_store: OpenStore) -> None:
    nobody, bea = open_store(""), open_store("bea")
    nobody.record_many([NewEvent(A, "glasses", "none", "a.jpg", Source.IMPORTED, annotator="ana")])
    answer(bea, A, "glasses", "normal")
    assert agreement(bea).annotators == ("ana", "bea")
    assert disagreeing(bea) == (A,)
    answer(open_store("ana"), A, "glasses", "normal")
    assert disagreeing(bea) == (), "what she answers here later is her answer"


def test_with_one_annotator_there_is_nothing_to_compare(store: LabelStore) -> None:
    answer(store, A, "glasses", "none")
    report = agreement(store)
    assert (report.annotators, report.pictures, report.overall.percent) == ((), 0, None)
