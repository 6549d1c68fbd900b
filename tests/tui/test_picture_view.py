"""What is seen of a picture: parts, nearer and farther, moved, lit, and never outside of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.schema import Schema
from workbench.tui.picture.view import PLAIN, PRESETS, WHOLE, View

BOX = (64, 32)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("zoom"), st.integers(-4, 4), st.just(0)),
        st.tuples(st.just("pan"), st.integers(-3, 3), st.integers(-3, 3)),
        st.tuples(st.just("preset"), st.just(0), st.just(0)),
    ),
    max_size=30,
)


def picture(width: int = 200, height: int = 100) -> np.ndarray:
    """Red says the column, green the row."""
    red = np.linspace(0, 255, width).astype(np.uint8)[None, :].repeat(height, axis=0)
    green = np.linspace(0, 255, height).astype(np.uint8)[:, None].repeat(width, axis=1)
    return np.stack([red, green, np.zeros_like(red)], axis=2)


def test_the_part_that_suits_the_head_comes_first_and_every_part_once() -> None:
    view, seen = PLAIN, []
    for _ in PRESETS:
        view = view.next_preset("eyes")
        seen.append(view.preset)
    assert seen == ["eyes", "face", "hair", "skin", "whole"]
    assert view == PLAIN
    assert PLAIN.next_preset("").preset == PLAIN.next_preset("face").preset == "face"


def test_each_head_of_the_default_schema_names_its_part(face_schema: Schema) -> None:
    assert {head.name: head.zoom for head in face_schema.heads} == {
        "wrinkles": "skin",
        "freckles": "skin",
        "glasses": "eyes",
        "hair_colour": "hair",
        "hair_top": "hair",
    }
    assert {head.zoom for head in face_schema.heads} <= set(PRESETS)


def test_nearer_and_farther_and_back() -> None:
    near = PLAIN.zoomed(2)
    assert near.area[2] == pytest.approx(1 / 1.25**2)
    assert near.area[0] == pytest.approx((1 - near.area[2]) / 2)
    assert near.zoomed(-1).zoomed(-5) == PLAIN
    assert PLAIN.zoomed(99).area[2] == pytest.approx(0.05)
    assert near.words == "zoom 1.6×"


def test_moving_stops_at_the_edge() -> None:
    near = PLAIN.zoomed(3)
    assert near.panned(1, 0).area[0] > near.area[0]
    assert near.panned(-99, -99).area[:2] == (0, 0)
    right, bottom = near.panned(99, 99).area[:2]
    assert right == pytest.approx(1 - near.area[2])
    assert bottom == pytest.approx(1 - near.area[3])
    assert PLAIN.panned(1, 1) == PLAIN


@given(STEPS)
def test_whatever_is_done_the_part_lies_in_the_picture(steps: list[tuple[str, int, int]]) -> None:
    view = PLAIN
    for what, one, other in steps:
        if what == "zoom":
            view = view.zoomed(one)
        elif what == "pan":
            view = view.panned(one, other)
        else:
            view = view.next_preset("skin")
        left, top, width, height = view.area
        assert 0 <= left <= 1 - width + 1e-9
        assert 0 <= top <= 1 - height + 1e-9
        part = view.cut(picture(61, 47), BOX)
        assert part.shape[0] >= 1
        assert part.shape[1] >= 1
        assert (view.area == WHOLE) == (view.words == "")


def test_a_part_is_cut_from_its_place_and_fills_the_box() -> None:
    square = picture(200, 200)
    part = View(PRESETS["eyes"], "eyes").cut(square, (64, 32))
    assert part.shape[0] == pytest.approx(part.shape[1], abs=2)  # the box is square, so the part becomes so
    assert part[0, 0, 0] > 40
    assert part[-1, -1, 0] < 215
    middle = part[part.shape[0] // 2, part.shape[1] // 2]
    assert middle[1] == pytest.approx((0.37 + 0.11) * 255, abs=6)


def test_a_wide_picture_is_not_stretched_and_not_left() -> None:
    part = View((0.9, 0.9, 0.1, 0.1)).cut(picture(300, 60), (20, 40))
    assert part.shape[1] == 30
    assert part[-1, -1].tolist() == [255, 255, 0]
    assert part.shape[0] == 60


def test_contrast_and_light_change_what_is_seen_and_say_so() -> None:
    image = picture()
    lighter = PLAIN.changed(brightness=2)
    assert lighter.lit(image).mean() > image.mean() + 15
    harder, softer = PLAIN.changed(contrast=2), PLAIN.changed(contrast=-2)
    assert harder.lit(image).std() > image.std() > softer.lit(image).std()
    assert harder.changed(brightness=-1).words == "contrast +2 · brightness −1"
    assert PLAIN.lit(image) is image
    assert PLAIN.changed(contrast=99).contrast == 5
    assert harder.lit(image).dtype == np.uint8


def test_the_whole_picture_is_handed_on_as_it_is() -> None:
    image = picture()
    assert PLAIN.cut(image, BOX) is image
    assert PLAIN.is_plain
    assert not PLAIN.zoomed(1).is_plain
