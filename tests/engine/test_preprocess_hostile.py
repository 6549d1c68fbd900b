"""Files damaged in any way, by accident or on purpose: a picture or a reason, never another error."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pictures.conftest import encoded, quarters
from workbench.errors import PictureError
from workbench.images.decode import decode, probe, thumbnail

KINDS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")


def outcome(path: Path) -> str:
    """ "picture", or the reason."""
    try:
        image = decode(path)
    except PictureError as error:
        reason, line = error.what, str(error)
    else:
        assert image.ndim == 3
        assert image.dtype == np.uint8
        return "picture"
    assert reason
    assert line.isprintable()
    return reason


@pytest.mark.parametrize("kind", KINDS)
def test_flipped_bytes_give_a_picture_or_a_reason(tmp_path: Path, kind: str) -> None:
    whole = encoded(Image.fromarray(quarters(40, 40)), kind)
    rng = np.random.default_rng(1)
    path = tmp_path / "damaged"
    for _ in range(20):
        data = bytearray(whole)
        for place in rng.integers(0, len(data), 6):
            data[place] = int(rng.integers(256))
        path.write_bytes(data)
        outcome(path)


@pytest.mark.parametrize("kind", KINDS)
def test_cut_at_any_place_gives_a_picture_or_a_reason(tmp_path: Path, kind: str) -> None:
    whole = encoded(Image.fromarray(quarters(40, 40)), kind)
    path = tmp_path / "cut"
    seen = set()
    for length in range(1, len(whole), max(1, len(whole) // 25)):
        path.write_bytes(whole[:length])
        seen.add(outcome(path))
    assert seen != {"picture"}


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_scan_accepts_can_be_shown(tmp_path: Path, kind: str) -> None:
    whole = encoded(Image.fromarray(quarters(40, 40)), kind)
    rng = np.random.default_rng(2)
    path = tmp_path / "doubtful"
    for _ in range(12):
        data = bytearray(whole)
        data[int(rng.integers(len(data)))] ^= 1 << int(rng.integers(8))
        path.write_bytes(data)
        try:
            width, height = probe(io.BytesIO(bytes(data)), path)
        except PictureError:
            continue
        assert decode(path).shape == (height, width, 3)
        assert thumbnail(path, (10, 10)).shape[2] == 3


@pytest.mark.parametrize("kind", KINDS)
def test_tail_of_something_else_does_not_matter(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "tail"
    path.write_bytes(encoded(Image.fromarray(quarters()), kind) + b"\0" * 2000)
    assert outcome(path) == "picture"


def test_wrong_suffix_is_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "really_a_png.jpg"
    path.write_bytes(encoded(Image.fromarray(quarters()), "PNG"))
    assert decode(path).shape == (32, 48, 3)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (
            b"BM" + struct.pack("<IHHI", 0, 0, 0, 54) + struct.pack("<IiiHHI", 40, 90_000, 90_000, 1, 24, 0),
            "bmp",
        ),
        (b"GIF89a" + struct.pack("<HHBBB", 65_000, 65_000, 0, 0, 0) + b",", "gif"),
        (b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x11\0\x02\x11\0\x03\x11\0", "jpg"),
    ],
)
def test_giants_of_every_format_are_refused_at_once(tmp_path: Path, head: bytes, name: str) -> None:
    path = tmp_path / f"giant.{name}"
    path.write_bytes(head + b"\0" * 200)
    reason = outcome(path)
    assert reason != "picture"


def test_giant_tiff_is_refused_by_its_header(tmp_path: Path) -> None:
    tags = [
        (256, 4, 100_000),
        (257, 4, 100_000),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (277, 3, 1),
    ]
    tags += [(278, 4, 100_000), (279, 4, 100)]
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    path = tmp_path / "giant.tif"
    path.write_bytes(struct.pack("<2sHI", b"II", 42, 8) + struct.pack("<H", len(tags)) + body + b"\0" * 4)
    assert outcome(path).startswith("too large: 10,000 million pixels")


def test_tiff_that_points_outside_itself(tmp_path: Path) -> None:
    path = tmp_path / "lost.tif"
    path.write_bytes(struct.pack("<2sHI", b"II", 42, 2**31 - 1))
    assert outcome(path) != "picture"


def test_folder_with_a_pictures_name(tmp_path: Path) -> None:
    (tmp_path / "folder.jpg").mkdir()
    assert outcome(tmp_path / "folder.jpg") == "cannot be read: it is a folder"


def test_reasons_are_short_and_name_no_library(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for data in (b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"II*\0", b"BM", b"RIFF\0\0\0\0WEBP", b"\xff\xd8"):
        path.write_bytes(data)
        reason = outcome(path)
        assert reason != "picture"
        assert len(reason) < 100
        assert "PIL" not in reason
        assert "BytesIO" not in reason
