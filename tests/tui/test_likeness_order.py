"""The order of likeness is worked out beside the labelling, told, kept, and given up when asked."""

import asyncio
import threading
from pathlib import Path

from tests.conftest import write_pictures
from workbench.tui.likeness import LikenessOrder


def wanted(paths: list[Path]) -> list[tuple[str, Path]]:
    """Fingerprint and path of each."""
    return [(f"{number:032x}", path) for number, path in enumerate(paths)]


async def test_every_picture_has_a_place_and_the_progress_is_told_from_the_thread(tmp_path: Path) -> None:
    pictures = wanted(write_pictures(tmp_path / "faces", 7))
    told: list[tuple[int, int, str]] = []
    order = LikenessOrder(tmp_path / "cache")
    walk = await order.walk(
        pictures, lambda done, of: told.append((done, of, threading.current_thread().name))
    )
    order.close()
    assert walk is not None
    assert sorted(walk) == [fingerprint for fingerprint, _ in pictures]
    assert sorted(walk.values()) == list(range(7))
    assert told[-1][:2] == (7, 7)
    assert told[-1][2].startswith("likeness")


async def test_a_second_time_only_new_pictures_are_read(tmp_path: Path) -> None:
    paths = write_pictures(tmp_path / "faces", 4)
    order = LikenessOrder(tmp_path / "cache")
    before = await order.walk(wanted(paths), lambda *_: None)
    for path in paths:
        path.unlink()
    again = LikenessOrder(tmp_path / "cache")
    assert await again.walk(wanted(paths), lambda *_: None) == before
    order.close()
    again.close()


async def test_pictures_that_cannot_be_read_come_last(tmp_path: Path) -> None:
    paths = write_pictures(tmp_path / "faces", 4)
    paths[0].unlink()
    paths[2].write_bytes(b"")
    order = LikenessOrder(tmp_path / "cache")
    walk = await order.walk(wanted(paths), lambda *_: None)
    order.close()
    assert walk is not None
    assert {walk[f"{number:032x}"] for number in (0, 2)} == {2, 3}


async def test_closing_gives_it_up_soon_and_keeps_what_is_done(tmp_path: Path) -> None:
    paths = write_pictures(tmp_path / "faces", 60)
    order = LikenessOrder(tmp_path / "cache")
    first, closed = threading.Event(), threading.Event()

    def told(_done: int, _of: int) -> None:
        first.set()
        closed.wait(10)

    walking = asyncio.create_task(order.walk(wanted(paths), told))
    await asyncio.to_thread(first.wait, 10)
    order.close()
    closed.set()
    assert await asyncio.wait_for(walking, 10) is None
    assert (tmp_path / "cache" / "likeness-1.bin").stat().st_size == 24 * 50
