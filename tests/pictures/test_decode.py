"""Whatever a person's folder holds is shown upright and in its colours, or set aside with a reason."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.pictures.conftest import bomb, encoded, png_chunk, quarters
from workbench.errors import PictureError
from workbench.images.decode import decode, probe, thumbnail

Colours = list[tuple[int, int, int]]


def put(folder: Path, data: bytes, name: str = "picture") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def corner_colours(image: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    height, width = image.shape[:2]
    rows, columns = (height // 4, height * 3 // 4), (width // 4, width * 3 // 4)
    return [image[row, column] for row in rows for column in columns]


def assert_colours(image: NDArray[np.uint8], expected: Colours, within: int = 12) -> None:
    for found, wanted in zip(corner_colours(image), expected, strict=True):
        assert np.abs(found.astype(int) - wanted).max() <= within, (found, wanted)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 95, "subsampling": 0}),
        ("JPEG", {"quality": 95, "progressive": True, "subsampling": 0}),
        ("PNG", {}),
        ("WEBP", {"quality": 95}),
        ("WEBP", {"lossless": True}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "jpeg"}),
    ],
)
def test_every_format_keeps_its_colours(
    tmp_path: Path, corners: Colours, kind: str, options: dict[str, object]
) -> None:
    path = put(tmp_path, encoded(Image.fromarray(quarters()), kind, **options))
    image = decode(path)
    assert image.shape == (32, 48, 3)
    assert image.dtype == np.uint8
    assert_colours(image, corners)


def test_gif_shows_its_first_frame(tmp_path: Path, corners: Colours) -> None:
    first, second = Image.fromarray(quarters()), Image.new("RGB", (48, 32), "black")
    path = put(tmp_path, encoded(first, "GIF", save_all=True, append_images=[second]))
    assert_colours(decode(path), corners)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_camera_orientation_is_applied(tmp_path: Path, kind: str, orientation: int) -> None:
    upright = quarters()
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright),
        7: np.rot90(upright.transpose(1, 0, 2), 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"quality": 95, "subsampling": 0} if kind == "JPEG" else {}
    data = encoded(Image.fromarray(np.ascontiguousarray(stored)), kind, exif=exif.tobytes(), **options)
    path = put(tmp_path, data)
    found = decode(path)
    assert found.shape == upright.shape
    assert_colours(found, [tuple(colour) for colour in corner_colours(upright)], within=20)
    assert probe(io.BytesIO(data), path) == (48, 32)
    assert thumbnail(path, (24, 24)).shape == (16, 24, 3)


def test_damaged_exif_counts_as_upright(tmp_path: Path, corners: Colours) -> None:
    data = encoded(
        Image.fromarray(quarters()), "JPEG", quality=95, subsampling=0, exif=b"Exif\0\0II*\0\xff\xff"
    )
    assert_colours(decode(put(tmp_path, data)), corners)


def test_cmyk_is_seen_in_its_colours(tmp_path: Path, corners: Colours) -> None:
    image = Image.fromarray(quarters()).convert("CMYK")
    assert_colours(decode(put(tmp_path, encoded(image, "JPEG", quality=95, subsampling=0))), corners, 20)
    assert_colours(decode(put(tmp_path, encoded(image, "TIFF"))), corners)


@pytest.mark.parametrize("mode", ["L", "1", "P"])
def test_grey_black_and_palette_become_rgb(tmp_path: Path, mode: str) -> None:
    image = Image.fromarray(quarters()).convert(mode)
    assert np.array_equal(decode(put(tmp_path, encoded(image, "PNG"))), np.asarray(image.convert("RGB")))


def test_transparency_is_laid_over_white(tmp_path: Path) -> None:
    layer = Image.new("RGBA", (8, 8), (200, 0, 0, 0))
    layer.paste((0, 0, 200, 255), (0, 0, 4, 8))
    for kind in ("PNG", "WEBP", "TIFF"):
        options = {"lossless": True} if kind == "WEBP" else {}
        image = decode(put(tmp_path, encoded(layer, kind, **options)))
        assert image[0, 0].tolist() == [0, 0, 200]
        assert image[0, 7].tolist() == [255, 255, 255]


def test_half_transparent_grey_and_transparent_palette(tmp_path: Path) -> None:
    grey = Image.new("LA", (4, 4), (0, 128))
    assert decode(put(tmp_path, encoded(grey, "PNG")))[0, 0].tolist() == [127, 127, 127]
    palette = Image.new("P", (4, 4), 0)
    palette.putpalette([10, 20, 30] + [0] * 765)
    image = decode(put(tmp_path, encoded(palette, "PNG", transparency=0)))
    assert image[0, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bits_are_scaled_not_cut_off(tmp_path: Path, kind: str) -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    image = decode(put(tmp_path, encoded(Image.fromarray(ramp), kind)))
    assert np.abs(image[..., 0].astype(int) - (ramp >> 8)).max() <= 1


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_wide_and_floating_point_grey(tmp_path: Path, dtype: type[np.int32 | np.float32]) -> None:
    values: NDArray[Any] = np.array([[0, 128, 255], [255, 0, 128]], dtype)
    assert decode(put(tmp_path, encoded(Image.fromarray(values), "TIFF")))[..., 0].tolist() == values.tolist()
    share = Image.fromarray(np.array([[0.0, 0.5, 1.0, np.nan]], np.float32))
    assert decode(put(tmp_path, encoded(share, "TIFF")))[0, :, 0].tolist() == [0, 128, 255, 0]


def rgb16_png() -> bytes:
    """A 16-bit RGB PNG, which Pillow reads but does not write."""
    row = b"\0" + struct.pack(">3H", 65535, 32768, 0) * 2
    header = struct.pack(">IIBBBBB", 2, 2, 16, 2, 0, 0, 0)
    body = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(row * 2)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_16_bit_colour(tmp_path: Path) -> None:
    assert decode(put(tmp_path, rgb16_png()))[1, 1].tolist() == [255, 128, 0]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF"])
def test_truncated_files_are_named_so(tmp_path: Path, kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), kind)
    for share in (0.3, 0.6):
        path = put(tmp_path, data[: int(len(data) * share)])
        with pytest.raises(PictureError) as caught:
            decode(path)
        assert caught.value.what.startswith(("truncated", "damaged", "no picture"))
        with path.open("rb") as file, pytest.raises(PictureError):
            probe(file, path)


def test_truncation_says_that_the_end_is_missing(tmp_path: Path) -> None:
    data = encoded(Image.fromarray(quarters(200, 200)), "JPEG")
    with pytest.raises(PictureError, match="the end of the file is missing"):
        decode(put(tmp_path, data[: len(data) // 2]))


def test_empty_file_and_text_with_a_pictures_name(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="empty file"):
        decode(put(tmp_path, b"", "a.jpg"))
    with pytest.raises(PictureError, match="no picture: the content is no JPEG"):
        decode(put(tmp_path, b"<html>not found</html>", "b.jpg"))


def test_formats_that_are_not_ours_are_not_even_tried(tmp_path: Path) -> None:
    data = encoded(Image.fromarray(quarters()), "PPM")
    with pytest.raises(PictureError, match="no picture"):
        decode(put(tmp_path, data, "c.png"))


@pytest.mark.parametrize(("width", "height"), [(8_001, 8_000), (60_000, 60_000)])
def test_bombs_are_refused_by_their_header(tmp_path: Path, width: int, height: int) -> None:
    path = put(tmp_path, bomb(width, height))
    assert path.stat().st_size < 100
    for read in (decode, lambda one: thumbnail(one, (10, 10))):
        with pytest.raises(PictureError, match=r"too large.* 64 million"):
            read(path)


def test_bomb_of_text_is_refused(tmp_path: Path) -> None:
    plain = encoded(Image.fromarray(quarters()), "PNG")
    text = png_chunk(b"zTXt", b"note\0\0" + zlib.compress(b" " * 3_000_000))
    path = put(tmp_path, plain[:33] + text + plain[33:])
    with pytest.raises(PictureError, match="text is far too large"):
        decode(path)


def test_limit_can_be_raised_or_lowered(tmp_path: Path) -> None:
    path = put(tmp_path, encoded(Image.fromarray(quarters()), "PNG"))
    assert decode(path, max_pixels=48 * 32).shape == (32, 48, 3)
    with pytest.raises(PictureError, match="48 × 32"):
        decode(path, max_pixels=48 * 32 - 1)


def test_missing_file_says_so_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(PictureError) as caught:
        decode(tmp_path / "new\nline\x1b[31m.jpg")
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert "cannot be read" in str(caught.value)


def test_thumbnail_keeps_proportions_and_never_enlarges(tmp_path: Path, corners: Colours) -> None:
    path = put(tmp_path, encoded(Image.fromarray(quarters(400, 200)), "JPEG", quality=95))
    assert thumbnail(path, (100, 100)).shape == (50, 100, 3)
    assert thumbnail(path, (1000, 100)).shape == (100, 200, 3)
    assert thumbnail(path, (4000, 4000)).shape == (200, 400, 3)
    assert_colours(thumbnail(path, (60, 60)), corners, 25)


def test_damaged_files_print_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    whole = encoded(Image.fromarray(quarters(64, 64)), "TIFF", compression="tiff_lzw")
    for cut in (len(whole) // 3, len(whole) - 40):
        with pytest.raises(PictureError):
            decode(put(tmp_path, whole[:cut]))
    mangled = bytearray(whole)
    mangled[len(mangled) // 2 : len(mangled) // 2 + 60] = b"\xff" * 60
    path = put(tmp_path, bytes(mangled))
    try:
        decode(path)
    except PictureError as error:
        assert error.what  # noqa: PT017 - damaged data may also decode to something
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")
