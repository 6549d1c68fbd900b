"""Weights between heads: fixed ones, learned ones, and such as follow the heads' learning speed."""

from collections.abc import Mapping

import keras
import numpy as np
import pytest

from workbench.config import load_settings
from workbench.dataset.table import Table
from workbench.model.balance import Speed, Uncertainty, WeighedLoss, make_balance
from workbench.model.head_losses import head_losses, loss_weights
from workbench.model.losses import MaskedCrossEntropy, effective_weights
from workbench.model.registry import build
from workbench.schema import Schema
from workbench.settings import Settings
from workbench.training.learner import Learner, StepFigures

SCHEMA = Schema.from_dict(
    {
        "name": "test",
        "heads": [
            {"name": "hair", "classes": ["brown", "black", "blond"]},
            {"name": "glasses", "classes": ["none", "some"]},
        ],
    }
)
COUNT = 8
IMAGES = np.random.default_rng(0).integers(0, 255, (COUNT, 32, 32, 3), dtype=np.uint8)
LABELS = {
    "hair": np.array([0, 0, 0, 0, 1, 1, 2, 0], dtype=np.int32),
    "glasses": np.array([0, 1, 0, 1, 0, 1, 0, 1], dtype=np.int32),
}
SMALL = ("dataset.size=32", "model.width=4", "model.depth=2", "model.dense=8", "model.dropout=0")


def settings(*overrides: str) -> Settings:
    """Small settings without what makes two steps differ."""
    return load_settings(None, [*SMALL, "training.optimizer=sgd", "training.warmup_epochs=0", *overrides])


def table() -> Table:
    """The pictures of the batch, all of them to train on."""
    names = tuple(map(str, range(COUNT)))
    codes = {head: one.astype(np.int16) for head, one in LABELS.items()}
    return Table(names, names, names, codes, np.array(["train"] * COUNT))


def learner(*overrides: str) -> Learner:
    """A network about to learn."""
    return Learner(settings(*overrides), SCHEMA, table(), 4)


@pytest.fixture(scope="module")
def plain_figures() -> Mapping[str, StepFigures]:
    """The figures of the first step with all options off."""
    return learner().step(IMAGES, LABELS)


def test_with_all_options_off_a_step_is_plain_keras_own() -> None:
    mine = learner("training.schedule=constant", "training.learning_rate=0.05")
    keras.utils.set_random_seed(0)
    theirs = build(settings().model, SCHEMA, 32)
    theirs.compile(
        keras.optimizers.SGD(0.05, momentum=0.9),
        loss={head: keras.losses.SparseCategoricalCrossentropy() for head in LABELS},
        jit_compile=False,
    )
    for _ in range(3):
        figures = mine.step(IMAGES, LABELS)
        total = theirs.train_on_batch(IMAGES, LABELS)
        assert sum(one.loss for one in figures.values()) == pytest.approx(
            float(np.ravel(total)[0]), rel=1e-6, abs=1e-6
        )
    for ours, plain in zip(mine.network.trainable_variables, theirs.trainable_variables, strict=True):
        np.testing.assert_allclose(np.asarray(ours), np.asarray(plain), rtol=1e-5, atol=1e-6)


def test_each_head_has_the_loss_that_its_settings_ask_for() -> None:
    how = settings(
        "training.class_weights=effective",
        "training.loss.label_smoothing=0.1",
        "training.heads.hair.class_weights={blond = 3}",
        "training.heads.hair.logit_adjustment=1",
        "training.heads.hair.weight=2",
    ).training
    losses = head_losses(how, SCHEMA, table(), None)
    hair, glasses = losses["hair"], losses["glasses"]
    assert isinstance(hair, MaskedCrossEntropy)
    assert isinstance(glasses, MaskedCrossEntropy)
    assert hair.class_weights == [1.0, 1.0, 3.0]
    assert hair.adjustment == pytest.approx(np.log([5 / 8, 2 / 8, 1 / 8]))
    assert (hair.label_smoothing, glasses.label_smoothing, glasses.adjustment) == (0.1, 0.1, None)
    assert glasses.class_weights == effective_weights([4, 4])
    assert loss_weights(how, SCHEMA) == {"hair": 2.0, "glasses": 1.0}
    assert loss_weights(settings().training, SCHEMA) is None


def test_a_head_of_weight_0_learns_nothing_and_its_figures_are_told_all_the_same() -> None:
    mine = learner("training.heads.hair.weight=0")
    own = [weight for weight in mine.network.trainable_variables if "head0" in weight.path]
    before = [np.asarray(weight) for weight in own]
    figures = mine.step(IMAGES, LABELS)
    assert own
    for old, weight in zip(before, own, strict=True):
        np.testing.assert_array_equal(old, np.asarray(weight))
    assert figures["hair"].loss > 0
    assert figures["hair"].labelled == COUNT


