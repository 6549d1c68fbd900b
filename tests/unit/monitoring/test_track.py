"""Curves in bounded memory, beside a plain list of all points."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.monitoring.curves import Curve, Smoother
from workbench.monitoring.track import ABSENT, Track

KEY, OTHER = ("", "loss", "train"), ("glasses", "loss", "train")
VALUES = st.floats(-1e6, 1e6) | st.just(math.nan) | st.just(ABSENT)


def axes(first: int, count: int) -> np.ndarray:
    """Points one after another: step, epochs behind it, Unix seconds, byte offset."""
    steps = np.arange(first, first + count, dtype=float)
    return np.stack([steps, steps / 100, 1e9 + steps, steps * 400], axis=1)


def track_of(blocks: list[list[float]], capacity: int = 8) -> Track:
    """A track that took these blocks of values."""
    track, first = Track(capacity), 1
    for block in blocks:
        track.extend(axes(first, len(block)), [KEY], np.array(block)[:, None])
        first += len(block)
    return track


def curve_of(track: Track) -> Curve:
    return track.curves()[KEY]


@given(st.lists(st.lists(VALUES, min_size=1, max_size=40), min_size=1, max_size=8))
def test_whatever_comes_extremes_sums_and_gaps_are_those_of_all_points(blocks: list[list[float]]) -> None:
    curve = curve_of(track_of(blocks))
    values = np.array([value for block in blocks for value in block])
    finite = values[np.isfinite(values)]
    assert len(curve) <= 8
    assert curve.counts.sum() == len(finite)
    assert curve.gaps.sum() == np.isnan(values).sum()
    if len(finite):
        assert np.nanmin(curve.low) == finite.min()
        assert np.nanmax(curve.high) == finite.max()
        assert curve.sums.sum() == pytest.approx(finite.sum(), rel=1e-9, abs=1e-6)
    said = values[~np.isneginf(values)]
    assert curve.newest == said[-1] if len(said) and np.isfinite(said[-1]) else math.isnan(curve.newest)
    assert curve.steps[-1] == len(values), "the newest point is there"
    assert (np.diff(curve.places) > 0).all()


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=200), st.integers(1, 50))
def test_blocks_of_any_size_give_the_same_curve(values: list[float], size: int) -> None:
    whole = curve_of(track_of([values]))
    parts = curve_of(track_of([values[at : at + size] for at in range(0, len(values), size)]))
    for name in ("steps", "low", "high", "counts", "gaps"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name), equal_nan=True), name
    assert np.allclose(whole.sums, parts.sums)


def test_a_spike_of_one_step_in_a_million_stays() -> None:
    values = np.zeros(1_000_000)
    values[654_321] = 99.0
    track = Track()
    for at in range(0, len(values), 4096):
        track.extend(axes(at + 1, len(values[at : at + 4096])), [KEY], values[at : at + 4096, None])
    curve = curve_of(track)
    assert len(curve) <= 8192
    [bucket] = np.flatnonzero(curve.high == 99.0)
    assert curve.steps[bucket - 1] < 654_322 <= curve.steps[bucket]
    start, end = track.offsets(int(bucket), int(bucket))
    assert start <= 654_322 * 400 < end


def test_a_curve_that_was_handed_out_stays_as_it_was() -> None:
    track = track_of([[1.0] * 7 + [2.0]])
    before = curve_of(track)
    low, places = before.low.copy(), before.places.copy()
    track.extend(axes(9, 30), [KEY], np.full((30, 1), 5.0))
    track.cut(0.02)
    track.extend(axes(50, 3), [KEY], np.full((3, 1), 7.0))
    assert np.array_equal(before.low, low)
    assert np.array_equal(before.places, places)


def test_the_same_points_have_the_same_stamp_and_others_another() -> None:
    track = track_of([[1.0, 2.0]])
    before = curve_of(track)
    assert curve_of(track).stamp == before.stamp
    track.extend(axes(3, 1), [KEY], np.array([[3.0]]))
    after = curve_of(track)
    assert after.stamp != before.stamp
    assert after.grown == before.grown, "it only grew"
    track.cut(0.01)
    assert curve_of(track).grown != after.grown


def test_points_that_do_not_lie_behind_the_others_are_left_out_and_counted() -> None:
    track = track_of([[1.0, 2.0, 3.0]])
    assert track.extend(axes(2, 4), [KEY], np.array([[9.0], [9.0], [4.0], [5.0]])) == 2
    assert curve_of(track).low.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_a_curve_that_comes_later_has_no_gaps_before_it() -> None:
    track = track_of([[1.0, 2.0]])
    track.extend(axes(3, 1), [KEY, OTHER], np.array([[3.0, 9.0]]))
    track.extend(axes(4, 1), [OTHER], np.array([[8.0]]))
    found = track.curves()
    assert found[OTHER].counts.tolist() == [0, 0, 1, 1]
    assert not found[OTHER].gaps.any()
    assert found[KEY].counts.tolist() == [1, 1, 1, 0]
    assert not found[KEY].gaps.any()
    assert found[KEY].newest == 3.0


@given(st.integers(1, 60), st.integers(0, 60))
def test_what_is_cut_within_a_bucket_can_be_read_once_more(count: int, kept: int) -> None:
    values = [float(number) for number in range(1, count + 1)]
    track = track_of([values])
    again = track.cut(kept / 100)
    if again is not None:
        start, end = again
        first, last = start // 400, count if end < 0 else end // 400 - 1
        exact = Track(64)
        exact.extend(axes(first, last - first + 1), [KEY], np.array(values[first - 1 : last])[:, None])
        exact.cut(kept / 100)
        track.absorb(exact)
    curve = track.curves().get(KEY)
    left = 0 if curve is None else int(curve.counts.sum())
    assert left == min(count, kept)
    if left and curve is not None:
        assert np.nanmax(curve.high) == left


def test_a_track_is_packed_and_unpacked() -> None:
    track = track_of([[float(number) for number in range(50)] + [math.nan]])
    about, raw = track.pack()
    found, rest = Track.unpack({**about, "capacity": 8192}, raw + b"rest")
    assert rest == b"rest"
    for name in ("steps", "places", "walls", "low", "high", "sums", "counts", "gaps"):
        one, other = getattr(curve_of(track), name), getattr(curve_of(found), name)
        assert np.array_equal(one, other, equal_nan=True), name


@pytest.mark.parametrize(
    "wrong",
    [{"used": -1}, {"used": 10**9}, {"per": 0}, {"keys": [["a"]]}, {"keys": 5}, {"capacity": 4}, {"used": 7}],
)
def test_what_is_no_packed_track_is_refused(wrong: dict[str, object]) -> None:
    about, raw = track_of([[1.0, 2.0, 3.0]]).pack()
    with pytest.raises((ValueError, KeyError, TypeError)):
        Track.unpack({**about, "capacity": 8192, **wrong}, raw)


@given(st.lists(VALUES, min_size=1, max_size=60), st.sampled_from([1, 2, 10, 50]), st.integers(1, 7))
def test_smoothing_goes_on_as_it_would_from_the_beginning(
    values: list[float], span: float, size: int
) -> None:
    track, smoother, found = Track(16), Smoother(span), np.empty(0)
    for at in range(0, len(values), size):
        block = values[at : at + size]
        track.extend(axes(at + 1, len(block)), [KEY], np.array(block)[:, None])
        found = smoother.take(curve_of(track))
    assert np.allclose(found, curve_of(track).smoothed(span), equal_nan=True)


def test_a_smoothed_curve_is_the_moving_average_of_its_points() -> None:
    values = [1.0, 3.0, math.nan, 5.0]
    keep, average, weight, wanted = 1 - 2 / 5, 0.0, 0.0, []
    for value in values:
        if math.isnan(value):
            wanted.append(math.nan)
            continue
        average, weight = keep * average + (1 - keep) * value, keep * weight + 1 - keep
        wanted.append(average / weight)
    assert np.allclose(curve_of(track_of([values])).smoothed(4), wanted, equal_nan=True)
