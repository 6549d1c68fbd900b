"""Metrics: against hand-worked examples and scikit-learn, and never a figure where nothing can be said."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from workbench.evaluation.metrics import head_metrics, most_frequent, wilson_interval
from workbench.evaluation.report import HeadMetrics
from workbench.training.figures import head_figures

CLASSES = ("none", "normal", "sun")


def sure(
    answers: list[int], count: int = 3, chance: float = 0.8
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Probabilities that answer these classes."""
    rest = (1 - chance) / (count - 1)
    return np.where(np.eye(count)[answers] == 1, chance, rest)


def test_a_small_example_worked_by_hand() -> None:
    truth = np.array([0, 0, 0, 0, 1, 1, -1, -1])
    found = head_metrics(truth, sure([0, 0, 0, 1, 1, 0, 2, 2]), CLASSES, majority_class=0)
    assert found.n == 6, "masked pictures count nowhere"
    assert found.accuracy == pytest.approx(4 / 6)
    assert found.majority == pytest.approx(4 / 6), "the majority guess is just as good"
    # F1 of none: 2·3/(4+4) = .75, of normal: 2·1/(2+2) = .5; sun has no picture here
    assert found.macro_f1 == pytest.approx((0.75 + 0.5) / 2)
    # always none: F1 of none 2·4/(4+6) = .8, of normal 0
    assert found.majority_macro_f1 == pytest.approx(0.4)
    assert found.loss == pytest.approx(-(4 * math.log(0.8) + 2 * math.log(0.1)) / 6)
    assert (found.weakest, found.weakest_recall) == ("normal", 0.5)
    assert found.confusion == ((3, 1, 0), (1, 1, 0), (0, 0, 0))
    none = found.classes[0]
    assert (none.support, none.predicted, none.precision, none.recall, none.f1) == (4, 4, 0.75, 0.75, 0.75)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 6), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_figures_are_scikit_learns_where_that_defines_them(count: int, n: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    truth = generator.integers(-1, count, n)
    chances = generator.dirichlet(np.ones(count), n)
    found = head_metrics(truth, chances, [str(one) for one in range(count)], majority_class=0)
    known = truth >= 0
    labels, answers = truth[known], chances[known].argmax(axis=1)
    if not len(labels):
        assert found.accuracy is None
        return
    assert found.accuracy == pytest.approx(reference.accuracy_score(labels, answers))
    assert found.loss == pytest.approx(reference.log_loss(labels, chances[known], labels=range(count)))
    precision, recall, f1, support = reference.precision_recall_fscore_support(
        labels, answers, labels=range(count), zero_division=np.nan
    )
    for index, one in enumerate(found.classes):
        assert one.support == support[index]
        for ours, theirs in ((one.precision, precision[index]), (one.recall, recall[index])):
            assert (ours is None) == bool(np.isnan(theirs))
            assert ours is None or ours == pytest.approx(theirs)
        assert (one.f1 is None) == (not one.support)
        assert one.f1 is None or one.f1 == pytest.approx(f1[index])
    present = [one.f1 for one in found.classes if one.f1 is not None]
    assert found.macro_f1 == pytest.approx(sum(present) / len(present))
    guess = np.zeros_like(labels)
    assert found.majority == pytest.approx(reference.accuracy_score(labels, guess))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_training_and_evaluation_agree(seed: int) -> None:
    generator = np.random.default_rng(seed)
    truth, chances = generator.integers(-1, 4, 30), generator.dirichlet(np.ones(4), 30)
    shown, final = head_figures(truth, chances), head_metrics(truth, chances, list("abcd"))
    assert (shown.loss, shown.accuracy, shown.macro_f1) == pytest.approx(
        (final.loss, final.accuracy, final.macro_f1)
    )


def test_no_labelled_picture_is_no_figure_and_no_crash() -> None:
    found = head_metrics(np.array([-1, -1]), sure([0, 1]), CLASSES, majority_class=1)
    assert found.n == 0
    assert found.reason == "no labelled picture in the split"
    assert [found.accuracy, found.macro_f1, found.majority, found.loss, found.interval] == [None] * 5
    assert found.majority_class == "normal"
    empty = head_metrics(np.array([], dtype=np.int16), np.empty((0, 3)), CLASSES)
    assert empty.n == 0
    assert HeadMetrics.from_dict(empty.to_dict()) == empty


def test_a_class_that_is_never_predicted_has_no_precision() -> None:
    found = head_metrics(np.array([0, 1]), sure([0, 0]), CLASSES)
    normal, sun = found.classes[1], found.classes[2]
    assert (normal.precision, normal.recall, normal.f1) == (None, 0.0, 0.0)
    assert normal.reason == "never predicted"
    assert (sun.recall, sun.f1, sun.reason) == (
        None,
        None,
        "no picture of this class in the split; never predicted",
    )


def test_a_class_without_pictures_that_is_predicted_lowers_nobodys_mean() -> None:
    found = head_metrics(np.array([0, 0, 1, 1]), sure([0, 2, 1, 1]), CLASSES)
    assert found.classes[2].precision == 0.0
    assert found.classes[2].recall is None
    assert found.macro_f1 == pytest.approx((2 / 3 + 1) / 2)


def test_the_majority_is_the_training_splits_and_may_fail_here() -> None:
    found = head_metrics(np.array([1, 1]), sure([1, 1]), CLASSES, majority_class=0)
    assert (found.majority, found.majority_macro_f1, found.majority_class) == (0.0, 0.0, "none")
    assert head_metrics(np.array([1]), sure([1]), CLASSES).majority is None


def test_most_frequent_ignores_what_is_masked() -> None:
    assert most_frequent(np.array([-1, -1, -1, 2, 2, 0])) == 2
    assert most_frequent(np.array([1, 0, 1, 0])) == 0, "the first of equals"
    assert most_frequent(np.array([-1])) is None


def test_a_sure_mistake_costs_much_and_not_infinity() -> None:
    found = head_metrics(np.array([1]), np.array([[1.0, 0.0, 0.0]]), CLASSES)
    assert found.loss == pytest.approx(16.118, abs=1e-3)


def test_answers_that_are_no_numbers_are_not_measured() -> None:
    with pytest.raises(ValueError, match="not numbers"):
        head_metrics(np.array([0]), np.array([[np.nan, 0.5, 0.5]]), CLASSES)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    # from Newcombe, Statistics in Medicine 17 (1998), table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_intervals_as_published(hits: int, n: int, low: float, high: float) -> None:
    assert wilson_interval(hits, n) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_intervals_hold_the_share_and_stay_within_0_and_1(case: tuple[int, int]) -> None:
    hits, n = case
    low, high = wilson_interval(hits, n)
    assert 0 <= low <= hits / n <= high <= 1


def test_showing_results_needs_no_heavy_library() -> None:
    script = """
import sys, workbench.evaluation.report, workbench.dataset.distribution, workbench.dataset.split
print([name for name in ("tensorflow", "keras", "pandas", "sklearn", "imgaug", "cv2") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
