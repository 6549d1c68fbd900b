"""Every architecture: its parameters, every size of picture, saved and asked again, normalised in time."""

import zipfile
from importlib import import_module
from typing import Any

import keras
import numpy as np
import pytest

from tests.engine.conftest import MakeRun, save_network
from workbench.config import ModelSettings
from workbench.evaluation.predict import Predictor
from workbench.model.losses import MaskedCrossEntropy
from workbench.model.registry import architecture_names, build
from workbench.model.sizes import parameters
from workbench.schema import Schema, load_schema

FACE, CARTOON = load_schema("face"), load_schema("cartoon_faces")
OURS = ("trunk", "resnet", "mobilenet")
ONE_HEAD = Schema.from_dict({"name": "one", "heads": [{"name": "glasses", "classes": ["no", "yes"]}]})


def pictures(count: int, size: int = 32) -> Any:
    """Random ones, each brighter or darker as a whole."""
    random = np.random.default_rng(1)
    base = random.integers(40, 200, (count, 1, 1, 3))
    return np.clip(base + random.integers(-40, 40, (count, size, size, 3)), 0, 255).astype(np.uint8)


def normalisations(network: keras.Model) -> list[Any]:
    """Every batch normalisation, those of a network within it included."""
    layers = [
        layer for layer in network._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization)
    ]
    assert layers
    return layers


@pytest.mark.parametrize("architecture", architecture_names())
def test_the_docstring_gives_source_and_parameters(architecture: str) -> None:
    told = import_module(f"workbench.model.{architecture}").__doc__ or ""
    settings = ModelSettings(architecture=architecture)
    if architecture == "reference":
        assert "1,063,872 + 129" in told
        assert parameters(settings, ONE_HEAD, 200) == 1_063_872 + 129 * 2
    else:
        assert f"{parameters(settings, FACE, 144):,} parameters" in told
        assert architecture == "backbone" or any(meeting in told for meeting in ("CVPR", "ECCV", "ICLR"))


@pytest.mark.parametrize("architecture", [*OURS, "reference"])
@pytest.mark.parametrize(
    ("sizes", "schema", "size"),
    [((4, 2, 8), FACE, 96), ((24, 5, 128), CARTOON, 41), ((100, 4, 64), CARTOON, 64)],
)
def test_parameters_counted_without_keras_are_what_keras_counts(
    architecture: str, sizes: tuple[int, int, int], schema: Schema, size: int
) -> None:
    width, depth, dense = sizes
    settings = ModelSettings(architecture=architecture, width=width, depth=depth, dense=dense)
    with keras.StatelessScope():  # weights are counted but not drawn
        assert build(settings, schema, size).count_params() == parameters(settings, schema, size)


@pytest.mark.parametrize("architecture", [*OURS, "reference"])
@pytest.mark.parametrize("size", [32, 512])
def test_pictures_of_every_size_are_taken(architecture: str, size: int) -> None:
    settings = ModelSettings(architecture=architecture, width=4, depth=5, dense=8)
    with keras.StatelessScope():
        network = build(settings, ONE_HEAD, size)
    assert network.input_shape == (None, size, size, 3)
    assert {name: output.shape for name, output in network.output.items()} == {"glasses": (None, 2)}


def test_every_stage_halves_the_picture() -> None:
    for architecture in ("trunk", "resnet"):
        with keras.StatelessScope():
            network = build(ModelSettings(architecture=architecture, width=4, depth=4), ONE_HEAD, 64)
        seen = [network.get_layer(f"means{index}").input.shape[1:] for index in range(3)]
        assert [shape[0] for shape in seen] == [16, 8, 4]
        assert [shape[2] for shape in seen] == [8, 16, 32]
    with keras.StatelessScope():
        mobile = build(ModelSettings(architecture="mobilenet", width=32, depth=5), ONE_HEAD, 64)
    seen = [mobile.get_layer(f"means{index}").input.shape[1:] for index in range(3)]
    assert seen == [(8, 8, 32), (4, 4, 96), (2, 2, 320)]


@pytest.mark.parametrize("architecture", ["resnet", "mobilenet", "backbone"])
def test_a_saved_network_is_asked_again_with_nothing_of_ours_in_it(
    make_run: MakeRun, architecture: str
) -> None:
    """`Predictor` refuses code and unknown modules; plain Keras has to do where we are not installed."""
    run = make_run(8, network=False)
    settings, schema = run.settings(), run.schema()
    model = settings.model.model_copy(update={"architecture": architecture, "backbone": "MobileNetV3Small"})
    save_network(run, settings.model_copy(update={"model": model}), schema)
    predictor = Predictor(run)
    found = predictor.probabilities(pictures(3))
    for head in schema.heads:
        assert found[head.name].shape == (3, len(head.classes))
        np.testing.assert_allclose(found[head.name].sum(axis=1), 1, rtol=1e-5)
    with zipfile.ZipFile(run.model) as archive:
        description = archive.read("config.json").decode()
    assert "workbench" not in description
    assert "Lambda" not in description


@pytest.mark.parametrize("architecture", [*OURS, "backbone"])
def test_the_momentum_of_the_settings_is_that_of_every_normalisation(architecture: str) -> None:
    settings = ModelSettings(
        architecture=architecture, width=4, depth=2, backbone="MobileNetV3Small", batch_norm_momentum=0.8
    )
    with keras.StatelessScope():
        network = build(settings, ONE_HEAD, 32)
    assert {layer.momentum for layer in normalisations(network)} == {0.8}


def test_the_references_normalisation_stays_as_the_report_had_it() -> None:
    settings = ModelSettings(architecture="reference", batch_norm_momentum=0.8)
    assert {layer.momentum for layer in normalisations(build(settings, ONE_HEAD, 32))} == {0.99}


def strayed(momentum: float, steps: int) -> float:
    """How far the moving statistics are from a batch's own, after some steps of learning.

    The mean over all normalisations of |moving mean - mean of the batch|, in deviations of the batch.
    """
    keras.utils.set_random_seed(0)
    settings = ModelSettings(width=4, depth=2, dense=8, dropout=0, batch_norm_momentum=momentum)
    network = build(settings, ONE_HEAD, 32)
    images = pictures(16)
    labels = (images.mean(axis=(1, 2, 3)) > 120).astype(np.int32)
    network.compile(keras.optimizers.SGD(0.01), loss={"glasses": MaskedCrossEntropy()}, jit_compile=False)
    for _ in range(steps):
        network.train_on_batch(images, {"glasses": labels})
    layers = normalisations(network)
    inputs = keras.Model(network.input, [layer.input for layer in layers])(images, training=True)
    apart = []
    for layer, given in zip(layers, inputs, strict=True):
        values = np.asarray(given).reshape(-1, given.shape[-1])
        distance = np.abs(np.asarray(layer.moving_mean) - values.mean(axis=0))
        apart.append(float((distance / (values.std(axis=0) + 1e-3)).mean()))
    return float(np.mean(apart))


def test_two_short_epochs_are_enough_for_the_moving_statistics() -> None:
    """Twelve steps an epoch, as 400 pictures in batches of 32 have; what Keras would do is far off then."""
    default = ModelSettings().batch_norm_momentum
    ours, kerass = strayed(default, 24), strayed(0.99, 24)
    assert ours < 0.15
    assert ours < kerass / 4
