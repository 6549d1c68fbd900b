"""Comparing runs on the screen: a line a run in each chart, tables of what differs, runs that still grow."""

import json
import queue
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.style import Style
from textual.pilot import Pilot

from tests.conftest import MakeBench
from tests.tui.run_folders import finished_run, new_run
from tests.tui.simulated_run import SimulatedRun
from tests.tui.waiting import wait_until
from workbench.bench import Bench
from workbench.monitoring.compare import compare
from workbench.monitoring.follow import Follower
from workbench.monitoring.snapshot import RunSnapshot
from workbench.monitoring.track import Track
from workbench.training.run import RunFolder
from workbench.training.state import RunState
from workbench.tui.app import WorkbenchApp
from workbench.tui.chart_lines import Frame
from workbench.tui.charts import DOTS, MARKS, Looks
from workbench.tui.compare_chart import CompareView, compare_chart, content_of, right_edge
from workbench.tui.compare_lines import page
from workbench.tui.screens.compare import CompareScreen
from workbench.tui.screens.compare_watch import CompareNews, CompareWatcher
from workbench.tui.screens.runs import RunsScreen
from workbench.tui.widgets.compare_charts import ComparePanel
from workbench.tui.widgets.row_table import RowTable
from workbench.tui.widgets.text_block import TextBlock

SIZE = (120, 40)
PLAIN: Looks = {"axis": Style(), **{role: Style() for role in DOTS}}


def two_runs(bench: Bench) -> list[RunFolder]:
    """The second has other settings and another history."""
    runs = [finished_run(bench) for _ in range(2)]
    described = json.loads(runs[1].run_json.read_text())
    described["settings"]["training"]["learning_rate"] = 0.5
    runs[1].run_json.write_text(json.dumps(described))
    return runs


async def compared(pilot: Pilot[Any]) -> CompareScreen:
    """The screen, once it has drawn and compared everything."""
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen))
    screen = pilot.app.screen
    assert isinstance(screen, CompareScreen)
    await wait_until(pilot, lambda: screen.comparison is not None)
    await wait_until(pilot, lambda: screen.view == "tables" or screen.charts.up_to_date)
    return screen


def chart_text(screen: CompareScreen, head: str = "glasses") -> str:
    """What the chart of a head shows."""
    return next(panel.text() for panel in screen.query(ComparePanel) if panel.head == head)


def table_text(screen: CompareScreen) -> str:
    """What the tables say."""
    return screen.query_one("#compare-tables TextBlock", TextBlock).text()


def legend_text(screen: CompareScreen) -> str:
    """Which mark is which run."""
    return screen.query_one("#compare-legend", TextBlock).text()


# -- the screen ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("marked", [1, 2])
async def test_marked_runs_are_compared_and_escape_goes_back(make_bench: MakeBench, marked: int) -> None:
    """One that is marked alone is compared with the one under the cursor."""
    bench = make_bench(1)
    two_runs(bench)
    app = WorkbenchApp(bench, first_screen="runs")
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, RunsScreen) and app.screen.showing.all)
        await pilot.press("space", "down", *["space"] * (marked - 1), "c")
        screen = await compared(pilot)
        assert [folder.name for folder in screen.folders] == ["0001-fast", "0002-fast"]
        assert "o 0001-fast finished 3/3 · x 0002-fast finished 3/3" in legend_text(screen)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, RunsScreen))


async def test_too_few_marks_are_explained(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    two_runs(bench)
    app = WorkbenchApp(bench, first_screen="runs")
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, RunsScreen) and app.screen.showing.all)
        await pilot.press("c")
        said = app.screen.query(TextBlock).first
        await wait_until(pilot, lambda: "two to 6 runs can be compared; space marks" in said().text())
        assert app.screen.query_one(RowTable)


