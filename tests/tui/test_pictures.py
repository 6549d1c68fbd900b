"""Pictures are drawn off the drawing thread, the next ones beforehand, and late ones are dropped."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import write_pictures
from workbench.images.catalog import fingerprint
from workbench.tui.picture.cells import Pixels
from workbench.tui.picture.choice import Look
from workbench.tui.picture.view import PRESETS, View
from workbench.tui.pictures import CHANGED, DecodedPictures, PictureKey, PictureLoader

BOX = (30, 12)
BLACK = (0, 0, 0)
KITTY = Look("kitty")
EYES = View(PRESETS["eyes"], "eyes")


def key_of(path: Path, box: tuple[int, int] = BOX) -> PictureKey:
    """A picture as the screen asks for it."""
    return PictureKey(fingerprint(path), path, box, BLACK)


class SlowDisk:
    """Gives pictures out when it is allowed to, and counts."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.threads: list[str] = []
        self._read = DecodedPictures()

    def __call__(self, key: PictureKey) -> Pixels:
        """As from a fast one."""
        assert self.may.wait(10)
        self.threads.append(threading.current_thread().name)
        return self._read(key)


@pytest.fixture
def disk() -> SlowDisk:
    """One that waits."""
    return SlowDisk()


@pytest.fixture
def sent() -> list[str]:
    """What the terminal was sent beside the frames."""
    return []


@pytest.fixture
def loader(disk: SlowDisk, sent: list[str]) -> Iterator[PictureLoader]:
    """A loader with it."""
    loader = PictureLoader(sent.append, disk)
    yield loader
    disk.may.set()
    loader.close()


@pytest.fixture
def keys(tmp_path: Path) -> list[PictureKey]:
    """Some pictures."""
    return [key_of(path) for path in write_pictures(tmp_path, 12)]


async def until_ready(loader: PictureLoader, key: PictureKey) -> None:
    """Wait for a picture that nobody asked for aloud."""
    async with asyncio.timeout(10):
        while loader.ready(key) is None:
            await asyncio.sleep(0)


async def test_pictures_are_drawn_in_a_thread_and_kept(
    loader: PictureLoader, disk: SlowDisk, keys: list[PictureKey]
) -> None:
    disk.may.set()
    assert loader.ready(keys[0]) is None
    drawn = await loader.draw(keys[0])
    assert drawn is not None
    assert drawn is loader.ready(keys[0])
    assert await loader.draw(keys[0]) is drawn
    assert len(disk.threads) == 1
    assert disk.threads[0].startswith("pictures")
    assert [line.cell_length for line in drawn.lines] == [BOX[0]] * BOX[1]


async def test_the_next_pictures_are_drawn_beforehand(
    loader: PictureLoader, disk: SlowDisk, keys: list[PictureKey]
) -> None:
    disk.may.set()
    await loader.draw(keys[0], keys[1:3])
    for key in keys[1:3]:
        await until_ready(loader, key)
    assert loader.ready(keys[3]) is None


async def test_what_is_no_longer_wanted_is_not_drawn(
    loader: PictureLoader, disk: SlowDisk, keys: list[PictureKey]
) -> None:
    first = asyncio.create_task(loader.draw(keys[0]))
    await asyncio.sleep(0)
    others = [asyncio.create_task(loader.draw(key)) for key in keys[1:6]]
    await asyncio.sleep(0)
    disk.may.set()
    assert await first is not None  # it was under way
    results = await asyncio.gather(*others)
    assert [one is not None for one in results] == [False, False, False, False, True]
    assert len(disk.threads) == 2


async def test_only_the_last_few_are_kept(
    loader: PictureLoader, disk: SlowDisk, keys: list[PictureKey]
) -> None:
    disk.may.set()
    for key in keys:
        await loader.draw(key)
    kept = [loader.ready(key) is not None for key in keys]
    assert kept[-1]
    assert not kept[0]
    assert sum(kept) == 8


async def test_another_size_backdrop_view_or_way_is_another_picture(
    loader: PictureLoader, disk: SlowDisk, keys: list[PictureKey]
) -> None:
    disk.may.set()
    await loader.draw(keys[0])
    assert loader.ready(replace(keys[0], box=(10, 5))) is None
    assert loader.ready(replace(keys[0], backdrop=(9, 9, 9))) is None
    assert loader.ready(replace(keys[0], view=EYES)) is None
    assert loader.ready(replace(keys[0], look=Look("sextants"))) is None


