"""One picture as training would see it: as many augmentations of it as there is room for."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.strip import Strip

from workbench.bench import Bench
from workbench.config import preset_names
from workbench.errors import WorkbenchError
from workbench.images.catalog import Picture
from workbench.images.decode import thumbnail
from workbench.images.gallery import GalleryProcess
from workbench.settings import AugmentSettings
from workbench.text import neutralise
from workbench.tui.picture.cells import Pixels, mosaic
from workbench.tui.picture.choice import Look
from workbench.tui.picture.drawing import renderer_of
from workbench.tui.picture.strips import strips
from workbench.tui.widgets.picture_view import PictureView
from workbench.tui.widgets.text_block import TextBlock
from workbench.tui.widgets.wrapping import wrap

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

_TILE = (22, 11)  # the least cells of a tile; its picture is square, a cell twice as high as wide
_GAP = (2, 1)
_OWN = "this bench"

Box = tuple[int, int]


def tile_layout(box: Box) -> tuple[int, int, Box]:
    """Columns and rows of tiles in a box, and the cells of a tile, as large as that allows."""
    columns = max(1, (box[0] + _GAP[0]) // (_TILE[0] + _GAP[0]))
    rows = max(1, (box[1] + _GAP[1]) // (_TILE[1] + _GAP[1]))
    height = min((box[1] + _GAP[1]) // rows - _GAP[1], ((box[0] + _GAP[0]) // columns - _GAP[0]) // 2)
    return columns, rows, (max(2, height * 2), max(1, height))


def operations(settings: AugmentSettings) -> str:
    """What is done how often, such as "rotate 50 % -15…15 · flip 50 %"."""
    return " · ".join(
        f"{name} {100 * one.probability:.0f} %" + (f" {one.low:g}…{one.high:g}" if one.high > one.low else "")
        for name, one in settings
        if one.probability > 0
    )


class GalleryPane(Vertical):
    """The picture first, then augmentations; another key draws others, or takes another preset.

    Args:
        bench: Whose settings and presets are shown.
    """

    def __init__(self, bench: Bench, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._bench = bench
        self._presets = (_OWN, *preset_names())
        self._preset = 0
        self._seed = 0
        self._picture: tuple[Picture, Path] | None = None
        self._process = GalleryProcess()

    def compose(self) -> ComposeResult:
        """Two lines of words, and the tiles."""
        yield TextBlock("there are no pictures yet: F2 says where to put them")
        yield PictureView(id="tiles")

    def on_mount(self) -> None:
        """Begin with the first preset that changes anything."""
        for index in range(len(self._presets)):
            if self._settings(index).active:
                self._preset = index
                return

    def show(self, picture: Picture, path: Path) -> None:
        """Show this picture."""
        self._picture = (picture, path)
        self.draw()

    def draw_anew(self) -> None:
        """Other augmentations of the same picture."""
        self._seed += 1
        self.draw()

    def next_preset(self) -> None:
        """As another preset does."""
        self._preset = (self._preset + 1) % len(self._presets)
        self.draw()

    @on(PictureView.BoxChanged)
    def draw_again(self) -> None:
        """The place has another size."""
        self.draw()

    def _settings(self, index: int) -> AugmentSettings:
        """The augmentation of a preset on this bench."""
        return self._bench.settings(self._presets[index] if index else None).augment

    @work(exclusive=True)
    async def draw(self) -> None:
        """Ask the helper process, in a thread, and draw the tiles there."""
        tiles = self.query_one("#tiles", PictureView)
        if self._picture is None or min(tiles.box) < 1:
            return
        picture, path = self._picture
        settings, seed, name = self._settings(self._preset), self._seed, self._presets[self._preset]
        what = operations(settings) if settings.active else "changes nothing; p takes another preset"
        self._say(f"{neutralise(picture.name, 30)}   preset {name}   first the picture itself", what)
        box, backdrop, size = tiles.box, tiles.backdrop, self._bench.settings().dataset.size
        columns, rows, tile = tile_layout(box)
        look = cast("WorkbenchApp", self.app).look
        count = max(1, columns * rows - 1)

        def drawn() -> list[Strip]:
            pixels = self._process.request(path, size=size, count=count, seed=seed, augment=settings)
            return _draw(path, size, pixels, columns, tile, box, backdrop, look)

        try:
            lines = await asyncio.to_thread(drawn)
        except WorkbenchError as error:
            tiles.say(str(error).replace("; ", ";\n"))
            return
        tiles.show(tuple(lines), "", f"{picture.fingerprint} {name} {seed}")

    def _say(self, title: str, what: str) -> None:
        """Three lines over the tiles."""
        self.query_one(TextBlock).show(
            lambda width: [
                Text(f" {title}", "bold"),
                *(Text(f" {line}") for line in wrap(what, width - 2, 2)),
            ]
        )

    def on_unmount(self) -> None:
        """End the helper."""
        self._process.close()


def _draw(
    path: Path,
    size: int,
    pixels: Pixels,
    columns: int,
    tile: Box,
    box: Box,
    backdrop: tuple[int, int, int],
    look: Look,
) -> list[Strip]:
    """The picture itself and its augmentations as lines."""
    renderer = renderer_of(look, backdrop)
    drawn = [renderer.render(one, *tile) for one in (thumbnail(path, (size, size)), *pixels)]
    colours = "none" if renderer.name == "ascii" else look.colours
    return strips(mosaic(drawn, columns, backdrop, _GAP), *box, backdrop, colours)