async def test_each_chart_has_a_line_a_run_and_the_tables_what_differs(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    runs = two_runs(bench)
    app = WorkbenchApp(bench, first_screen="runs")
    async with app.run_test(size=SIZE) as pilot:
        await app.push_screen(CompareScreen(runs))
        screen = await compared(pilot)
        shown = chart_text(screen)
        assert "glasses  accuracy" in shown
        assert "o 0.700  x 0.700" in shown
        assert MARKS["best"] in shown
        await pilot.press("l")
        await wait_until(pilot, lambda: "loss" in chart_text(screen) and "o 0.400" in chart_text(screen))
        await pilot.press("t", "x")
        await wait_until(pilot, lambda: "loss · training · steps" in legend_text(screen))
        await wait_until(pilot, lambda: "o 0.300" in chart_text(screen))
        await pilot.press("v")
        await wait_until(pilot, lambda: "training.learning_rate" in table_text(screen))
        assert "the same pictures, answers and splits as 0001-fast" in table_text(screen)
        assert not screen.check_action("zoom", ())


async def test_one_chart_can_have_all_the_room(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    app = WorkbenchApp(bench, first_screen="runs")
    async with app.run_test(size=SIZE) as pilot:
        await app.push_screen(CompareScreen(two_runs(bench)))
        screen = await compared(pilot)
        await pilot.press("tab", "enter")
        await wait_until(
            pilot, lambda: [one.head for one in screen.query(ComparePanel) if one.display] == ["wrinkles"]
        )
        await wait_until(pilot, lambda: len(chart_text(screen, "wrinkles").split("\n")) > 25)
        await pilot.press("escape")
        await wait_until(pilot, lambda: all(one.display for one in screen.query(ComparePanel)))
        assert app.screen is screen


async def test_a_run_that_trains_goes_on_growing(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    other = finished_run(bench)
    app = WorkbenchApp(bench, first_screen="runs")
    with SimulatedRun(bench, "0002-fast") as live:
        live.start()
        live.epoch(1)
        async with app.run_test(size=SIZE) as pilot:
            await app.push_screen(CompareScreen([other, live.run]))
            screen = await compared(pilot)
            assert "x 0002-fast saving 1/4" in legend_text(screen) or "running 1/4" in legend_text(screen)
            before = chart_text(screen)
            live.epoch(2)
            await wait_until(pilot, lambda: "2/4" in legend_text(screen))
            await wait_until(pilot, lambda: screen.charts.up_to_date and chart_text(screen) != before)
            live.finish()
            await wait_until(pilot, lambda: "x 0002-fast finished" in legend_text(screen))
            await pilot.press("v")
            await wait_until(pilot, lambda: table_text(screen).count("finished") == 2)


async def test_a_damaged_run_is_a_line_and_the_others_are_shown(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    runs = two_runs(bench)
    runs[1].run_json.write_text("{")
    app = WorkbenchApp(bench, first_screen="runs")
    async with app.run_test(size=SIZE) as pilot:
        screen = CompareScreen(runs)
        await app.push_screen(screen)
        await wait_until(pilot, lambda: "run.json" in legend_text(screen))
        await wait_until(pilot, lambda: screen.charts.up_to_date)
        assert "o 0.700" in chart_text(screen)


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_it_fits_every_terminal(make_bench: MakeBench, size: tuple[int, int]) -> None:
    bench = make_bench(1)
    runs = [*two_runs(bench), *(new_run(bench) for _ in range(4))]
    app = WorkbenchApp(bench, first_screen="runs")
    async with app.run_test(size=size) as pilot:
        await app.push_screen(CompareScreen(runs))
        screen = await compared(pilot)
        assert all(line.cell_len <= size[0] for panel in screen.query(ComparePanel) for line in panel._lines)
        await pilot.press("v", "down", "pagedown")
        await wait_until(pilot, lambda: "0006-fast" in table_text(screen))


# -- its parts -----------------------------------------------------------------------------------------


def snapshot(values: Sequence[float], state: RunState = RunState.FINISHED, **more: Any) -> RunSnapshot:
    """A run with one head and an epoch every ten seconds."""
    places = np.arange(1.0, len(values) + 1)
    track = Track()
    axes = np.column_stack([places * 40, places, 1000 + places * 10, places])
    track.extend(axes, [("h", "accuracy", "validation")], np.array(values)[:, None])
    known = {"curves": dict(track.curves()), "epochs": 50, "batches": 40, "started": 1000.0, **more}
    return RunSnapshot("0001-fast", state, **known)


@pytest.mark.parametrize("epochs", [3, 1000])
def test_each_of_six_lines_can_be_told_apart_without_colour(epochs: int) -> None:
    runs = [snapshot(np.linspace(0.1 + one / 10, 0.2 + one / 10, epochs).tolist()) for one in range(6)]
    view = CompareView()
    content = content_of("h", "h", runs, view, right_edge(runs, view))
    frame = Frame(80, 24, Style(), PLAIN)
    drawn = "\n".join(line.plain for line in compare_chart(content, frame)[2:])
    assert all(drawn.count(mark) >= 3 for mark in DOTS.values())


def test_charts_end_where_the_longest_run_does_with_room_for_one_that_goes_on() -> None:
    long, short = snapshot([0.5] * 30), snapshot([0.5] * 3)
    live = snapshot([0.5] * 3, RunState.RUNNING)
    assert right_edge([short, long, None], CompareView()) == 30
    assert right_edge([short, long], CompareView(axis="step")) == 1200
    assert right_edge([short, long], CompareView(axis="relative")) == 300
    assert 3 < right_edge([live, None], CompareView()) < 50
    assert right_edge([None], CompareView()) > 0


def test_a_run_without_the_figure_has_no_line_and_a_gap_is_marked() -> None:
    runs = [snapshot([0.5, float("nan"), 0.6]), snapshot([]), None]
    view = CompareView()
    lines = compare_chart(content_of("h", "h", runs, view, 3.0), Frame(60, 16, Style(), PLAIN))
    assert lines[1].plain == "o 0.600  x –  + –"
    assert any(MARKS["gap"] in line.plain for line in lines)


@pytest.mark.parametrize("width", [40, 60, 120, 300])
def test_tables_keep_every_run_at_every_width(make_bench: MakeBench, width: int) -> None:
    bench = make_bench(1)
    runs = [*two_runs(bench), *(new_run(bench) for _ in range(4))]
    lines = page(compare(runs), width)
    assert all(line.cell_len <= width for line in lines)
    words = "\n".join(line.plain for line in lines)
    assert all(run.name in words for run in runs)
    assert words.count("Settings") == 1


def test_the_watcher_says_which_run_cannot_be_read_and_goes_on(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench(1)
    runs = two_runs(bench)
    poll = Follower.poll

    def failing(self: Follower, seconds: float | None = None) -> RunSnapshot:
        if self._run.name == runs[1].name:
            raise OSError("the disk is gone")
        return poll(self, seconds)

    monkeypatch.setattr(Follower, "poll", failing)
    heard: queue.Queue[CompareNews] = queue.Queue()
    watcher = CompareWatcher(runs, heard.put)
    try:
        news = heard.get(timeout=10)
        assert "0002-fast cannot be read now (the disk is gone)" in news.trouble
        assert news.snapshots[0] is not None
        assert news.snapshots[1] is None
        assert news.can_replace(news)
        assert news.titles["glasses"] == "glasses"
    finally:
        watcher.stop()
        watcher.thread.join(10)
    assert not watcher.thread.is_alive()


def test_no_file_of_a_run_is_written_by_looking(make_bench: MakeBench) -> None:
    def state(folder: Path) -> dict[str, int]:
        return {str(one): one.stat().st_mtime_ns for one in folder.rglob("*") if one.is_file()}

    bench = make_bench(1)
    runs = two_runs(bench)
    before = state(bench.runs_dir)
    compare(runs)
    assert state(bench.runs_dir) == before
