"""The second engine of augmentation: equal in distribution to imgaug's, and repeated by seed and step.

Each operation is measured on a picture that shows it (a ramp for warps, one bright pixel for blur …) in many
pictures of each engine, and the two samples are compared by Kolmogorov and Smirnov's test. The same test
fails where a range or a probability is off by little, which is tried for each of them too.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import ks_2samp

from workbench.config import AugmentSettings, load_settings
from workbench.images.augment import Augmenter
from workbench.model.augmentation import Augmentation

Pictures = NDArray[np.uint8]
Measure = Callable[[Pictures], NDArray[np.float64]]
COUNT, SIZE = 2000, 40
UNLIKELY = 1e-3
"""A likeness of the two samples that chance gives less often than this is a difference."""


def settings(**operations: dict[str, float]) -> AugmentSettings:
    return AugmentSettings.model_validate(operations)


def operation(probability: float, low: float = 0.0, high: float = 0.0) -> dict[str, float]:
    return {"probability": probability, "low": low, "high": high}


def on_device(pictures: Pictures, how: AugmentSettings, seed: int = 1) -> Pictures:
    return np.asarray(Augmentation(how, seed)(pictures, training=True))


def ramp() -> Pictures:
    """Red tells the column, green the row, blue is flat."""
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    return np.stack([x * 5 + 20, y * 5 + 20, np.full_like(x, 60)], -1).astype(np.uint8)


def flat(level: int) -> Pictures:
    return np.full((SIZE, SIZE, 3), level, np.uint8)


def point() -> Pictures:
    picture = flat(0)
    picture[SIZE // 2, SIZE // 2] = 255
    return picture


def halves() -> Pictures:
    picture = flat(80)
    picture[:, SIZE // 2 :] = 170
    return picture


def middle(pictures: Pictures) -> NDArray[np.float64]:
    """(N, 4, 2): for red and green, their slopes along x and y in the middle, by least squares."""
    part = pictures[:, 14:26, 14:26, :2].astype(float)
    steps = np.arange(12) - 5.5
    along_x = (part * steps[None, None, :, None]).sum((1, 2)) / (12 * (steps**2).sum())
    along_y = (part * steps[None, :, None, None]).sum((1, 2)) / (12 * (steps**2).sum())
    return np.concatenate([along_x, along_y], axis=1) / 5


def angle(pictures: Pictures) -> NDArray[np.float64]:
    slopes = middle(pictures)
    return np.asarray(np.degrees(np.arctan2(slopes[:, 2] - slopes[:, 1], slopes[:, 0] + slopes[:, 3])))


def scale(pictures: Pictures) -> NDArray[np.float64]:
    slopes = middle(pictures)
    return np.asarray(1 / np.sqrt(np.abs(slopes[:, 0] * slopes[:, 3] - slopes[:, 1] * slopes[:, 2])))


def shift(channel: int) -> Measure:
    return lambda pictures: pictures[:, 14:26, 14:26, channel].mean((1, 2)) / 5


def mean(pictures: Pictures) -> NDArray[np.float64]:
    return np.asarray(pictures.mean((1, 2, 3)))


def spread(pictures: Pictures) -> NDArray[np.float64]:
    return np.asarray(pictures.std((1, 2, 3)))


def peak(pictures: Pictures) -> NDArray[np.float64]:
    return np.asarray(pictures.max((1, 2, 3)).astype(float))


def mirrored(pictures: Pictures) -> NDArray[np.float64]:
    """1 where the left is bright."""
    return (pictures[:, 5, 5, 0] > 100).astype(float)


def covered_row(pictures: Pictures) -> NDArray[np.float64]:
    """Where the covered square begins; the size where there is none."""
    rows = (pictures[..., 0] == 128).any(2)
    return np.where(rows.any(1), rows.argmax(1), SIZE).astype(float)


CASES: dict[str, tuple[Pictures, Measure, dict[str, Any], dict[str, Any]]] = {
    "rotate": (ramp(), angle, {"rotate": operation(0.8, -15, 15)}, {"rotate": operation(0.8, -12, 12)}),
    "rotate the other way": (
        ramp(),
        angle,
        {"rotate": operation(1, 2, 10)},
        {"rotate": operation(1, -10, -2)},
    ),
    "zoom": (ramp(), scale, {"zoom": operation(0.7, 0.8, 1.25)}, {"zoom": operation(0.7, 0.85, 1.25)}),
    "pan across": (ramp(), shift(0), {"pan": operation(0.8, -0.1, 0.05)}, {"pan": operation(0.8, -0.1, 0.1)}),
    "pan down": (ramp(), shift(1), {"pan": operation(0.8, -0.1, 0.05)}, {"pan": operation(0.5, -0.1, 0.05)}),
    "blur": (point(), peak, {"blur": operation(0.6, 0.0, 1.5)}, {"blur": operation(0.6, 0.0, 1.2)}),
    "strong blur": (point(), peak, {"blur": operation(1, 2.0, 6.0)}, {"blur": operation(1, 2.5, 6.0)}),
    "brightness": (
        flat(100),
        mean,
        {"brightness": operation(0.6, 0.7, 1.3)},
        {"brightness": operation(0.6, 0.75, 1.3)},
    ),
    "contrast": (
        halves(),
        spread,
        {"contrast": operation(0.6, 0.8, 1.2)},
        {"contrast": operation(0.6, 0.85, 1.2)},
    ),
    "noise": (flat(128), spread, {"noise": operation(0.6, 0, 12)}, {"noise": operation(0.6, 0, 10)}),
    "cutout's size": (
        flat(0),
        mean,
        {"cutout": operation(0.8, 0.05, 0.3)},
        {"cutout": operation(0.8, 0.1, 0.3)},
    ),
    "cutout's place": (
        flat(0),
        covered_row,
        {"cutout": operation(0.8, 0.2, 0.2)},
        {"cutout": operation(0.6, 0.2, 0.2)},
    ),
    "flip": (
        ramp(),
        mirrored,
        {"flip": operation(0.4)},
        {"flip": operation(0.5)},
    ),
}
"""A picture, what is measured on it, the operation, and the same with a range or a share slightly off."""


@pytest.mark.parametrize("case", CASES)
def test_both_engines_draw_from_the_same_distribution_and_a_range_that_is_off_is_seen(case: str) -> None:
    picture, measure, right, wrong = CASES[case]
    pictures = np.broadcast_to(picture, (COUNT, *picture.shape)).copy()
    theirs = measure(Augmenter(settings(**right), 3)(pictures, 0))
    ours = measure(on_device(pictures, settings(**right)))
    off = measure(on_device(pictures, settings(**wrong)))
    assert ks_2samp(theirs, ours).pvalue > UNLIKELY
    assert ks_2samp(theirs, off).pvalue < UNLIKELY


@pytest.mark.parametrize("preset", ["reference", "accurate"])
def test_a_presets_operations_together_give_the_same_pictures(preset: str) -> None:
    how = load_settings(preset).augment
    pictures = np.broadcast_to(ramp(), (COUNT, SIZE, SIZE, 3)).copy()
    theirs, ours = Augmenter(how, 3)(pictures, 0), on_device(pictures, how)
    for measure in (mean, spread, peak, shift(0), shift(1)):
        assert ks_2samp(measure(theirs), measure(ours)).pvalue > UNLIKELY
    changed = [(found != pictures).any((1, 2, 3)).mean() for found in (theirs, ours)]
    assert changed[0] == pytest.approx(changed[1], abs=0.05)


@pytest.mark.parametrize("deviation", [0.3, 1.0, 2.9, 3.2, 5.1, 8.0])
def test_a_blur_is_imgaugs_pixel_by_pixel(deviation: float) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (2, SIZE, SIZE, 3), dtype=np.uint8)
    how = settings(blur=operation(1, deviation, deviation))
    theirs, ours = Augmenter(how, 0)(pictures, 0), on_device(pictures, how)
    assert np.abs(theirs.astype(int) - ours.astype(int)).max() <= 1


def test_a_warp_is_imgaugs_pixel_by_pixel() -> None:
    how = settings(rotate=operation(1, 9, 9), zoom=operation(1, 1.1, 1.1), pan=operation(1, 0.1, 0.1))
    pictures = ramp()[None]
    theirs, ours = Augmenter(how, 0)(pictures, 0), on_device(pictures, how)
    assert np.abs(theirs.astype(int) - ours.astype(int)).max() <= 2  # OpenCV counts in 32nds of a pixel


def test_the_same_seed_and_step_give_the_same_pictures_also_after_a_restart() -> None:
    how = load_settings("accurate").augment
    pictures = np.broadcast_to(ramp(), (8, SIZE, SIZE, 3)).copy()
    first = Augmentation(how, 7)
    steps = [np.asarray(first(pictures, training=True)) for _ in range(3)]
    assert not np.array_equal(steps[0], steps[1])
    broken = Augmentation(how, 7)
    broken(pictures, training=True)
    again = Augmentation(how, 7)
    for variable, kept in zip(again.variables, broken.variables, strict=True):
        variable.assign(kept)
    assert np.array_equal(np.asarray(again(pictures, training=True)), steps[1])
    assert not np.array_equal(np.asarray(Augmentation(how, 8)(pictures, training=True)), steps[0])


def test_devices_that_share_a_batch_change_their_parts_differently() -> None:
    how = load_settings("accurate").augment
    pictures = np.broadcast_to(ramp(), (4, SIZE, SIZE, 3)).copy()
    one = np.asarray(Augmentation(how, 7)(pictures, training=True))
    other = np.asarray(Augmentation(how, 7, lambda: 1)(pictures, training=True))
    assert not np.array_equal(one, other)


def test_pictures_to_answer_for_stay_as_they_are() -> None:
    pictures = np.broadcast_to(ramp(), (2, SIZE, SIZE, 3)).copy()
    assert np.array_equal(Augmentation(load_settings("accurate").augment, 0)(pictures), pictures)
    assert np.array_equal(on_device(pictures, AugmentSettings()), pictures)


def test_it_works_within_a_compiled_step_on_the_last_smaller_batch() -> None:
    inputs = keras.Input((SIZE, SIZE, 3), dtype="uint8")
    changed = Augmentation(load_settings("accurate").augment, 0)(inputs)
    outputs = keras.layers.Dense(1)(keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(changed)))
    model = keras.Model(inputs, outputs)
    model.compile("sgd", "mse", jit_compile=False)
    for count in (4, 3):
        model.train_on_batch(np.zeros((count, SIZE, SIZE, 3), np.uint8), np.zeros((count, 1)))
