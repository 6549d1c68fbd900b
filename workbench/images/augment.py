"""Random changes of training pictures, with imgaug. The one place that imports it.

imgaug 0.4.0 (2020, its last) reads `np.sctypes`, a table that NumPy 2 took away
(https://github.com/aleju/imgaug/issues/859). The table is put back for the import, then removed again.
Augmenters in use: Fliplr, Affine, GaussianBlur, Multiply, LinearContrast, AdditiveGaussianNoise, Cutout;
`tests/engine/test_augment.py` names and tries each.
"""

import warnings
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.config import AugmentSettings, Operation
from workbench.images.preprocess import load_cv2

_SCTYPES = {
    "int": [np.int8, np.int16, np.int32, np.int64],
    "uint": [np.uint8, np.uint16, np.uint32, np.uint64],
    "float": [np.float16, np.float32, np.float64],
    "complex": [np.complex64, np.complex128],
    "others": [bool, object, bytes, str, np.void],
}
_BORDER = "edge"  # continue the background; a black border would itself be a feature to learn


def _load() -> tuple[ModuleType, ModuleType]:
    """imgaug's augmenters and parameters, imported on NumPy 2."""
    load_cv2()  # says what is missing where imgaug's own import would end in a traceback
    lacking = not hasattr(np, "sctypes")
    if lacking:
        np.sctypes = _SCTYPES  # type: ignore[attr-defined]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import imgaug.augmenters  # noqa: TID251 - this is the one place
            import imgaug.parameters  # noqa: TID251
    finally:
        if lacking:
            del np.sctypes  # type: ignore[attr-defined]
    return imgaug.augmenters, imgaug.parameters


class Augmenter:
    """Changes pictures at random, the same way for the same seed and step.

    Keeps state while it works: one for each thread.

    Args:
        settings: Which operations, how often and how strongly.
        seed: Of the run.

    Raises:
        MissingLibrary: OpenCV cannot be loaded.
    """

    def __init__(self, settings: AugmentSettings, seed: int) -> None:
        self._seed = seed
        self._pipeline: Any = None
        if settings.active:
            augmenters, parameters = _load()
            self._pipeline = augmenters.Sequential(_operations(settings, augmenters, parameters))

    @property
    def names(self) -> tuple[str, ...]:
        """The imgaug augmenters in use, in the order in which they are applied."""
        steps = () if self._pipeline is None else tuple(self._pipeline)
        inner = (step.then_list[0] if type(step).__name__ == "Sometimes" else step for step in steps)
        return tuple(type(step).__name__ for step in inner)

    def __call__(self, images: NDArray[np.uint8], step: int) -> NDArray[np.uint8]:
        """Change a batch.

        Args:
            images: RGB pictures, shape (N, S, S, 3); left as they are.
            step: The batch's number in the run; another step gives other changes.

        Returns:
            New pictures of the same shape.
        """
        if self._pipeline is None or not len(images):
            return images.copy()
        entropy = np.random.SeedSequence([self._seed, step]).generate_state(1)[0]
        self._pipeline.seed_(int(entropy))
        changed = self._pipeline(images=np.ascontiguousarray(images))
        return np.ascontiguousarray(changed, dtype=np.uint8)


def _operations(settings: AugmentSettings, iaa: Any, iap: Any) -> list[Any]:
    """The augmenters that the settings switch on, in order: geometry, optics, light, sensor, obstruction."""

    def sometimes(operation: Operation, make: Any) -> list[Any]:
        if operation.probability <= 0:
            return []
        return [iaa.Sometimes(operation.probability, make((operation.low, operation.high)))]

    flip = settings.flip.probability
    return [
        *([iaa.Fliplr(flip)] if flip > 0 else []),
        *_affine(settings, iaa, iap),
        *sometimes(settings.blur, lambda strength: iaa.GaussianBlur(sigma=strength)),
        *sometimes(settings.brightness, iaa.Multiply),
        *sometimes(settings.contrast, iaa.LinearContrast),
        *sometimes(settings.noise, lambda s: iaa.AdditiveGaussianNoise(scale=s, per_channel=True)),
        *sometimes(
            settings.cutout, lambda s: iaa.Cutout(nb_iterations=1, size=s, fill_mode="constant", cval=128)
        ),
    ]


def _affine(settings: AugmentSettings, iaa: Any, iap: Any) -> list[Any]:
    """Turning, panning and zooming as one warp, so that a picture is resampled (and softened) once only."""
    if not any(one.probability > 0 for one in (settings.rotate, settings.pan, settings.zoom)):
        return []

    # Each axis on its own, so often that the share of pictures that are shifted at all is the one asked for.
    each = 1 - (1 - settings.pan.probability) ** 0.5
    pan = settings.pan.model_copy(update={"probability": each})

    def gated(operation: Operation, neutral: float) -> Any:
        """The operation's strength in its share of the pictures, else `neutral`."""
        if operation.probability <= 0:
            return iap.Deterministic(neutral)
        change = iap.Uniform(operation.low - neutral, operation.high - neutral)
        return iap.Add(iap.Multiply(iap.Binomial(operation.probability), change, elementwise=True), neutral)

    return [
        iaa.Affine(
            rotate=gated(settings.rotate, 0.0),
            translate_percent={"x": gated(pan, 0.0), "y": gated(pan, 0.0)},
            scale=gated(settings.zoom, 1.0),
            mode=_BORDER,
        )
    ]
