"""The figures that a worker measures after each epoch, by hand (scikit-learn's stand in the engine tier)."""

import math

import numpy as np
import pytest

from workbench.training.figures import HeadFigures, SplitFigures, head_figures, majority_shares


def test_four_pictures_by_hand() -> None:
    """Guesses 0 0 1 2 for 0 1 1 2: F1 is 2/3, 2/3 and 1; chances of the truth .5 .25 .8 1."""
    truth = np.array([0, 1, 1, 2])
    chances = np.array([[0.5, 0.3, 0.2], [0.6, 0.25, 0.15], [0.1, 0.8, 0.1], [0.0, 0.0, 1.0]])
    found = head_figures(truth, chances)
    assert found.loss == pytest.approx(-(math.log(0.5) + math.log(0.25) + math.log(0.8)) / 4)
    assert found.accuracy == 0.75
    assert found.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)


def test_masked_pictures_do_not_count() -> None:
    chances = np.array([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8]])
    assert head_figures(np.array([0, -1, 1]), chances) == head_figures(np.array([0, 1]), chances[[0, 2]])


def test_a_class_that_nobody_has_is_not_averaged_in() -> None:
    """Class 2 is guessed once and never true: it costs class 0 a hit, and adds no F1 of its own."""
    found = head_figures(np.array([0, 0, 1]), np.eye(3)[[0, 2, 1]])
    assert found.macro_f1 == pytest.approx((2 / 3 + 1) / 2)


def test_a_chance_of_0_is_a_large_loss_and_not_infinity() -> None:
    assert head_figures(np.array([1]), np.array([[1.0, 0.0]])).loss == pytest.approx(-math.log(1e-7))


def test_a_head_without_labels_has_no_figures() -> None:
    found = head_figures(np.array([-1, -1]), np.full((2, 2), 0.5))
    assert all(math.isnan(value) for value in vars(found).values())


def split(**heads: HeadFigures) -> SplitFigures:
    return SplitFigures(heads)


def test_the_loss_is_a_sum_and_the_others_are_means_of_what_was_measured() -> None:
    both = split(a=HeadFigures(1.0, 0.5, 0.25), b=HeadFigures(2.0, 1.0, 0.75), c=HeadFigures())
    assert (both.loss, both.accuracy, both.macro_f1) == (3.0, 0.75, 0.5)
    nothing = split(a=HeadFigures())
    assert all(math.isnan(value) for value in (nothing.loss, nothing.accuracy, nothing.macro_f1))


def test_a_head_that_diverged_does_not_make_the_sum_smaller() -> None:
    diverged = head_figures(np.array([0, 1]), np.full((2, 2), np.nan))
    assert diverged.loss == math.inf
    assert split(a=HeadFigures(1.0, 1.0, 1.0), b=diverged).loss == math.inf


def test_names_are_those_that_settings_use() -> None:
    found = split(loss=HeadFigures(1.0, 0.5, 0.25)).named("val_")
    assert found == {
        "val_loss": 1.0,
        "val_accuracy": 0.5,
        "val_macro_f1": 0.25,
        "val_loss_loss": 1.0,
        "val_loss_accuracy": 0.5,
        "val_loss_macro_f1": 0.25,
    }
    assert set(split(a=HeadFigures(1.0, 0.5)).named()) == {"loss", "accuracy", "a_loss", "a_accuracy"}


def test_an_event_leaves_out_what_was_not_measured_but_for_the_loss() -> None:
    found = split(a=HeadFigures(1.0, 0.5)).to_dict()
    assert found == {"loss": 1.0, "accuracy": 0.5, "heads": {"a": {"loss": 1.0, "accuracy": 0.5}}}
    assert list(split(a=HeadFigures()).to_dict()["heads"]["a"]) == ["loss"]


def test_majority_is_the_share_of_the_most_frequent_class() -> None:
    codes = {"a": np.array([1, 1, 0, -1, -1]), "b": np.array([-1, -1])}
    assert majority_shares(codes) == {"a": pytest.approx(2 / 3)}
