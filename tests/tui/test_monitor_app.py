"""The monitor of its own: what it finds to watch, what it shows of its state, where it may not write."""

import os
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.conftest import MakeBench
from tests.tui.run_folders import new_run
from tests.tui.simulated_run import SimulatedRun
from tests.tui.waiting import wait_until
from workbench.bench import Bench
from workbench.monitoring.csv_log import CsvSource
from workbench.monitoring.source import RunSource
from workbench.training.control import requests
from workbench.tui.monitor_app import MonitorApp, says_of_screens
from workbench.tui.screens.compare import CompareScreen
from workbench.tui.screens.message import MessageScreen
from workbench.tui.screens.monitor import MonitorScreen
from workbench.tui.screens.runs import RunsScreen
from workbench.tui.widgets.command_footer import CommandFooter
from workbench.tui.widgets.monitor_pane import RunLines
from workbench.tui.widgets.tab_header import TabHeader

SIZE, PHONE = (120, 40), (60, 20)


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """A bench without pictures: watching needs none."""
    return make_bench(0)


async def monitor(pilot: Pilot[Any]) -> MonitorScreen:
    """The screen."""
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, MonitorScreen))
    screen = pilot.app.screen
    assert isinstance(screen, MonitorScreen)
    return screen


async def shown(pilot: Pilot[Any], words: str) -> MonitorScreen:
    """The screen, once its status has these words."""
    screen = await monitor(pilot)
    await wait_until(pilot, lambda: words in status(screen))
    return screen


def status(screen: MonitorScreen) -> str:
    """The lines over the charts, as one."""
    return " ".join(screen.query_one("#run-status", RunLines).text().split())


def footer(screen: MonitorScreen) -> str:
    """The keys that are offered."""
    return screen.query_one(CommandFooter).text()


@pytest.mark.parametrize("size", [(160, 45), SIZE, (80, 24), PHONE])
async def test_the_newest_that_trains_is_shown_on_every_size(bench: Bench, size: tuple[int, int]) -> None:
    SimulatedRun(bench, "0002-fast").finish()
    with SimulatedRun(bench, "0001-fast") as run:
        run.start()
        run.epoch(1)
        async with MonitorApp(bench.runs_dir).run_test(size=size) as pilot:
            screen = await shown(pilot, "0001-fast · ▶ running")
            await shown(pilot, "sign of life now · data now · FOLLOW")
            await wait_until(pilot, lambda: screen.monitor.charts.up_to_date)
            assert screen.monitor.charts.region.height >= 8
            assert screen.max_scroll_y == 0
            assert "F4 Monitor" in screen.query_one(TabHeader).text()
            assert "F2 Label" not in screen.query_one(TabHeader).text()


async def test_smaller_than_a_phone_is_said_in_a_line(bench: Bench) -> None:
    async with MonitorApp(bench.runs_dir).run_test(size=(59, 19)) as pilot:
        screen = await monitor(pilot)
        await wait_until(pilot, lambda: screen.too_small)
        assert "60x20 needed" in str(screen.query_one("#too-small").render())


async def test_without_a_run_it_says_what_to_do_and_waits_for_the_first(bench: Bench) -> None:
    async with MonitorApp(bench.runs_dir).run_test(size=SIZE) as pilot:
        screen = await shown(pilot, f"no run yet; start one with: workbench train {bench.root}")
        assert "stop and save" not in footer(screen)
        await pilot.press("l", "plus", "c", "s", "space", "v", "w", "tab", "enter")
        await pilot.pause()
        with SimulatedRun(bench) as run:
            run.start()
            await shown(pilot, "0001-fast · ▶ running")


async def test_runs_is_the_other_tab_and_leads_back(bench: Bench) -> None:
    for name in ("0001-fast", "0002-sgd"):
        SimulatedRun(bench, name).finish()
    async with MonitorApp(bench.runs_dir).run_test(size=SIZE) as pilot:
        await shown(pilot, "0002-sgd · ✓ finished")
        await pilot.press("left_square_bracket")
        await shown(pilot, "0001-fast")
        await pilot.press("f6")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, RunsScreen) and pilot.app.screen.chosen)
        await pilot.press("enter")
        await shown(pilot, "0002-sgd · ✓ finished")


