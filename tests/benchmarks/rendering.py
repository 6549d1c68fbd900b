"""How near cells come to the picture that they stand for, with what bytes and in what time; and the memory.

`python -m tests.benchmarks.rendering [--faces FOLDER] [--shown N] [--json]`. For each renderer: `ssim` (mean
structural similarity of 20 faces, between what a terminal shows and the picture at 8×16 pixels a cell), `ms`
a frame, `kilobytes` and `kilobytes_deflated` a frame of 64×32 cells. Other people's renderers are measured
where they are installed. Then `memory_after_5000_mb`: the whole program in a real terminal, and its growth.
"""

import argparse
import base64
import io
import json
import os
import re
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyte
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from skimage.metrics import structural_similarity

from tests.conftest import SHARED, write_pictures
from tests.terminal.pty_app import PtyApp
from workbench.bench import Bench
from workbench.images.catalog import Catalog
from workbench.images.sample import write_sample
from workbench.tui.picture.blocks import bars, grid_mask
from workbench.tui.picture.cells import Pixels, resize
from workbench.tui.picture.choice import Look
from workbench.tui.picture.drawing import draw
from workbench.tui.picture.sextants import sextant

_BOX = (64, 32)
_CELL = (16, 8)  # height and width in pixels; a sextant's third is rounded
_FACES = 20
_FRAMES = 9
_NIGHT = (0, 0, 0)
_PICTURE_BYTES = 10_000  # more than any key that brings no picture
_PATIENCE_S = 2.0
_NAMES = ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")
_LOW = ("000000", "cd0000", "00cd00", "cdcd00", "0000ee", "cd00cd", "00cdcd", "e5e5e5")
_HIGH = ("7f7f7f", "ff0000", "00ff00", "ffff00", "5c5cff", "ff00ff", "00ffff", "ffffff")
_COLOURS = {
    "default": "000000",
    **dict(zip(_NAMES, _LOW, strict=True)),
    **{f"bright{name}": value for name, value in zip(_NAMES, _HIGH, strict=True)},
    "brightbrown": "ffff00",
    "bfightmagenta": "ff00ff",  # as pyte spells it
}
Render = Callable[[Pixels], str]


