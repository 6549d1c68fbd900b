"""Drawing with cells: the right glyph, the right colours, the right size, few bytes."""

import zlib
from collections.abc import Callable

import numpy as np
import pytest
from rich.console import Console

from tests.tui.painted import ansi, painted
from workbench.images.decode import decode
from workbench.resources import resource
from workbench.tui.picture.ascii_art import AsciiRenderer
from workbench.tui.picture.blocks import BlockRenderer
from workbench.tui.picture.cells import CellPicture, Pixels, Renderer, fit, mosaic
from workbench.tui.picture.choice import Look
from workbench.tui.picture.drawing import draw_cells, renderer_of
from workbench.tui.picture.halves import halves
from workbench.tui.picture.quadrants import quadrants
from workbench.tui.picture.sextants import OPPOSITES, sextant, sextants
from workbench.tui.picture.strips import strips

BLACK = (0, 0, 0)
ALL: tuple[Callable[[], Renderer], ...] = (quadrants, sextants, halves, AsciiRenderer)


def blocks(*rows: str) -> Pixels:
    """A picture of black and white squares, large enough that resampling leaves their middles alone."""
    small = np.array([[255 if cell == "#" else 0 for cell in row] for row in rows], dtype=np.uint8)
    return np.repeat(np.repeat(small, 48, axis=0), 48, axis=1)[..., None].repeat(3, axis=2)


