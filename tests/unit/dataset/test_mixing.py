"""mixup and CutMix: pictures are what their labels say, and a masked label stays masked."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.unit.dataset.test_batches import NumberedPixels, table_of
from workbench.dataset.batches import Batches
from workbench.dataset.mixing import Mixer, own_codes
from workbench.settings import MixingSettings

MIXUP, CUTMIX = MixingSettings(mixup=1.0), MixingSettings(cutmix=1.0)
BOTH = MixingSettings(mixup=0.4, cutmix=1.0)


def plain(count: int, size: int = 16) -> NDArray[np.uint8]:
    """Picture n is evenly of the value 20 · n."""
    values = (np.arange(count) * 20).astype(np.uint8)
    return np.broadcast_to(values[:, None, None, None], (count, size, size, 3)).copy()


def labels_of(count: int) -> dict[str, NDArray[np.int32]]:
    """`number` is the picture's number; every third picture has no class of `some`."""
    numbers = np.arange(count, dtype=np.int32)
    return {"number": numbers, "some": np.where(numbers % 3 == 0, -1, numbers).astype(np.int32)}


@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 12), step=st.integers(0, 10**9), seed=st.integers(0, 2**31 - 1))
@pytest.mark.parametrize("how", [MIXUP, CUTMIX, BOTH], ids=["mixup", "cutmix", "both"])
def test_a_picture_is_made_of_two_in_the_shares_that_its_label_tells(
    how: MixingSettings, count: int, step: int, seed: int
) -> None:
    images = plain(count)
    made, labels = Mixer(how, seed)(images, labels_of(count), step)
    assert made.dtype == np.uint8
    assert np.array_equal(images, plain(count)), "what came in is left as it was"
    for own, partner, share, picture in zip(*labels["number"].T, made, strict=True):
        assert 0.5 <= share <= 1
        expected = 20 * (share * own + (1 - share) * max(partner, 0))
        assert picture.mean() == pytest.approx(expected, abs=0.51)
        assert partner >= 0 or share == 1


def test_cutmix_leaves_every_pixel_whole_and_in_its_place() -> None:
    images = np.random.default_rng(0).integers(0, 255, (8, 20, 20, 3), dtype=np.uint8)
    made, labels = Mixer(CUTMIX, 0)(images, labels_of(8), 5)
    seen_cut = False
    for at, (own, partner, share) in enumerate(labels["number"]):
        assert own == at
        kept = np.all(made[at] == images[at], axis=-1)
        seen_cut |= not kept.all()
        assert kept.mean() >= share - 1e-6
        assert np.array_equal(made[at][~kept], images[int(partner)][~kept])
        rows, columns = np.nonzero(~kept)
        if len(rows):
            assert not kept[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].any()
    assert seen_cut


def test_masked_labels_stay_masked_on_their_own_side() -> None:
    _, labels = Mixer(MIXUP, 1)(plain(12), labels_of(12), 2)
    sides = labels["number"][:, :2].astype(int)
    np.testing.assert_array_equal(labels["some"][:, :2], np.where(sides % 3 == 0, -1, sides))
    np.testing.assert_array_equal(labels["some"][:, 2], labels["number"][:, 2])
    assert {(one % 3 == 0, other % 3 == 0) for one, other in sides.tolist()} == {
        (True, True), (True, False), (False, True), (False, False),
    }, "all four cases came up"  # fmt: skip


def test_the_same_seed_and_step_mix_the_same_way() -> None:
    first = Mixer(BOTH, 7)(plain(8), labels_of(8), 3)
    again = Mixer(BOTH, 7)(plain(8), labels_of(8), 3)
    assert np.array_equal(first[0], again[0])
    assert all(np.array_equal(first[1][head], again[1][head]) for head in first[1])
    for mixer, step in ((Mixer(BOTH, 7), 4), (Mixer(BOTH, 8), 3)):
        assert not np.array_equal(mixer(plain(8), labels_of(8), step)[0], first[0])


def test_the_probability_is_the_share_of_pictures_that_are_mixed() -> None:
    mixer = Mixer(MixingSettings(mixup=5.0, probability=0.3), 0)
    shares = np.concatenate([mixer(plain(12), labels_of(12), step)[1]["number"][:, 2] for step in range(200)])
    assert np.mean(shares < 1) == pytest.approx(0.3, abs=0.03)


def test_nothing_is_mixed_where_nothing_is_switched_on() -> None:
    assert not MixingSettings().active
    assert not MixingSettings(mixup=1, probability=0).active
    assert MIXUP.active
    assert CUTMIX.active


def test_own_codes_are_the_labels_whether_mixed_or_not() -> None:
    labels = labels_of(6)
    _, mixed = Mixer(BOTH, 0)(plain(6), labels, 0)
    for head, codes in labels.items():
        assert own_codes(codes).tolist() == own_codes(mixed[head]).tolist() == codes.tolist()
        assert own_codes(mixed[head]).dtype == np.int32


def test_batches_mix_what_they_cut_and_keep_the_pictures_that_they_draw_from() -> None:
    def batches() -> Batches:
        return Batches(
            table_of(30), "train", NumberedPixels(30), heads=("h",), batch_size=4, shuffle=True, seed=0,
            generator_batch=12, mixer=Mixer(MIXUP, 0),
        )  # fmt: skip

    forth, back = batches(), batches()
    places = [(epoch, index) for epoch in range(2) for index in range(len(forth))]
    there = {place: forth.batch(*place) for place in places}
    for place in reversed(places):
        images, labels = back.batch(*place)
        assert np.array_equal(images, there[place][0])
        assert np.array_equal(labels["h"], there[place][1]["h"])
        rows = back.rows(*place)
        assert own_codes(labels["h"]).tolist() == [-1 if one % 5 == 0 else one % 4 for one in rows]
    shares = np.concatenate([there[place][1]["h"][:, 2] for place in places])
    assert len(np.unique(shares)) > 10, "every batch is mixed in its own way"
