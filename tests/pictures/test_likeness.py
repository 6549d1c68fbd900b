"""Near-duplicates stand together, hashes are kept, and a torn or missing cache costs time only."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from tests.conftest import write_pictures
from workbench.images.decode import decode
from workbench.images.likeness import NEAR, HashShelf, chain, difference_hash, hash_pictures


def bits(first: int, second: int) -> int:
    """How many differ."""
    return (first ^ second).bit_count()


def mark(number: int) -> str:
    """A fingerprint."""
    return f"{number:032x}"


def test_a_gradient_that_rises_to_the_right_has_all_bits_set() -> None:
    rising = np.repeat(np.arange(0, 180, 10, dtype=np.uint8)[None, :, None], 16, axis=0).repeat(3, axis=2)
    assert difference_hash(rising) == 2**64 - 1
    assert difference_hash(np.ascontiguousarray(rising[:, ::-1])) == 0


def test_a_smaller_brighter_recompressed_copy_is_near_and_another_picture_is_far(tmp_path: Path) -> None:
    first, other = write_pictures(tmp_path, 2, size=96)
    copy = tmp_path / "copy.jpg"
    with Image.open(first) as image:
        ImageEnhance.Brightness(image).enhance(1.1).resize((70, 70)).save(copy, quality=50)
    hashes = [difference_hash(decode(path)) for path in (first, copy, other)]
    assert bits(hashes[0], hashes[1]) <= NEAR
    assert bits(hashes[0], hashes[2]) > NEAR


def test_hashes_are_kept_and_not_made_again(tmp_path: Path) -> None:
    paths = write_pictures(tmp_path / "faces", 3)
    wanted = [(mark(number), path) for number, path in enumerate(paths)]
    told: list[int] = []
    assert hash_pictures(wanted, HashShelf(tmp_path / "cache"), told.append)
    assert told == [1, 2, 3]
    for path in paths:
        path.unlink()
    again = HashShelf(tmp_path / "cache")
    assert hash_pictures(wanted, again)
    assert len(again) == 3


def test_an_interrupted_run_keeps_what_is_done_and_an_unreadable_picture_has_no_hash(tmp_path: Path) -> None:
    paths = write_pictures(tmp_path / "faces", 4)
    paths[1].write_bytes(b"no picture")
    wanted = [(mark(number), path) for number, path in enumerate(paths)]
    done: list[int] = []
    finished = hash_pictures(wanted, HashShelf(tmp_path), done.append, lambda: len(done) == 2)
    assert not finished
    shelf = HashShelf(tmp_path)
    assert [shelf.get(mark(number)) is not None for number in range(4)] == [True, False, True, False]
    assert hash_pictures(wanted, shelf)
    assert [HashShelf(tmp_path).get(mark(number)) is not None for number in range(4)] == [
        True,
        False,
        True,
        True,
    ]


def test_a_torn_end_is_cut_off(tmp_path: Path) -> None:
    shelf = HashShelf(tmp_path)
    shelf.add({mark(1): 5, mark(2): 2**64 - 1})
    (file,) = tmp_path.glob("likeness-*.bin")
    file.write_bytes(file.read_bytes() + b"\x07" * 20)
    torn = HashShelf(tmp_path)
    assert (len(torn), torn.get(mark(1)), torn.get(mark(2))) == (2, 5, 2**64 - 1)
    torn.add({mark(3): 7})
    again = HashShelf(tmp_path)
    assert (len(again), again.get(mark(3))) == (3, 7)


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    shelf = HashShelf(blocked / "cache")
    shelf.add({mark(1): 5})
    assert shelf.get(mark(1)) == 5
    assert len(HashShelf(blocked / "cache")) == 0


def test_like_follows_like() -> None:
    assert chain([0b0000, 0b1111, 0b0001, 0b0111, 0b0011]) == [0, 2, 4, 3, 1]


def test_pictures_without_a_hash_come_last_and_nothing_is_lost_or_doubled() -> None:
    assert chain([None, 3, None, 1]) == [1, 3, 0, 2]
    assert chain([]) == []
    assert chain([None]) == [0]


@given(st.lists(st.integers(0, 2**64 - 1), max_size=40))
def test_every_step_goes_to_the_nearest_that_is_left(hashes: list[int]) -> None:
    walk = chain(list(hashes))
    assert walk is not None
    assert sorted(walk) == list(range(len(hashes)))
    for at, place in enumerate(walk[:-1]):
        left = walk[at + 1 :]
        assert bits(hashes[place], hashes[left[0]]) == min(bits(hashes[place], hashes[one]) for one in left)


@pytest.mark.parametrize("count", [600, 3000])
def test_long_walks_are_whole_too(count: int) -> None:
    numbers = np.random.default_rng(3).integers(0, 2**63, count, dtype=np.uint64)
    numbers[count // 2 :] = numbers[: count - count // 2]  # every picture twice
    walk = chain([int(one) for one in numbers])
    assert walk is not None
    assert sorted(walk) == list(range(count))
    partners = sum(numbers[a] == numbers[b] for a, b in itertools.pairwise(walk))
    assert partners == count // 2, "each stands beside its double"


def test_a_walk_can_be_given_up() -> None:
    assert chain([1, 2, 3], lambda: True) is None
