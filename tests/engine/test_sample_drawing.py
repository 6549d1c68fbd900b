"""The drawing itself: curves, soft light, placing; and that each class shows what a person would look for."""

import numpy as np
import pytest
from numpy.typing import NDArray

from workbench.images.sample import HEADS, draw_face
from workbench.images.sample.canvas import Canvas, ellipse, mirror, shift, smooth, tone
from workbench.images.sample.paint import VISIBLE, Paint, brow_colour, draw_paint
from workbench.images.sample.traits import SKINS, draw_pose, draw_traits, head_outline, width_at

PLAIN = {
    "wrinkles": "none",
    "freckles": "none",
    "glasses": "none",
    "hair_colour": "brown",
    "hair_top": "thick",
}
Image = NDArray[np.uint8]


def canvas(size: int = 80) -> Canvas:
    """A square picture in which the head's unit is a quarter of the width."""
    return Canvas(size, size, np.array([[size / 4, 0, size / 2], [0, size / 4, size / 2]], float))


def draw(seed: int, **classes: str) -> Image:
    return draw_face(np.random.default_rng(seed), {**PLAIN, **classes}, (200, 200)).image


def test_smooth_curves_pass_through_their_points() -> None:
    knots = np.array([(0.0, 0.0), (1.0, 0.5), (2.0, -1.0), (3.0, 0.0)])
    for closed in (True, False):
        curve = smooth(knots, closed, 6)
        for knot in knots:
            assert np.hypot(*(curve - knot).T).min() < 1e-9
    assert len(smooth(knots, True, 6)) == 24
    assert len(smooth(knots, False, 6)) == 19


def test_many_curves_are_smoothed_at_once() -> None:
    knots = np.random.default_rng(0).uniform(-1, 1, (5, 4, 2))
    together = smooth(knots, False)
    assert together.shape == (5, 19, 2)
    assert np.allclose(together[2], smooth(knots[2], False))


def test_mirror_and_shift() -> None:
    assert mirror([(1, 2)]).tolist() == [[-1, 2]]
    assert shift([(1, 2)], 3, -1).tolist() == [[4, 1]]


def test_fill_covers_the_area_with_soft_edges() -> None:
    board = canvas()
    board.fill(ellipse(0, 0, 1, 1, 80), (255, 255, 255))
    area = board.pixels[..., 0].astype(float).sum() / 255
    assert area == pytest.approx(np.pi * 20.5**2, rel=0.03)
    assert len(np.unique(board.pixels)) > 10


def test_small_dots_are_round() -> None:
    board = canvas()
    board.dots([(0, 0)], [0.125], [(255, 255, 255)])
    spot = board.pixels[..., 0].astype(float)
    assert spot.sum() / 255 == pytest.approx(np.pi * 3.0**2, rel=0.2)
    assert np.abs(spot.sum(0) - spot.sum(1)).max() < 300


def test_blend_and_glaze_mix_where_the_mask_says() -> None:
    board = canvas()
    board.pixels[:] = 100
    half = board.mask([(-3, -3), (0, -3), (0, 3), (-3, 3)])
    board.blend(half, np.full_like(board.pixels, 200), 0.5)
    assert board.pixels[40, 10].tolist() == [150] * 3
    assert board.pixels[40, 70].tolist() == [100] * 3
    board.glaze([(1, -3), (3, -3), (3, 3), (1, 3)], (0, 0, 0), 0.25)
    assert board.pixels[40, 75].tolist() == [75] * 3


def test_nothing_to_cover_changes_nothing() -> None:
    board = canvas()
    board.blend(board.mask([(90, 90), (91, 90), (91, 91)]), (255, 255, 255))
    assert not board.pixels.any()


def test_glow_is_strongest_at_its_centre_and_adds_up() -> None:
    board = canvas()
    one = board.glow([(0.5, -0.5, 0.4, 0.4, 1.0)])
    row, column = np.unravel_index(int(one.argmax()), one.shape)
    assert (row, column) == pytest.approx((7, 12), abs=1)
    assert np.allclose(board.glow([(0.5, -0.5, 0.4, 0.4, 1.0)] * 2), 2 * one, atol=1e-5)


def test_layer_keeps_level_colours_and_clips() -> None:
    board = Canvas(33, 50, np.array([[10.0, 0, 25], [0, 10, 16]]))
    coarse = np.full((*board.grid().shape[:2], 3), (300.0, 120.0, -5.0))
    layer = board.layer(coarse)
    assert layer.shape == (33, 50, 3)
    assert (layer == (255, 120, 0)).all()


def test_tone_darkens_lightens_and_mixes() -> None:
    assert tone((100, 200, 50), 0.5) == (50, 100, 25)
    assert tone((200, 200, 200), 2.0) == (255, 255, 255)
    assert tone((0, 0, 0), 1.0, (100, 50, 0), 0.5) == (50, 25, 0)


