"""Random changes of training pictures within the training step: the second engine, for a device that waits.

The same operations in the same order, with the same probabilities and ranges, as `images/augment.py`, which
is imgaug's; equal in distribution, not in each picture (`tests/engine/test_device_augmentation.py`). Written
with Keras' operations alone. Values are whole grey levels after each operation, as they are in imgaug, which
rounds a warp, a blur and noise but cuts the fraction off after light and contrast.
"""

import math
from collections.abc import Callable
from typing import Any

import keras  # noqa: TID251 - model/ builds networks and what trains them
from keras import ops  # noqa: TID251

from workbench.config import AugmentSettings, Operation

_MIDDLE = 127.0  # imgaug.LinearContrast stretches around it
_COVER = 128.0
_UNBLURRED = 1e-3
"""A standard deviation below which imgaug leaves a picture as it is."""
_WIDTHS = ((3.0, 3.3), (5.0, 2.9), (math.inf, 2.6))
"""Below which standard deviation imgaug cuts its Gaussians off at how many of them (`augmenters/blur.py`)."""
_LEAST_WIDTH = 5.0


class _Seeds(keras.random.SeedGenerator):
    """Seeds counted from the run's seed; the devices that share a batch each have their own."""

    def __init__(self, seed: int, part: Callable[[], Any]) -> None:
        super().__init__(seed)
        self._part = part

    def next(self, ordered: bool = True) -> Any:
        """The next seed, a pair of whole numbers."""
        value = super().next(ordered)
        offset = ops.stack([ops.cast(self._part(), value.dtype), ops.zeros((), value.dtype)])
        return value + offset * 7919  # a prime: seeds of neighbouring runs stay apart


