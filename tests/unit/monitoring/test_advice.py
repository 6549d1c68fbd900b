"""Advice on a run: what it says of known curves, its silence on noise, no word ever taken back."""

import math
import time
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.monitoring.advice import Advice, advise
from workbench.monitoring.curves import Curve, CurveKey, Numbers
from workbench.monitoring.track import Track

LOSS: CurveKey = ("hair", "loss", "validation")
TRAINING: CurveKey = ("hair", "loss", "train_epoch")
ACCURACY: CurveKey = ("hair", "accuracy", "validation")
EPOCHS = np.arange(1.0, 61.0)


def curves(*columns: tuple[CurveKey, Sequence[float] | Numbers], per_epoch: int = 1) -> dict[CurveKey, Curve]:
    """Curves of one split with a point an epoch, or several."""
    points = np.arange(1, len(columns[0][1]) + 1)
    axes = np.column_stack([points * 40, points / per_epoch, 1000 + points * 10, points]).astype(float)
    track = Track(1 << 14)
    track.extend(axes, [key for key, _ in columns], np.column_stack([values for _, values in columns]))
    return dict(track.curves())


def said(found: Mapping[CurveKey, Curve], **given: object) -> tuple[Advice, ...]:
    """The advice on some curves."""
    asked: dict[str, object] = {"metric": "val_loss", "best_epoch": 0, "majority": {}} | given
    return advise(found, **asked)  # type: ignore[arg-type]


def kinds(found: Mapping[CurveKey, Curve], **given: object) -> list[str]:
    """What it is about."""
    return [one.kind for one in said(found, **given)]


def noise(spread: float, seed: int) -> Numbers:
    """Independent errors, one an epoch."""
    return np.random.default_rng(seed).normal(0, spread, len(EPOCHS))


FALLING = 0.1 + 1.5 * np.exp(-EPOCHS / 15)
VALLEY = 0.4 + 0.9 * np.exp(-EPOCHS / 5) + 0.015 * np.maximum(EPOCHS - 12, 0)


def test_the_best_epoch_is_named_with_its_figure_and_place() -> None:
    found = said(curves((LOSS, [0.9, 0.4123, 0.5])), metric="val_hair_loss", best_epoch=2)
    assert [one.kind for one in found] == ["best"]
    assert found[0].text == "epoch 2 is the best so far: val_hair_loss 0.412"
    assert (found[0].place, found[0].step, found[0].wall) == (2.0, 80.0, 1020.0)


def test_a_best_epoch_whose_figure_is_not_in_the_curves_is_still_named() -> None:
    assert [one.text for one in said({}, best_epoch=7)] == ["epoch 7 is the best so far"]


@pytest.mark.parametrize("values", [[2.0], [0.1, 9.0], [1.0, 1.0, 1.0], [0.1, 0.5, 0.9]])
def test_short_runs_say_nothing_but_the_best(values: list[float]) -> None:
    found = curves((LOSS, values), (ACCURACY, [0.1] * len(values)))
    assert kinds(found, best_epoch=1, majority={"hair": 0.9}) == ["best"]


@pytest.mark.parametrize("slope", [0.003, 0.01, 0.1])
def test_steady_progress_however_slow_is_no_plateau(slope: float) -> None:
    assert kinds(curves((LOSS, np.exp(-slope * EPOCHS)))) == []


def test_a_flat_loss_is_told_once_with_the_epoch_since_when() -> None:
    values = np.where(EPOCHS <= 5, 2 - 0.3 * EPOCHS, 0.5)
    (told,) = said(curves((LOSS, values)))
    assert told.kind == "plateau"
    assert told.text.startswith("hair: validation loss flat since about epoch ")
    assert told.text.endswith(", at 0.5")
    assert 12 <= told.place <= 20


