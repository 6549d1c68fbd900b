"""imgaug on NumPy 2: every augmenter in use works, changes what it should, and can be repeated."""

import numpy as np
import pytest
from numpy.typing import NDArray

from workbench.config import AugmentSettings, Operation
from workbench.images.augment import Augmenter

AUGMENTERS = {
    "rotate": "Affine",
    "blur": "GaussianBlur",
    "brightness": "Multiply",
    "pan": "Affine",
    "zoom": "Affine",
    "flip": "Fliplr",
    "contrast": "LinearContrast",
    "noise": "AdditiveGaussianNoise",
    "cutout": "Cutout",
}
"""Every operation of the settings, and the imgaug augmenter behind it."""


def settings(**operations: dict[str, float]) -> AugmentSettings:
    return AugmentSettings.model_validate(operations)


def always(low: float, high: float) -> dict[str, float]:
    return {"probability": 1.0, "low": low, "high": high}


@pytest.fixture
def batch() -> NDArray[np.uint8]:
    """Eight smooth pictures with an upper left that differs from the lower right."""
    y, x = np.mgrid[0:48, 0:48]
    image = np.stack([x * 4, y * 4, (x + y) * 2], -1).astype(np.uint8)
    return np.stack([image] * 8)


def test_every_operation_of_the_settings_has_an_augmenter() -> None:
    assert set(AUGMENTERS) == set(AugmentSettings.model_fields)


@pytest.mark.parametrize("operation", AUGMENTERS)
def test_augmenter_in_use_works_on_its_own(operation: str, batch: NDArray[np.uint8]) -> None:
    augmenter = Augmenter(settings(**{operation: {"probability": 1.0}}), 3)
    assert augmenter.names == (AUGMENTERS[operation],)
    before = batch.copy()
    changed = augmenter(batch, 0)
    assert changed.shape == batch.shape
    assert changed.dtype == np.uint8
    assert not np.array_equal(changed, batch)
    assert np.array_equal(batch, before), "the batch itself must stay as it was"


def test_all_at_once_in_their_order(batch: NDArray[np.uint8]) -> None:
    everything = Augmenter(settings(**{name: {"probability": 0.5} for name in AUGMENTERS}), 0)
    assert everything.names == (
        "Fliplr",
        "Affine",
        "GaussianBlur",
        "Multiply",
        "LinearContrast",
        "AdditiveGaussianNoise",
        "Cutout",
    )
    assert everything(batch, 0).shape == batch.shape


def test_same_seed_and_step_repeat_in_any_order(batch: NDArray[np.uint8]) -> None:
    chosen = settings(**{name: {"probability": 0.5} for name in AUGMENTERS})
    first, second = Augmenter(chosen, 7), Augmenter(chosen, 7)
    forward = [first(batch, step) for step in range(3)]
    backward = [second(batch, step) for step in (2, 1, 0)][::-1]
    for one, other in zip(forward, backward, strict=True):
        assert np.array_equal(one, other)
    assert not np.array_equal(forward[0], forward[1])
    assert not np.array_equal(forward[0], Augmenter(chosen, 8)(batch, 0))


def test_pictures_of_a_batch_are_changed_differently(batch: NDArray[np.uint8]) -> None:
    changed = Augmenter(settings(rotate={"probability": 1.0}), 0)(batch, 0)
    assert len({image.tobytes() for image in changed}) == len(batch)


def test_nothing_switched_on_changes_nothing(batch: NDArray[np.uint8]) -> None:
    augmenter = Augmenter(AugmentSettings(), 0)
    same = augmenter(batch, 5)
    assert augmenter.names == ()
    assert np.array_equal(same, batch)
    assert same is not batch


def test_probability_is_the_share_of_pictures() -> None:
    batch = np.full((400, 8, 8, 3), 100, np.uint8)
    changed = Augmenter(settings(brightness={"probability": 0.25, "low": 1.5, "high": 1.5}), 1)(batch, 0)
    assert 0.17 < (changed.reshape(400, -1).mean(1) > 101).mean() < 0.33


def test_strength_stays_in_its_range() -> None:
    batch = np.full((200, 8, 8, 3), 100, np.uint8)
    levels = Augmenter(settings(brightness=always(0.5, 1.5)), 1)(batch, 0).reshape(200, -1).mean(1)
    assert 49 <= levels.min() < 60
    assert 140 < levels.max() <= 151


def test_flip_mirrors_left_and_right(batch: NDArray[np.uint8]) -> None:
    assert np.array_equal(Augmenter(settings(flip=always(0, 0)), 0)(batch, 0), batch[:, :, ::-1])


def test_pan_shifts_by_a_share_of_the_picture() -> None:
    batch = np.zeros((1, 40, 40, 3), np.uint8)
    batch[0, 18:22, 18:22] = 255
    moved = Augmenter(settings(pan=always(0.25, 0.25)), 0)(batch, 0)[0, ..., 0]
    assert [int(axis.mean().round()) for axis in np.nonzero(moved > 128)] == [30, 30]


def test_zoom_enlarges_and_shrinks() -> None:
    batch = np.zeros((1, 40, 40, 3), np.uint8)
    batch[0, 15:25, 15:25] = 255
    area = [(Augmenter(settings(zoom=always(f, f)), 0)(batch, 0) > 128).sum() for f in (0.5, 1.0, 2.0)]
    assert area[0] < area[1] / 3
    assert area[2] > area[1] * 3


def test_borders_continue_the_picture_instead_of_turning_black() -> None:
    batch = np.full((4, 32, 32, 3), 180, np.uint8)
    turned = Augmenter(settings(rotate=always(30, 30), pan=always(0.2, 0.2)), 0)(batch, 0)
    assert turned.min() >= 178


def test_cutout_covers_a_grey_square() -> None:
    batch = np.zeros((1, 50, 50, 3), np.uint8)
    covered = Augmenter(settings(cutout=always(0.2, 0.2)), 0)(batch, 0)
    share = (covered[0, ..., 0] > 100).mean()
    assert 0.01 <= share <= 0.05


def test_empty_batch_stays_empty() -> None:
    empty = np.zeros((0, 16, 16, 3), np.uint8)
    assert Augmenter(settings(flip={"probability": 1.0}), 0)(empty, 0).shape == empty.shape


def test_shim_leaves_numpy_as_it_was() -> None:
    Augmenter(settings(flip={"probability": 1.0}), 0)
    assert not hasattr(np, "sctypes")


def test_so_many_pictures_are_shifted_as_the_probability_says() -> None:
    shift = Operation(probability=0.3, low=0.2, high=0.3)
    ramp = np.broadcast_to(np.arange(40, dtype=np.uint8)[:, None, None] * 5, (40, 40, 3)).copy()
    ramp += np.arange(40, dtype=np.uint8)[None, :, None]
    pictures = np.broadcast_to(ramp, (2000, 40, 40, 3)).copy()
    changed = Augmenter(AugmentSettings(pan=shift), 3)(pictures, 0)
    share = float((changed != pictures).any(axis=(1, 2, 3)).mean())
    assert share == pytest.approx(0.3, abs=0.035)
