"""Drawing with cells: the right glyph, the right colours, the right size."""

import numpy as np
import pytest
from rich.console import Console

from workbench.tui.picture.cells import fit
from workbench.tui.picture.quadrants import quadrants
from workbench.tui.picture.strips import strips

BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def blocks(*rows: str) -> np.ndarray:
    """A picture of black and white squares, large enough that resampling leaves their middles alone."""
    small = np.array([[255 if cell == "#" else 0 for cell in row] for row in rows], dtype=np.uint8)
    return np.repeat(np.repeat(small, 32, axis=0), 32, axis=1)[..., None].repeat(3, axis=2)


@pytest.mark.parametrize(
    ("rows", "glyph"),
    [
        (("#.", ".."), "▘"),
        ((".#", ".."), "▝"),
        (("##", ".."), "▀"),
        (("#.", "#."), "▌"),
        (("#.", ".#"), "▚"),
        ((".#", "##"), "▟"),
    ],
)
def test_a_cell_shows_which_of_its_four_samples_are_light(rows: tuple[str, str], glyph: str) -> None:
    picture = quadrants().render(blocks(*rows), 1, 1)
    assert picture.glyphs.tolist() == [[glyph]]
    assert picture.foreground[0, 0].min() > 200
    assert picture.background[0, 0].max() < 60


def test_a_cell_of_one_colour_is_a_blank_on_that_colour() -> None:
    picture = quadrants().render(np.full((40, 40, 3), (200, 100, 50), np.uint8), 3, 2)
    assert set(picture.glyphs.ravel()) == {" "}
    assert picture.background[1, 2].tolist() == [200, 100, 50]


def test_colours_are_means_of_their_side() -> None:
    picture = quadrants().render(blocks("##", ".."), 1, 1)
    ramp = quadrants().render(np.full((8, 8, 3), 77, np.uint8), 4, 4)
    assert picture.foreground.dtype == np.uint8
    assert np.all(ramp.background == 77)


@pytest.mark.parametrize(
    ("image", "box", "expected"),
    [
        ((200, 200), (64, 32), (64, 32)),
        ((200, 200), (100, 20), (40, 20)),
        ((400, 100), (40, 40), (40, 5)),
        ((100, 400), (40, 40), (20, 40)),
        ((1, 5000), (40, 40), (1, 40)),
        ((0, 0), (0, 0), (1, 1)),
    ],
)
def test_the_aspect_is_kept(image: tuple[int, int], box: tuple[int, int], expected: tuple[int, int]) -> None:
    assert fit(image, box) == expected


def test_lines_fill_the_box_and_the_picture_stands_in_its_middle() -> None:
    picture = quadrants().render(blocks("#.#.", ".#.#"), 4, 2)
    lines = strips(picture, 10, 6, (1, 2, 3))
    assert [line.cell_length for line in lines] == [10] * 6
    assert [line.text.strip() != "" for line in lines] == [False, False, True, True, False, False]
    assert lines[2].text[:3] == "   "
    assert lines[2].text[7:] == "   "


def test_escape_sequences_say_the_same_as_the_segments() -> None:
    image = np.random.default_rng(5).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    lines = strips(quadrants().render(image, 20, 10), 24, 10, (9, 9, 9))
    console = Console(color_system="truecolor", force_terminal=True)
    for line in lines:
        assert _painted(line.render(console)) == [
            (char, style.color.triplet if char != " " else None, style.bgcolor.triplet)  # type: ignore[union-attr]
            for text, style, _ in line
            for char in text
        ]


def test_a_smooth_picture_takes_fewer_bytes_than_a_noisy_one() -> None:
    console = Console(color_system="truecolor", force_terminal=True)
    smooth = np.repeat(np.linspace(0, 60, 128).astype(np.uint8)[None, :, None], 128, 0).repeat(3, 2)
    noisy = np.random.default_rng(1).integers(0, 255, (128, 128, 3), dtype=np.uint8)

    def size(image: np.ndarray) -> int:
        drawn = strips(quadrants().render(image, 64, 32), 64, 32, BLACK)
        return sum(len(line.render(console)) for line in drawn)

    assert size(smooth) * 3 < size(noisy)


def _painted(ansi: str) -> list[tuple[str, object, object]]:
    """Characters with the colours that the sequences give them."""
    from rich.color_triplet import ColorTriplet

    painted: list[tuple[str, object, object]] = []
    front: object = None
    back: object = None
    for part in ansi.split("\x1b[")[1:]:
        codes, _, text = part.partition("m")
        numbers = [int(code) for code in codes.split(";")]
        while numbers:
            head = numbers.pop(0)
            if head == 38:
                front, numbers = ColorTriplet(*numbers[1:4]), numbers[4:]
            elif head == 48:
                back, numbers = ColorTriplet(*numbers[1:4]), numbers[4:]
        painted += [(char, front if char != " " else None, back) for char in text]
    return painted
