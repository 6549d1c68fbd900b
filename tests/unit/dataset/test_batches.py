"""Batches: which pictures come when, with which labels, and that the same seed gives the same."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.unit.dataset.conftest import fingerprint
from workbench.dataset.batches import Augment, Batches
from workbench.dataset.table import Table


class NumberedPixels:
    """One pixel a picture, whose value is the picture's number."""

    def __init__(self, count: int) -> None:
        self.number = {fingerprint(number): number for number in range(count)}
        self.drawn: list[int] = []

    def read(self, fingerprints: Sequence[str]) -> NDArray[np.uint8]:
        """The pictures."""
        self.drawn.append(len(fingerprints))
        numbers = [self.number[one] for one in fingerprints]
        return np.array(numbers, dtype=np.uint8).reshape(-1, 1, 1, 1).repeat(3, axis=3)


def table_of(count: int) -> Table:
    """`count` pictures in training; picture n has class n % 4 of `h`, and every fifth has none."""
    numbers = np.arange(count)
    codes = np.where(numbers % 5 == 0, -1, numbers % 4).astype(np.int16)
    names = tuple(map(fingerprint, range(count)))
    return Table(names, names, names, {"h": codes}, np.array(["train"] * count))


def batches_of(
    count: int,
    *,
    batch_size: int = 4,
    shuffle: bool = True,
    seed: int = 0,
    generator_batch: int | None = None,
    pictures: int = 0,
    augmenter: Augment | None = None,
) -> Batches:
    """Batches of `count` pictures."""
    return Batches(
        table_of(count),
        "train",
        NumberedPixels(count),
        heads=("h",),
        batch_size=batch_size,
        shuffle=shuffle,
        seed=seed,
        augmenter=augmenter,
        generator_batch=generator_batch,
        pictures_per_epoch=pictures,
    )


def epoch(batches: Batches, number: int = 0) -> list[int]:
    """The pictures of an epoch in their order."""
    return [
        int(value) for index in range(len(batches)) for value in batches.batch(number, index)[0][:, 0, 0, 0]
    ]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(1, 9), st.integers(0, 30), st.integers(0, 3))
def test_an_epoch_is_every_picture_once(count: int, batch: int, generator_batch: int, number: int) -> None:
    batches = batches_of(count, batch_size=batch, generator_batch=generator_batch)
    assert sorted(epoch(batches, number)) == list(range(count))


def test_the_last_batch_is_kept_although_it_is_small() -> None:
    batches = batches_of(10, batch_size=4)
    assert [len(batches.batch(0, index)[0]) for index in range(len(batches))] == [4, 4, 2]


def test_labels_belong_to_their_pictures_and_missing_ones_are_masked() -> None:
    batches = batches_of(23)
    for index in range(len(batches)):
        images, labels = batches.batch(3, index)
        numbers = images[:, 0, 0, 0].astype(int)
        assert labels["h"].dtype == np.int32
        assert labels["h"].tolist() == [-1 if one % 5 == 0 else one % 4 for one in numbers]


def test_every_epoch_has_its_own_order_and_the_same_seed_the_same() -> None:
    first, second = batches_of(30), batches_of(30)
    assert epoch(first, 0) != epoch(first, 1)
    assert epoch(first, 1) == epoch(second, 1)
    assert epoch(batches_of(30, seed=1), 0) != epoch(second, 0)


def test_a_batch_does_not_depend_on_what_was_asked_before() -> None:
    forth = batches_of(30, batch_size=4, generator_batch=8)
    back = batches_of(30, batch_size=4, generator_batch=8)
    there = {index: forth.batch(2, index)[0].tolist() for index in range(len(forth))}
    assert {index: back.batch(2, index)[0].tolist() for index in reversed(range(len(back)))} == there


def test_without_shuffling_the_order_is_the_tables() -> None:
    assert epoch(batches_of(9, shuffle=False), 5) == list(range(9))


def test_the_references_epoch_is_1280_pictures_in_40_batches() -> None:
    pixels = NumberedPixels(200)
    batches = Batches(
        table_of(200),
        "train",
        pixels,
        heads=("h",),
        batch_size=32,
        shuffle=True,
        seed=0,
        generator_batch=128,
        pictures_per_epoch=1280,
    )
    assert len(batches) == 40
    assert len(epoch(batches)) == 1280
    assert pixels.drawn == [128] * 10, "drawn ten times, and not once for each batch"


@pytest.mark.parametrize("pictures", [7, 30, 64])
def test_pictures_come_equally_often_whatever_the_epochs_length(pictures: int) -> None:
    batches = batches_of(20, pictures=pictures)
    seen = Counter(picture for number in range(10) for picture in epoch(batches, number))
    assert sum(seen.values()) == 10 * pictures
    assert max(seen.values()) - min(seen[one] for one in range(20)) <= 1


def test_a_generator_batch_is_augmented_once_and_with_its_own_step() -> None:
    steps: list[tuple[int, int]] = []

    def augment(images: NDArray[np.uint8], step: int) -> NDArray[np.uint8]:
        steps.append((step, len(images)))
        return images + np.uint8(100)

    batches = batches_of(10, batch_size=2, generator_batch=4, augmenter=augment)
    assert sorted(epoch(batches, 0)) == list(range(100, 110))
    assert epoch(batches, 1)
    assert steps == [(0, 4), (1, 4), (2, 2), (3, 4), (4, 4), (5, 2)]


def test_generator_batches_that_are_no_multiple_are_cut_with_a_rest() -> None:
    batches = batches_of(12, batch_size=4, generator_batch=6)
    assert [len(batches.batch(0, index)[0]) for index in range(len(batches))] == [4, 2, 4, 2]


def test_threads_may_ask_at_once() -> None:
    batches = batches_of(60, batch_size=4, generator_batch=12)
    alone = [batches.batch(0, index)[0].tolist() for index in range(len(batches))]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda index: batches.batch(0, index)[0].tolist(), range(len(batches))))
    assert together == alone


def test_there_is_no_batch_after_the_last() -> None:
    batches = batches_of(8)
    with pytest.raises(IndexError, match="expected a batch from 0 to 1; received 2"):
        batches.batch(0, 2)


def test_an_empty_split_has_no_batches() -> None:
    empty = Batches(
        table_of(4), "test", NumberedPixels(4), heads=("h",), batch_size=2, shuffle=True, seed=0,
        pictures_per_epoch=100,
    )  # fmt: skip
    assert len(empty) == 0
