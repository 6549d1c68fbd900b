"""The nearest colour of few: what a person would call the same."""

import numpy as np
import pytest

from workbench.tui.picture.colours import Colours, nearest, palette, rgb


def number_of(colour: tuple[int, int, int], colours: Colours) -> int:
    """The entry of one colour."""
    return int(nearest(np.array(colour, np.uint8), colours))


@pytest.mark.parametrize(
    ("colour", "number"),
    [
        ((0, 0, 0), 16),
        ((255, 255, 255), 231),
        ((255, 0, 0), 196),
        ((0, 0, 255), 21),
        ((140, 140, 140), 245),
        ((95, 135, 175), 67),
    ],
)
def test_a_colour_of_the_cube_or_of_the_greys_is_found(colour: tuple[int, int, int], number: int) -> None:
    assert number_of(colour, "256") == number


def test_the_sixteen_that_themes_change_are_left_to_them() -> None:
    values = np.random.default_rng(3).integers(0, 256, (500, 3), dtype=np.uint8)
    assert nearest(values, "256").min() >= 16
    assert nearest(values, "16").max() <= 15


@pytest.mark.parametrize("colours", ["256", "16"])
def test_none_is_much_nearer_than_the_one_that_is_taken(colours: Colours) -> None:
    values = np.random.default_rng(4).integers(0, 256, (400, 3), dtype=np.uint8)
    entries = palette(colours).astype(float)
    taken = np.array([rgb(int(number), colours) for number in nearest(values, colours)], dtype=float)
    mine = np.linalg.norm(taken - values, axis=1)
    best = np.linalg.norm(entries[None] - values[:, None], axis=2).min(axis=1)
    assert np.mean(mine - best) < 14  # hue counts as well as light
    assert np.all(mine <= best + 130)


def test_skin_stays_warm() -> None:
    for skin in ((224, 172, 105), (141, 85, 36), (241, 194, 125), (198, 134, 66)):
        red, green, blue = rgb(number_of(skin, "256"), "256")
        assert red > green >= blue
