"""The gallery's helper process: the pictures of training, and no harm from one that cannot be read."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.config import AugmentSettings
from workbench.errors import WorkbenchError
from workbench.images.augment import Augmenter
from workbench.images.decode import decode
from workbench.images.gallery import MAX_PICTURES, GalleryProcess, answer
from workbench.images.preprocess import preprocess

SETTINGS = AugmentSettings.model_validate({"rotate": {"probability": 1.0}, "noise": {"probability": 0.5}})


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture whose name is no UTF-8."""
    pixels = np.random.default_rng(0).integers(0, 255, (6, 6, 3), dtype=np.uint8)
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe9 face.png"))
    Image.fromarray(pixels).resize((60, 80)).save(path, "PNG")
    return path


@pytest.fixture(scope="module")
def gallery() -> Iterator[GalleryProcess]:
    """One helper for all tests, as the screen has one."""
    process = GalleryProcess()
    process.start()
    yield process
    process.close()


def test_gallery_shows_what_training_does(gallery: GalleryProcess, picture: Path) -> None:
    drawn = gallery.request(picture, size=48, count=5, seed=3, augment=SETTINGS, blur_sigma=0.5)
    small = preprocess(decode(picture), 48, 0.5)
    assert np.array_equal(drawn, Augmenter(SETTINGS, 3)(np.stack([small] * 5), 0))


def test_another_seed_draws_anew_and_the_same_repeats(gallery: GalleryProcess, picture: Path) -> None:
    first, again, other = (
        gallery.request(picture, size=32, count=2, seed=seed, augment=SETTINGS) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_unreadable_picture_is_an_error_and_the_helper_goes_on(
    gallery: GalleryProcess, picture: Path, tmp_path: Path
) -> None:
    (tmp_path / "cut.jpg").write_bytes(b"\xff\xd8\xff")
    for name in ("cut.jpg", "missing.jpg"):
        with pytest.raises(WorkbenchError, match=name):
            gallery.request(tmp_path / name, size=32, count=2, seed=0, augment=SETTINGS)
    assert gallery.request(picture, size=32, count=2, seed=0, augment=SETTINGS).shape == (2, 32, 32, 3)


def test_dead_helper_says_so_and_is_started_again(picture: Path) -> None:
    gallery = GalleryProcess()
    gallery.start()
    process = gallery._process
    assert process is not None
    process.stdin.close()  # type: ignore[union-attr]
    with pytest.raises(WorkbenchError, match="process ended"):
        gallery.request(picture, size=32, count=1, seed=0, augment=SETTINGS)
    process.wait(10)
    assert len(gallery.request(picture, size=32, count=1, seed=0, augment=SETTINGS)) == 1
    gallery.close()
    gallery.close()


def test_close_ends_the_process_and_removes_its_files() -> None:
    gallery = GalleryProcess()
    gallery.start()
    process, folder = gallery._process, gallery._folder
    assert process is not None
    assert folder is not None
    gallery.close()
    assert process.poll() is not None
    assert not Path(folder.name).exists()


def test_lines_that_are_no_request_are_answered_too() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "workbench.images.gallery"],
        input=b"no json\n[1]\n{}\n",
        capture_output=True,
        check=True,
        timeout=60,
    )
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == 3
    assert all(set(one) == {"error"} for one in answers)


def test_number_of_pictures_is_limited(picture: Path, tmp_path: Path) -> None:
    question = {"path": str(picture), "size": 32, "count": 10_000, "seed": 0, "augment": {}}
    out = tmp_path / "out.npy"
    assert answer({**question, "out": str(out)}, {}) == {"out": str(out)}
    assert len(np.load(out)) == MAX_PICTURES
