"""One picture for one place: cut, lit, drawn in the way that the terminal was found to know."""

from dataclasses import dataclass

from textual.strip import Strip

from workbench.tui.picture import kitty, sixel
from workbench.tui.picture.ascii_art import AsciiRenderer
from workbench.tui.picture.cells import RGB, Pixels, Renderer, fit
from workbench.tui.picture.choice import Look
from workbench.tui.picture.halves import halves
from workbench.tui.picture.quadrants import quadrants
from workbench.tui.picture.sextants import sextants
from workbench.tui.picture.strips import strips
from workbench.tui.picture.view import PLAIN, View

Box = tuple[int, int]
_BLOCKS = {"quadrants": quadrants(), "sextants": sextants(), "halves": halves()}


@dataclass(frozen=True)
class Drawing:
    """Lines of the terminal, and what it must be sent before they are shown.

    Attributes:
        lines: One a row of the box.
        transmission: Escape sequences; "" where the lines say everything.
        number: The terminal's number of the picture; 0 where it has none.
    """

    lines: tuple[Strip, ...]
    transmission: str = ""
    number: int = 0


NOTHING = Drawing(())


def renderer_of(look: Look, backdrop: RGB = (0, 0, 0)) -> Renderer:
    """What draws with characters; quadrants in the place of graphics."""
    if look.way == "ascii" or look.colours == "none":
        return AsciiRenderer(backdrop)
    return _BLOCKS.get(look.way, _BLOCKS["quadrants"])


def draw_cells(
    image: Pixels,
    box: Box,
    backdrop: RGB,
    look: Look,
    renderer: Renderer | None = None,
) -> list[Strip]:
    """Draw a picture with characters in the middle of a box."""
    used = renderer or renderer_of(look, backdrop)
    drawn = used.render(image, *fit((image.shape[1], image.shape[0]), box))
    return strips(drawn, *box, backdrop, "none" if used.name == "ascii" else look.colours)


def draw(image: Pixels, box: Box, backdrop: RGB, look: Look, view: View = PLAIN, number: int = 1) -> Drawing:
    """Draw a picture in the middle of a box of cells.

    Args:
        image: RGB, (H, W, 3).
        box: Columns and rows.
        backdrop: RGB around the picture.
        look: The way and the colours.
        view: What is seen of it.
        number: For graphics: another for each picture.
    """
    seen = view.lit(view.cut(image, box))
    size = fit((seen.shape[1], seen.shape[0]), box)
    width, height = kitty.cell_pixels()
    pixels = (size[0] * width, size[1] * height)
    if look.way == "kitty" and max(size) <= kitty.MOST_CELLS:
        png = kitty.encode(seen, pixels)
        sent = kitty.transmission(number, png, *size, in_tmux=look.in_tmux)
        return Drawing(tuple(kitty.placeholders(number, size, *box, backdrop)), sent, number)
    if look.way == "sixel":
        return Drawing(tuple(sixel.lines(seen, size, pixels, box, backdrop, in_tmux=look.in_tmux)))
    return Drawing(tuple(draw_cells(seen, box, backdrop, look)))
