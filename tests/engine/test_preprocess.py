"""What the network gets: the right size, the right colours, a blur where asked for."""

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from workbench.config import load_settings
from workbench.errors import InputError, MissingLibrary
from workbench.images.augment import Augmenter
from workbench.images.decode import decode
from workbench.images.preprocess import load_cv2, preprocess
from workbench.images.sheet import blur_sheet, preview_sheet, tile


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture of 70 by 90 pixels."""
    pixels = np.random.default_rng(0).integers(0, 255, (9, 7, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize((70, 90)).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


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


def test_preview_of_the_blur_uses_the_settings(picture: Path) -> None:
    settings = load_settings(None, ["dataset.size=48", "dataset.blur_sigma=2"])
    sheet = preview_sheet(picture, settings, kind="blur", count=1, seed=0)
    assert np.array_equal(sheet, blur_sheet(decode(picture), 48, 2.0))


def test_preview_of_augmentations_shows_the_picture_first(picture: Path) -> None:
    settings = load_settings("reference", ["dataset.size=48"])
    sheet = preview_sheet(picture, settings, kind="augment", count=8, seed=4)
    small = preprocess(decode(picture), 48)
    drawn = Augmenter(settings.augment, 4)(np.stack([small] * 8), 0)
    assert np.array_equal(sheet, tile([small, *drawn], 3))


@pytest.mark.parametrize(
    ("kind", "cure"), [("blur", "dataset.blur_sigma=1.5"), ("augment", "--config reference")]
)
def test_preview_of_nothing_says_how_to_switch_it_on(picture: Path, kind: Any, cure: str) -> None:
    with pytest.raises(InputError, match=cure):
        preview_sheet(picture, load_settings(), kind=kind, count=4, seed=0)


def test_screens_side_of_the_room_loads_no_opencv(picture: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "import workbench.images.decode as d, workbench.images.catalog, workbench.images.gallery\n"
        "import workbench.images.sheet, workbench.images.sample\n"
        "d.decode(Path(sys.argv[1])); print('cv2' in sys.modules, 'imgaug' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(picture)], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["False", "False"]