@cache
def _coverage() -> dict[str, NDArray[np.float64]]:
    """How much of each pixel of a cell a glyph covers."""
    fine = (48, 8)
    masks = {sextant(index): grid_mask(index, (3, 2), fine) for index in range(64)}
    for index, glyph in enumerate(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"):
        masks[glyph] = grid_mask(index, (2, 2), fine)
    masks.update(bars(fine))
    for step, glyph in enumerate("▏▎▍▌▋▊▉", start=1):
        masks[glyph] = np.broadcast_to(np.arange(8) < step, fine)
    masks["▔"], masks["▕"] = ~bars(fine)["▇"], np.broadcast_to(np.arange(8) >= 7, fine)
    shape = (_CELL[0], fine[0] // _CELL[0], _CELL[1], fine[1] // _CELL[1])
    return {glyph: mask.reshape(shape).mean(axis=(1, 3)) for glyph, mask in masks.items()}


def shown(ansi: str) -> Pixels:
    """What a terminal of 64×32 cells shows, in pixels."""
    screen = pyte.Screen(*_BOX)
    screen.reset_mode(pyte.modes.DECAWM)
    pyte.Stream(screen).feed(ansi)
    columns, rows = _BOX
    pixels = np.zeros((rows * _CELL[0], columns * _CELL[1], 3))
    known = _coverage()
    for row in range(rows):
        for column in range(columns):
            cell = screen.buffer[row][column]
            front, back = _rgb(cell.fg), _rgb(cell.bg)
            if cell.reverse:
                front, back = back, front
            covered = known[cell.data][..., None]
            top, left = row * _CELL[0], column * _CELL[1]
            pixels[top : top + _CELL[0], left : left + _CELL[1]] = covered * front + (1 - covered) * back
    return np.rint(pixels).astype(np.uint8)


def _rgb(colour: str) -> NDArray[np.float64]:
    """A colour as pyte keeps it."""
    return np.array(list(bytes.fromhex(_COLOURS.get(colour, colour))), dtype=np.float64)


def ours(look: Look) -> Render:
    """Our cells as the terminal gets them."""
    console = Console(color_system="truecolor", force_terminal=True)

    def render(image: Pixels) -> str:
        return "\r\n".join(line.render(console) for line in draw(image, _BOX, _NIGHT, look).lines)

    return render


def others() -> dict[str, Render]:
    """Those that are installed."""
    found: dict[str, Render] = {}
    for name, make in (
        ("chafa.py sextants", _chafa),
        ("rich-pixels", _rich_pixels),
        ("textual-image halves", _textual_image),
    ):
        try:
            found[name] = make()
        except (ImportError, OSError):
            continue
    return found


def _chafa() -> Render:
    """chafa with blocks and sextants, and with as much work as it offers."""
    import chafa  # type: ignore[import-not-found]

    os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
    terminal = chafa.TermDb().detect()

    def render(image: Pixels) -> str:
        config, symbols = chafa.CanvasConfig(), chafa.SymbolMap()
        for tag in ("BLOCK", "QUAD", "HALF", "SEXTANT", "SPACE", "SOLID"):
            symbols.add_by_tags(getattr(chafa.SymbolTags, f"CHAFA_SYMBOL_TAG_{tag}"))
        config.set_symbol_map(symbols)
        config.width, config.height = _BOX
        config.work_factor = 1.0
        config.canvas_mode = chafa.CanvasMode.CHAFA_CANVAS_MODE_TRUECOLOR
        canvas = chafa.Canvas(config)
        height, width = image.shape[:2]
        flat = image.tobytes()
        canvas.draw_all_pixels(chafa.PixelType.CHAFA_PIXEL_RGB8, flat, width, height, width * 3)
        drawn: bytes = canvas.print(term_info=terminal)
        return drawn.decode().replace("\n", "\r\n")

    render(np.zeros((8, 8, 3), np.uint8))
    return render


def _rich_pixels() -> Render:
    """rich-pixels, two pixels a cell."""
    import rich_pixels  # type: ignore[import-not-found]

    console = Console(color_system="truecolor", force_terminal=True, width=_BOX[0], file=io.StringIO())

    def render(image: Pixels) -> str:
        picture = Image.fromarray(resize(image, _BOX[0], _BOX[1] * 2))
        with console.capture() as capture:
            console.print(rich_pixels.Pixels.from_image(picture), end="")
        return capture.get().rstrip("\n").replace("\n", "\r\n")

    return render


def _textual_image() -> Render:
    """textual-image with half cells, the way that every terminal shows."""
    from textual_image.renderable.halfcell import Image as HalfCells  # type: ignore[import-not-found]

    console = Console(color_system="truecolor", force_terminal=True, width=_BOX[0], file=io.StringIO())

    def render(image: Pixels) -> str:
        with console.capture() as capture:
            console.print(HalfCells(Image.fromarray(image), width=_BOX[0], height=_BOX[1]), end="")
        return capture.get().rstrip("\n").replace("\n", "\r\n")

    return render


def measure_cells(render: Render, faces: Sequence[Pixels]) -> dict[str, float]:
    """Similarity, time and bytes of one renderer."""
    frames = [render(face) for face in faces]
    scores = [_similar(face, shown(frame)) for face, frame in zip(faces, frames, strict=True)]
    seconds = []
    for _ in range(_FRAMES):
        started = time.perf_counter()
        render(faces[0])
        seconds.append(time.perf_counter() - started)
    return _row(scores, float(np.median(seconds)), [frame.encode() for frame in frames])


def measure_kitty(faces: Sequence[Pixels]) -> dict[str, float]:
    """The same of pictures that the terminal draws itself."""
    scores, seconds, frames = [], [], []
    console = Console(color_system="truecolor", force_terminal=True)
    for face in faces:
        started = time.perf_counter()
        drawing = draw(face, _BOX, _NIGHT, Look("kitty"))
        seconds.append(time.perf_counter() - started)
        pieces = re.findall(r"\x1b_G[^;]*m=[01];([^\x1b]*)\x1b", drawing.transmission)
        png = Image.open(io.BytesIO(base64.b64decode("".join(pieces)))).convert("RGB")
        scores.append(_similar(face, resize(np.asarray(png), _BOX[0] * _CELL[1], _BOX[1] * _CELL[0])))
        cells = "\r\n".join(line.render(console) for line in drawing.lines)
        frames.append((drawing.transmission + cells).encode())
    return _row(scores, float(np.median(seconds)), frames)


def _similar(face: Pixels, drawn: Pixels) -> float:
    """Structural similarity to the picture, of the same size."""
    target = resize(face, _BOX[0] * _CELL[1], _BOX[1] * _CELL[0])
    return float(structural_similarity(target, drawn, channel_axis=2))  # type: ignore[no-untyped-call]


def _row(scores: list[float], seconds: float, frames: list[bytes]) -> dict[str, float]:
    """One row of the table."""
    return {
        "ssim": round(float(np.mean(scores)), 3),
        "ms": round(seconds * 1000, 1),
        "kilobytes": round(float(np.mean([len(frame) for frame in frames])) / 1000, 1),
        "kilobytes_most": round(max(len(frame) for frame in frames) / 1000, 1),
        "kilobytes_deflated": round(
            float(np.mean([len(zlib.compress(frame)) for frame in frames])) / 1000, 1
        ),
    }


def measure_renderers(faces: Sequence[Pixels]) -> dict[str, dict[str, float]]:
    """All of them."""
    ways: dict[str, Render] = {
        "quadrants": ours(Look("quadrants")),
        "sextants": ours(Look("sextants")),
        "halves": ours(Look("halves")),
        "quadrants, 256 colours": ours(Look("quadrants", "256")),
        "quadrants, 16 colours": ours(Look("quadrants", "16")),
        **others(),
    }
    table = {name: measure_cells(render, faces) for name, render in ways.items()}
    return {**table, "kitty": measure_kitty(faces)}


class Drained(PtyApp):
    """A terminal that throws away what it is shown, once told so: only the program is measured."""

    draining, taken = False, 0

    def next_picture(self) -> None:
        """Go on by one, and wait until the picture has been painted."""
        before, deadline = self.taken, time.monotonic() + _PATIENCE_S
        self.press("\x1b[C")
        while self.taken - before < _PICTURE_BYTES and time.monotonic() < deadline:
            self.read(0.01)

    def _take(self, data: bytes) -> None:
        """Show it, or count it."""
        if self.draining:
            self.taken += len(data)
        else:
            super()._take(data)


def measure_memory(folder: Path, count: int) -> dict[str, float]:
    """Show pictures as fast as they are painted; look at the memory half way and at the end."""
    write_pictures(folder / "faces", count, size=200)
    bench = Bench.create(folder / "bench", images=folder / "faces")
    catalog = Catalog(bench.images_root, bench.catalog_db)
    catalog.scan()
    catalog.close()
    megabytes = []
    with Drained([str(bench.root), "--annotator", "ana"]) as app:
        app.wait_for(lambda text: f"/{count} done" in text and "looking" not in text and "▶" in text)
        app.draining = True
        process = psutil.Process(app.process.pid)
        for number in range(1, count):
            app.next_picture()
            if number in (count // 2, count - 1):
                app.read(1.0)
                megabytes.append(process.memory_info().rss / 2**20)
        app.press("q")
        app.read(2.0)
    half, full = megabytes
    return {
        "pictures_shown": count,
        "memory_after_half_mb": round(half, 1),
        f"memory_after_{count}_mb": round(full, 1),
        "growth_in_second_half_mb": round(full - half, 1),
        "kilobytes_a_picture": round(app.taken / count / 1000, 1),
    }


def _faces(folder: Path | None, spare: Path) -> list[Pixels]:
    """Twenty faces: those of the folder, or drawn ones where there is none."""
    if folder is None or not folder.is_dir():
        write_sample(spare, count=_FACES, seed=5)
        folder = spare
    files = sorted(path for path in folder.iterdir() if path.suffix in (".jpg", ".png"))[:_FACES]
    return [np.asarray(Image.open(path).convert("RGB")) for path in files]


def _print(result: dict[str, Any]) -> None:
    """A table for people."""
    names = ("ssim", "ms", "kilobytes", "kilobytes_most", "kilobytes_deflated")
    print(f"{'':<24}" + "".join(f"{name:>20}" for name in names))
    for renderer, row in result["renderers"].items():
        print(f"{renderer:<24}" + "".join(f"{row[name]:>20}" for name in names))
    for name, value in result.items():
        if name != "renderers":
            print(f"{name}: {value}")


def main() -> None:
    """Measure in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", type=Path, default=SHARED / "data" / "cartoon_faces" / "images")
    parser.add_argument("--shown", type=int, default=5000, help="pictures of the memory test; 0: none")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.pop("NO_COLOR", None)
    with tempfile.TemporaryDirectory(prefix="workbench-rendering-") as name:
        folder = Path(name)
        result: dict[str, Any] = {"renderers": measure_renderers(_faces(options.faces, folder / "drawn"))}
        if options.shown:
            result.update(measure_memory(folder, options.shown))
    print(json.dumps(result, indent=1)) if options.json else _print(result)


if __name__ == "__main__":
    main()
