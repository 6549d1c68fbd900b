"""A test card: the same face in every way, so that a person sees which of them their terminal shows."""

from collections.abc import Iterator
from dataclasses import replace

from rich.console import Console

from workbench.tui.picture.cells import Pixels
from workbench.tui.picture.choice import WAYS, Look, Terminal, Way
from workbench.tui.picture.drawing import draw

_BOX = (24, 12)
_GAP = "  "
_NIGHT = (18, 18, 18)
_FIRST_NUMBER = 0x7B0001  # as good as any for pictures that stay on the screen


def card(image: Pixels, look: Look, terminal: Terminal, columns: int = 80) -> Iterator[str]:
    """Lines to be written as they are.

    Args:
        image: A face, RGB (H, W, 3).
        look: The way that was chosen for this terminal, marked in the card.
        terminal: What is known of it.
        columns: Its width.
    """
    across = max(1, (columns + len(_GAP)) // (_BOX[0] + len(_GAP)))
    for start in range(0, len(WAYS), across):
        ways = WAYS[start : start + across]
        blocks = [_block(image, replace(look, way=way), index) for index, way in enumerate(ways, start)]
        yield "".join(transmission for transmission, _ in blocks) + _GAP.join(
            _title(way, look).ljust(_BOX[0]) for way in ways
        )
        for parts in zip(*(lines for _, lines in blocks), strict=True):
            yield _GAP.join(parts)
        yield ""
    yield f"here: {look.title} ({look.reason}); TERM {terminal.term or 'unset'}"
    yield "v on the Label screen takes the next way and keeps it for this TERM; in bench.toml:"
    yield f'[settings] screen.picture = "{look.way}"    # and screen.colours = "{look.colours}"'


def _title(way: Way, look: Look) -> str:
    """Its name, marked where it is the one in use."""
    return f"▶ {way}" if way == look.way else f"  {way}"


def _block(image: Pixels, look: Look, index: int) -> tuple[str, list[str]]:
    """What the terminal is sent beforehand, and the lines of the face."""
    drawing = draw(image, _BOX, _NIGHT, look, number=_FIRST_NUMBER + index)
    system = {"true": "truecolor", "256": "256", "16": "standard"}.get(look.colours)
    console = Console(color_system=system, force_terminal=True)  # type: ignore[arg-type]
    if look.colours == "none":
        return drawing.transmission, [line.text for line in drawing.lines]
    return drawing.transmission, [line.render(console) for line in drawing.lines]
