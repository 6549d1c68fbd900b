"""Backbones: weights from files from outside, each family's preprocessing, layers that do not learn."""

import shutil
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
import keras
import numpy as np
import pytest

from workbench.config import ModelSettings
from workbench.errors import ConfigError
from workbench.evaluation.model_file import check_model_file
from workbench.model.backbone import _load, _preprocessed
from workbench.model.backbones import BACKBONES
from workbench.model.registry import build, check_architecture
from workbench.model.sizes import parameters
from workbench.schema import Schema

ONE_HEAD = Schema.from_dict({"name": "one", "heads": [{"name": "glasses", "classes": ["no", "yes"]}]})
SMALL = "MobileNetV3Small"
FAMILIES = {
    "MobileNetV2": "mobilenet_v2",
    "MobileNetV3Small": "mobilenet_v3",
    "MobileNetV3Large": "mobilenet_v3",
    "EfficientNetV2B0": "efficientnet_v2",
    "ResNet50": "resnet",
    "ResNet50V2": "resnet_v2",
    "DenseNet121": "densenet",
}
"""Where Keras keeps the preprocessing of each; EfficientNetB0's is none of its own, see the unit tests."""


def pictures(count: int = 2, size: int = 32) -> Any:
    return np.random.default_rng(0).integers(0, 255, (count, size, size, 3), dtype=np.uint8)


def settings(path: Path | str, **more: Any) -> ModelSettings:
    return ModelSettings(architecture="backbone", backbone=SMALL, dense=8, weights=str(path), **more)


def plain(name: str = SMALL) -> keras.Model:
    """What a person has: the network of keras.applications."""
    return getattr(keras.applications, name)(input_shape=(32, 32, 3), include_top=False, weights=None)


def inner(network: keras.Model) -> keras.Model:
    """The backbone within a network of ours."""
    [found] = [layer for layer in network.layers if isinstance(layer, keras.Model)]
    return found


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, keras.Model]:
    """A folder with one network's weights in every form, and that network."""
    folder = tmp_path_factory.mktemp("weights")
    keras.utils.set_random_seed(3)
    network = plain()
    random = np.random.default_rng(0)
    network.set_weights([one + random.normal(0, 0.01, one.shape) ** 2 for one in network.get_weights()])
    network.save_weights(folder / "new.weights.h5")
    network.save(folder / "whole.keras")
    network.save(folder / "old.h5")
    return folder, network


@pytest.fixture(scope="module")
def fresh() -> keras.Model:
    """A network that weights are loaded into, or not."""
    return plain()


def refusal(fresh: keras.Model, path: Path) -> str:
    check_architecture(settings(path), 32)  # what can be seen without Keras is in order
    with pytest.raises(ConfigError) as caught:
        _load(fresh, path, SMALL)
    said = str(caught.value)
    assert "\n" not in said
    assert len(said) < 700
    assert "save_weights" in caught.value.cure
    return caught.value.what


@pytest.mark.parametrize("name", BACKBONES)
def test_parameters_and_last_map_are_what_keras_has(name: str) -> None:
    with keras.StatelessScope():  # weights are counted but not drawn
        found = plain(name)
    assert found.count_params() == BACKBONES[name].parameters
    assert found.output.shape[-1] == BACKBONES[name].filters


