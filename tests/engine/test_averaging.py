"""The mean of the weights of several epochs, with the statistics of batch normalisation that belong to it."""

import json
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from workbench.model.averaging import WeightMean, estimate_statistics


def a_network(*, dropout: float = 0.0, nested: bool = False) -> keras.Model:
    """Normalised pictures, then a normalised dense layer; or the first part as a network within."""
    keras.utils.set_random_seed(1)
    pictures = keras.Input((4, 4, 3), dtype="uint8")
    x = layers.Rescaling(1 / 255)(pictures)
    x = layers.BatchNormalization(name="first")(x)
    if nested:
        x = keras.Model(pictures, x, name="within")(pictures)
    x = layers.Dense(5, name="dense")(layers.Flatten()(x))
    x = layers.BatchNormalization(name="second")(layers.Dropout(dropout)(x))
    return keras.Model(pictures, layers.Dense(2, activation="softmax", name="answer")(x))


def pictures(count: int = 50) -> Any:
    return np.random.default_rng(3).integers(0, 255, (count, 4, 4, 3), dtype=np.uint8)


def cut(images: Any, size: int) -> Iterator[Any]:
    return (images[start : start + size] for start in range(0, len(images), size))


def statistics(network: keras.Model, name: str) -> tuple[Any, Any]:
    layer = network.get_layer(name)
    return np.array(layer.moving_mean.numpy()), np.array(layer.moving_variance.numpy())


@pytest.mark.parametrize("size", [50, 17, 8])
def test_the_statistics_are_those_of_all_pictures_however_they_are_cut(size: int) -> None:
    network, images = a_network(), pictures()
    estimate_statistics(network, cut(images, size))
    mean, variance = statistics(network, "first")
    values = images.reshape(-1, 3) / 255
    np.testing.assert_allclose(mean, values.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(variance, values.var(axis=0), rtol=1e-4)
    assert network.get_layer("first").momentum == 0.99


def test_deeper_layers_see_what_the_layers_before_make_of_the_pictures() -> None:
    network, images = a_network(), pictures()
    estimate_statistics(network, [images])
    before = keras.Model(network.input, network.get_layer("dense").output)
    found = np.asarray(before.predict_on_batch(images))
    mean, variance = statistics(network, "second")
    np.testing.assert_allclose(mean, found.mean(axis=0), atol=1e-3)
    np.testing.assert_allclose(variance, found.var(axis=0), rtol=1e-2)


def test_networks_within_the_network_are_estimated_and_frozen_layers_are_not() -> None:
    network = a_network(nested=True)
    network.get_layer("second").trainable = False
    untouched = statistics(network, "second")
    estimate_statistics(network, [pictures()])
    mean, _ = statistics(network.get_layer("within"), "first")
    np.testing.assert_allclose(mean, pictures().reshape(-1, 3).mean(axis=0) / 255, rtol=1e-5)
    np.testing.assert_array_equal(statistics(network, "second"), untouched)


def test_without_a_single_picture_the_statistics_stay() -> None:
    network = a_network()
    untouched = statistics(network, "first")
    estimate_statistics(network, [])
    np.testing.assert_array_equal(statistics(network, "first"), untouched)


def train_once(network: keras.Model, value: float) -> None:
    """Stand in for an epoch: every weight gets a value."""
    for weight in network.trainable_variables:
        weight.assign(np.full(weight.shape, value, dtype=np.float32))


def test_inside_the_weights_are_the_mean_and_afterwards_all_is_as_it_was() -> None:
    network = a_network(dropout=0.5)
    mean = WeightMean(network)
    for value in (1.0, 2.0, 6.0):
        train_once(network, value)
        mean.add()
    before = [np.array(variable.numpy()) for variable in network.variables]
    with mean.applied(lambda: [pictures()]):
        assert all(np.allclose(weight, 3.0) for weight in network.trainable_variables)
        assert not np.allclose(statistics(network, "first")[0], before_of(network, before, "moving_mean"))
    after = [np.array(variable.numpy()) for variable in network.variables]
    assert len(after) > len(network.weights), "the state of the random numbers is among them"
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)


def before_of(network: keras.Model, values: list[Any], name: str) -> Any:
    """The value that the first variable of this name had."""
    return next(value for variable, value in zip(network.variables, values, strict=True)
                if variable.name == name)  # fmt: skip


def test_before_the_first_epoch_is_added_nothing_is_changed_and_no_picture_read() -> None:
    network = a_network()
    train_once(network, 4.0)
    with WeightMean(network).applied(lambda: pytest.fail("nobody needs pictures yet")):
        assert all(np.allclose(weight, 4.0) for weight in network.trainable_variables)


def test_an_error_inside_puts_the_weights_back_too() -> None:
    network = a_network()
    mean = WeightMean(network)
    train_once(network, 1.0)
    mean.add()
    train_once(network, 3.0)
    with pytest.raises(RuntimeError, match="full"), mean.applied(lambda: [pictures()]):
        raise RuntimeError("the disk is full")
    assert all(np.allclose(weight, 3.0) for weight in network.trainable_variables)


def test_the_mean_goes_on_after_a_restart() -> None:
    network = a_network()
    mean, again = WeightMean(network), WeightMean(network)
    again.restore(mean.state())
    assert again.count == 0
    for value in (1.0, 2.0):
        train_once(network, value)
        mean.add()
    state = mean.state()
    assert json.dumps(state["count"]) == "2"
    again.restore(state)
    train_once(network, 6.0)
    for one in (mean, again):
        one.add()
        with one.applied(lambda: [pictures()]):
            assert all(np.allclose(weight, 3.0) for weight in network.trainable_variables)
