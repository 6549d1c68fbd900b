"""The heads' losses beside those of plain Keras and by hand; labels of mixed pictures; gradients."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf  # Keras gives no gradient of a loss by itself

from workbench.model.losses import (
    MaskedAccuracy,
    MaskedCrossEntropy,
    MaskedLoss,
    adjustments,
    effective_weights,
    has_label,
)

CLASSES, COUNT = 4, 12
RANDOM = np.random.default_rng(0)
ANSWERS = RANDOM.dirichlet(np.ones(CLASSES), COUNT).astype(np.float32)
TRUTH = RANDOM.integers(0, CLASSES, COUNT).astype(np.int32)
PARTNERS = RANDOM.integers(0, CLASSES, COUNT).astype(np.int32)
SHARES = RANDOM.uniform(0.5, 1, COUNT).astype(np.float32)


def hot(codes: Any) -> Any:
    """Class indices as targets."""
    return np.eye(CLASSES, dtype=np.float32)[codes]


def mixed(own: Any, partners: Any, shares: Any) -> Any:
    """Labels of mixed pictures."""
    return np.stack([np.float32(own), np.float32(partners), np.float32(shares)], axis=1)


def gradient(loss: MaskedCrossEntropy, truth: Any, answers: Any) -> Any:
    """How the loss changes with each probability."""
    probabilities = tf.constant(answers)
    with tf.GradientTape() as tape:
        tape.watch(probabilities)
        value = loss(truth, probabilities)
    return np.asarray(tape.gradient(value, probabilities))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_smoothing_and_focus_are_those_of_plain_keras(gamma: float, smoothing: float) -> None:
    mine = MaskedCrossEntropy(focal_gamma=gamma, label_smoothing=smoothing)
    theirs = keras.losses.CategoricalFocalCrossentropy(alpha=1.0, gamma=gamma, label_smoothing=smoothing)
    if not gamma:
        theirs = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
    assert float(mine(TRUTH, ANSWERS)) == pytest.approx(float(theirs(hot(TRUTH), ANSWERS)), abs=1e-6)


def test_adjustment_adds_to_the_logits_and_makes_probabilities_of_them_again() -> None:
    counts = [90, 9, 1, 0]
    adjusted = ANSWERS * (np.array([90, 9, 1, 1]) / 101) ** 0.5
    adjusted /= adjusted.sum(axis=1, keepdims=True)
    loss = MaskedCrossEntropy(adjustment=adjustments(counts, 0.5))
    plain = keras.losses.CategoricalCrossentropy()
    assert float(loss(TRUTH, ANSWERS)) == pytest.approx(float(plain(hot(TRUTH), adjusted)), rel=1e-5)


def test_where_all_classes_are_alike_adjustment_changes_nothing() -> None:
    loss = MaskedCrossEntropy(adjustment=adjustments([7] * CLASSES, 1.0))
    assert float(loss(TRUTH, ANSWERS)) == pytest.approx(float(MaskedCrossEntropy()(TRUTH, ANSWERS)), rel=1e-5)


def test_adjustment_pulls_harder_towards_the_rare() -> None:
    even = np.full((1, CLASSES), 0.25, dtype=np.float32)
    loss = MaskedCrossEntropy(adjustment=adjustments([90, 9, 1, 1], 1.0))
    common, rare = (float(loss(np.array([code]), even)) for code in (0, 2))
    assert rare > 4 > 0.2 > common


def test_focus_dwells_on_what_is_answered_wrongly() -> None:
    sure = np.array([[0.9, 0.1], [0.1, 0.9]], dtype=np.float32)
    for code, answers in ((0, sure[:1]), (0, sure[1:])):
        focal = float(MaskedCrossEntropy(focal_gamma=2.0)(np.array([code]), answers))
        plain = float(MaskedCrossEntropy()(np.array([code]), answers))
        assert focal == pytest.approx(plain * (1 - answers[0, code]) ** 2, rel=1e-5)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"focal_gamma": 2.0},
        {"focal_gamma": 0.5, "label_smoothing": 0.1},
        {"adjustment": adjustments([90, 9, 1, 0], 1.0), "class_weights": effective_weights([90, 9, 1, 0])},
    ],
)
def test_a_masked_picture_and_a_certain_answer_give_numbers(options: dict[str, Any]) -> None:
    loss = MaskedCrossEntropy(**options)
    answers = np.array([[1, 0, 0, 0], [1, 0, 0, 0], [0.1, 0.2, 0.3, 0.4]], dtype=np.float32)
    truth = np.array([0, 2, -1])
    slope = gradient(loss, truth, answers)
    assert np.isfinite(float(loss(truth, answers)))
    assert np.isfinite(slope).all()
    assert not slope[2].any(), "nothing of a masked picture reaches the network"
    assert float(loss(truth, answers)) == pytest.approx(float(loss(truth[:2], answers[:2])), rel=1e-6)
    assert float(loss(np.array([-1, -1, -1]), answers)) == 0.0
    again = MaskedCrossEntropy.from_config(loss.get_config())
    assert float(again(truth, answers)) == float(loss(truth, answers))


@pytest.mark.parametrize("options", [{}, {"label_smoothing": 0.2}, {"adjustment": [0.0, 0.0]}])
def test_an_answer_that_is_wrong_beyond_doubt_pulls_as_in_plain_keras(options: dict[str, Any]) -> None:
    smoothing = options.get("label_smoothing", 0.0)
    logits = tf.Variable([[0.0, 30.0]])  # e^-30 is far below what a figure's loss still tells from 0
    with tf.GradientTape(persistent=True) as tape:
        mine = MaskedCrossEntropy(**options)(np.array([0]), tf.nn.softmax(logits))
        plain = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
        theirs = plain(np.array([[1.0, 0.0]], dtype=np.float32), logits)
    assert float(mine) == pytest.approx(float(theirs), rel=1e-5)
    slope = np.asarray(tape.gradient(mine, logits))
    np.testing.assert_allclose(slope, np.asarray(tape.gradient(theirs, logits)), atol=1e-4)
    assert slope[0, 0] < -0.8


def test_both_labels_of_a_mixed_picture_count_by_their_shares() -> None:
    labels = mixed(TRUTH, PARTNERS, SHARES)
    targets = hot(TRUTH) * SHARES[:, None] + hot(PARTNERS) * (1 - SHARES[:, None])
    plain = keras.losses.CategoricalCrossentropy()
    found = float(MaskedCrossEntropy()(labels, ANSWERS))
    assert found == pytest.approx(float(plain(targets, ANSWERS)), rel=1e-5)
    smoothed = keras.losses.CategoricalCrossentropy(label_smoothing=0.2)
    found = float(MaskedCrossEntropy(label_smoothing=0.2)(labels, ANSWERS))
    assert found == pytest.approx(float(smoothed(targets, ANSWERS)), rel=1e-5)


def test_pictures_that_were_not_mixed_have_their_plain_loss() -> None:
    labels = mixed(TRUTH, np.full(COUNT, -1), np.ones(COUNT))
    for loss in (MaskedCrossEntropy(), MaskedCrossEntropy([1.0, 2.0, 3.0, 4.0], focal_gamma=1.0)):
        assert float(loss(labels, ANSWERS)) == pytest.approx(float(loss(TRUTH, ANSWERS)), rel=1e-6)


def test_of_a_mixed_picture_only_the_known_side_counts_and_by_its_share() -> None:
    own, partners = np.array([0, -1, 2, -1]), np.array([1, 1, -1, -1])
    shares = np.array([0.75, 0.75, 0.6, 0.9], dtype=np.float32)
    answers = ANSWERS[:4]
    logs = -np.log(answers)
    expected = 0.75 * logs[0, 0] + 0.25 * logs[0, 1] + 0.25 * logs[1, 1] + 0.6 * logs[2, 2]
    labels = mixed(own, partners, shares)
    assert float(MaskedCrossEntropy()(labels, answers)) == pytest.approx(
        expected / (1 + 0.25 + 0.6), rel=1e-5
    )
    slope = gradient(MaskedCrossEntropy(), labels, answers)
    assert not slope[3].any(), "neither side is known"
    assert np.flatnonzero(slope[1]).tolist() == [1]


def test_a_steps_figures_look_at_the_pictures_own_labels() -> None:
    own = np.where(np.arange(COUNT) % 4 == 0, -1, TRUTH)
    for measure in (MaskedLoss, MaskedAccuracy):
        mine, plain = measure(), measure()
        mine.update_state(mixed(own, PARTNERS, SHARES), ANSWERS)
        plain.update_state(own, ANSWERS)
        assert float(mine.result()) == float(plain.result()) > 0


@pytest.mark.parametrize(
    ("truth", "known"),
    [
        (np.array([-1, -1]), 0),
        (np.array([-1, 0]), 1),
        (mixed([-1, -1], [-1, 3], [0.6, 0.6]), 1),
        (mixed([-1, -1], [-1, -1], [0.6, 0.6]), 0),
    ],
)
def test_whether_a_batch_has_any_label(truth: Any, known: int) -> None:
    assert float(has_label(truth)) == known
