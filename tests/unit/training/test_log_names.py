"""What other programs call their figures, and the means of the last batches."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.training.log_names import Names, grouped, heads_in, outputs_in, place_of, places
from workbench.training.recent_means import RecentMeans

LOSS = ("", "loss", "train_epoch")
ACCURACY = ("", "accuracy", "train_epoch")


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("loss", ("", "loss", "train_epoch")),
        ("val_loss", ("", "loss", "validation")),
        ("val_acc", ("", "accuracy", "validation")),
        ("binary_accuracy", ("", "accuracy", "train_epoch")),
        ("val_macro_f1", ("", "macro_f1", "validation")),
        ("val_mae", ("", "mae", "validation")),
        ("hair_colour_loss", ("hair_colour", "loss", "train_epoch")),
        ("hair_loss", ("hair", "loss", "train_epoch")),
        ("val_hair_colour_accuracy", ("hair_colour", "accuracy", "validation")),
        ("hair_colour_sparse_categorical_accuracy", ("hair_colour", "accuracy", "train_epoch")),
        ("val_hair_top_5", ("hair", "top_5", "validation")),
        ("val_x_loss", ("val_x", "loss", "train_epoch")),
    ],
)
def test_a_name_is_compared_with_the_outputs_and_never_split(name: str, place: tuple[str, str, str]) -> None:
    assert place_of(name, ["hair", "hair_colour", "val_x"]) == place


def test_of_several_names_of_one_figure_the_shortest_counts() -> None:
    found = places(["binary_accuracy", "accuracy", "loss"], [])
    assert found == {"accuracy": ACCURACY, "loss": LOSS}


def test_heads_are_found_in_pairs_of_columns() -> None:
    columns = ["loss", "val_loss", "a_loss", "a_accuracy", "b_loss", "val_b_loss", "alone_loss", "mae"]
    assert heads_in(columns) == ("a", "b")


def test_the_mean_of_the_heads_stands_for_what_is_not_told_of_all() -> None:
    figures = {
        LOSS: 3.0,
        ("a", "accuracy", "train_epoch"): 0.5,
        ("b", "accuracy", "train_epoch"): 1.0,
        ("a", "accuracy", "validation"): 0.25,
    }
    assert grouped(figures, "train_epoch") == {
        "loss": 3.0,
        "accuracy": 0.75,
        "heads": {"a": {"accuracy": 0.5}, "b": {"accuracy": 1.0}},
    }
    assert grouped({LOSS: 3.0}, "train_epoch") == {"loss": 3.0}


def test_what_is_reported_later_under_other_names_is_read_too() -> None:
    names = Names(None)
    assert names.read({"loss": 1}) == {LOSS: 1.0}
    found = names.read({"loss": 1, "a_loss": 2, "a_accuracy": 0.5})
    assert found["a", "accuracy", "train_epoch"] == 0.5


@pytest.mark.parametrize("described", [{}, {"outputs": "ab"}, {"outputs": [1, None]}, {"outputs": {}}])
def test_outputs_that_make_no_sense_are_none(described: dict[str, object]) -> None:
    assert outputs_in(described) == ()
    assert outputs_in({"outputs": ["a", 1, "b"]}) == ("a", "b")


@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=60),
    st.lists(st.integers(1, 9), min_size=1, max_size=60),
)
def test_the_mean_of_the_last_batches_comes_out_of_the_mean_so_far(
    losses: list[float], looks: list[int]
) -> None:
    means, batch = RecentMeans(running=True), 0
    for step in looks:
        since, batch = batch, min(batch + step, len(losses))
        if batch == since:
            break
        found = means.take(batch, {LOSS: math.fsum(losses[:batch]) / batch})
        expected = math.fsum(losses[since:batch]) / (batch - since)
        assert found[LOSS] == pytest.approx(expected, abs=1e-9)


def test_an_epoch_begins_anew_and_what_is_no_mean_is_left_out() -> None:
    means = RecentMeans(running=True)
    means.take(10, {LOSS: 5.0, ("", "macro_f1", "train_epoch"): 0.5})
    means.forget()
    assert means.take(1, {LOSS: 1.0, ("", "macro_f1", "train_epoch"): 0.5}) == {LOSS: 1.0}


def test_a_loss_that_is_no_number_stays_one_and_an_accuracy_stays_a_share() -> None:
    means = RecentMeans(running=True)
    means.take(100, {LOSS: 1.0, ACCURACY: 0.99})
    found = means.take(101, {LOSS: math.nan, ACCURACY: 0.9999999})
    assert math.isnan(found[LOSS])
    assert found[ACCURACY] == 1.0


def test_figures_of_the_batch_itself_are_left_as_they_are() -> None:
    means = RecentMeans(running=False)
    means.take(1, {LOSS: 5.0})
    assert means.take(2, {LOSS: 1.0}) == {LOSS: 1.0}
