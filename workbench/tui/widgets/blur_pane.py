"""One picture before and after a Gaussian blur, at the size at which the network sees it."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.strip import Strip

from workbench.bench import Bench
from workbench.errors import WorkbenchError
from workbench.images.catalog import Picture
from workbench.images.decode import decode
from workbench.images.preprocess import preprocess
from workbench.text import neutralise
from workbench.tui.picture.cells import Pixels
from workbench.tui.picture.choice import Look
from workbench.tui.picture.drawing import draw_cells
from workbench.tui.widgets.picture_view import PictureView
from workbench.tui.widgets.text_block import TextBlock

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

_STEP, _MOST, _USUAL = 0.5, 10.0, 1.5

Box = tuple[int, int]


class BlurPane(Vertical):
    """Before at the left, after at the right.

    Args:
        bench: For the size and the strength that training uses.
    """

    def __init__(self, bench: Bench, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        settings = bench.settings().dataset
        self._pixels, self._trained = settings.size, settings.blur_sigma
        self.sigma = settings.blur_sigma or _USUAL
        self._picture: tuple[Picture, Path] | None = None
        self._decoded: tuple[Path, Pixels] | None = None

    def compose(self) -> ComposeResult:
        """A line of words, and two pictures."""
        yield TextBlock("there are no pictures yet: F2 says where to put them")
        with Horizontal():
            yield PictureView(id="before")
            yield PictureView(id="after")

    def show(self, picture: Picture, path: Path) -> None:
        """Show this picture."""
        self._picture = (picture, path)
        self.draw()

    def change_sigma(self, step: int) -> None:
        """Blur more or less."""
        self.sigma = min(_MOST, max(0.0, round(self.sigma + step * _STEP, 2)))
        self.draw()

    @on(PictureView.BoxChanged)
    def draw_again(self) -> None:
        """The places have another size."""
        self.draw()

    @work(exclusive=True)
    async def draw(self) -> None:
        """Blur and draw in a thread."""
        before, after = self.query_one("#before", PictureView), self.query_one("#after", PictureView)
        if self._picture is None or min(*before.box, *after.box) < 1:
            return
        picture, path = self._picture
        used = f"training uses {self._trained:g}" if self._trained else "training uses none"
        size = f"{self._pixels}×{self._pixels}"
        words = f" {neutralise(picture.name, 40)}   {size}   left before, right after"
        blur = f" Gaussian blur, sigma {self.sigma:g} px ({used})"
        self.query_one(TextBlock).show(lambda _: [Text(words, "bold"), Text(blur)])
        look = cast("WorkbenchApp", self.app).look
        try:
            image = self._decoded[1] if self._decoded and self._decoded[0] == path else None
            found = await asyncio.to_thread(
                lambda: _pair(path, image, self._pixels, self.sigma, before.box, before.backdrop, look)
            )
        except WorkbenchError as error:
            before.say("")
            after.say(str(error).replace("; ", ";\n"))
            return
        self._decoded = (path, found[0])
        before.show(tuple(found[1]), "", f"{picture.fingerprint} before")
        after.show(tuple(found[2]), "", f"{picture.fingerprint} after {self.sigma:g}")


def _pair(
    path: Path,
    image: Pixels | None,
    size: int,
    sigma: float,
    box: Box,
    backdrop: tuple[int, int, int],
    look: Look,
) -> tuple[Pixels, list[Strip], list[Strip]]:
    """The picture as decoded, and the lines of both drawings."""
    image = decode(path) if image is None else image
    drawn = []
    for strength in (0.0, sigma):
        pixels = preprocess(image, size, strength)
        drawn.append(draw_cells(pixels, box, backdrop, look))
    return image, drawn[0], drawn[1]
