"""What the network gets: the right size, the right colours, a blur where asked for."""

import importlib
from typing import Any

import numpy as np
import pytest

from workbench.errors import MissingLibrary
from workbench.images.preprocess import load_cv2, preprocess
from workbench.images.sheet import blur_sheet


@pytest.mark.parametrize("shape", [(400, 300, 3), (20, 30, 3), (64, 64, 3), (1, 1, 3), (10, 900, 3)])
def test_any_shape_becomes_the_networks(shape: tuple[int, int, int]) -> None:
    image = np.full(shape, (200, 100, 50), np.uint8)
    small = preprocess(image, 64)
    assert small.shape == (64, 64, 3)
    assert small.dtype == np.uint8
    assert small.flags["C_CONTIGUOUS"]
    assert (small == (200, 100, 50)).all()


def test_shrinking_averages_instead_of_skipping_pixels() -> None:
    stripes = np.zeros((256, 256, 3), np.uint8)
    stripes[:, ::2] = 255
    assert np.abs(preprocess(stripes, 32).astype(int) - 128).max() <= 1


def test_blur_smooths_by_its_sigma_and_zero_is_none() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    assert np.array_equal(preprocess(noise, 64, 0.0), noise)
    spread = [preprocess(noise, 64, sigma).std() for sigma in (0.0, 0.7, 1.5, 4.0)]
    assert spread == sorted(spread, reverse=True)


def test_the_picture_itself_is_not_changed() -> None:
    image = np.random.default_rng(0).integers(0, 255, (50, 50, 3), dtype=np.uint8)
    before = image.copy()
    preprocess(image, 50, 2.0)
    assert np.array_equal(image, before)


def test_before_and_after_stand_side_by_side() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (80, 60, 3), dtype=np.uint8)
    sheet = blur_sheet(noise, 64, 2.0, pad=4)
    assert sheet.shape == (72, 2 * 68 + 4, 3)
    assert sheet[4:68, 4:68].std() > sheet[4:68, 72:136].std()


def test_missing_libgl_says_the_line_that_cures_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, *_: Any) -> Any:
        raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(importlib, "import_module", refuse)
    with pytest.raises(MissingLibrary) as caught:
        load_cv2()
    line = str(caught.value)
    assert "libGL.so.1" in line
    assert "workbench doctor --fix" in line
    assert "apt-get install libgl1" in line
    assert "\n" not in line
    assert len(line) < 250
