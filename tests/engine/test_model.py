"""Networks: the reference's exact sizes, heads of any name, losses that leave out what has no label."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from workbench.config import ModelSettings, TrainingSettings, load_settings
from workbench.errors import ConfigError
from workbench.model.losses import MaskedAccuracy, MaskedCrossEntropy, MaskedLoss, effective_weights
from workbench.model.optimizers import make_optimizer
from workbench.model.registry import architecture_names, build, check_architecture, output_names
from workbench.model.schedules import make_rate
from workbench.schema import Schema, load_schema

SMALL = ModelSettings(width=4, depth=2, dense=8)
STRANGE = ("loss", "hair/colour", "a", "a_mean", "größe \u202e[b]", "x.y: z")


def schema_of(*heads: str, classes: tuple[str, ...] = ("no", "yes")) -> Schema:
    return Schema.from_dict(
        {"name": "test", "heads": [{"name": head, "classes": list(classes)} for head in heads]}
    )


def pictures(count: int, size: int = 32) -> Any:
    return np.random.default_rng(0).integers(0, 255, (count, size, size, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", [198, 200])
@pytest.mark.parametrize("classes", [2, 3, 9])
def test_a_branch_of_the_reference_has_exactly_its_parameters(size: int, classes: int) -> None:
    names = tuple(f"c{index}" for index in range(classes))
    network = build(ModelSettings(architecture="reference"), schema_of("head", classes=names), size)
    assert network.count_params() == 1_063_872 + 129 * classes
    assert network.get_layer("head0_flat").input.shape[1:] == (16, 16, 32)


def test_the_reference_shares_nothing_between_its_branches() -> None:
    schema = load_schema("face")
    network = build(ModelSettings(architecture="reference"), schema, 200)
    total = sum(1_063_872 + 129 * len(head.classes) for head in schema.heads)
    assert network.count_params() == total
    kinds = [type(layer).__name__ for layer in network.layers if layer.name.startswith("head1_")]
    block = ["Conv2D", "BatchNormalization", "MaxPooling2D", "Dropout"]
    assert kinds == [*block * 3, "Flatten", "Dense", "BatchNormalization", "Dropout", "Dense"]


@pytest.mark.parametrize("architecture", architecture_names())
def test_every_architecture_answers_every_head_with_probabilities(architecture: str) -> None:
    schema = load_schema("cartoon_faces")
    settings = SMALL.model_copy(update={"architecture": architecture})
    network = build(settings, schema, 48)
    found = network.predict_on_batch(pictures(3, 48))
    assert list(found) == list(schema.head_names)
    for head in schema.heads:
        assert found[head.name].shape == (3, len(head.classes))
        assert found[head.name].dtype == np.float32
        np.testing.assert_allclose(found[head.name].sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("architecture", ["trunk", "reference"])  # the others have the trunk's heads
def test_heads_may_have_names_that_keras_forbids(architecture: str, tmp_path: Path) -> None:
    schema = schema_of(*STRANGE)
    names = output_names(schema)
    network = build(SMALL.model_copy(update={"architecture": architecture}), schema, 32)
    model = keras.Model(network.input, network.output)
    model.compile(
        "sgd",
        loss={name: MaskedCrossEntropy() for name in names.values()},
        metrics={name: [MaskedLoss(), MaskedAccuracy()] for name in names.values()},
        jit_compile=False,
    )
    truth = np.array([0, 1, -1, 1], dtype=np.int32)
    model.train_on_batch(pictures(4), dict.fromkeys(names.values(), truth))
    network.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    assert len(loaded.predict_on_batch(pictures(1))) == len(STRANGE)


def test_heads_with_plain_names_are_found_under_them_in_the_saved_network() -> None:
    assert output_names(schema_of("glasses", "hair_top")) == {"glasses": "glasses", "hair_top": "hair_top"}
    assert output_names(schema_of("glasses", "hair top")) == {"glasses": "head0", "hair top": "head1"}


@pytest.mark.parametrize(
    ("settings", "size", "message"),
    [
        (ModelSettings(architecture="trunck"), 100, "did you mean 'trunk'"),
        (ModelSettings(depth=6), 32, "fewer blocks"),
    ],
)
def test_a_network_that_cannot_be_built_is_refused(settings: ModelSettings, size: int, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        check_architecture(settings, size)


def test_a_masked_picture_changes_neither_loss_nor_gradient() -> None:
    loss = MaskedCrossEntropy()
    answers = np.array([[0.7, 0.3], [0.2, 0.8], [0.5, 0.5]], dtype=np.float32)
    whole = float(loss(np.array([0, 1, -1]), answers))
    assert whole == pytest.approx(-(np.log(0.7) + np.log(0.8)) / 2, rel=1e-6)
    assert whole == pytest.approx(float(loss(np.array([0, 1]), answers[:2])), rel=1e-6)
    assert float(loss(np.array([-1, -1, -1]), answers)) == 0.0


def test_a_batch_without_any_label_leaves_the_weights_alone() -> None:
    schema = schema_of("one", "two")
    network = build(SMALL.model_copy(update={"dropout": 0.0}), schema, 32)
    network.compile(keras.optimizers.SGD(0.5), loss={name: MaskedCrossEntropy() for name in ("one", "two")})
    before = [np.asarray(weight) for weight in network.trainable_variables]
    masked = np.full(4, -1, dtype=np.int32)
    network.train_on_batch(pictures(4), {"one": masked, "two": masked})
    for old, new in zip(before, network.trainable_variables, strict=True):
        np.testing.assert_array_equal(old, np.asarray(new))


def test_class_weights_divide_by_their_sum() -> None:
    answers = np.array([[0.7, 0.3], [0.2, 0.8]], dtype=np.float32)
    weighted = float(MaskedCrossEntropy([1.0, 3.0])(np.array([0, 1]), answers))
    assert weighted == pytest.approx(-(np.log(0.7) + 3 * np.log(0.8)) / 4, rel=1e-6)


def test_metrics_count_labelled_pictures_only() -> None:
    accuracy, loss = MaskedAccuracy(), MaskedLoss()
    answers = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9]], dtype=np.float32)
    for metric in (accuracy, loss):
        metric.update_state(np.array([0, 1, -1]), answers)
        metric.update_state(np.array([0]), answers[:1])
    assert float(accuracy.result()) == pytest.approx(2 / 3)
    assert float(loss.result()) == pytest.approx(-(2 * np.log(0.9) + np.log(0.1)) / 3, rel=1e-5)
    accuracy.reset_state()
    assert float(accuracy.result()) == 0.0


def test_rare_classes_weigh_more_and_the_mean_over_pictures_is_one() -> None:
    counts = [900, 90, 10, 0]
    weights = effective_weights(counts)
    assert weights[0] < weights[1] < weights[2] < weights[3]
    known = [max(count, 1) for count in counts]
    mean = sum(weight * count for weight, count in zip(weights, known, strict=True)) / sum(known)
    assert mean == pytest.approx(1)
    ratio = (1 - 0.999**900) / (1 - 0.999**10)  # Cui et al., equation 3, by hand
    assert weights[2] / weights[0] == pytest.approx(ratio)


@pytest.mark.parametrize("name", ["sgd", "rmsprop", "adam", "adamw"])
def test_every_optimizer_moves_the_weights_by_its_settings(name: str) -> None:
    settings = TrainingSettings(optimizer=name, learning_rate=0.01, warmup_epochs=0, average_weights=0.9)
    optimizer = make_optimizer(settings, make_rate(settings, 10))
    variable = keras.Variable(np.ones(3, dtype=np.float32), name="kernel")
    optimizer.build([variable])
    optimizer.apply([np.ones(3, dtype=np.float32)], [variable])
    assert np.all(np.asarray(variable) < 1)
    assert optimizer.use_ema


def test_the_reference_preset_is_the_courseworks() -> None:
    settings = load_settings("reference")
    assert settings.model.architecture == "reference"
    how = settings.training
    assert (how.batch_size, how.generator_batch, how.pictures_per_epoch, how.epochs) == (32, 128, 1280, 10)
    assert how.optimizer == "sgd"
    on = {name for name, operation in settings.augment if operation.probability > 0}
    assert on == {"rotate", "blur", "brightness", "pan", "zoom"}