class Augmentation(keras.layers.Layer):
    """Changes pictures at random while training, and not otherwise.

    Args:
        settings: Which operations, how often and how strongly.
        seed: Of the run; the count of steps is a variable of the layer, which a checkpoint keeps.
        part: The number of the device at work among those that share a batch.
    """

    def __init__(
        self, settings: AugmentSettings, seed: int, part: Callable[[], Any] = lambda: 0, **options: Any
    ) -> None:
        super().__init__(dtype="float32", **options)
        self._settings = settings
        self._seeds = _Seeds(seed, part)
        self.supports_jit = False  # XLA has no warp

    def call(self, images: Any, training: bool = False) -> Any:
        """Args: images (B, S, S, 3), uint8. Returns: the same shape and type."""
        if not training or not self._settings.active:
            return images
        how, changed = self._settings, ops.cast(images, "float32")
        if how.flip.probability > 0:
            changed = ops.where(self._chosen(changed, how.flip.probability), changed[:, :, ::-1], changed)
        if any(one.probability > 0 for one in (how.rotate, how.pan, how.zoom)):
            changed = self._warped(changed)
        if how.blur.probability > 0:
            changed = _blurred(changed, self._strength(changed, how.blur, 0.0), how.blur.high)
        if how.brightness.probability > 0:
            changed = _cut(changed * self._strength(changed, how.brightness, 1.0))
        if how.contrast.probability > 0:
            strength = self._strength(changed, how.contrast, 1.0)
            changed = _cut(_MIDDLE + strength * (changed - _MIDDLE))
        if how.noise.probability > 0:
            scale = self._strength(changed, how.noise, 0.0)
            grain = keras.random.normal(ops.shape(changed), seed=self._seeds)
            changed = _cut(changed + ops.round(grain * scale))
        if how.cutout.probability > 0:
            changed = self._covered(changed)
        return ops.cast(changed, "uint8")

    def compute_output_spec(self, images: Any, training: bool = False) -> keras.KerasTensor:  # noqa: ARG002
        """Nothing of a picture's shape and type changes."""
        return keras.KerasTensor(images.shape, dtype="uint8")

    def _uniform(self, images: Any, low: float = 0.0, high: float = 1.0) -> Any:
        """A number for each picture, (B, 1, 1, 1)."""
        return keras.random.uniform((ops.shape(images)[0], 1, 1, 1), low, high, seed=self._seeds)

    def _chosen(self, images: Any, probability: float) -> Any:
        """Whether an operation changes a picture, (B, 1, 1, 1)."""
        return self._uniform(images) < probability

    def _strength(self, images: Any, operation: Operation, neutral: float) -> Any:
        """An operation's strength in its share of the pictures, else `neutral`; (B, 1, 1, 1)."""
        strength = self._uniform(images) * (operation.high - operation.low) + operation.low
        return ops.where(self._chosen(images, operation.probability), strength, neutral)

    def _warped(self, images: Any) -> Any:
        """Turned, shifted and scaled in one warp; the border continues the picture."""
        how, size = self._settings, images.shape[1]
        # Each axis on its own, so often that as many pictures are shifted at all as was asked for.
        pan = how.pan.model_copy(update={"probability": 1 - (1 - how.pan.probability) ** 0.5})
        angle, scale, right, down = (
            ops.reshape(self._strength(images, one, neutral), (-1,))
            for one, neutral in ((how.rotate, 0.0), (how.zoom, 1.0), (pan, 0.0), (pan, 0.0))
        )
        angle, right, down = angle * (math.pi / 180), right * size, down * size
        middle = size / 2 - 0.5
        # From a place in the result back to the picture: shifted, turned and scaled the other way round.
        cosine, sine, none = ops.cos(angle) / scale, ops.sin(angle) / scale, ops.zeros_like(angle)
        x, y = middle + right, middle + down
        rows = [cosine, sine, middle - cosine * x - sine * y, -sine, cosine, middle + sine * x - cosine * y]
        transform = ops.stack([*rows, none, none], axis=1)
        warped = ops.image.affine_transform(
            images, transform, interpolation="bilinear", fill_mode="nearest", data_format="channels_last"
        )
        return ops.round(warped)

    def _covered(self, images: Any) -> Any:
        """With a grey square somewhere, which may hang over the edge."""
        how, size = self._settings.cutout, images.shape[1]
        half = (self._uniform(images) * (how.high - how.low) + how.low) * size / 2
        places = ops.reshape(ops.arange(size, dtype="float32"), (1, size, 1, 1))

        def within(middle: Any) -> Any:
            first, last = ops.trunc(middle - half), ops.trunc(middle + half)
            return ops.logical_and(places >= first, places < last)

        down, right = within(self._uniform(images) * size), within(self._uniform(images) * size)
        square = ops.logical_and(down, ops.transpose(right, (0, 2, 1, 3)))
        return ops.where(ops.logical_and(square, self._chosen(images, how.probability)), _COVER, images)


def _cut(values: Any) -> Any:
    """Grey levels without their fraction."""
    return ops.floor(ops.clip(values, 0.0, 255.0))


def _blurred(images: Any, deviation: Any, greatest: float) -> Any:
    """Each picture with a Gaussian of its own, (B, 1, 1, 1); columns and rows after one another."""
    reach = int(max(_LEAST_WIDTH, *(width * min(greatest, below) for below, width in _WIDTHS))) // 2
    factor = ops.where(deviation < 3.0, 3.3, ops.where(deviation < 5.0, 2.9, 2.6))
    own_reach = ops.floor(ops.maximum(factor * deviation, _LEAST_WIDTH)) // 2
    # A picture that is not blurred has a Gaussian so narrow that its own pixel is all of it.
    safe = ops.maximum(deviation, _UNBLURRED)
    steps = range(-reach, reach + 1)
    weights = [ops.where(abs(step) <= own_reach, ops.exp(-0.5 * (step / safe) ** 2), 0.0) for step in steps]
    total = sum(weights)
    for axis in (1, 2):
        margin = [(reach, reach) if each == axis else (0, 0) for each in range(4)]
        padded = ops.pad(images, margin, mode="reflect")
        images = sum(_part(padded, axis, at) * weight for at, weight in enumerate(weights)) / total
    return ops.round(images)


def _part(padded: Any, axis: int, start: int) -> Any:
    """As many columns or rows as the other axis has, from one on."""
    if axis == 1:
        return padded[:, start : start + padded.shape[2]]
    return padded[:, :, start : start + padded.shape[1]]