def soft(seed: int = 5, size: int = 96) -> Pixels:
    """A picture of soft patches of colour, as faces have."""
    from PIL import Image

    patches = np.random.default_rng(seed).integers(0, 255, (7, 7, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(patches).resize((size, size), Image.Resampling.BICUBIC))


@pytest.mark.parametrize(
    ("rows", "glyph"),
    [
        (("#.", ".."), "▘"),
        ((".#", ".."), "▝"),
        (("##", ".."), "▀"),
        (("#.", "#."), "▌"),
        (("#.", ".#"), "▚"),
        ((".#", "##"), "▟"),
        (("..", "##"), "▄"),
        ((".#", ".#"), "▐"),
    ],
)
def test_a_cell_shows_which_of_its_quarters_are_light(rows: tuple[str, str], glyph: str) -> None:
    picture = quadrants().render(blocks(*rows), 1, 1)
    assert picture.glyphs.tolist() == [[glyph]]
    assert picture.foreground[0, 0].min() > 200
    assert picture.background[0, 0].max() < 60


@pytest.mark.parametrize(
    ("rows", "glyph"),
    [
        (("#.", "..", ".."), "🬀"),
        (("..", "##", ".."), "🬋"),
        (("#.", ".#", "#."), "🬗"),
        (("..", "..", "##"), "🬭"),
        ((".#", "##", "##"), "🬻"),
        (("#.", "#.", "#."), "▌"),
    ],
)
def test_sextants_show_six_parts(rows: tuple[str, str, str], glyph: str) -> None:
    picture = sextants().render(blocks(*rows), 1, 1)
    assert picture.glyphs.tolist() == [[glyph]]
    assert picture.foreground[0, 0].min() > 150 > 90 > picture.background[0, 0].max()


def test_sextants_are_the_sixty_four_that_unicode_names() -> None:
    import unicodedata

    glyphs = [sextant(index) for index in range(64)]
    assert len(set(glyphs)) == 64
    for index, glyph in enumerate(glyphs):
        name = unicodedata.name(glyph)
        if name.startswith("BLOCK SEXTANT-"):
            parts = [int(part) for part in name.removeprefix("BLOCK SEXTANT-")]
            assert index == sum(1 << part - 1 for part in parts)
    assert [glyph for glyph in glyphs if not unicodedata.name(glyph).startswith("BLOCK S")] == list(" ▌▐█")
    assert all(OPPOSITES[OPPOSITES[glyph]] == glyph for glyph in glyphs)


def test_a_bar_shows_an_edge_between_the_halves() -> None:
    picture = quadrants().render(blocks(*["#"] * 5, *["."] * 3), 1, 1)
    assert picture.glyphs.tolist() == [["▃"]]
    assert picture.background[0, 0].min() > 200 > 60 > picture.foreground[0, 0].max()


def test_the_best_pair_of_colours_beats_a_split_by_light() -> None:
    red, green = (210, 0, 0), (0, 107, 0)  # equally light, so that their mean luma parts nothing
    left = np.full((64, 32, 3), red, np.uint8)
    picture = quadrants().render(np.hstack([left, np.full_like(left, green)]), 1, 1)
    assert picture.glyphs[0, 0] in "▌▐"
    sides = sorted((picture.foreground[0, 0].tolist(), picture.background[0, 0].tolist()))
    assert np.abs(np.array(sides) - np.array([green, red])).max() < 12


@pytest.mark.parametrize("make", [quadrants, sextants, halves])
def test_a_cell_of_one_colour_is_a_blank_on_that_colour(make: Callable[[], BlockRenderer]) -> None:
    picture = make().render(np.full((40, 40, 3), (200, 100, 50), np.uint8), 3, 2)
    assert set(picture.glyphs.ravel()) == {" "}
    assert picture.background[1, 2].tolist() == [200, 100, 50]


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("size", [(1, 1), (3, 7), (64, 32)])
def test_every_renderer_fills_exactly_its_cells(make: Callable[[], Renderer], size: tuple[int, int]) -> None:
    picture = make().render(soft(), *size)
    assert picture.size == size
    assert picture.foreground.shape == picture.background.shape == (size[1], size[0], 3)
    assert picture.foreground.dtype == picture.background.dtype == np.uint8


def test_ascii_draws_light_as_ink_on_dark_and_dark_as_ink_on_light() -> None:
    image = blocks("#.", "#.")
    on_black = AsciiRenderer(BLACK).render(image, 8, 4)
    on_white = AsciiRenderer((255, 255, 255)).render(image, 8, 4)
    assert on_black.glyphs[1, 0] == "@"
    assert on_black.glyphs[1, 7] == " "
    assert on_white.glyphs[1, 0] == " "
    assert on_white.glyphs[1, 7] == "@"
    assert on_black.foreground.mean() > 200 > 60 > on_white.foreground.mean()


def test_ascii_outlines_edges_in_their_direction() -> None:
    upright, level = blocks("#.", "#."), blocks("##", "..")
    assert "|" in AsciiRenderer().render(upright, 3, 3).glyphs
    assert "-" in AsciiRenderer().render(level, 3, 3).glyphs
    falling = np.where(np.add.outer(np.arange(96), -np.arange(96)) < 0, 255, 0).astype(np.uint8)
    assert "\\" in AsciiRenderer().render(falling[..., None].repeat(3, axis=2), 6, 3).glyphs


def test_a_terminal_without_colours_gets_signs_whatever_was_chosen() -> None:
    assert renderer_of(Look("quadrants", "none")).name == "ascii"
    assert renderer_of(Look("kitty")).name == "quadrants"
    lines = draw_cells(soft(), (20, 10), BLACK, Look("sextants", "none"))
    assert all(character.isascii() for line in lines for character in line.text)


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


@pytest.mark.parametrize("look", [Look(), Look(colours="256"), Look(colours="16"), Look(colours="none")])
def test_lines_fill_the_box_and_the_picture_stands_in_its_middle(look: Look) -> None:
    lines = draw_cells(blocks("#.#.", ".#.#"), (10, 6), (1, 2, 3), look, quadrants())
    assert [line.cell_length for line in lines] == [10] * 6
    assert [line.text.strip() != "" for line in lines] == [False, False, True, True, False, False]
    assert [len(line.text) for line in lines] == [10] * 6


@pytest.mark.parametrize("colours", ["true", "256", "16"])
@pytest.mark.parametrize("make", [quadrants, sextants, halves])
def test_a_line_that_is_cut_shows_what_the_whole_line_shows(
    make: Callable[[], BlockRenderer], colours: str
) -> None:
    lines = draw_cells(soft(), (24, 10), (9, 9, 9), Look(colours=colours), make())  # type: ignore[arg-type]
    console = Console(color_system="truecolor", force_terminal=True)
    for line in lines:
        whole = painted(line.render(console))
        parts = [cut.render(console) for cut in line.divide([5, 13, 24])]
        cells = [cell for part in parts for cell in painted(part)]
        assert [_visible(cell) for cell in cells] == [_visible(cell) for cell in whole]


def _visible(cell: tuple[str, str, str]) -> tuple[str, str, str]:
    """A blank has no colour of its own."""
    glyph, front, back = cell
    return glyph, "" if glyph == " " else front, back


def test_fewer_colours_are_ours_to_choose() -> None:
    image = soft()
    assert "38;2;" in ansi(draw_cells(image, (20, 10), BLACK, Look()))
    in_256 = ansi(draw_cells(image, (20, 10), BLACK, Look(colours="256")))
    assert "8;2;" not in in_256
    assert "8;5;" in in_256
    in_16 = ansi(draw_cells(image, (20, 10), BLACK, Look(colours="16")))
    assert "8;2;" not in in_16
    assert "8;5;" not in in_16


def test_a_cell_takes_over_a_colour_that_an_eye_cannot_tell_from_its_own() -> None:
    shades = np.array([[[100, 100, 100], [101, 102, 100], [99, 100, 101], [120, 100, 100]]], np.uint8)
    picture = CellPicture(np.array([[" "] * 4]), shades, shades)
    codes = painted(ansi(strips(picture, 4, 1, BLACK)))
    assert [back for _, _, back in codes] == ["48;2;100;100;100"] * 3 + ["48;2;120;100;100"]


def test_a_glyph_is_turned_where_that_keeps_the_colours() -> None:
    light, dark = [200, 200, 200], [20, 20, 20]
    picture = CellPicture(
        np.array([["▌", "▐"]]),
        np.array([[light, dark]], np.uint8),
        np.array([[dark, light]], np.uint8),
    )
    line = ansi(strips(picture, 2, 1, BLACK))
    assert line.count("\x1b[") == 2  # one for both cells, one to end
    assert "▌▌" in line


@pytest.mark.parametrize("make", [quadrants, sextants, halves])
def test_a_frame_keeps_within_its_bytes_even_where_nothing_is_alike(
    make: Callable[[], BlockRenderer],
) -> None:
    renderer = make()
    for path in sorted((resource("data") / "sample").glob("*.jpg"))[:4]:
        drawn = ansi(strips(renderer.render(decode(path), 64, 32), 64, 32, BLACK)).encode()
        assert len(drawn) <= 45_000
        assert len(zlib.compress(drawn)) <= 13_000  # drawn with a grain that cameras have
    rough = np.random.default_rng(1).integers(90, 160, (128, 128, 3), dtype=np.uint8)
    assert len(ansi(strips(renderer.render(rough, 64, 32), 64, 32, BLACK)).encode()) <= 45_000


def test_a_mosaic_places_each_picture_in_its_cell() -> None:
    colours = [(200, 0, 0), (0, 200, 0), (0, 0, 200)]
    tiles = [quadrants().render(np.full((8, 8, 3), colour, np.uint8), 4, 2) for colour in colours]
    whole = mosaic(tiles, 2, (5, 5, 5))
    assert whole.size == (10, 5)
    assert whole.background[0, 0].tolist() == [200, 0, 0]
    assert whole.background[0, 4].tolist() == [5, 5, 5]
    assert whole.background[1, 9].tolist() == [0, 200, 0]
    assert whole.background[2, 0].tolist() == [5, 5, 5]
    assert whole.background[4, 3].tolist() == [0, 0, 200]
    assert whole.background[4, 9].tolist() == [5, 5, 5]
