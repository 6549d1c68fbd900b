"""The charts of several runs: what is drawn, when, and that other keys, colours and sizes draw them anew."""

from typing import Any

import numpy as np
import pytest
from rich.style import Style
from textual.pilot import Pilot

from tests.conftest import MakeBench
from tests.tui.run_folders import finished_run
from tests.tui.waiting import wait_until
from workbench.bench import Bench
from workbench.monitoring.snapshot import RunSnapshot
from workbench.monitoring.track import Track
from workbench.training.state import RunState
from workbench.tui.app import WorkbenchApp
from workbench.tui.chart_lines import Frame
from workbench.tui.charts import DOTS, MARKS, Looks
from workbench.tui.compare_chart import AXES, CompareView, compare_chart, content_of, right_edge
from workbench.tui.monitor_app import MonitorApp
from workbench.tui.screens.compare import CompareScreen, legend
from workbench.tui.screens.compare_commands import COMPARE_COMMANDS
from workbench.tui.widgets.compare_charts import ComparePanel

PLAIN: Looks = {"axis": Style(), **{role: Style() for role in DOTS}}


def run_with(values: list[float], **more: Any) -> RunSnapshot:
    """A run with one head and an epoch every ten seconds."""
    places = np.arange(1.0, len(values) + 1)
    track = Track()
    axes = np.column_stack([places * 40, places, 1000 + places * 10, places])
    track.extend(axes, [("h", "loss", "validation")], np.array(values)[:, None])
    known = {"curves": dict(track.curves()), "epochs": 9, "batches": 40, "started": 1000.0, **more}
    return RunSnapshot("0001-fast", RunState.FINISHED, **known)


def drawn(runs: list[RunSnapshot | None], view: CompareView, size: tuple[int, int] = (60, 16)) -> list[str]:
    """The lines of the head's chart."""
    content = content_of("h", "a head", runs, view, right_edge(runs, view))
    return [line.plain for line in compare_chart(content, Frame(*size, Style(), PLAIN))]


async def shown(pilot: Pilot[Any], bench: Bench) -> CompareScreen:
    """The screen on two runs, with everything drawn."""
    screen = CompareScreen([finished_run(bench) for _ in range(2)])
    await pilot.app.push_screen(screen)
    await wait_until(pilot, lambda: screen.comparison is not None and screen.charts.up_to_date)
    return screen


# -- one chart -----------------------------------------------------------------------------------------


def test_the_best_epoch_has_a_star_on_the_validation_curve_of_its_run() -> None:
    view = CompareView(metric="loss")
    assert MARKS["best"] in "\n".join(drawn([run_with([0.9, 0.5, 0.7], best_epoch=2)], view))
    assert MARKS["best"] not in "\n".join(drawn([run_with([0.9, 0.5, 0.7], best_epoch=7)], view))


@pytest.mark.parametrize("axis", AXES)
def test_every_axis_begins_where_each_run_began(axis: Any) -> None:
    """Also for runs of different days: their lines start at the same place."""
    runs: list[RunSnapshot | None] = [run_with([0.9, 0.5]), run_with([0.9, 0.5], started=1000.0)]
    lines = drawn(runs, CompareView(metric="loss", axis=axis))
    assert lines[-1].split()[0].rstrip("s") in ("0", "0.0", "0.00")


def test_a_logarithmic_axis_leaves_out_what_has_no_logarithm() -> None:
    lines = drawn([run_with([1.0, 0.0, 0.01])], CompareView(metric="loss", log=True))
    assert any(MARKS["gap"] in line for line in lines)
    assert any("0.01" in line for line in lines)


@pytest.mark.parametrize("size", [(16, 6), (38, 8), (200, 50)])
def test_a_chart_keeps_to_its_place(size: tuple[int, int]) -> None:
    runs: list[RunSnapshot | None] = [run_with(np.linspace(2, 1, 500).tolist()) for _ in range(6)]
    lines = drawn(runs, CompareView(metric="loss"), size)
    assert len(lines) <= size[1]
    assert all(len(line) <= size[0] for line in lines)


def test_the_keys_go_through_every_choice_and_come_back() -> None:
    view = CompareView()
    for what, count in (("metric", 3), ("axis", 3), ("log", 2), ("split", 2)):
        seen = [view]
        for _ in range(count):
            seen.append(seen[-1].other(what))
        assert seen[-1] == view
        assert len({one.words() for one in seen}) == count


def test_the_legend_names_each_run_harmlessly_with_how_far_it_was_read(make_bench: MakeBench) -> None:
    folders = [finished_run(make_bench(0)) for _ in range(1)]
    reading = run_with([0.5], reading=0.25, epoch=1)
    assert legend(folders, [reading]) == "o 0001-fast finished 1/9, read 25%"
    assert legend(folders, [None]) == "o 0001-fast"


# -- on the screen -------------------------------------------------------------------------------------


async def test_another_size_and_other_colours_draw_anew(make_bench: MakeBench) -> None:
    app = WorkbenchApp(make_bench(1), first_screen="runs")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await shown(pilot, app.bench)
        panel = screen.query(ComparePanel).first()
        before = [line.spans for line in panel._lines]
        app.theme = "workbench-light"
        await wait_until(
            pilot, lambda: screen.charts.up_to_date and [x.spans for x in panel._lines] != before
        )
        await pilot.resize_terminal(160, 45)
        await wait_until(pilot, lambda: screen.charts.up_to_date and len(panel.text().split("\n")[-2]) > 45)


async def test_leaving_ends_the_reading(make_bench: MakeBench) -> None:
    app = WorkbenchApp(make_bench(1), first_screen="runs")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await shown(pilot, app.bench)
        watcher = screen._watcher
        assert watcher is not None
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is not screen)
        watcher.thread.join(10)
        assert not watcher.thread.is_alive()


async def test_on_a_phone_only_charts_in_sight_are_drawn_and_scrolling_draws_the_rest(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(1)
    app = MonitorApp(bench.runs_dir)
    async with app.run_test(size=(60, 20)) as pilot:
        screen = await shown(pilot, bench)
        assert not screen.too_small
        first, *_, last = screen.query(ComparePanel)
        assert "o 0.700  x 0.700" in first.text()
        assert not last.text()
        await pilot.press(*["pagedown"] * 5)
        await wait_until(pilot, lambda: screen.charts.up_to_date and last.text())


def test_every_key_is_explained_once() -> None:
    keys = [key for command in COMPARE_COMMANDS for key in command.keys]
    assert len(keys) == len(set(keys))
    assert all(command.help.endswith(".") for command in COMPARE_COMMANDS)