@pytest.mark.parametrize("spread", [0.01, 0.05, 0.2])
def test_noise_around_a_level_is_never_taken_for_a_rise(spread: float) -> None:
    """Of 100 curves of pure noise at most two are misread, beside a training loss that falls."""
    falling = curves((TRAINING, FALLING))
    wrong = 0
    for seed in range(100):
        found = kinds({**curves((LOSS, 1 + noise(spread, seed))), **falling})
        wrong += "overfitting" in found or "worse" in found
    assert wrong <= 2


def test_noisy_progress_is_never_taken_for_a_rise() -> None:
    falling = curves((TRAINING, FALLING))
    for seed in range(50):
        found = kinds({**curves((LOSS, 0.3 + 1.2 * np.exp(-EPOCHS / 15) + noise(0.05, seed))), **falling})
        assert not {"overfitting", "worse"} & set(found)


@pytest.mark.parametrize("spread", [0.0, 0.01, 0.03])
def test_a_validation_loss_that_rises_while_training_falls_is_over_fitting(spread: float) -> None:
    for seed in range(20):
        found = {**curves((LOSS, VALLEY + noise(spread, seed))), **curves((TRAINING, FALLING))}
        told = [one for one in said(found) if one.kind == "overfitting"]
        assert len(told) == 1
        assert 15 < told[0].place < 45
        assert "training loss" in told[0].text
        assert "validation loss" in told[0].text


def test_a_loss_that_rises_with_the_training_loss_is_worse_not_over_fitting() -> None:
    exploding = 1 / EPOCHS + np.where(EPOCHS > 20, (EPOCHS - 20) * 0.1, 0)
    found = {**curves((LOSS, exploding)), **curves((TRAINING, exploding))}
    assert kinds(found) == ["worse"]
    assert "for 4 epochs in a row" in said(found)[0].text
    assert kinds(curves((LOSS, exploding))) == ["worse"]


def test_one_spike_is_not_worse() -> None:
    values = 0.3 + 1.2 * np.exp(-EPOCHS / 10)
    values[20] = values[40] = 50.0
    assert "worse" not in kinds(curves((LOSS, values)))


def test_small_changes_of_a_tiny_loss_are_not_worth_a_word() -> None:
    found = {**curves((LOSS, 0.001 * (1 + VALLEY))), **curves((TRAINING, 0.001 * FALLING))}
    assert not {"overfitting", "worse"} & set(kinds(found))


def test_a_plateau_that_ends_is_said_to_be_over() -> None:
    values = np.where(EPOCHS < 30, 0.8, 0.8 * np.exp(-(EPOCHS - 30) / 5))
    told = said(curves((LOSS, values)))
    assert [one.kind for one in told] == ["plateau", "recovered"]
    assert told[0].place < 30 < told[1].place


def test_a_head_below_its_majority_guess_is_named_after_four_epochs() -> None:
    found = curves((ACCURACY, [0.5, 0.93, 0.93, 0.93, 0.9]))
    (told,) = said(found, majority={"hair": 0.93})
    assert told.kind == "below-majority"
    assert told.text == "hair: no better than its majority guess (0.93) in 4 epochs: accuracy 0.93"
    assert told.place == 4.0
    assert kinds(found, majority={"hair": 0.8}) == []
    assert kinds(found, majority={}) == []


def test_one_class_alone_cannot_be_beaten_and_is_not_complained_of() -> None:
    assert kinds(curves((ACCURACY, [1.0] * 9)), majority={"hair": 1.0}) == []


def test_a_head_that_beats_its_majority_guess_at_last_is_said_to() -> None:
    found = curves((ACCURACY, [0.5] * 6 + [0.8, 0.5, 0.81, 0.82, 0.9]))
    told = said(found, majority={"hair": 0.6})
    assert [(one.kind, one.place) for one in told] == [("below-majority", 4.0), ("recovered", 10.0)]


