"""The gallery's helper when something goes wrong: hung, killed, odd requests; and sheets of what it draws."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from workbench.config import AugmentSettings, load_settings
from workbench.errors import InputError, PictureError, WorkbenchError
from workbench.images.augment import Augmenter
from workbench.images.decode import decode
from workbench.images.gallery import GalleryProcess, answer
from workbench.images.preprocess import preprocess
from workbench.images.sheet import blur_sheet, preview_sheet, tile, write_png

SETTINGS = AugmentSettings.model_validate({"flip": {"probability": 0.5}, "noise": {"probability": 1.0}})


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture that is taller than wide."""
    pixels = np.random.default_rng(1).integers(0, 255, (8, 6, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize((45, 60)).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


@pytest.fixture
def gallery() -> Iterator[GalleryProcess]:
    """A helper of its own, since it will be ill-treated."""
    made = GalleryProcess()
    yield made
    made.close()


def question(picture: Path, place: Path, **changed: Any) -> dict[str, Any]:
    """A request as the screen's side writes it."""
    asked = {"path": str(picture), "size": 32, "count": 3, "seed": 1, "augment": SETTINGS.model_dump()}
    return {**asked, "out": str(place), **changed}


def test_a_helper_that_hangs_is_ended_and_the_next_request_starts_another(
    gallery: GalleryProcess, picture: Path
) -> None:
    gallery.start()
    hung = gallery._process
    assert hung is not None
    os.kill(hung.pid, signal.SIGSTOP)
    with pytest.raises(WorkbenchError, match=r"did not answer within 0\.2 seconds; try again"):
        gallery.request(picture, size=32, count=1, seed=0, augment=SETTINGS, timeout=0.2)
    assert hung.poll() == -signal.SIGKILL
    assert gallery.request(picture, size=32, count=2, seed=0, augment=SETTINGS).shape == (2, 32, 32, 3)
    running = gallery._process
    gallery.start()
    assert gallery._process is running, "one that runs is not started again"
    assert running is not None
    assert os.getsid(running.pid) == running.pid, "ctrl+c in the terminal does not reach it"


def test_a_killed_helper_is_told_with_its_last_words(gallery: GalleryProcess, picture: Path) -> None:
    gallery.start()
    process = gallery._process
    assert process is not None
    gallery._log.write_text("Traceback\nMemoryError: no more\n\n")
    os.kill(process.pid, signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(WorkbenchError, match="the gallery's process ended: MemoryError: no more"):
        gallery._ask(question(picture, picture.with_name("out.npy")), 5.0)
    gallery._log.write_text("")
    assert gallery._last_words() == "without a word"


@pytest.mark.parametrize(("asked", "drawn"), [(0, 1), (-5, 1), (1, 1), (64, 64), (65, 64)])
def test_the_number_of_pictures_is_from_1_to_64(picture: Path, asked: int, drawn: int) -> None:
    out = picture.with_name("out.npy")
    assert answer(question(picture, out, count=asked, size=32, augment={}), {}) == {"out": str(out)}
    assert np.load(out).shape == (drawn, 32, 32, 3)


def test_a_pipeline_is_kept_for_the_same_settings_and_seed_only(picture: Path) -> None:
    kept: dict[str, Any] = {}
    out = picture.with_name("out.npy")
    answer(question(picture, out), kept)
    first = next(iter(kept.values()))
    answer(question(picture, out, size=40), kept)
    assert next(iter(kept.values())) is first
    answer(question(picture, out, seed=2), kept)
    assert len(kept) == 1
    assert next(iter(kept.values())) is not first


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"augment": {"flipp": {"probability": 1}}}, "flipp"),
        ({"augment": {"flip": {"probability": 2}}}, "less than or equal to 1"),
        ({"size": "large"}, "ValueError: invalid literal"),
        ({"out": "/nowhere/at/all.npy"}, "No such file"),
        ({"path": "/nowhere/at/all.png"}, "cannot be read"),
    ],
)
def test_what_cannot_be_drawn_is_answered_with_a_reason(
    picture: Path, changed: dict[str, Any], said: str
) -> None:
    reply = answer(question(picture, picture.with_name("out.npy"), **changed), {})
    assert set(reply) == {"error"}
    assert said in reply["error"]


def test_a_lacking_part_of_a_request_is_named(picture: Path) -> None:
    asked = question(picture, picture.with_name("out.npy"))
    del asked["seed"]
    assert answer(asked, {}) == {"error": "KeyError: 'seed'"}


