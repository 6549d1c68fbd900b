"""The desk does one step after the other off the drawing thread, and gives back views that never change."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import FrozenInstanceError

import pytest

from tests.conftest import MakeBench, write_pictures
from workbench.annotation.session import LabelSession
from workbench.annotation.store import LabelStore
from workbench.bench import Bench
from workbench.errors import BenchError, InputError, WorkbenchError
from workbench.images.catalog import ScanProgress
from workbench.tui.desk import LabelDesk, look_again


@asynccontextmanager
async def opened(bench: Bench, *, scan: bool = True) -> AsyncIterator[LabelDesk]:
    """A desk with all pictures found."""
    desk = LabelDesk(bench, "ana")
    try:
        await desk.open()
        if scan:
            await desk.scan(lambda _: None, lambda: None)
            await desk.extend()
        yield desk
    finally:
        await asyncio.to_thread(desk.close)


async def test_a_view_is_frozen_and_says_what_the_step_did(make_bench: MakeBench) -> None:
    async with opened(make_bench(2)) as desk:
        before = desk.view
        after = await desk.step(lambda session: session.answer("2"))
        assert after is desk.view
        assert after is not before
        assert after.saved is True
        assert dict(after.labels.answers) == {"wrinkles": "yes"}
        assert after.head.name == "freckles"
        assert before is not None
        assert dict(before.labels.answers) == {}
        with pytest.raises(FrozenInstanceError):
            after.position = 5  # type: ignore[misc]


async def test_steps_are_done_in_one_thread_in_the_order_in_which_they_were_asked_for(
    make_bench: MakeBench,
) -> None:
    threads: list[str] = []

    def step(key: str) -> Callable[[LabelSession], None]:
        def do(session: LabelSession) -> None:
            threads.append(threading.current_thread().name)
            session.answer(key)

        return do

    async with opened(make_bench(4)) as desk:
        keys = ["1", "2", "3", "4", "1", "2", "1", "2", "5", "2"]
        await asyncio.gather(*(desk.step(step(key)) for key in keys))
        assert len(set(threads)) == 1
        assert threads[0].startswith("labels")
        assert desk.view is not None
        assert desk.view.position == 2
        done = await desk.run(lambda: desk.store.all_labels())
        found = sorted(tuple(one.answers.values()) for one in done.values() if one.answers)
        assert found == [
            ("none", "yes", "sunglasses", "blond", "bald"),
            ("yes", "none", "normal", "red", "few"),
        ]


async def test_the_next_two_pictures_are_named_so_that_they_can_be_drawn_beforehand(
    make_bench: MakeBench,
) -> None:
    async with opened(make_bench(4)) as desk:
        assert desk.view is not None
        assert [picture.name for picture, _ in desk.view.ahead] == ["0001.jpg", "0002.jpg"]
        assert all(path.is_file() for _, path in desk.view.ahead)
        last = await desk.step(lambda session: session.go_to(session.total - 1))
        assert last.ahead == ()
        assert last.path is not None
        assert last.path.name == "0003.jpg"


async def test_a_refused_step_is_a_view_that_says_so(make_bench: MakeBench) -> None:
    def refuse(_: LabelSession) -> None:
        raise WorkbenchError("the disk is full", cure="free some space")

    async with opened(make_bench(1)) as desk:
        view = await desk.step(refuse)
        assert view.saved is False
        assert view.message == "the disk is full; free some space"
        assert (await desk.step(look_again)).saved is None


async def test_what_is_open_stays_open(make_bench: MakeBench) -> None:
    async with opened(make_bench(2)) as desk:
        store = desk.store
        await desk.step(lambda session: session.next_picture())
        view = await desk.open()
        assert desk.store is store
        assert view.position == 1


async def test_pictures_of_the_last_time_are_there_before_any_scan(make_bench: MakeBench) -> None:
    bench = make_bench(3)
    async with opened(bench):
        pass
    async with opened(bench, scan=False) as desk:
        assert desk.view is not None
        assert desk.view.total == 3


async def test_new_pictures_join_the_queue_and_the_place_is_kept(make_bench: MakeBench) -> None:
    bench = make_bench(3)
    async with opened(bench) as desk:
        here = await desk.step(lambda session: session.next_picture())
        write_pictures(bench.images_root, 2, start=10)
        said: list[ScanProgress] = []
        found = threading.Event()
        report = await desk.scan(said.append, found.set)
        assert (report.pictures, report.new, report.finished) == (5, 2, True)
        assert found.is_set()
        assert said
        view = await desk.extend()
        assert view.total == 5
        assert view.picture == here.picture


async def test_closing_interrupts_a_scan_and_the_next_one_goes_on(make_bench: MakeBench) -> None:
    bench = make_bench(480)  # more than is found before the closing, on a busy machine too
    desk = LabelDesk(bench, "ana")
    await desk.open()
    first = threading.Event()
    scan = asyncio.create_task(desk.scan(lambda _: first.set(), lambda: None))
    await asyncio.to_thread(first.wait, 10)
    await asyncio.to_thread(desk.close)
    report = await scan
    assert not report.finished
    async with opened(bench) as again:
        assert again.view is not None
        assert again.view.total == 480


async def test_a_folder_that_is_gone_is_said_by_the_scan(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    for path in bench.images_root.iterdir():
        path.unlink()
    bench.images_root.rmdir()
    desk = LabelDesk(bench, "ana")
    await desk.open()
    with pytest.raises(InputError):
        await desk.scan(lambda _: None, lambda: None)
    await asyncio.to_thread(desk.close)


async def test_labels_of_a_newer_version_are_refused(make_bench: MakeBench) -> None:
    import sqlite3

    bench = make_bench(1)
    LabelStore(bench.labels_db, bench.schema).close()
    with sqlite3.connect(bench.labels_db) as connection:
        connection.execute("UPDATE meta SET value = '999' WHERE key = 'version'")
    connection.close()
    desk = LabelDesk(bench, "ana")
    with pytest.raises(BenchError, match="999"):
        await desk.open()
    await asyncio.to_thread(desk.close)


async def test_something_is_met_for_the_first_time_once(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    async with opened(bench) as desk:
        assert await desk.first_time("welcomed")
        assert not await desk.first_time("welcomed")
        assert await desk.first_time("other")
    async with opened(bench) as desk:
        assert not await desk.first_time("welcomed")


async def test_copies_are_known(make_bench: MakeBench) -> None:
    bench = make_bench(2)
    (bench.images_root / "copy.jpg").write_bytes((bench.images_root / "0000.jpg").read_bytes())
    async with opened(bench) as desk:
        assert desk.view is not None
        assert desk.view.total == 2
        assert desk.view.copies
        aside, copies = await desk.set_aside()
        assert aside == ()
        assert copies == (("0000.jpg", "copy.jpg"),)


async def test_a_read_only_bench_opens_without_leaving_anything_behind(make_bench: MakeBench) -> None:
    bench = make_bench(2)
    closed = Bench(bench.root, bench.images_root, bench.schema, bench.settings_table, writable=False)
    async with opened(closed, scan=False) as desk:
        assert not desk.can_write
        view = await desk.step(lambda session: session.answer("1"))
        assert view.saved is not True
    assert not bench.labels_db.exists()