async def test_a_folder_without_a_bench_and_a_table_have_one_tab(bench: Bench, tmp_path: Path) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.epoch(1)
        async with MonitorApp(None, source=RunSource(run.run)).run_test(size=SIZE) as pilot:
            screen = await shown(pilot, "0001-fast · ▶ running")
            assert "F6" not in screen.query_one(TabHeader).text()
            await pilot.press("f6", "left_square_bracket")
            await shown(pilot, "there is no other run beside it")
    table = tmp_path / "history.csv"
    table.write_text("epoch,loss,val_loss\n0,2.0,2.1\n1,1.5,1.9\n")
    async with MonitorApp(None, source=CsvSource(table)).run_test(size=SIZE) as pilot:
        screen = await shown(pilot, "? watching")
        assert "last row now" in status(screen)
        assert "stop and save" not in footer(screen)
        assert "+epochs" not in footer(screen)
        await pilot.press("s", "space", "w")
        await pilot.pause()
        assert pilot.app.screen is screen


async def test_a_folder_of_somebody_else_is_shown_and_not_steered(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.access
    with SimulatedRun(bench) as run:
        run.start()
        run.epoch(1)
        monkeypatch.setattr(
            os, "access", lambda path, mode, **more: mode != os.W_OK and real(path, mode, **more)
        )
        async with MonitorApp(bench.runs_dir).run_test(size=SIZE) as pilot:
            screen = await shown(pilot, "▶ running")
            for key in ("s", "space", "k", "A", "e", "r"):
                screen.monitor.say("")
                await pilot.press(key)
                await shown(pilot, "you can watch it but not steer it")
                assert pilot.app.screen is screen
        assert requests(run.run) == ()


async def test_a_second_stop_says_what_is_under_way(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.batch(1, 1)
        async with MonitorApp(bench.runs_dir).run_test(size=SIZE) as pilot:
            screen = await shown(pilot, "▶ running")
            await pilot.press("s")
            await shown(pilot, "stop: asked at")
            await wait_until(pilot, lambda: "■" in status(screen) or "stopping" in status(screen))
            await pilot.press("s")
            await shown(pilot, "is under way; A ends it without saving")
        assert [one.action for one in requests(run.run)] == ["stop"]


async def test_several_requests_are_seen_at_once(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.batch(1, 1)
        async with MonitorApp(bench.runs_dir).run_test(size=SIZE) as pilot:
            screen = await shown(pilot, "▶ running")
            await pilot.press("k")
            await shown(pilot, "checkpoint: asked at")
            [saved] = run.control.poll()
            run.control.answer(saved)
            await pilot.press("s")
            await shown(pilot, "stop: asked at")
            assert "checkpoint: asked → taken after" in status(screen)


async def test_a_log_that_vanishes_is_said_and_what_was_read_stays(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.epoch(1)
        async with MonitorApp(bench.runs_dir).run_test(size=SIZE) as pilot:
            screen = await shown(pilot, "epoch 1/4")
            run.run.events.unlink()
            await shown(pilot, "its log has vanished")
            assert screen.monitor.snapshot is not None
            assert screen.monitor.snapshot.curves


async def test_what_could_not_be_read_is_said_with_its_reasons(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.epoch(1)
        with run.run.events.open("ab") as log:
            log.write(b"\x00\x00garbage\n{torn\n")
        async with MonitorApp(bench.runs_dir).run_test(size=SIZE) as pilot:
            screen = await shown(pilot, "2 lines of its log skipped:")
            await pilot.press("v")
            await wait_until(pilot, lambda: isinstance(pilot.app.screen, MessageScreen))
            page = pilot.app.screen
            assert isinstance(page, MessageScreen)
            assert "2 lines of its log skipped" in page.text()
            assert pilot.app.screen is not screen


async def test_several_runs_come_side_by_side_and_leave_to_the_monitor(bench: Bench) -> None:
    runs = [SimulatedRun(bench, name) for name in ("0001-fast", "0002-sgd")]
    for run in runs:
        run.start()
        run.epoch(1)
        run.finish()
    app = MonitorApp(bench.runs_dir, compared=[run.run for run in runs])
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen))
        await pilot.press("escape")
        await shown(pilot, "0002-sgd · ✓ finished")


def test_a_run_that_was_never_begun_is_starting(bench: Bench) -> None:
    assert RunSource(new_run(bench)).follow().poll(0.1).state == "starting"


def test_settings_are_read_beforehand_only_where_they_say_something(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert not says_of_screens(bench.root)
    file = bench.root / "bench.toml"
    file.write_text(file.read_text() + "\n[settings.screen]\ntitle = false\n")
    assert says_of_screens(bench.root)
    file.write_text("this is no TOML")
    assert says_of_screens(bench.root)