@pytest.mark.parametrize("content", [b"", b"no picture at all", b"\xff\xd8\xff\xe0 cut off"])
async def test_a_broken_file_is_a_reason_and_no_crash(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.jpg"
    path.write_bytes(content)
    loader = PictureLoader()
    drawn = await loader.draw(key_of(path))
    loader.close()
    assert drawn is not None
    assert drawn.lines == ()
    assert drawn.problem


async def test_a_file_that_went_changed_or_became_a_folder_is_told_apart(tmp_path: Path) -> None:
    paths = write_pictures(tmp_path, 4)
    keys = [key_of(path) for path in paths]
    paths[0].unlink()
    Image.new("RGB", (9, 9)).save(paths[1])
    paths[2].unlink()
    paths[2].mkdir()
    loader = PictureLoader()
    problems = []
    for key in keys:
        drawn = await loader.draw(key)
        assert drawn is not None
        problems.append(drawn.problem)
    loader.close()
    assert problems == [
        "the file has gone; its labels are kept",
        CHANGED,
        "it is no file any more; its labels are kept",
        "",
    ]


async def test_a_file_that_was_put_right_is_read_again_when_asked(tmp_path: Path) -> None:
    path = write_pictures(tmp_path, 1)[0]
    key, content = key_of(path), path.read_bytes()
    path.unlink()
    loader = PictureLoader()
    broken = await loader.draw(key)
    path.write_bytes(content)
    still = await loader.draw(key)
    loader.forget_problems()
    mended = await loader.draw(key)
    loader.close()
    assert broken is not None
    assert broken is still
    assert mended is not None
    assert not mended.problem


@pytest.mark.parametrize("size", [(1, 1), (3, 400), (400, 3), (640, 480), (2000, 1500)])
async def test_pictures_of_every_shape_fill_the_box_and_keep_their_aspect(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    path = tmp_path / "one.png"
    Image.new("RGB", size, (250, 250, 250)).save(path)
    loader = PictureLoader()
    drawn = await loader.draw(key_of(path))
    loader.close()
    assert drawn is not None
    assert [line.cell_length for line in drawn.lines] == [BOX[0]] * BOX[1]
    bright = [
        sum(
            len(text)
            for text, style, _ in line
            if style is not None and style.bgcolor is not None and style.bgcolor.triplet is not None
            if style.bgcolor.triplet.red > 200
        )
        for line in drawn.lines
    ]
    rows, columns = sum(map(bool, bright)), max(bright)
    assert rows == BOX[1] or columns == BOX[0]
    assert abs(columns / size[0] - 2 * rows / size[1]) <= max(1.5 / size[0], 3 / size[1])


def test_a_whole_picture_is_decoded_as_large_as_the_place_and_a_part_in_full(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    ramp = np.linspace(0, 255, 3000).astype(np.uint8)
    Image.fromarray(np.repeat(ramp[None, :], 3000, axis=0)).save(path)
    read = DecodedPictures()
    assert max(read(key_of(path, (40, 20))).shape) <= 400
    zoomed = replace(key_of(path, (40, 20)), view=EYES)
    assert read(zoomed).shape == (3000, 3000, 3)
    path.unlink()
    assert read(zoomed).shape == (3000, 3000, 3)  # kept for the next zoom


async def test_kitty_gets_a_picture_before_its_cells_and_once_only(
    loader: PictureLoader, disk: SlowDisk, sent: list[str], keys: list[PictureKey]
) -> None:
    disk.may.set()
    key, *later = (replace(one, look=KITTY) for one in keys[:3])
    drawn = await loader.draw(key, later)
    assert drawn is not None
    assert drawn.drawing.transmission in sent
    for one in later:
        await until_ready(loader, one)
    async with asyncio.timeout(10):
        while len(sent) < 3:
            await asyncio.sleep(0)
    loader.ready(key)
    await loader.draw(key, later)
    numbers = [text.partition(",i=")[2].partition(",")[0] for text in sent]
    assert len(sent) == len(set(numbers)) == 3


async def test_pictures_that_are_not_kept_are_taken_from_the_terminal(
    loader: PictureLoader, disk: SlowDisk, sent: list[str], keys: list[PictureKey]
) -> None:
    disk.may.set()
    for key in keys:
        await loader.draw(replace(key, look=KITTY))
    assert "".join(sent).count("a=d,d=I") == len(keys) - 8
    last = loader.ready(replace(keys[-1], look=KITTY))
    loader.close()
    assert "".join(sent).count("a=d,d=I") == len(keys)
    before = list(sent)
    assert last is not None
    loader._send(last)  # one that came too late
    assert sent == before
