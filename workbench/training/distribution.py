"""Which devices a training computes on, and how several share a batch: what is TensorFlow's own.

`tf.distribute.MirroredStrategy` keeps the same weights on each device. Each gets its part of the pictures and
all labels; the answers are gathered before the loss, so that every device knows the loss of the whole batch.
Any loss is therefore exactly the one of a single device, also a mean over the labelled pictures, of which one
part may have many and another none. Batch normalisation takes its means over all parts.

Keras' own `train_on_batch` would give every device the whole batch; `fit` would not, but the loop is ours.
With one device none of this is in the way: `Shared` is for several only.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import keras  # noqa: TID251 - its models are what is shared
import numpy as np
import tensorflow as tf  # noqa: TID251 - tf.distribute and tf.config have no counterpart in Keras
from numpy.typing import NDArray

from workbench.dataset.table import MASKED
from workbench.errors import RunError
from workbench.model.augmentation import Augmentation
from workbench.settings import HardwareSettings, Settings

Values = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Place:
    """Where a training computes.

    Attributes:
        names: Its devices, such as ("gpu:0", "gpu:1").
        precision: Of the numbers between layers.
        shared: How they share a batch; None if there is only one.
    """

    names: tuple[str, ...]
    precision: str = "float32"
    shared: "Shared | None" = None

    @property
    def on_gpu(self) -> bool:
        """Whether the devices are GPUs."""
        return self.names[0].startswith("gpu")

    def to_dict(self) -> dict[str, Any]:
        """What the event `started` tells of it."""
        return {"device": self.names[0], "replicas": len(self.names), "precision": self.precision}

    def scope(self) -> AbstractContextManager[None]:
        """Inside, whatever is built is built on every device."""
        return nullcontext() if self.shared is None else self.shared.scope()

    def loss_weights(self, weights: dict[str, float]) -> dict[str, float]:
        """The weights of the outputs' losses; each of several devices answers for its share of them."""
        return {name: weight / len(self.names) for name, weight in weights.items()}

    def compiled(self, xla: str) -> bool | Literal["auto"]:
        """What Keras calls `jit_compile`: XLA is slower on a processor, and cannot span devices."""
        if xla == "auto":
            return "auto" if self.on_gpu and self.shared is None else False
        return xla == "on"

    def ahead(self, images: NDArray[np.uint8]) -> Any:
        """Pictures of a batch to come, put where they will be needed; a processor has them already."""
        if self.shared is not None:
            return self.shared.parts(images)
        if not self.on_gpu:
            return images
        with tf.device(self.names[0]):
            return tf.identity(images)


def take_place(settings: HardwareSettings) -> Place:
    """Take the devices that the settings ask for; nothing else in this process may have used one before.

    Raises:
        RunError: TensorFlow does not see a GPU that was asked for.
    """
    gpus = tf.config.list_physical_devices("GPU")
    if settings.device == "cpu" or not gpus:
        if settings.device == "gpu" or (settings.replicas > 1 and settings.device != "cpu"):
            raise RunError(
                "TensorFlow sees no GPU",
                where="hardware.device",
                cure="install tensorflow[and-cuda] and a driver for it, or train with hardware.device=cpu",
            )
        if gpus:
            tf.config.set_visible_devices([], "GPU")
        return _place("cpu", _processors(max(settings.replicas, 1)), settings.precision)
    count = settings.replicas or len(gpus)
    if count > len(gpus):
        raise RunError(f"{count} GPUs are asked for; TensorFlow sees {len(gpus)}", where="hardware.replicas")
    tf.config.set_visible_devices(gpus[:count], "GPU")
    for gpu in gpus[:count]:
        tf.config.experimental.set_memory_growth(gpu, True)  # the rest is for whoever else works on it
    return _place("gpu", count, settings.precision)


def _processors(count: int) -> int:
    """One processor as several devices."""
    if count > 1:
        [processor] = tf.config.list_physical_devices("CPU")
        parts = [tf.config.LogicalDeviceConfiguration()] * count
        tf.config.set_logical_device_configuration(processor, parts)
    return count


def _place(kind: str, count: int, precision: str) -> Place:
    """So many devices of a kind."""
    names = tuple(f"{kind}:{index}" for index in range(count))
    return Place(names, precision, Shared(names) if count > 1 else None)


def learning_model(network: keras.Model, settings: Settings, place: Place) -> keras.Model:
    """The same layers in a second model, with what only training needs before and behind them.

    Args:
        network: Made in the place's scope.
        settings: Complete settings.
        place: Where it trains.
    """
    inputs, outputs = network.input, network.output
    if settings.hardware.augmentation == "device" and settings.augment.active:
        inputs = keras.Input(network.input.shape[1:], dtype="uint8")
        outputs = network(Augmentation(settings.augment, settings.training.seed, device_number)(inputs))
    if place.shared is not None:
        outputs = place.shared.gathered(outputs)
    return keras.Model(inputs, outputs)