@pytest.mark.parametrize(("count", "columns"), [(1, 2), (3, 2), (4, 3), (8, 3), (9, 4)])
def test_a_sheet_of_augmentations_is_about_square(picture: Path, count: int, columns: int) -> None:
    settings = load_settings(None, ["dataset.size=32", "augment.flip.probability=1"])
    sheet = preview_sheet(picture, settings, kind="augment", count=count, seed=0)
    rows = -(-(count + 1) // columns)
    assert sheet.shape == (rows * 36 + 4, columns * 36 + 4, 3)
    small = preprocess(decode(picture), 32)
    assert np.array_equal(sheet[4:36, 4:36], small), "the picture itself comes first"
    assert np.array_equal(sheet[4:36, 40:72], small[:, ::-1])


def test_a_sheet_shows_the_blur_that_training_has(picture: Path) -> None:
    options = ["dataset.size=32", "augment.flip.probability=1", "dataset.blur_sigma=3"]
    blurred = preview_sheet(picture, load_settings(None, options), kind="augment", count=1, seed=0)
    sharp = preview_sheet(picture, load_settings(None, options[:2]), kind="augment", count=1, seed=0)
    assert blurred[4:36, 4:36].std() < sharp[4:36, 4:36].std() * 0.8


def test_a_sheet_of_a_picture_that_cannot_be_read_names_it(tmp_path: Path) -> None:
    (tmp_path / "cut.jpg").write_bytes(b"\xff\xd8\xff")
    settings = load_settings("reference", ["dataset.blur_sigma=1"])
    for kind in ("blur", "augment"):
        with pytest.raises(PictureError, match=r"cut\.jpg"):
            preview_sheet(tmp_path / "cut.jpg", settings, kind=kind, count=1, seed=0)


def test_both_halves_of_a_blur_sheet_are_the_networks_size() -> None:
    image = np.random.default_rng(0).integers(0, 255, (90, 30, 3), dtype=np.uint8)
    sheet = blur_sheet(image, 40, 1.5, pad=0)
    assert np.array_equal(sheet[:, :40], preprocess(image, 40))
    assert np.array_equal(sheet[:, 40:], preprocess(image, 40, 1.5))


def test_smaller_pictures_stand_in_the_middle_of_their_cell(tmp_path: Path) -> None:
    images = [np.zeros((9, 9, 3), np.uint8), np.zeros((3, 5, 3), np.uint8)]
    sheet = tile(images, 2, 1)
    dark = np.argwhere(sheet[:, 11:, 0] == 0)
    assert dark.min(0).tolist() == [4, 2]
    assert dark.max(0).tolist() == [6, 6]
    assert tile(images, 0).shape == tile(images, 1).shape == (2 * 13 + 4, 17, 3)
    write_png(tmp_path / "sheet.png", sheet)
    write_png(tmp_path / "sheet.png", sheet[:5])
    with Image.open(tmp_path / "sheet.png") as written:
        assert written.size == (sheet.shape[1], 5), "the second took the first's place"
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.png"]
    with pytest.raises(InputError, match="it is a folder"):
        write_png(tmp_path, sheet)


@pytest.mark.parametrize(
    ("operation", "low", "high"),
    [("contrast", 0.2, 0.3), ("noise", 20, 30), ("blur", 2, 3), ("brightness", 0.2, 0.3)],
)
def test_a_stronger_augmentation_changes_more(operation: str, low: float, high: float) -> None:
    """Each strength is that of the settings: the default range changes less than an extreme one."""
    y, x = np.mgrid[0:40, 0:40]
    batch = np.stack([np.stack([x * 6, y * 6, (x * y) % 250], -1).astype(np.uint8)] * 6)

    def change(strength: dict[str, float]) -> float:
        chosen = AugmentSettings.model_validate({operation: {"probability": 1.0, **strength}})
        return float(np.abs(Augmenter(chosen, 3)(batch, 0).astype(int) - batch).mean())

    assert change({"low": low, "high": high}) > change({}) > 0


@pytest.mark.parametrize("operation", ["rotate", "zoom"])
def test_a_probability_of_geometry_is_a_share_of_the_pictures(operation: str) -> None:
    chosen = AugmentSettings.model_validate({operation: {"probability": 0.3}})
    bars = np.zeros((200, 24, 24, 3), np.uint8)
    bars[:, 4:14, 6:10] = 255
    changed = Augmenter(chosen, 2)(bars, 0)
    share = float((np.abs(changed.astype(int) - bars).max((1, 2, 3)) > 20).mean())
    assert 0.2 < share < 0.4


def test_a_picture_is_shifted_along_each_axis_on_its_own() -> None:
    chosen = AugmentSettings.model_validate({"pan": {"probability": 0.3, "low": 0.25, "high": 0.25}})
    dots = np.zeros((300, 24, 24, 3), np.uint8)
    dots[:, 8:10, 8:10] = 255
    places = [np.argwhere(one[..., 0] > 128).min(0) for one in Augmenter(chosen, 2)(dots, 0)]
    down, right = ((np.array(places) - 8) > 3).T
    assert set(np.ravel(places)) == {8, 14}
    for axis in (down, right):  # 1 - √0.7 each, so that 0.3 of the pictures are shifted at all
        assert 0.1 < axis.mean() < 0.23
    assert 0.24 < (down | right).mean() < 0.36
    assert 0.005 < (down & right).mean() < 0.06


def test_turning_goes_both_ways_and_no_further_than_it_may() -> None:
    bar = np.zeros((60, 41, 41, 3), np.uint8)
    bar[:, :, 20] = 255
    turned = Augmenter(AugmentSettings.model_validate({"rotate": {"probability": 1.0}}), 0)(bar, 0)[..., 0]
    lean = np.array([one[5].argmax() - one[35].argmax() for one in turned])
    assert lean.min() < 0 < lean.max()
    assert np.abs(lean).max() <= 30 * np.tan(np.deg2rad(15)) + 1.5
