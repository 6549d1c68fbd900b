"""Pictures are drawn off the drawing thread, the next ones beforehand, and late ones are dropped."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import write_pictures
from workbench.tui.cells import CellPicture, Pixels, QuadrantRenderer, mosaic
from workbench.tui.pictures import PictureKey, PictureLoader, draw_file

BOX = (30, 12)
BLACK = (0, 0, 0)


class SlowRenderer:
    """Draws when it is allowed to, and counts."""

    name = "slow"

    def __init__(self) -> None:
        self.may = threading.Event()
        self.threads: list[str] = []

    def render(self, image: Pixels, columns: int, rows: int) -> CellPicture:
        """As quadrants."""
        assert self.may.wait(10)
        self.threads.append(threading.current_thread().name)
        return QuadrantRenderer().render(image, columns, rows)


@pytest.fixture
def renderer() -> SlowRenderer:
    """One that waits."""
    return SlowRenderer()


@pytest.fixture
def loader(renderer: SlowRenderer) -> Iterator[PictureLoader]:
    """A loader with it."""
    loader = PictureLoader(renderer)
    yield loader
    renderer.may.set()
    loader.close()


@pytest.fixture
def keys(tmp_path: Path) -> list[PictureKey]:
    """Some pictures."""
    return [PictureKey(f"{n:032x}", path, BOX, BLACK) for n, path in enumerate(write_pictures(tmp_path, 12))]


async def until_ready(loader: PictureLoader, key: PictureKey) -> None:
    """Wait for a picture that nobody asked for aloud."""
    async with asyncio.timeout(10):
        while loader.ready(key) is None:
            await asyncio.sleep(0)


async def test_pictures_are_drawn_in_a_thread_and_kept(
    loader: PictureLoader, renderer: SlowRenderer, keys: list[PictureKey]
) -> None:
    renderer.may.set()
    assert loader.ready(keys[0]) is None
    drawn = await loader.draw(keys[0])
    assert drawn is not None
    assert drawn is loader.ready(keys[0])
    assert await loader.draw(keys[0]) is drawn
    assert len(renderer.threads) == 1
    assert renderer.threads[0].startswith("pictures")
    assert [line.cell_length for line in drawn.lines] == [BOX[0]] * BOX[1]


async def test_the_next_pictures_are_drawn_beforehand(
    loader: PictureLoader, renderer: SlowRenderer, keys: list[PictureKey]
) -> None:
    renderer.may.set()
    await loader.draw(keys[0], keys[1:3])
    for key in keys[1:3]:
        await until_ready(loader, key)
    assert loader.ready(keys[3]) is None


async def test_what_is_no_longer_wanted_is_not_drawn(
    loader: PictureLoader, renderer: SlowRenderer, keys: list[PictureKey]
) -> None:
    first = asyncio.create_task(loader.draw(keys[0]))
    await asyncio.sleep(0)
    others = [asyncio.create_task(loader.draw(key)) for key in keys[1:6]]
    await asyncio.sleep(0)
    renderer.may.set()
    assert await first is not None  # it was under way
    results = await asyncio.gather(*others)
    assert [one is not None for one in results] == [False, False, False, False, True]
    assert len(renderer.threads) == 2


async def test_only_the_last_few_are_kept(
    loader: PictureLoader, renderer: SlowRenderer, keys: list[PictureKey]
) -> None:
    renderer.may.set()
    for key in keys:
        await loader.draw(key)
    kept = [loader.ready(key) is not None for key in keys]
    assert kept[-1]
    assert not kept[0]
    assert sum(kept) == 8


async def test_another_size_or_backdrop_is_another_picture(
    loader: PictureLoader, renderer: SlowRenderer, keys: list[PictureKey]
) -> None:
    renderer.may.set()
    await loader.draw(keys[0])
    assert loader.ready(PictureKey(keys[0].fingerprint, keys[0].path, (10, 5), BLACK)) is None
    assert loader.ready(PictureKey(keys[0].fingerprint, keys[0].path, BOX, (9, 9, 9))) is None


@pytest.mark.parametrize("content", [b"", b"no picture at all", b"\xff\xd8\xff\xe0 cut off"])
async def test_a_broken_file_is_a_reason_and_no_crash(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.jpg"
    path.write_bytes(content)
    loader = PictureLoader()
    drawn = await loader.draw(PictureKey("0" * 32, path, BOX, BLACK))
    loader.close()
    assert drawn is not None
    assert drawn.lines == ()
    assert drawn.problem


@pytest.mark.parametrize("size", [(1, 1), (3, 400), (400, 3), (640, 480), (2000, 1500)])
def test_pictures_of_every_shape_fill_the_box_and_keep_their_aspect(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    path = tmp_path / "one.png"
    Image.new("RGB", size, (250, 250, 250)).save(path)
    lines = draw_file(path, BOX, BLACK, QuadrantRenderer())
    assert [line.cell_length for line in lines] == [BOX[0]] * BOX[1]
    bright = [
        sum(
            len(text)
            for text, style, _ in line
            if style is not None and style.bgcolor is not None and style.bgcolor.triplet is not None
            if style.bgcolor.triplet.red > 200
        )
        for line in lines
    ]
    rows, columns = sum(map(bool, bright)), max(bright)
    assert rows == BOX[1] or columns == BOX[0]
    assert abs(columns / size[0] - 2 * rows / size[1]) <= max(1.5 / size[0], 3 / size[1])


def test_a_picture_larger_than_the_box_is_not_decoded_in_full(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    ramp = np.linspace(0, 255, 3000).astype(np.uint8)
    Image.fromarray(np.repeat(ramp[None, :], 3000, axis=0)).save(path)
    lines = draw_file(path, (40, 20), BLACK, QuadrantRenderer())
    shades = [style.bgcolor.triplet.red for _, style, _ in lines[10] if style and style.bgcolor]  # type: ignore[union-attr]
    assert shades == sorted(shades)  # a ramp stays one


def test_a_mosaic_places_each_picture_in_its_cell() -> None:
    colours = [(200, 0, 0), (0, 200, 0), (0, 0, 200)]
    tiles = [QuadrantRenderer().render(np.full((8, 8, 3), colour, np.uint8), 4, 2) for colour in colours]
    whole = mosaic(tiles, 2, (5, 5, 5))
    assert whole.size == (10, 5)
    assert whole.background[0, 0].tolist() == [200, 0, 0]
    assert whole.background[0, 4].tolist() == [5, 5, 5]
    assert whole.background[1, 9].tolist() == [0, 200, 0]
    assert whole.background[2, 0].tolist() == [5, 5, 5]
    assert whole.background[4, 3].tolist() == [0, 0, 200]
    assert whole.background[4, 9].tolist() == [5, 5, 5]