def test_heads_stay_in_the_picture() -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        height, width = int(rng.integers(160, 321)), int(rng.integers(160, 321))
        matrix = draw_pose(rng, height, width)
        outline = head_outline(draw_traits(rng)) @ matrix[:, :2].T + matrix[:, 2]
        assert outline.min() > 0
        assert outline[:, 0].max() < width
        assert outline[:, 1].max() < height


def test_cut_off_heads_lose_their_top_only() -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        matrix = draw_pose(rng, 240, 240, high=True)
        crown, eyes = (np.array([0.0, y]) @ matrix[:, :2].T + matrix[:, 2] for y in (-0.7, -0.05))
        assert crown[1] < 0 < eyes[1]


def test_width_follows_the_outline() -> None:
    traits = draw_traits(np.random.default_rng(3))
    outline = head_outline(traits)
    for y in (-0.5, 0.0, 0.3, 0.6):
        near = outline[np.abs(outline[:, 1] - y) < 0.12]
        assert width_at(traits, y) == pytest.approx(float(np.abs(near[:, 0]).max()), abs=0.1)


def test_skin_is_chosen_against_the_hair() -> None:
    dark = (30.0, 28.0, 30.0)
    for seed in range(20):
        skin = draw_traits(np.random.default_rng(seed), dark).skin
        assert sum(skin) > sum(SKINS[-1]) - 40
        assert 0.299 * skin[0] + 0.587 * skin[1] + 0.114 * skin[2] > 60


def test_every_colour_class_has_its_paint() -> None:
    assert {*VISIBLE, "not_visible"} == set(HEADS["hair_colour"])
    for name in VISIBLE:
        paint = draw_paint(name, np.random.default_rng(1))
        assert (paint.second is not None) == (name == "mixed")


def test_brows_follow_the_hair_but_not_the_dye() -> None:
    assert sum(brow_colour(Paint((20, 20, 20), None, "", 0))) < 60
    assert sum(brow_colour(Paint((240, 240, 240), None, "", 0))) > 400
    for paint in (None, Paint((50, 100, 210), None, "", 0), Paint((0, 0, 0), (255, 255, 255), "bands", 0)):
        red, green, blue = brow_colour(paint)
        assert red > green > blue


@pytest.mark.parametrize("top", ["bald", "few", "thick"])
def test_top_shows_as_much_hair_as_its_class_says(top: str) -> None:
    """Black hair, since it is drawn on no dark skin: the share of the crown that is as dark."""

    def share(seed: int) -> float:
        image = draw(seed, hair_colour="black", hair_top=top).astype(int)
        crown = image[38:60, 75:125].sum(-1)
        return float((crown < 150).mean())

    shares = [share(seed) for seed in range(16)]
    low, high = {"bald": (0.0, 0.06), "few": (0.08, 0.75), "thick": (0.75, 1.0)}[top]
    assert low <= float(np.median(shares)) <= high, shares


def test_bald_heads_show_their_colour_at_the_sides() -> None:
    for seed in range(8):
        seen = draw(seed, hair_colour="other", hair_top="bald").astype(int)
        none = draw(seed, hair_colour="not_visible", hair_top="bald").astype(int)
        assert np.ptp(seen, axis=-1).mean() > 0
        assert np.abs(seen - none).max() > 60


def test_mixed_hair_has_two_colours_in_every_part() -> None:
    spreads: list[float] = []
    plain: list[float] = []
    for seed in range(10):
        for colour, into in (("mixed", spreads), ("brown", plain)):
            crown = draw(seed, hair_colour=colour)[26:46, 70:130].reshape(-1, 3).astype(float)
            into.append(crown.std(0).max())
    assert min(spreads) > 20
    assert np.median(spreads) > 1.6 * np.median(plain)


def test_wrinkles_add_lines_where_a_person_looks_for_them() -> None:
    stronger = 0
    for seed in range(10):
        smooth_face, old = (
            draw(seed, wrinkles=name, hair_top="bald").astype(float) for name in ("none", "yes")
        )
        changed = np.abs(smooth_face - old).mean(-1)[60:170, 60:140]
        stronger += (changed > 25).mean() > 0.02
    assert stronger >= 9


@pytest.mark.parametrize("size", [(160, 160), (320, 320), (320, 256), (200, 320)])
def test_any_size_is_drawn_at_that_size(size: tuple[int, int]) -> None:
    assert draw_face(np.random.default_rng(0), PLAIN, size).image.shape == (*size, 3)


def test_faces_of_one_class_are_not_all_alike() -> None:
    images = [draw(seed).astype(float) for seed in range(6)]
    for index, one in enumerate(images):
        for other in images[index + 1 :]:
            assert np.abs(one - other).mean() > 8