@pytest.mark.parametrize(
    "overrides",
    [
        (
            "training.loss.focal_gamma=2",
            "training.loss.logit_adjustment=1",
            "training.heads.hair.weight=3",
            "training.class_weights=effective",
            "training.loss.label_smoothing=0.2",
        ),
        ("training.loss.head_weights=uncertainty",),
    ],
)
def test_a_steps_figures_are_plain_whatever_the_losses_are(
    overrides: tuple[str, ...], plain_figures: Mapping[str, StepFigures]
) -> None:
    assert learner(*overrides).step(IMAGES, LABELS) == plain_figures


def test_uncertainty_is_kendalls_formula_and_leaves_unlabelled_heads_alone() -> None:
    balance = Uncertainty(["hair", "glasses"])
    balance.log_variances.assign([0.5, -1.0])
    loss = WeighedLoss("glasses", MaskedCrossEntropy(), balance)
    answers = np.array([[0.25, 0.75]], dtype=np.float32)
    expected = np.exp(1.0) * -np.log(0.75) - 0.5
    assert float(loss(np.array([1]), answers)) == pytest.approx(expected, rel=1e-5)
    assert float(loss(np.array([-1]), answers)) == 0.0


def test_uncertainty_is_learned_and_kept_out_of_the_network_for_others() -> None:
    mine = learner("training.loss.head_weights=uncertainty", "training.learning_rate=0.1")
    held = [one for one in mine.model.trainable_variables if "log_variances" in one.path]
    assert len(held) == 1
    plain = learner()
    assert mine.parameters == plain.parameters
    assert [one.shape for one in mine.network.variables] == [one.shape for one in plain.network.variables]
    for _ in range(3):
        mine.step(IMAGES, LABELS)
    values = np.asarray(held[0])
    assert np.all(values != 0)
    assert values[0] != values[1]


def test_the_slower_head_weighs_more() -> None:
    balance = Speed(["hair", "glasses"])

    def factors() -> list[float]:
        return [float(one) for one in np.asarray(balance.factors.value)]

    balance.epoch_ended({"hair": 2.0, "glasses": 1.0})
    assert factors() == [1, 1], "nothing to compare with yet"
    balance.epoch_ended({"hair": 1.8, "glasses": 0.5})
    raw = np.exp(np.array([0.9, 0.5]) / 2)  # Liu et al., equation 7, by hand
    assert factors() == pytest.approx((2 * raw / raw.sum()).tolist())
    balance.epoch_ended({"hair": float("nan"), "glasses": 0.5})
    assert factors() == pytest.approx([1, 1]), "a head without labels is taken to stand still, as glasses do"
    balance.epoch_ended({"hair": 1.0, "glasses": 0.5})
    assert np.isfinite(factors()).all()


def test_a_head_that_lost_its_nearly_perfect_fit_leaves_all_weights_numbers() -> None:
    balance = Speed(["hair", "glasses"])
    balance.epoch_ended({"hair": 1.0, "glasses": 1e-6})
    balance.epoch_ended({"hair": 1.0, "glasses": 0.5})
    assert np.asarray(balance.factors.value).tolist() == pytest.approx([0, 2])


def test_speed_multiplies_the_loss_and_is_saved_with_the_training() -> None:
    mine = learner("training.loss.head_weights=speed")
    mine.epoch_ended({"hair": 2.0, "glasses": 1.0})
    mine.epoch_ended({"hair": 2.0, "glasses": 0.1})
    held = {one.path.rpartition("/")[2]: np.asarray(one.value) for one in mine.model.non_trainable_variables}
    assert held["losses_before"].tolist() == pytest.approx([2.0, 0.1])
    factors = held["factors"]
    assert factors[0] > 1 > factors[1]
    balance = Speed(["hair", "glasses"])
    balance.factors.assign(factors)
    answers = np.array([[0.25, 0.75]], dtype=np.float32)
    loss = WeighedLoss("glasses", MaskedCrossEntropy(), balance)
    assert float(loss(np.array([1]), answers)) == pytest.approx(-np.log(0.75) * factors[1], rel=1e-5)
    assert np.isfinite(mine.step(IMAGES, LABELS)["hair"].loss)


def test_fixed_weights_need_no_memory() -> None:
    assert make_balance("fixed", ["hair"]) is None
    mine = learner()
    mine.epoch_ended({"hair": 1.0, "glasses": 1.0})
    names = {one.path for one in mine.model.variables}
    assert not any("head_balance" in name for name in names)