def test_heads_add_what_is_counted() -> None:
    with keras.StatelessScope():
        network = build(settings(""), ONE_HEAD, 32)
    assert network.count_params() == parameters(settings(""), ONE_HEAD, 32)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_network_prepares_pictures_as_their_family_wants_it(name: str, tmp_path: Path) -> None:
    images = pictures()
    given = keras.Input((32, 32, 3), dtype="uint8")
    network = keras.Model(given, _preprocessed(given, name))
    theirs = import_module(f"keras.applications.{FAMILIES[name]}").preprocess_input
    np.testing.assert_allclose(network(images), theirs(images.astype(np.float32)), atol=1e-4)
    network.save(tmp_path / "model.keras")
    check_model_file(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(again(images), network(images))


@pytest.mark.parametrize("file", ["new.weights.h5", "whole.keras", "old.h5"])
def test_weights_are_loaded_from_every_form_that_keras_writes(
    brought: tuple[Path, keras.Model], fresh: keras.Model, file: str
) -> None:
    folder, theirs = brought
    check_architecture(settings(folder / file), 32)
    _load(fresh, folder / file, SMALL)
    for mine, one in zip(fresh.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, one)


def test_the_heads_see_what_the_brought_network_answers(brought: tuple[Path, keras.Model]) -> None:
    folder, theirs = brought
    network = build(settings(folder / "new.weights.h5"), ONE_HEAD, 32)
    seen = keras.Model(network.input, network.get_layer("means0").input)(pictures())
    np.testing.assert_allclose(seen, theirs(pictures().astype(np.float32)), atol=1e-5)


def test_the_archive_of_a_whole_network_is_never_run(
    brought: tuple[Path, keras.Model], fresh: keras.Model, tmp_path: Path
) -> None:
    """Its description may name code; only the arrays are read."""
    path = tmp_path / "evil.keras"
    with zipfile.ZipFile(brought[0] / "whole.keras") as found, zipfile.ZipFile(path, "w") as evil:
        evil.writestr(
            "config.json", '{"module": "os", "class_name": "system", "config": {"command": "false"}}'
        )
        evil.writestr("model.weights.h5", found.read("model.weights.h5"))
    _load(fresh, path, SMALL)
    np.testing.assert_array_equal(fresh.get_weights()[0], brought[1].get_weights()[0])


def test_weights_of_another_network_are_refused_in_a_line(fresh: keras.Model, tmp_path: Path) -> None:
    other = tmp_path / "other.weights.h5"
    plain("MobileNetV3Large").save_weights(other)
    assert "damaged, or not the weights of MobileNetV3Small" in refusal(fresh, other)


def test_the_wrong_form_under_a_name_is_refused_in_a_line(
    brought: tuple[Path, keras.Model], fresh: keras.Model, tmp_path: Path
) -> None:
    shutil.copy(brought[0] / "old.h5", tmp_path / "old.weights.h5")
    assert "not the weights" in refusal(fresh, tmp_path / "old.weights.h5")
    shutil.copy(brought[0] / "new.weights.h5", tmp_path / "new.h5")
    assert "not the weights" in refusal(fresh, tmp_path / "new.h5")


@pytest.mark.parametrize("at", [200, 20_000])
def test_a_file_with_damage_within_is_refused_in_a_line(
    brought: tuple[Path, keras.Model], fresh: keras.Model, tmp_path: Path, at: int
) -> None:
    data = bytearray((brought[0] / "new.weights.h5").read_bytes())
    data[at : at + 4000] = b"\xa5" * 4000
    (tmp_path / "damaged.weights.h5").write_bytes(data)
    refusal(fresh, tmp_path / "damaged.weights.h5")


@pytest.mark.parametrize("change", ["lacking", "no number", "elsewhere", "huge"])
def test_hostile_files_are_refused_in_a_line(
    brought: tuple[Path, keras.Model], fresh: keras.Model, tmp_path: Path, change: str
) -> None:
    path = tmp_path / "hostile.weights.h5"
    shutil.copy(brought[0] / "new.weights.h5", path)
    with h5py.File(path, "a") as file:
        held = file["layers/conv2d/vars"]
        value = np.asarray(held["0"])
        del held["0"]
        if change == "no number":
            held["0"] = np.full_like(value, np.inf)
        elif change == "elsewhere":  # another file of this machine, as a private one might be
            held["0"] = h5py.ExternalLink(str(brought[0] / "new.weights.h5"), "layers/conv2d/vars/0")
        elif change == "huge":
            held.create_dataset("0", shape=(1 << 40,), dtype="f4", chunks=(1024,))
    refusal(fresh, path)


def test_the_share_that_does_not_learn_begins_with_the_first_layer(brought: tuple[Path, keras.Model]) -> None:
    """Its moving statistics stay too: they belong to the weights that stay, which fit any size of picture."""
    network = build(settings(brought[0] / "new.weights.h5", frozen=0.5), ONE_HEAD, 48)
    backbone = inner(network)
    fixed = round(len(backbone.layers) / 2)
    assert not any(layer.trainable for layer in backbone.layers[:fixed])
    assert all(layer.trainable for layer in backbone.layers[fixed:])
    layers = [one for one in backbone.layers if isinstance(one, keras.layers.BatchNormalization)]
    before = [np.asarray(layer.moving_mean) for layer in layers]
    network(pictures(4, 48), training=True)
    for layer, mean in zip(layers, before, strict=True):
        same = np.array_equal(mean, np.asarray(layer.moving_mean))
        assert same != layer.trainable, layer.name


def test_only_the_heads_learn_on_a_backbone_that_does_not(brought: tuple[Path, keras.Model]) -> None:
    network = build(settings(brought[0] / "new.weights.h5", frozen=1.0), ONE_HEAD, 32)
    learning = {weight.path.split("/")[0] for weight in network.trainable_weights}
    assert learning == {"features_normalised", "head0_dense", "head0_softmax"}
