"""Balanced sampling: classes of several heads come about alike, none too often, and a resume agrees."""

import time
import tracemalloc
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.unit.dataset.test_batches import NumberedPixels, table_of
from workbench.dataset.batches import Batches
from workbench.dataset.sampling import BalancedSampler, balanced_chances

Codes = dict[str, NDArray[np.int16]]


def skewed(count: int, seed: int = 0, masked: float = 0.0) -> Codes:
    """Two heads of skewed classes, three and four of them."""
    random = np.random.default_rng(seed)
    codes = {
        "a": random.choice(3, count, p=[0.8, 0.15, 0.05]).astype(np.int16),
        "b": random.choice(4, count, p=[0.6, 0.25, 0.1, 0.05]).astype(np.int16),
    }
    for one in codes.values():
        one[random.random(count) < masked] = -1
    return codes


def shares(codes: NDArray[np.int16], chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of each class that has a picture among what is labelled."""
    sums = np.array([chances[codes == one].sum() for one in np.unique(codes[codes >= 0])])
    return np.asarray(sums / sums.sum())


def sampler_of(codes: Codes, *, most: float = 8.0, seed: int = 0) -> BalancedSampler:
    """A sampler of rows 100, 101 …"""
    rows = np.arange(len(codes["a"])) + 100
    return BalancedSampler(rows, codes, most_repeats=most, seed=seed)


@pytest.mark.parametrize("masked", [0.0, 0.3])
def test_without_a_binding_cap_every_heads_classes_come_alike(masked: float) -> None:
    codes = skewed(2000, masked=masked)
    chances = balanced_chances(codes, most_repeats=1000)
    assert chances.sum() == pytest.approx(1)
    for one in codes.values():
        found = shares(one, chances)
        np.testing.assert_allclose(found, 1 / len(found), atol=0.002)


def test_one_head_by_itself_is_weighed_by_the_inverse_of_its_counts() -> None:
    codes = {"a": np.array([0] * 8 + [1] * 2, dtype=np.int16)}
    np.testing.assert_allclose(balanced_chances(codes, 1000), [0.5 / 8] * 8 + [0.5 / 2] * 2)


@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 60), seed=st.integers(0, 99), masked=st.floats(0, 1), most=st.floats(1, 30))
def test_no_picture_comes_more_often_than_the_cap(count: int, seed: int, masked: float, most: float) -> None:
    chances = balanced_chances(skewed(count, seed, masked), most)
    assert chances.sum() == pytest.approx(1)
    assert np.all(chances >= 0)
    assert chances.max() <= most / count * (1 + 1e-6)


def test_the_cap_leaves_the_rare_as_near_to_even_as_it_lets_them() -> None:
    codes = {"a": np.array([0] * 990 + [1] * 10, dtype=np.int16)}
    assert shares(codes["a"], balanced_chances(codes, 10)).tolist() == pytest.approx([0.9, 0.1])
    assert shares(codes["a"], balanced_chances(codes, 1)).tolist() == pytest.approx([0.99, 0.01])


def test_a_head_without_labels_and_a_class_without_pictures_disturb_nothing() -> None:
    codes = {"a": np.array([0, 0, 0, 3], dtype=np.int16), "b": np.full(4, -1, dtype=np.int16)}
    np.testing.assert_allclose(balanced_chances(codes, 100), [1 / 6] * 3 + [1 / 2])
    np.testing.assert_allclose(balanced_chances({"b": codes["b"]}, 100), [1 / 4] * 4)


def test_an_epoch_draws_by_the_chances_and_never_far_from_them() -> None:
    codes = skewed(300)
    sampler = sampler_of(codes)
    drawn = Counter((sampler.rows(0, 300) - 100).tolist())
    assert sum(drawn.values()) == 300
    for row, chance in enumerate(sampler.chances):
        assert abs(drawn[row] - 300 * chance) < 1 + 1e-9, "a count is its expectation, rounded up or down"
    of_a = np.repeat(codes["a"], [drawn[row] for row in range(300)])
    assert np.bincount(of_a).min() > 60 > 2 * np.bincount(codes["a"]).min()


def test_over_many_epochs_a_picture_comes_by_its_chance() -> None:
    sampler = sampler_of(skewed(60))
    drawn = np.bincount(np.concatenate([sampler.rows(epoch, 60) for epoch in range(300)]) - 100, minlength=60)
    np.testing.assert_allclose(drawn / 300, 60 * sampler.chances, atol=0.12)


def test_the_same_seed_and_epoch_draw_the_same_whatever_was_asked_before() -> None:
    first, second = sampler_of(skewed(80)), sampler_of(skewed(80))
    there = [first.rows(epoch, 80).tolist() for epoch in range(4)]
    back = [second.rows(epoch, 80).tolist() for epoch in reversed(range(4))][::-1]
    assert there == back
    assert len({tuple(one) for one in there}) == 4
    assert sampler_of(skewed(80), seed=1).rows(0, 80).tolist() != there[0]


def balanced_batches(count: int, pictures: int = 0, generator_batch: int = 0) -> Batches:
    """Batches of numbered pictures, balanced by their only head."""
    table = table_of(count)
    sampler = BalancedSampler(table.rows("train"), dict(table.codes), most_repeats=8, seed=3)
    return Batches(
        table, "train", NumberedPixels(count), heads=("h",), batch_size=8, shuffle=True, seed=3,
        generator_batch=generator_batch, pictures_per_epoch=pictures, sampler=sampler,
    )  # fmt: skip


@pytest.mark.parametrize("pictures", [0, 37, 200])
def test_a_run_that_goes_on_after_any_batch_sees_the_same_pictures(pictures: int) -> None:
    whole = balanced_batches(60, pictures, generator_batch=16)
    seen = {(e, i): whole.rows(e, i).tolist() for e in range(3) for i in range(len(whole))}
    assert sum(len(rows) for rows in seen.values()) == 3 * (pictures or 60)
    for epoch, index in ((0, 2), (1, 0), (2, len(whole) - 1)):
        anew = balanced_batches(60, pictures, generator_batch=16)
        assert anew.rows(epoch, index).tolist() == seen[epoch, index]
    images, labels = whole.batch(1, 1)
    assert images[:, 0, 0, 0].tolist() == seen[1, 1]
    assert labels["h"].tolist() == [-1 if one % 5 == 0 else one % 4 for one in seen[1, 1]]


def test_threads_that_ask_for_different_epochs_get_their_own() -> None:
    batches = balanced_batches(60)
    alone = [batches.rows(index % 3, index // 3).tolist() for index in range(3 * len(batches))]
    with ThreadPoolExecutor(4) as pool:
        together = list(
            pool.map(lambda index: batches.rows(index % 3, index // 3).tolist(), range(3 * len(batches)))
        )
    assert together == alone


def test_sixty_thousand_pictures_take_a_moment_and_no_memory_to_speak_of() -> None:
    codes = skewed(60_000, masked=0.1)
    started = time.process_time()
    sampler = sampler_of(codes)
    assert time.process_time() - started < 5
    sampler.rows(0, 60_000)
    tracemalloc.start()
    try:
        for epoch in range(1, 6):
            sampler.rows(epoch, 60_000)
        assert tracemalloc.get_traced_memory()[0] < 2 * 60_000 * 8, "one epoch is remembered, not all"
    finally:
        tracemalloc.stop()
