"""The reference's network in the order in which it is trained: the maths and weights of the plain layers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from workbench.config import load_settings
from workbench.images.decode import decode
from workbench.images.preprocess import preprocess
from workbench.model import fused
from workbench.model.fused import FusedReference
from workbench.model.losses import MaskedCrossEntropy
from workbench.model.registry import build
from workbench.resources import resource
from workbench.schema import load_schema

SCHEMA = load_schema("cartoon_faces")
SIZE, BATCH, STEPS, RATE = 48, 16, 20, 2e-5
"""The learning rate is low: at 0.01 a rounding grows a hundredfold a step, in plain Keras as here."""
Pictures = NDArray[np.uint8]
Codes = dict[str, NDArray[np.int32]]


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    """Drawn faces (60, S, S, 3): four batches, the last one smaller."""
    paths = sorted((resource("data") / "sample").glob("*.jpg"))[: 4 * BATCH - 4]
    return np.stack([preprocess(decode(path), SIZE) for path in paths])


def network(size: int = SIZE, dtype: str = "float32") -> keras.Model:
    """The plain network without dropout, always with the same weights."""
    keras.utils.set_random_seed(1)
    start = build(load_settings("reference").model, SCHEMA, size).get_weights()
    with numbers_of(dtype):
        made = build(load_settings("reference").model, SCHEMA, size)
    made.set_weights(start)
    for layer in made.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    return made


@contextmanager
def numbers_of(dtype: str) -> Iterator[None]:
    """Layers made inside calculate in these numbers."""
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    try:
        yield
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")


def losses_of(model: keras.Model, pictures: Pictures) -> NDArray[np.float64]:
    """The losses of 20 steps of SGD; the last batch of each round is smaller."""
    rng = np.random.default_rng(0)
    codes = {head.name: rng.integers(-1, len(head.classes), len(pictures)) for head in SCHEMA.heads}
    losses = {head.name: MaskedCrossEntropy() for head in SCHEMA.heads}
    model.compile(keras.optimizers.SGD(RATE), loss=losses, jit_compile=False)
    found = []
    for step in range(STEPS):
        rows = slice(step % 4 * BATCH, (step % 4 + 1) * BATCH)
        loss = model.train_on_batch(pictures[rows], {name: one[rows] for name, one in codes.items()})
        found.append(float(np.ravel(loss)[0]))
    return np.array(found)


@pytest.fixture(scope="module")
def trained(pictures: Pictures) -> tuple[keras.Model, NDArray[np.float64]]:
    """A plain network that learned in our order, and its losses."""
    ours = network()
    return ours, losses_of(FusedReference(ours, len(SCHEMA.heads), 0), pictures)


def test_the_losses_of_20_steps_are_those_of_plain_keras(
    pictures: Pictures, trained: tuple[keras.Model, NDArray[np.float64]]
) -> None:
    """In float64, because plain float32 adds up a million numbers one by one, and is 1e-3 away itself."""
    ours, found = trained
    plain = network(dtype="float64")
    expected = losses_of(keras.Model(plain.input, plain.output), pictures)
    assert expected[-4:].sum() < expected[:4].sum() - 0.1, "a thousand times the tolerance is learnt"
    np.testing.assert_allclose(found, expected, atol=1e-4)
    for one, other in zip(ours.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)


def test_weights_and_answers_are_those_of_a_plain_network(
    pictures: Pictures, trained: tuple[keras.Model, NDArray[np.float64]], tmp_path: Path
) -> None:
    ours, _ = trained
    ours.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    assert {type(layer).__module__.partition(".")[0] for layer in loaded.layers} == {"keras"}
    answers = FusedReference(ours, len(SCHEMA.heads), 0)(pictures[:BATCH])
    for name, answer in loaded.predict_on_batch(pictures[:BATCH]).items():
        np.testing.assert_allclose(answers[name], answer, atol=1e-6)


def gradients(model: keras.Model, pictures: Pictures) -> tuple[float, list[NDArray[np.float32]]]:
    """The loss of one batch, and its gradient with respect to each weight."""
    with tf.GradientTape() as tape:
        answers = model(pictures, training=True)
        loss = sum(tf.reduce_mean(-tf.math.log(answer[:, 0])) for answer in answers.values())
    found = tape.gradient(loss, model.trainable_variables)
    return float(loss), [one.numpy() for one in found]


def test_windows_give_their_smallest_value_where_gamma_is_negative(pictures: Pictures) -> None:
    size = 51  # 51 / 3 = 17: the second pooling leaves a rest
    batch = np.stack([preprocess(picture, size) for picture in pictures[:BATCH]])
    plain = network(size)
    for layer in plain.layers:
        if "block" in layer.name and "normalised" in layer.name:
            layer.gamma.assign(np.where(np.arange(layer.gamma.shape[0]) % 3 == 0, -0.7, 1.2))
    before = [variable.numpy() for variable in plain.non_trainable_variables]
    expected_loss, expected = gradients(plain, batch)
    moved = [variable.numpy() for variable in plain.non_trainable_variables]
    for variable, value in zip(plain.non_trainable_variables, before, strict=True):
        variable.assign(value)
    loss, found = gradients(FusedReference(plain, len(SCHEMA.heads), 0), batch)
    assert loss == pytest.approx(expected_loss, abs=1e-4)
    for one, other in zip(found, expected, strict=True):
        scale = max(float(np.abs(other).max()), 1e-3)
        np.testing.assert_allclose(one / scale, other / scale, atol=5e-3)
    for variable, value in zip(plain.non_trainable_variables, moved, strict=True):
        np.testing.assert_allclose(variable.numpy(), value, atol=1e-4)


def test_dropout_leaves_out_its_share_and_raises_the_rest() -> None:
    values, drawn = tf.random.normal((4, 8, 8, 16)), tf.random.uniform((4, 8, 8, 16), 0, 256, tf.int32)
    scale, shift, drawn = tf.random.normal((16,)), tf.random.normal((16,)), tf.cast(drawn, tf.uint8)

    def expected(values: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor) -> tf.Tensor:
        return tf.where(drawn >= 64, (values * scale + shift) / 0.75, 0.0)

    def found(values: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor) -> tf.Tensor:
        return fused._scaled_and_dropped(values, scale, shift, drawn, 0.25)

    wanted = tf.random.normal((4, 8, 8, 16))
    results = []
    for function in (expected, found):
        with tf.GradientTape() as tape:
            tape.watch((values, scale, shift))
            result = function(values, scale, shift)
            loss = tf.reduce_sum(result * wanted)
        results.append((result, *tape.gradient(loss, (values, scale, shift))))
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)
    assert 0.7 < float(tf.reduce_mean(tf.cast(results[1][0] != 0, tf.float32))) < 0.8


def test_dropout_draws_other_bytes_each_time_and_the_same_after_a_restart() -> None:
    def drawn(model: FusedReference) -> NDArray[np.uint8]:
        return np.asarray(model._bytes(tf.constant([100, 101])))

    plain = network()
    model = FusedReference(plain, len(SCHEMA.heads), 0)
    first, state = drawn(model), np.asarray(model.seeds.state)
    second = drawn(model)
    assert (first != second).mean() > 0.9
    assert abs(second.astype(float).mean() - 127.5) < 5
    again = FusedReference(plain, len(SCHEMA.heads), 7)
    assert any(one is again.seeds.state for one in again.non_trainable_variables), "checkpoints keep it"
    again.seeds.state.assign(state)
    np.testing.assert_array_equal(drawn(again), second)
