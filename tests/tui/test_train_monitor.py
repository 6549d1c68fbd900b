"""Watching a run: live curves, re-attaching, stopping, and every way in which a run can end."""

import re
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.conftest import MakeBench
from tests.tui.simulated_run import BATCHES, SimulatedRun
from tests.tui.waiting import wait_until
from workbench.bench import Bench
from workbench.tui.app import WorkbenchApp
from workbench.tui.chart_view import ChartView
from workbench.tui.commands import offered
from workbench.tui.screens.message import MessageScreen
from workbench.tui.screens.train import TrainScreen
from workbench.tui.widgets.chart_board import layout
from workbench.tui.widgets.chart_grid import ChartGrid
from workbench.tui.widgets.chart_panel import ChartPanel
from workbench.tui.widgets.command_footer import CommandFooter
from workbench.tui.widgets.head_list import HeadList
from workbench.tui.widgets.monitor_pane import RunLines

SIZE = (120, 40)


def app_of(bench: Bench, watched: str = "") -> WorkbenchApp:
    """The workbench on its Train tab."""
    return WorkbenchApp(bench, "ana", first_screen="train", watched_run=watched)


async def monitor(pilot: Pilot[Any], name: str = "0001-fast") -> TrainScreen:
    """The Train screen with everything that is in the log so far on its charts."""
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, TrainScreen))
    screen = pilot.app.screen
    assert isinstance(screen, TrainScreen)
    await wait_until(pilot, lambda: screen.opened and screen.run is not None and screen.run.name == name)
    await drawn(pilot, screen, name)
    return screen


async def drawn(pilot: Pilot[Any], screen: TrainScreen, name: str = "0001-fast") -> None:
    """Until the charts show what the screen knows."""

    def settled() -> bool:
        snapshot = screen.monitor.snapshot
        there = snapshot is not None and snapshot.name == name and screen.monitor.ready
        return there and screen.monitor.charts.up_to_date

    await wait_until(pilot, settled)
    await pilot.pause()


def status(screen: TrainScreen) -> str:
    """The lines over the charts, as one."""
    return " ".join(screen.query_one("#run-status", RunLines).text().split())


def events(screen: TrainScreen) -> str:
    """The lines under the charts."""
    return screen.query_one("#run-events", RunLines).text()


def charts(screen: TrainScreen) -> list[str]:
    """Every chart's text, in order."""
    return [panel.text() for panel in panels(screen)]


def panels(screen: TrainScreen) -> list[ChartPanel]:
    """Every chart that has a place, in order; the list of heads is none."""
    return [one for one in screen.query(ChartPanel) if one.display and not isinstance(one, HeadList)]


def footer(screen: TrainScreen) -> str:
    """The keys that are offered."""
    return screen.query_one(CommandFooter).text()


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """A bench without pictures: watching needs none."""
    return make_bench(0)


@pytest.mark.parametrize("size", [SIZE, (80, 24), (200, 60)])
async def test_loss_and_every_head_are_drawn_and_go_on_live(bench: Bench, size: tuple[int, int]) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.epoch(1)
        async with app_of(bench).run_test(size=size) as pilot:
            screen = await monitor(pilot)
            assert "0001-fast · ▶ running · epoch 1/4" in status(screen)
            assert "14.2 images/s · 3 min left" in status(screen)
            found = charts(screen)
            assert len(found) == 1 + len(bench.schema.heads)
            assert found[0].startswith("all heads")
            assert "⠒" in found[0]
            assert "▀" in found[0]
            if size != (80, 24):
                assert "majority 0.600" in found[1]
            before = found[0]
            run.epoch(2)
            await wait_until(pilot, lambda: "epoch 2/4" in status(screen))
            await drawn(pilot, screen)
            assert charts(screen)[0] != before
            assert "0.736" in charts(screen)[0]  # 2 exp(-1), the newest value of the validation


