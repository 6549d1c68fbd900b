"""Several people and programs on one bench: what the desk shows, and what it says while it waits."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager

import pytest

from tests.conftest import MakeBench
from tests.tui.waiting import label_screen, press, settle, status, wait_until
from workbench.bench import Bench
from workbench.images.catalog import Catalog
from workbench.tui.app import WorkbenchApp
from workbench.tui.desk import LabelDesk


@asynccontextmanager
async def opened(bench: Bench, annotator: str, *, blind: bool = False) -> AsyncIterator[LabelDesk]:
    """A desk with all pictures."""
    with closing(Catalog(bench.images_root, bench.catalog_db)) as catalog:
        catalog.scan()
    desk = LabelDesk(bench, annotator, blind=blind)
    try:
        await desk.open()
        yield desk
    finally:
        await asyncio.to_thread(desk.close)


@contextmanager
def held(bench: Bench) -> Iterator[sqlite3.Connection]:
    """The label file, in the hands of another program."""
    with closing(sqlite3.connect(bench.labels_db, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


async def test_a_blind_desk_shows_and_counts_ones_own_answers(make_bench: MakeBench) -> None:
    bench = make_bench(2)
    async with opened(bench, "ana") as desk:
        for _ in bench.schema.heads:
            await desk.step(lambda session: session.answer("1"))
        assert desk.view is not None
        assert desk.view.progress.done == 1
    async with opened(bench, "bea", blind=True) as desk:
        assert desk.view is not None
        assert desk.view.progress.done == desk.view.position == 0
        assert desk.view.labels.answers == {}
        view = await desk.step(lambda session: session.answer("2"))
        assert view.saved
    async with opened(bench, "bea") as desk:
        assert desk.view is not None
        assert set(desk.view.labels.answers.values()) == {"yes", "none", "brown", "bald"}, "beside ana's"


async def test_a_step_waits_for_another_program_and_says_so(make_bench: MakeBench) -> None:
    told = threading.Event()
    bench = make_bench(1)
    async with opened(bench, "ana") as desk:
        desk.on_waiting = told.set
        with held(bench) as other:
            step = asyncio.ensure_future(desk.step(lambda session: session.answer("2")))
            assert await asyncio.to_thread(told.wait, 3)
            assert desk.waits
            other.execute("COMMIT")
            view = await step
        assert view.saved
        assert view.message == ""
        assert not desk.waits


async def test_the_screen_says_that_it_waits_and_then_goes_on(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    app = WorkbenchApp(bench, "ana")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await label_screen(pilot)
        with held(bench) as other:
            await pilot.press("2")
            await wait_until(pilot, lambda: "another program is writing these labels" in status(screen))
            other.execute("COMMIT")
        await settle(pilot, screen)
        assert "saved ✓" in status(screen)
        assert "another program" not in status(screen)
        assert "blind" not in app.status_line


async def test_the_header_says_that_the_pass_is_blind(make_bench: MakeBench) -> None:
    app = WorkbenchApp(make_bench(1), "bea", blind=True)
    async with app.run_test(size=(120, 40)):
        assert "bea, blind" in app.status_line


async def test_a_place_without_locks_is_warned_about_as_long_as_nothing_else_is_to_be_said(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.tui.desk.lock_warning", lambda _: "the bench's file system has no locks")
    app = WorkbenchApp(make_bench(2), "ana")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await label_screen(pilot)
        assert "the bench's file system has no locks" in status(screen)
        await press(pilot, screen, "left")
        assert "this is the first picture" in status(screen)
        await press(pilot, screen, "2")
        assert "has no locks" in status(screen)
