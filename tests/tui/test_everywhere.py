"""Runs, Evaluate and Train at every size, in dark and light, with one head and forty, with hostile names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

from tests.conftest import MakeBench
from tests.tui.looking import (
    NASTY,
    SHOWN,
    SIZES,
    THEMES,
    check_fits,
    contrasts,
    evaluated,
    fits,
    lines_of,
    luminance,
    schema_of,
    shown,
    text,
)
from tests.tui.run_folders import finished_run, new_run
from tests.tui.simulated_run import SimulatedRun
from tests.tui.waiting import wait_until
from workbench.training.run import RunFolder
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.help import HelpScreen
from workbench.tui.widgets.chart_panel import ChartPanel
from workbench.tui.widgets.row_table import RowTable
from workbench.tui.widgets.settings_list import SettingsList
from workbench.tui.widgets.tab_header import TabHeader


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("tab", "words"),
    [("runs", "the newest first"), ("evaluate", "in schema order"), ("train", "valid: ")],
)
async def test_every_screen_fits_and_can_be_read(
    make_bench: MakeBench, tab: str, words: str, size: tuple[int, int], theme: str
) -> None:
    bench = make_bench(0)
    if tab != "train":
        finished_run(bench)
        new_run(bench, "reference")
    async with shown(bench, tab, words, size, theme) as (pilot, screen):
        check_fits(screen)
        found = [one for widget in lines_of(screen) for one in contrasts(widget)]
        assert len(found) > 10
        assert min(found)[0] > 2.5, sorted(found)[:3]
        light = pilot.app.current_theme.dark is False
        assert light == (theme == "textual-light")
        await pilot.press("f1")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        check_fits(screen)


def charts_of(screen: Screen[Any]) -> list[ChartPanel]:
    """The charts that are shown, without the list of heads for small places."""
    return [panel for panel in screen.query(ChartPanel) if panel.display]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
async def test_curves_can_be_told_from_the_background(
    make_bench: MakeBench, size: tuple[int, int], theme: str
) -> None:
    bench = make_bench(0)
    with SimulatedRun(bench) as run:
        run.start()
        run.epoch(1)
        async with shown(bench, "train", "▀", size, theme) as (pilot, screen):
            check_fits(screen)
            panel = charts_of(screen)[0]
            await wait_until(pilot, lambda: "⠒" in panel.text())
            curve = [one for one in contrasts(panel) if any(0x2800 < ord(mark) <= 0x28FF for mark in one[1])]
            assert curve
            assert min(curve)[0] > 2.5
            assert min(contrasts(panel))[0] > 2


async def test_a_theme_chosen_on_one_tab_holds_on_the_others(make_bench: MakeBench) -> None:
    bench = make_bench(0)
    finished_run(bench)
    async with shown(bench, "runs", "the newest first") as (pilot, screen):
        dark = luminance(screen.query_one(RowTable).background_colors[1].rgb)
        pilot.app.theme = "textual-light"
        await pilot.press("f5")
        await wait_until(pilot, lambda: pilot.app.screen is not screen)
        other = pilot.app.screen
        assert isinstance(other, WorkbenchScreen)
        await wait_until(pilot, lambda: "in schema order" in text(other))
        await wait_until(pilot, lambda: min(contrasts(other.query_one(RowTable)))[0] > 2.5)
        assert luminance(other.query_one(RowTable).background_colors[1].rgb) > dark + 0.5


@pytest.mark.parametrize("size", [SIZES[0], SIZES[2]])
async def test_forty_heads_are_all_reached_in_evaluate(
    make_bench: MakeBench, tmp_path: Path, size: tuple[int, int]
) -> None:
    bench = make_bench(0, schema_of(tmp_path, [f"head number {place}" for place in range(40)]))
    evaluated(bench, finished_run(bench, evaluated=False))
    async with shown(bench, "evaluate", "in schema order", size) as (pilot, screen):
        table, seen = screen.query_one(RowTable), set[str]()
        for place in range(40):
            if place % 13 == 0:
                check_fits(screen)
            current = next(line for line in table.text().splitlines() if line.startswith(" ▶ "))
            seen.add(current.split()[1])
            assert any("overall loss" in line for line in table.text().splitlines()), "always in sight"
            await pilot.press("down")
            await wait_until(pilot, lambda was=current: was not in table.text() or len(seen) == 40)  # type: ignore[misc]
        assert seen == {f"h{place}" for place in range(40)}
        assert "of 40" in table.text()


@pytest.mark.parametrize("size", SIZES)
async def test_a_single_head_makes_whole_screens(
    make_bench: MakeBench, tmp_path: Path, size: tuple[int, int]
) -> None:
    bench = make_bench(0, schema_of(tmp_path, ["nose"]))
    evaluated(bench, finished_run(bench, evaluated=False))
    async with shown(bench, "evaluate", "in schema order", size) as (pilot, screen):
        check_fits(screen)
        assert "h0" in screen.query_one(RowTable).text()
        await pilot.press("down", "up", "enter")
        await wait_until(pilot, lambda: "support" in text(screen))
        check_fits(screen)
    with SimulatedRun(bench, "0007-live") as run:
        run.start()
        run.epoch(1)
        async with shown(bench, "train", "▀", size) as (_, screen):
            check_fits(screen)
            assert len(charts_of(screen)) == 2


@pytest.mark.parametrize("size", SIZES)
async def test_names_that_a_terminal_would_obey_are_shown_and_nothing_is_pushed_aside(
    make_bench: MakeBench, tmp_path: Path, size: tuple[int, int]
) -> None:
    bench = make_bench(0, schema_of(tmp_path, [NASTY, "髪の色" * 9, "plain"]), name="b[red]ench\u202e")
    run = finished_run(bench, evaluated=False)
    renamed = RunFolder(run.root.rename(run.root.with_name(f"0001-{NASTY}".replace("/", "-"))))
    evaluated(bench, renamed)
    harmless = f"0001-{SHOWN}".replace("/", "-")
    async with shown(bench, "runs", "the newest first", size, annotator=NASTY) as (pilot, screen):
        check_fits(screen)
        assert harmless[:27] in text(screen)
        header = screen.query_one(TabHeader).text()
        assert "b[red]ench\\u202e" in header or size[0] == 80
        await pilot.press("e")
        await wait_until(pilot, lambda: pilot.app.screen is not screen)
        other = pilot.app.screen
        assert isinstance(other, WorkbenchScreen)
        await wait_until(pilot, lambda: "in schema order" in text(other))
        check_fits(other)
        assert harmless in text(other).replace("\n ", "")
        await pilot.press("enter")
        await wait_until(pilot, lambda: f"a{SHOWN}" in text(other))
        check_fits(other)


@pytest.mark.parametrize("size", SIZES)
async def test_charts_of_heads_with_hostile_titles_keep_their_legends(
    make_bench: MakeBench, tmp_path: Path, size: tuple[int, int]
) -> None:
    bench = make_bench(0, schema_of(tmp_path, [NASTY, "髪の色" * 20]))
    with SimulatedRun(bench) as run:
        run.start()
        run.epoch(1)
        async with shown(bench, "train", "▀", size) as (pilot, screen):
            panels = charts_of(screen)
            await wait_until(pilot, lambda: all("▀" in panel.text() for panel in panels[:3]))
            await wait_until(pilot, lambda: fits(screen))
            check_fits(screen)
            assert panels[1].text().startswith(SHOWN[:8])
            assert panels[2].text().startswith("髪の色")
            assert all("⠒" in panel.text().partition("\n 1")[0] for panel in panels)


@pytest.mark.parametrize("name", [f"0001-{NASTY}".replace("/", "-"), "0001-" + "髪" * 60])
async def test_a_watched_run_of_any_name_keeps_its_state_in_sight(make_bench: MakeBench, name: str) -> None:
    bench = make_bench(0)
    with SimulatedRun(bench, name) as run:
        run.start()
        run.epoch(1)
        async with shown(bench, "train", "▀", SIZES[0]) as (_, screen):
            check_fits(screen)
            assert "▶ running · epoch 1/4" in text(screen)


@pytest.mark.parametrize("first", SIZES)
async def test_another_size_lays_everything_out_anew(make_bench: MakeBench, first: tuple[int, int]) -> None:
    bench = make_bench(0)
    finished_run(bench)
    async with shown(bench, "runs", "the newest first", first) as (pilot, screen):
        for size in (*SIZES, first):
            await pilot.resize_terminal(*size)
            await wait_until(pilot, lambda wide=size[0]: screen.query_one(RowTable).size.width >= wide - 2)  # type: ignore[misc]
            await pilot.pause()
            check_fits(screen)
            assert "0001-fast" in text(screen)


@pytest.mark.parametrize(
    ("tab", "change"),
    [
        ("runs", lambda run: run.run_json.write_text("{")),
        ("runs", lambda run: run.events.write_bytes(b"\0" * 5000)),
        ("evaluate", lambda run: run.evaluation.write_text("[]")),
        ("evaluate", lambda run: run.run_json.write_text('{"version": 99}')),
        ("train", lambda run: run.events.write_text('{"type": "epoch", "epoch": 1e999}\n')),
        ("train", lambda run: run.run_json.unlink()),
    ],
)
async def test_a_damaged_run_is_said_and_every_key_still_works(
    make_bench: MakeBench, tab: str, change: Callable[[RunFolder], object]
) -> None:
    bench = make_bench(0)
    change(finished_run(bench))
    async with shown(bench, tab, "F1 help", (80, 24)) as (pilot, screen):
        await pilot.press("down", "up", "right", "left", "pagedown", "home")
        await pilot.pause()
        check_fits(screen)
        for key in ("f4", "f5", "f6"):
            await pilot.press(key)
            await pilot.pause()
        assert isinstance(pilot.app.screen, WorkbenchScreen)
        assert pilot.app.screen.MODE == "runs"


@pytest.mark.parametrize("size", SIZES)
async def test_every_setting_can_be_reached_and_stands_on_one_line(
    make_bench: MakeBench, size: tuple[int, int]
) -> None:
    async with shown(make_bench(0), "train", "valid: ", size) as (pilot, screen):
        listed = screen.query_one(SettingsList)
        await pilot.press("end")
        await wait_until(pilot, lambda: listed.chosen is listed.fields[-1])
        check_fits(screen)
        await pilot.press("down", "pagedown")
        await pilot.pause()
        assert listed.chosen is listed.fields[-1]
        marked = [line for line in listed.text().splitlines() if line.startswith("▸")]
        assert len(marked) == 1
        assert listed.fields[-1].key in marked[0]
        await pilot.press("home", "up")
        await wait_until(pilot, lambda: listed.chosen is listed.fields[0])
        assert listed.text().splitlines()[0].startswith("▸")