async def test_at_80_by_24_the_charts_stack_and_scroll_to_the_last_one(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.epoch(1)
        async with app_of(bench).run_test(size=(80, 24)) as pilot:
            screen = await monitor(pilot)
            grid = screen.query_one(ChartGrid)
            shown = panels(screen)
            assert all(panel.size.height >= 8 and panel.size.width >= 36 for panel in shown)
            await pilot.press("pagedown", "pagedown")
            await wait_until(pilot, lambda: grid.scroll_y == grid.max_scroll_y > 0)
            await drawn(pilot, screen)
            assert shown[-1].text().startswith("hair top")
            await pilot.press("up", "up", "up", "up")
            await wait_until(pilot, lambda: grid.scroll_y == 0)


async def test_coming_back_shows_the_whole_curve_and_goes_on(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.epoch(1)
        async with app_of(bench).run_test(size=SIZE) as pilot:
            await monitor(pilot)
            await pilot.press("q")
        assert run.run.alive()
        run.epoch(2)
        run.epoch(3)
        async with app_of(bench).run_test(size=SIZE) as pilot:
            screen = await monitor(pilot)
            panel = panels(screen)[0]
            assert panel.drawn is not None
            assert panel.drawn.train is not None
            assert len(panel.drawn.train) == 3 * BATCHES
            assert panel.drawn.validation is not None
            assert panel.drawn.validation.places.tolist() == [1.0, 2.0, 3.0]
            run.batch(4, 1)
            await wait_until(pilot, lambda: f"batch 1/{BATCHES}" in status(screen))


async def test_the_newest_run_that_trains_comes_first_then_the_newest(bench: Bench) -> None:
    old, new = SimulatedRun(bench, "0001-fast"), SimulatedRun(bench, "0002-fast")
    new.finish()
    async with app_of(bench).run_test(size=SIZE) as pilot:
        await monitor(pilot, "0001-fast")
    old.end()
    async with app_of(bench).run_test(size=SIZE) as pilot:
        screen = await monitor(pilot, "0002-fast")
        assert "✓ finished" in status(screen)
    async with app_of(bench, watched="0001-fast").run_test(size=SIZE) as pilot:
        await monitor(pilot, "0001-fast")


async def test_brackets_go_from_run_to_run_and_stop_at_the_ends(bench: Bench) -> None:
    for name in ("0001-fast", "0002-sgd", "0003-fast"):
        SimulatedRun(bench, name).finish()
    async with app_of(bench).run_test(size=SIZE) as pilot:
        screen = await monitor(pilot, "0003-fast")
        assert "run 3 of 3" in status(screen)
        await pilot.press("left_square_bracket")
        await wait_until(pilot, lambda: "0002-sgd" in status(screen))
        await pilot.press("left_square_bracket")
        await wait_until(pilot, lambda: "0001-fast" in status(screen))
        await pilot.press("left_square_bracket")
        await wait_until(pilot, lambda: "that is the oldest run" in status(screen))
        await pilot.press("right_square_bracket")
        await wait_until(pilot, lambda: "0002-sgd" in status(screen))
        assert "oldest" not in status(screen)


async def test_stop_is_shown_as_asked_taken_done(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.batch(1, 1)
        async with app_of(bench).run_test(size=SIZE) as pilot:
            screen = await monitor(pilot)
            assert "s stop and save" in footer(screen)
            await pilot.press("s")
            await wait_until(pilot, lambda: "stop: asked at" in status(screen))
            assert "stopping" in status(screen)
            assert [one.action for one in run.control.poll()] == ["stop"]
            await wait_until(pilot, lambda: "stop: asked → taken after" in status(screen))
            run.log.emit("stopped", text="after batch 1", epoch=1)
            run.control.done()
            run.end()
            await wait_until(pilot, lambda: "■ stopped" in status(screen))
            assert re.search(r"asked → taken after [\d.]+ s → done after [\d.]+ s", status(screen))
            assert "stopped: after batch 1" in events(screen)
            await wait_until(pilot, lambda: "stop and save" not in footer(screen))


async def test_stopping_a_run_that_has_just_ended_is_refused_in_words(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.batch(1, 1)
        async with app_of(bench).run_test(size=SIZE) as pilot:
            screen = await monitor(pilot)
            run.finish()
            screen.action_stop()  # the key was pressed before the screen knew
            await wait_until(pilot, lambda: "is not running (it finished)" in status(screen))


async def test_a_run_that_died_says_so_and_where_its_log_is(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.batch(1, 3)
        async with app_of(bench).run_test(size=SIZE) as pilot:
            screen = await monitor(pilot)
            run.end()  # as the kernel does after SIGKILL: no word, no lock
            await wait_until(pilot, lambda: "✗ died" in status(screen))
            assert "ended without a word" in status(screen)
            assert "worker.log" in status(screen).replace(" ", "")
            assert "images/s" not in status(screen)
            await pilot.press("w")
            await wait_until(pilot, lambda: isinstance(pilot.app.screen, MessageScreen))
            message = pilot.app.screen
            assert isinstance(message, MessageScreen)
            assert "the worker's first words" in message.text()


async def test_a_run_that_failed_says_why_without_obeying_its_words(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.log.emit("failed", cause="out of\x1b[2J memory [bold]now", log="worker.log")
        run.log.note("a note with \x1b]0;title\x07 in it")
    async with app_of(bench).run_test(size=SIZE) as pilot:
        screen = await monitor(pilot)
        assert "✗ failed" in status(screen)
        assert "out of\\e[2J memory [bold]now" in status(screen)
        assert "\\e]0;title\\x07" in events(screen)
        await pilot.press("v")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, MessageScreen))
        message = pilot.app.screen
        assert isinstance(message, MessageScreen)
        assert "\\e]0;title\\x07" in message.text()


async def test_before_the_first_batch_its_phase_is_shown(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.log.phase("data", "reading pictures")
        async with app_of(bench).run_test(size=SIZE) as pilot:
            screen = await monitor(pilot)
            assert "data: reading pictures" in status(screen)
            assert "first batches are on their way" in status(screen)
            assert "events  nothing yet" in events(screen)
            run.log.emit("progress", done=120, total=400)
            await wait_until(pilot, lambda: "data: 120/400" in status(screen))


async def test_l_shows_another_figure_m_smooths_x_changes_the_axis(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.epoch(1)
        async with app_of(bench).run_test(size=SIZE) as pilot:
            screen = await monitor(pilot)
            for metric in ("loss", "macro-F1", "accuracy"):
                await pilot.press("l")
                await drawn(pilot, screen)
                assert f"{metric} of heads" in status(screen)
                assert charts(screen)[1].startswith(f"wrinkles  {metric}")
                assert ("majority" in charts(screen)[1]) == (metric == "accuracy")
                assert charts(screen)[0].startswith("all heads  loss")
            for words in ("mean of 50", "mean of 200", "not smoothed", "mean of 10"):
                before = charts(screen)[0]
                await pilot.press("m")
                await drawn(pilot, screen)
                assert words in status(screen)
                assert charts(screen)[0] != before
            assert charts(screen)[0].splitlines()[-1].split()[-1] == "1.0"
            await pilot.press("x")
            await drawn(pilot, screen)
            assert "· steps" in status(screen)
            assert charts(screen)[0].splitlines()[-1].split()[-1] == "10"
            await pilot.press("0")
            await drawn(pilot, screen)
            assert "all planned steps" in status(screen)
            assert charts(screen)[0].splitlines()[-1].split()[-1] == "40"


async def test_a_value_that_is_no_number_is_marked_in_curve_and_legend(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.batch(1, 1)
        run.batch(1, 2, loss=float("nan"))
        async with app_of(bench).run_test(size=SIZE) as pilot:
            screen = await monitor(pilot)
            assert "× train no number" in charts(screen)[0]
            assert charts(screen)[0].count("×") == 2
            run.batch(1, 3)
            await wait_until(pilot, lambda: "batch 3/" in status(screen))
            await drawn(pilot, screen)
            assert "⠒ train" in charts(screen)[0]
            assert charts(screen)[0].count("×") == 1


async def test_tab_chooses_a_chart_and_enter_enlarges_it(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.epoch(1)
        async with app_of(bench).run_test(size=(80, 24)) as pilot:
            screen = await monitor(pilot)
            grid = screen.query_one(ChartGrid)
            await pilot.press("shift+tab")
            await drawn(pilot, screen)
            assert grid.chosen is not None
            assert grid.chosen.head == bench.schema.heads[-1].name
            assert grid.scroll_y > 0  # it is brought into sight
            await pilot.press("enter")
            await drawn(pilot, screen)
            assert len(charts(screen)) == 1
            assert "hair top  accuracy" in charts(screen)[0]
            assert grid.chosen.size.height >= 15
            await pilot.press("tab")
            await drawn(pilot, screen)
            assert charts(screen)[0].startswith("all heads")
            await pilot.press("escape")
            await drawn(pilot, screen)
            assert len(charts(screen)) == 1 + len(bench.schema.heads)


async def test_another_size_and_other_colours_draw_anew(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.epoch(1)
        async with app_of(bench).run_test(size=SIZE) as pilot:
            screen = await monitor(pilot)
            panel = panels(screen)[0]
            wide = panel.size.width
            await pilot.resize_terminal(90, 30)
            await wait_until(pilot, lambda: panel.size.width != wide)
            await drawn(pilot, screen)
            assert all(len(line) <= panel.size.width for line in panel.text().splitlines())
            before = [segment.style for y in range(4) for segment in panel.render_line(y)]
            pilot.app.theme = "textual-light"
            await wait_until(
                pilot,
                lambda: before != [segment.style for y in range(4) for segment in panel.render_line(y)],
            )


async def test_on_another_tab_nothing_is_drawn_and_coming_back_catches_up(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.epoch(1)
        async with app_of(bench).run_test(size=SIZE) as pilot:
            screen = await monitor(pilot)
            grid = screen.query_one(ChartGrid)
            await pilot.press("f3")
            await wait_until(pilot, lambda: grid.paused)
            rounds, before = grid.rounds, charts(screen)
            run.epoch(2)
            await wait_until(
                pilot, lambda: screen.monitor.snapshot is not None and screen.monitor.snapshot.epoch == 2
            )
            await pilot.pause()
            assert charts(screen) == before
            assert grid.rounds == rounds
            await pilot.press("f4")
            await drawn(pilot, screen)
            assert charts(screen) != before


async def test_leaving_ends_the_reader_and_the_run_goes_on(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.batch(1, 1)
        async with app_of(bench).run_test(size=SIZE) as pilot:
            screen = await monitor(pilot)
            assert screen._watcher is not None
            thread = screen._watcher.thread
            assert thread.is_alive()
            await pilot.press("q")
            await pilot.pause()
        thread.join(5)
        assert not thread.is_alive()
        assert run.run.alive()


async def test_forty_heads_have_a_chart_each(make_bench: MakeBench, tmp_path: Any) -> None:
    schema = tmp_path / "many.toml"
    heads = "".join(f'[[heads]]\nname = "head_{i}"\nclasses = ["no", "yes"]\n' for i in range(40))
    schema.write_text(f'name = "many"\n[exclusion]\nname = "none"\nkey = "x"\n{heads}')
    bench = make_bench(0, schema=schema)
    with SimulatedRun(bench) as run:
        run.start()
        run.epoch(1)
        async with app_of(bench).run_test(size=SIZE) as pilot:
            screen = await monitor(pilot)
            assert len(panels(screen)) == 41
            assert panels(screen)[-1].text() == ""  # out of sight, so it was not drawn
            await pilot.press("shift+tab")
            await drawn(pilot, screen)
            assert panels(screen)[-1].text().startswith("head 39")


async def test_an_unreadable_run_is_no_traceback(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.run.run_json.write_text("{ torn")
        run.run.events.write_bytes(b"\x00garbage\n{]\n" * 10)
    async with app_of(bench).run_test(size=SIZE) as pilot:
        screen = await monitor(pilot)
        assert "✗ died" in status(screen)
        assert charts(screen)[0].startswith("all heads")


@pytest.mark.parametrize(
    ("count", "width", "height", "expected"),
    [
        (6, 118, 32, (3, 16)),
        (6, 78, 16, (2, 8)),
        (6, 198, 50, (3, 25)),
        (1, 118, 32, (1, 32)),
        (41, 118, 32, (3, 8)),
        (6, 30, 5, (1, 5)),
    ],
)
def test_charts_are_as_large_as_fits_or_as_small_as_can_be_read(
    count: int, width: int, height: int, expected: tuple[int, int]
) -> None:
    assert layout(count, width, height) == expected


def test_help_explains_every_line_of_a_chart() -> None:
    assert all(mark in TrainScreen.HELP for mark in "⠒▀·×")
    assert re.search(r"quitting or losing the line does\s+not touch it", TrainScreen.HELP)


async def test_a_long_log_says_that_it_is_read(bench: Bench) -> None:
    async with app_of(bench).run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, TrainScreen))
        screen = pilot.app.screen
        assert isinstance(screen, TrainScreen)
        screen.monitor.expect("0007-\x1b[1mlong")
        screen._show_view("monitor")
        await wait_until(pilot, lambda: "reading 0007-\\e[1mlong …" in status(screen))


async def test_the_palette_offers_what_works_in_the_view(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.batch(1, 1)
        async with app_of(bench).run_test(size=SIZE) as pilot:
            screen = await monitor(pilot)
            titles = {command.title for command in offered(screen)}
            assert {"Stop and save", "Smoothing", "New run"} <= titles
            assert "Start the run" not in titles
            await pilot.press("n")
            await wait_until(pilot, lambda: screen.view == "setup" and screen.setup.setup is not None)
            titles = {command.title for command in offered(screen)}
            assert {"Start the run", "Next preset", "Back"} <= titles
            assert "Stop and save" not in titles
            await pilot.press("l", "m", "x", "s", "tab")  # keys of the other view do nothing here
            await pilot.pause()
            assert run.control.poll() == ()
            assert screen.monitor.charts.view == ChartView()