def test_a_loss_that_became_no_number_is_placed_at_its_first_batch() -> None:
    batches = curves(
        (("hair", "loss", "train"), [1.0, 0.9, math.inf, math.nan]),
        (("hair", "accuracy", "train"), [0.1, 0.2, 0.2, 0.2]),
        per_epoch=2,
    )
    epochs = curves((LOSS, [1.0, math.nan]), (ACCURACY, [0.2, 0.2]))
    (told,) = said({**batches, **epochs})
    assert (told.kind, told.head, told.place) == ("nan", "hair", 1.5)
    assert told.text == "hair: the training loss became no number in epoch 2 (step 120)"


def test_a_batch_without_a_label_for_a_head_is_no_loss_that_became_no_number() -> None:
    found = curves(
        (("hair", "loss", "train"), [1.0, math.nan, 0.8]),
        (("hair", "accuracy", "train"), [0.1, math.nan, 0.2]),
    )
    assert kinds(found) == []


def test_a_file_of_losses_alone_has_a_loss_that_became_no_number() -> None:
    (told,) = said(curves((("", "loss", "validation"), [math.nan, 1.0, math.nan])))
    assert (told.kind, told.head, told.place) == ("nan", "", 3.0)


def test_a_hostile_name_is_shown_harmless() -> None:
    found = curves((("\x1b[2J", "loss", "validation"), [0.5] * 20))
    assert all(one.text.isprintable() for one in said(found))


FIGURE = st.one_of(
    st.floats(0, 5), st.floats(), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1e308, -1e308])
)
RUNS = st.integers(1, 40).flatmap(
    lambda n: st.lists(st.lists(FIGURE, min_size=n, max_size=n), min_size=6, max_size=6)
)
KEYS: tuple[CurveKey, ...] = (LOSS, ACCURACY, ("x", "loss", "validation"), ("x", "accuracy", "validation"))


def run_of(columns: Sequence[Sequence[float]], length: int) -> dict[CurveKey, Curve]:
    """The first epochs of a run of two heads."""
    cut = [column[:length] for column in columns]
    training = ((TRAINING, cut[4]), (("x", "loss", "train_epoch"), cut[5]))
    return {**curves(*training), **curves(*zip(KEYS, cut, strict=False))}


@settings(max_examples=60, deadline=None)
@given(RUNS, st.integers(1, 40))
def test_what_is_said_of_the_beginning_is_never_taken_back(columns: list[list[float]], length: int) -> None:
    """But for the best epoch, of which there is one line that moves on."""
    whole, majority = len(columns[0]), {"hair": 0.5, "x": 0.9}
    length = min(length, whole)
    late = said(run_of(columns, whole), best_epoch=whole, majority=majority)
    early = said(run_of(columns, length), best_epoch=length, majority=majority)
    kept = [one for one in early if one.kind != "best"]
    assert [one for one in late if one.kind != "best"][: len(kept)] == kept
    assert sum(one.kind == "best" for one in late) == 1
    assert late == said(run_of(columns, whole), best_epoch=whole, majority=majority)
    assert [one.place for one in late] == sorted(one.place for one in late)
    told = [(one.kind, one.head, one.text) for one in late]
    assert len(told) == len(set(told))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.01, 3), min_size=5, max_size=40), st.floats(0.1, 10))
def test_advice_does_not_depend_on_when_it_was_measured(values: list[float], stretch: float) -> None:
    """Only the epochs count, not the seconds between them."""
    first = curves((LOSS, values))[LOSS]
    later = Curve(**{**vars(first), "walls": first.walls * stretch})
    told = [[(one.kind, one.place, one.text) for one in said({LOSS: one})] for one in (first, later)]
    assert told[0] == told[1]


def test_ten_thousand_epochs_of_twelve_curves_cost_next_to_nothing() -> None:
    keys = [
        (head, what, split)
        for head in "abc"
        for what in ("loss", "accuracy")
        for split in ("validation", "train_epoch")
    ]
    random = np.random.default_rng(0)
    found = curves(*((key, random.normal(1, 0.1, 10_000)) for key in keys))
    taken = []
    for _ in range(5):
        started = time.perf_counter()
        said(found, best_epoch=3, majority={"a": 0.5})
        taken.append(time.perf_counter() - started)
    assert min(taken) < 0.02