class Shared:
    """Several devices that share each batch.

    Args:
        names: The devices.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self._strategy = _mirrored(names)
        self._names, self.count = names, len(names)

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Inside, whatever is built is built on every device."""
        with self._strategy.scope():
            yield

    def gathered(self, outputs: Mapping[str, Any]) -> dict[str, Any]:
        """A network's outputs, those of all devices while it learns."""
        return {name: _Gathered()(output) for name, output in outputs.items()}

    def _make_ready(self, model: keras.Model, labels: Values) -> None:
        """Make the variables of a compiled model's metrics; none may be made within a step."""
        if model.train_function is not None:
            return
        picture = np.zeros((1, *model.input.shape[1:]), np.uint8)
        with self.scope():
            model.test_on_batch(picture, {name: one[:1] for name, one in labels.items()})
        model.make_train_function()

    def parts(self, images: NDArray[np.uint8]) -> "Parts":
        """A batch in equal parts, each on its device."""
        whole = np.resize(images, (self._whole(len(images)), *images.shape[1:]))  # repeats the first ones
        parts = np.split(whole, self.count)

        def place(context: Any) -> Any:
            with tf.device(self._names[context.replica_id_in_sync_group]):
                return tf.identity(parts[context.replica_id_in_sync_group])

        placed = self._strategy.experimental_distribute_values_from_function(place)
        return Parts(placed, len(images))

    def learn(self, model: keras.Model, images: "NDArray[np.uint8] | Parts", labels: Values) -> None:
        """One step.

        Args:
            model: Built and compiled in `scope`, with the place's weights of losses.
            images: (B, S, S, 3), or what `parts` made of them.
            labels: For each output (B,), or (B, 3) of mixed pictures.
        """
        batch = images if isinstance(images, Parts) else self.parts(images)
        self._make_ready(model, labels)
        model.reset_metrics()
        padded = {name: masked_to(self._whole(batch.count), one) for name, one in labels.items()}
        with _synchronised(model):
            model.train_function(iter([(batch.placed, padded, None)]))

    def answers(self, model: keras.Model, images: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """The probabilities of each output."""
        model.make_predict_function()
        found = model.predict_function([(self.parts(images).placed,)])
        return {name: np.asarray(one)[: len(images)] for name, one in found.items()}

    def _whole(self, count: int) -> int:
        """The least multiple of the devices that holds so many pictures."""
        return -(-count // self.count) * self.count


@cache
def _mirrored(names: tuple[str, ...]) -> tf.distribute.MirroredStrategy:
    """The strategy of these devices, one in a process: TensorFlow parts what two networks exchange by numbers
    that every strategy counts from the start, and takes one's sums for the other's."""
    return tf.distribute.MirroredStrategy(list(names))


@dataclass(frozen=True)
class Parts:
    """A batch of `count` pictures on its devices, a few repeated so that the parts are equal."""

    placed: Any
    count: int

    def __len__(self) -> int:
        return self.count


def device_number() -> Any:
    """The number of the device at work among those that share a batch, within a step."""
    replica = tf.distribute.get_replica_context()
    return 0 if replica is None else replica.replica_id_in_sync_group


def masked_to(count: int, labels: NDArray[Any]) -> NDArray[Any]:
    """Labels (B,), or (B, 3) of mixed pictures (`dataset.mixing`), with masked ones for repeated pictures."""
    nothing = MASKED if labels.ndim == 1 else (MASKED, MASKED, 1)
    rest = np.broadcast_to(np.asarray(nothing, labels.dtype), (count - len(labels), *labels.shape[1:]))
    return np.concatenate([labels, rest])


@contextmanager
def _synchronised(model: keras.Model) -> Iterator[None]:
    """Inside, batch normalisation takes its means over all devices.

    Not for good, since it is saved with a network, and other backends than TensorFlow would not load that.
    """
    normalisations = [one for one in _layers(model) if isinstance(one, keras.layers.BatchNormalization)]
    for layer in normalisations:
        layer.synchronized = True
    try:
        yield
    finally:
        for layer in normalisations:
            layer.synchronized = False


def _layers(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """A model's layers, and those of the models in it."""
    for layer in model.layers:
        yield layer
        if isinstance(layer, keras.Model):
            yield from _layers(layer)


class _Gathered(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """The answers of all devices while they learn, in the order of the batch; else the device's own."""

    def __init__(self) -> None:
        super().__init__(dtype="float32")

    def call(self, answers: Any, training: bool = False) -> Any:
        """Args: answers (B / devices, K). Returns: (B, K)."""
        replica = tf.distribute.get_replica_context()
        if not training or replica is None or replica.num_replicas_in_sync == 1:
            return answers
        # Its gradient adds up what every device's copy of the loss asks of these answers; the losses' weights
        # of 1 / count make that one loss.
        return replica.all_gather(answers, axis=0)
