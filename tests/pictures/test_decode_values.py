"""Grey values of every depth become the 256 levels that a person expects; and what a reason says."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.pictures.conftest import encoded, quarters
from workbench.errors import PictureError
from workbench.images.decode import MAX_PIXELS, SUFFIXES, _to_8_bits, decode, probe, thumbnail


def row(*values: float, dtype: Any = np.float32) -> NDArray[Any]:
    """A picture of one row."""
    return np.array([values], dtype)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (row(0, 256, 32768, 65535, dtype=np.uint16), [0, 1, 128, 255]),
        (row(0, 128, 255, dtype=np.int32), [0, 128, 255]),
        (row(0, 257, 32768, 65535, dtype=np.int32), [0, 1, 128, 255]),
        (row(0, 100_000, 200_000, dtype=np.int32), [0, 128, 255]),
        (row(-5, 0, 255, dtype=np.int32), [0, 0, 255]),
        (row(0.0, 0.5, 1.0), [0, 128, 255]),
        (row(0.0, 0.25, 0.5), [0, 64, 128]),
        (row(0.0, 1.5, 128.0, 255.0), [0, 2, 128, 255]),
        (row(0.0, 500.0, 1000.0), [0, 128, 255]),
        (row(np.nan, np.inf, -np.inf, 1.0), [0, 0, 0, 255]),
        (row(-1.0, -2.0), [0, 0]),
        (row(0.0, 0.0), [0, 0]),
    ],
)
def test_values_are_scaled_by_what_they_can_be(values: NDArray[Any], expected: list[int]) -> None:
    scaled = _to_8_bits(values)
    assert scaled.dtype == np.uint8
    assert scaled[0].tolist() == expected


def test_a_floating_point_tiff_is_shown_in_grey(tmp_path: Path) -> None:
    path = tmp_path / "depth.tiff"
    Image.fromarray(np.tile(np.array([0.0, 0.5, 1.0], np.float32), (4, 2))).save(path)
    assert decode(path)[0].tolist() == [[level] * 3 for level in (0, 128, 255, 0, 128, 255)]


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_every_suffix_that_is_looked_for_belongs_to_a_format_that_is_read(
    tmp_path: Path, suffix: str
) -> None:
    kind = Image.registered_extensions().get(suffix, "JPEG")
    path = tmp_path / f"picture{suffix}"
    path.write_bytes(encoded(Image.fromarray(quarters()), kind))
    assert decode(path).shape == (32, 48, 3)


@pytest.mark.parametrize(
    ("box", "shape"),
    [((24, 24), (16, 24, 3)), ((48, 32), (32, 48, 3)), ((1, 1), (1, 1, 3)), ((0, -3), (1, 1, 3))],
)
def test_a_thumbnail_fits_its_box_however_small(
    tmp_path: Path, box: tuple[int, int], shape: tuple[int, int, int]
) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(encoded(Image.fromarray(quarters()), "PNG"))
    assert thumbnail(path, box).shape == shape


def test_a_turned_thumbnail_fits_its_box_as_it_is_shown(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "turned.jpg"
    path.write_bytes(encoded(Image.fromarray(quarters(480, 320)), "JPEG", exif=exif.tobytes()))
    assert thumbnail(path, (60, 60)).shape == (60, 40, 3)
    assert decode(path).shape == (480, 320, 3)


@pytest.mark.parametrize("orientation", [0, 9, 250])
def test_an_orientation_that_does_not_exist_counts_as_upright(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(Image.fromarray(quarters()), "PNG", exif=exif.tobytes())
    path = tmp_path / "odd.png"
    path.write_bytes(data)
    assert np.array_equal(decode(path), quarters())
    assert probe(io.BytesIO(data), path) == (48, 32)


def test_the_limit_is_the_number_of_pixels_and_counts_exactly(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(encoded(Image.fromarray(quarters()), "PNG"))
    assert MAX_PIXELS == 64_000_000
    assert decode(path, max_pixels=48 * 32).shape == (32, 48, 3)
    for read in (decode, lambda path, max_pixels: thumbnail(path, (9, 9), max_pixels=max_pixels)):
        with pytest.raises(PictureError) as caught:
            read(path, max_pixels=48 * 32 - 1)
        assert caught.value.what == "too large: 48 × 32 pixels; at most 0.001535 million are read"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "too large for the memory of this machine"),
        (EOFError("x"), "truncated: the end of the file is missing"),
        (OSError("Truncated File Read"), "truncated: the end of the file is missing"),
        (ValueError("not enough data"), "truncated: the end of the file is missing"),
        (ValueError("bad palette"), "damaged: bad palette"),
        (ZeroDivisionError(), "damaged: ZeroDivisionError"),
        (Image.DecompressionBombError("of no size at all"), "too large; at most 64 million are read"),
        (PermissionError(13, "Permission denied"), "cannot be read: no permission"),
        (OSError(5, "Input/output error"), "cannot be read: Input/output error"),
    ],
)
def test_whatever_a_decoder_raises_is_a_reason_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    path = tmp_path / "picture.png"
    data = encoded(Image.fromarray(quarters()), "PNG")
    path.write_bytes(data)

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Image, "open", fail)
    readings = (decode, lambda path: thumbnail(path, (9, 9)), lambda path: probe(io.BytesIO(data), path))
    for read in readings:
        with pytest.raises(PictureError) as caught:
            read(path)
        assert caught.value.what == said
        assert str(caught.value).startswith(f"{path}: ")
