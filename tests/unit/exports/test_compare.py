"""When a file's answers count as the network's, and when not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from workbench.dataset.table import Table
from workbench.exports.compare import ask, compare, verdict
from workbench.exports.formats import EXACT, QUANTISED, Answers, Tolerance

WANTED = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.5, 0.5]], dtype=np.float32)


def table(*codes: int) -> Table:
    """One head, `glasses`, with these labels."""
    names = tuple(str(index) for index in range(len(codes)))
    return Table(names, names, names, {"glasses": np.array(codes, dtype=np.int16)})


def moved(*rows: tuple[int, float]) -> NDArray[np.float32]:
    """The same answers, in some rows with more of the second class."""
    found = WANTED.copy()
    for row, step in rows:
        found[row] += np.array([-step, step], dtype=np.float32)
    return found


def test_equal_answers_pass_and_differ_by_nothing() -> None:
    found = compare({"glasses": WANTED}, {"glasses": WANTED.copy()}, table(0, 0, 1, -1))
    one = found["glasses"]
    assert (one.different, one.equal_share, one.largest, one.mean, one.accuracy) == (0, 1.0, 0.0, 0.0, 1.0)
    assert verdict(found, EXACT, 4) == ""


def test_differences_are_counted_and_the_accuracy_is_of_labelled_pictures() -> None:
    one = compare({"glasses": WANTED}, {"glasses": moved((1, 0.3))}, table(0, 0, -1, -1))["glasses"]
    assert (one.different, one.overturned, one.equal_share, one.accuracy) == (1, 1, 0.75, 0.5)
    assert one.largest == pytest.approx(0.3)
    assert one.mean == pytest.approx(0.3 / 4)
    assert (
        compare({"glasses": WANTED}, {"glasses": WANTED}, table(-1, -1, -1, -1))["glasses"].accuracy is None
    )


def test_one_probability_too_far_off_is_enough_for_float_formats() -> None:
    found = compare({"glasses": WANTED}, {"glasses": moved((2, 0.001))}, table(0, 0, 0, 0))
    assert verdict(found, EXACT, 4) == "a probability of glasses differs by 0.001, more than 0.0001"
    assert verdict(found, QUANTISED, 4) == ""


def test_integers_may_change_one_answer_and_no_more_in_a_small_split() -> None:
    codes = table(0, 0, 0, 0)
    one = compare({"glasses": WANTED}, {"glasses": moved((1, 0.11))}, codes)
    assert verdict(one, QUANTISED, 4) == ""
    loose = Tolerance(None, mean=1, overturned=0.05)
    two = compare({"glasses": WANTED}, {"glasses": moved((1, 0.11), (2, -0.31))}, codes)
    assert verdict(two, loose, 4) == "2 of 4 answers for glasses are overturned, more than 1"
    assert verdict(two, QUANTISED, 4) == (
        "the probabilities of glasses differ by 0.1 in the mean, more than 0.05"
    )


def test_a_choice_between_equals_is_no_mistake() -> None:
    found = compare({"glasses": WANTED}, {"glasses": moved((3, 0.01), (1, 0.03))}, table(0, 0, 0, 0))
    assert (found["glasses"].different, found["glasses"].overturned) == (1, 0)


def test_answers_that_are_no_answers_are_never_equal() -> None:
    with pytest.raises(ValueError, match="no numbers"):
        compare({"glasses": WANTED}, {"glasses": np.full_like(WANTED, np.nan)}, table(0, 0, 0, 0))
    with pytest.raises(ValueError, match=r"shape \(4, 1\) for glasses, not \(4, 2\)"):
        compare({"glasses": WANTED}, {"glasses": WANTED[:, :1]}, table(0, 0, 0, 0))


def test_every_picture_is_asked_once_in_its_order_and_told_of() -> None:
    class Numbered:
        def read(self, fingerprints: tuple[str, ...]) -> NDArray[np.uint8]:
            return np.array([int(one) for one in fingerprints], dtype=np.uint8)

    def answer(images: NDArray[np.uint8]) -> Answers:
        chances = np.stack([images, 255 - images], axis=1).astype(np.float32)
        chances /= 255
        return {"head0": chances}

    told: list[int] = []
    found, speed = ask(answer, {"glasses": "head0"}, Numbered(), table(*[0] * 70), told.append)  # type: ignore[arg-type]
    assert (found["glasses"][:, 0] * 255).round().astype(int).tolist() == list(range(70))
    assert told == [32, 32, 6]
    assert speed > 0


def test_a_tolerance_says_itself_in_words() -> None:
    assert str(EXACT) == "every probability within 0.0001"
    assert str(Tolerance(None, 0.05, 0.05)) == (
        "at most 5% of each head's clear answers overturned, probabilities within 0.05 in the mean"
    )
