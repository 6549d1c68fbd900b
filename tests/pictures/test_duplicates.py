"""Copies that were saved again are found, faces that only stand alike are not; broken files say why."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import write_pictures
from workbench.images.catalog import fingerprint
from workbench.images.duplicates import MOST_BITS, Look, look, look_at_all, near_pairs


def saved_again(path: Path, copy: Path, *, scale: float = 1.0, quality: int = 60) -> Path:
    """The same picture, otherwise compressed."""
    with Image.open(path) as image:
        size = (round(image.width * scale), round(image.height * scale))
        image.resize(size).save(copy, quality=quality)
    return copy


@pytest.mark.parametrize(("scale", "quality"), [(1.0, 40), (0.5, 80), (2.0, 90)])
def test_a_copy_that_was_saved_again_is_near(tmp_path: Path, scale: float, quality: int) -> None:
    paths = write_pictures(tmp_path, 12, size=96)
    copy = saved_again(paths[7], tmp_path / "copy.jpg", scale=scale, quality=quality)
    assert fingerprint(copy) != fingerprint(paths[7])
    assert near_pairs(look_at_all([*paths, copy])) == [(7, 12)]


def test_all_pairs_of_a_group_are_found(tmp_path: Path) -> None:
    first, other = write_pictures(tmp_path, 2, size=96)
    copies = [saved_again(first, tmp_path / f"{quality}.jpg", quality=quality) for quality in (50, 70)]
    assert near_pairs(look_at_all([copies[0], other, first, copies[1]])) == [(0, 2), (0, 3), (2, 3)]


def test_the_same_shape_in_other_colours_is_not_near() -> None:
    grey, warm = bytes([120] * 192), bytes([135, 120, 105] * 64)
    assert near_pairs([Look("a", 5, grey), Look("b", 5, warm)]) == []
    assert near_pairs([Look("a", 5, grey), Look("b", 5, grey)]) == [(0, 1)]


def test_the_same_colours_in_another_shape_are_not_near() -> None:
    grey = bytes([120] * 192)
    apart = 2 ** (MOST_BITS + 1) - 1
    assert near_pairs([Look("a", 0, grey), Look("b", apart, grey)]) == []
    assert near_pairs([Look("a", 0, grey), Look("b", apart >> 1, grey)]) == [(0, 1)]


def test_many_pictures_give_the_same_pairs_as_comparing_all() -> None:
    random = np.random.default_rng(4)
    base = random.integers(100, 140, (1500, 192))
    looks = [
        Look(str(at), int(random.integers(0, 2**12)), bytes(row.astype(np.uint8)))
        for at, row in enumerate(base)
    ]
    looks += [Look("copy", one.hash ^ 1, one.colours) for one in looks[:200]]
    expected = [(at, 1500 + at) for at in range(200)]
    assert near_pairs(looks) == expected


def test_a_file_that_cannot_be_read_says_why_and_is_near_to_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    assert look(broken).reason.startswith("no picture")
    assert look(tmp_path / "gone.jpg").reason.startswith("cannot be read")
    assert near_pairs([look(broken), look(broken)]) == []
    assert near_pairs([]) == []


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    look_at_all(write_pictures(tmp_path, 3), lambda done, total: told.append((done, total)))
    assert told[-1] == (3, 3)
