"""Sheets of pictures, as the command line writes them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.errors import InputError, WorkbenchError
from workbench.images.sheet import tile, write_png


def test_tiles_lie_row_by_row_with_room_between() -> None:
    images = [np.full((10, 20, 3), value, np.uint8) for value in (10, 20, 30)]
    sheet = tile(images, 2, 4)
    assert sheet.shape == (2 * 14 + 4, 2 * 24 + 4, 3)
    assert sheet[4, 4, 0] == 10
    assert sheet[4, 28, 0] == 20
    assert sheet[18, 4, 0] == 30
    assert sheet[18, 28, 0] == sheet[0, 0, 0] > 200


def test_fewer_pictures_than_columns_and_mixed_sizes() -> None:
    sheet = tile([np.zeros((4, 4, 3), np.uint8), np.zeros((8, 2, 3), np.uint8)], 9, 1)
    assert sheet.shape == (10, 11, 3)


def test_empty_sheet_is_refused() -> None:
    with pytest.raises(InputError, match="at least one picture"):
        tile([], 3)


def test_png_comes_back_as_it_was(tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 255, (9, 7, 3), dtype=np.uint8)
    write_png(tmp_path / "sheet.png", image)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "sheet.png")), image)


def test_png_into_a_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="no such folder"):
        write_png(tmp_path / "nowhere" / "sheet.png", np.zeros((2, 2, 3), np.uint8))
