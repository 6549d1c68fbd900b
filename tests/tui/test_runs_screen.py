"""The Runs screen: what every run is, what became of it, and what can be done with it."""

import json
import re
import time
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.conftest import MakeBench
from tests.tui.run_folders import alive, begin, epoch, finished_run, new_run
from tests.tui.waiting import wait_until
from workbench.bench import Bench
from workbench.training.control import requests
from workbench.training.run import RunFolder
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens import runs as runs_module
from workbench.tui.screens.confirm import ConfirmScreen
from workbench.tui.screens.evaluate import EvaluateScreen
from workbench.tui.screens.message import MessageScreen
from workbench.tui.screens.runs import RunsScreen
from workbench.tui.screens.runs_shelf import Listing, Shelf
from workbench.tui.screens.runs_text import info_lines
from workbench.tui.times import duration, moment
from workbench.tui.widgets.command_footer import CommandFooter
from workbench.tui.widgets.folding import folded
from workbench.tui.widgets.row_table import RowTable
from workbench.tui.widgets.table_layout import Column, Looks, Place, Row, TableLayout, TableView, column_pages
from workbench.tui.widgets.text_block import TextBlock

SIZE = (120, 40)


def app_on(bench: Bench) -> WorkbenchApp:
    """The workbench, on the Runs tab from the beginning."""
    return WorkbenchApp(bench, first_screen="runs")


async def runs_screen(pilot: Pilot[Any], words: str = "the newest first") -> RunsScreen:
    """The screen, once it shows certain words."""
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, RunsScreen))
    screen = pilot.app.screen
    assert isinstance(screen, RunsScreen)
    await wait_until(pilot, lambda: words in text(screen))
    return screen


def text(screen: RunsScreen) -> str:
    """Everything between header and footer."""
    blocks = [block.text() for block in screen.query(TextBlock)]
    return "\n".join((blocks[0], screen.query_one(RowTable).text(), *blocks[1:])) if blocks else ""


def footer(screen: RunsScreen) -> str:
    """The keys that are offered."""
    return screen.query_one(CommandFooter).text()


def row(screen: RunsScreen, name: str) -> str:
    """A run's line."""
    return next(line for line in text(screen).splitlines() if line[3:].startswith(name))


async def test_every_run_has_its_line(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    finished_run(bench)
    new_run(bench, "reference")
    async with app_on(bench).run_test(size=SIZE) as pilot:
        screen = await runs_screen(pilot)
        started = moment(json.loads((bench.runs_dir / "0001-fast" / "run.json").read_text())["created"])
        assert re.search(
            r"0001-fast +✓ finished +– +val_loss 2 +3 +2\.000 +0\.700 +0\.600 +3/3 +\d+ s +14\.2",
            row(screen, "0001-fast"),
        )
        assert re.search(r"▶ 0002-reference +● starting +– +– +– +– +– +– +0/\d+ +– +–", text(screen))
        assert "2 runs, 1 not ended" in text(screen)
        assert "no worker was started on it; R starts one" in text(screen)
        await pilot.press("right")
        await wait_until(pilot, lambda: "architecture" in text(screen))
        assert re.search(rf"0001-fast +{started} +fast +– +trunk", row(screen, "0001-fast"))


async def test_without_any_run_it_says_what_to_do(make_bench: MakeBench) -> None:
    async with app_on(make_bench(1)).run_test(size=(80, 24)) as pilot:
        screen = await runs_screen(pilot, "F4 chooses settings and starts one")
        await pilot.press("enter", "e", "i", "s", "R", "delete", "up", "down", "right")
        assert pilot.app.screen is screen


async def test_columns_that_do_not_fit_are_a_key_away(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    finished_run(bench)
    async with app_on(bench).run_test(size=(80, 24)) as pilot:
        screen = await runs_screen(pilot)
        assert "→ epochs, duration, pictures/s, started, preset, parent" in text(screen)
        assert max(map(len, text(screen).splitlines())) <= 80
        await pilot.press("right", "right")
        await wait_until(pilot, lambda: "trunk" in row(screen, "0001-fast"))
        assert "← epochs, duration, pictures/s" in text(screen)


async def test_a_run_that_failed_says_why_and_where_its_log_is(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    run = new_run(bench)
    with begin(run, 1) as log:
        log.emit("failed", cause="the disk\x1b[2J is full", log=str(run.log))
    async with app_on(bench).run_test(size=(80, 24)) as pilot:
        screen = await runs_screen(pilot)
        shown = text(screen).replace("\n ", "")
        assert "failed: the disk\\e[2J is full" in shown
        assert str(run.log) in shown
        assert "R resume" in footer(screen)
        assert "s stop" not in footer(screen)


async def test_the_list_follows_what_happens_while_it_is_shown(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs_module, "_EVERY_S", 0.02)
    bench = make_bench(1)
    run = new_run(bench)
    with begin(run, 1) as log, alive(run):
        async with app_on(bench).run_test(size=SIZE) as pilot:
            screen = await runs_screen(pilot)
            await wait_until(pilot, lambda: "● saving" in row(screen, run.name))
            epoch(log, 2)
            await wait_until(pilot, lambda: "2/3" in row(screen, run.name))
            finished_run(bench, "reference")
            await wait_until(pilot, lambda: "0002-reference" in text(screen))
            assert row(screen, run.name).startswith(" ▶ "), "the cursor stays on its run"
            await pilot.press("f3")
            await wait_until(pilot, lambda: pilot.app.screen is not screen)
            epoch(log, 3)
            await pilot.press("f6")
            await wait_until(pilot, lambda: "3/3" in row(screen, run.name))
    assert run.state() == "died"


async def test_what_did_not_change_is_not_painted_again(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs_module, "_EVERY_S", 0.01)
    looks: list[bool] = []
    look = Shelf.look

    def counted(shelf: Shelf, *, now: bool = False) -> Listing:
        looks.append(now)
        return look(shelf, now=now)

    monkeypatch.setattr(Shelf, "look", counted)
    bench = make_bench(1)
    finished_run(bench)
    async with app_on(bench).run_test(size=SIZE) as pilot:
        screen = await runs_screen(pilot)
        painted = [0]
        for widget in (screen.query_one(RowTable), *screen.query(TextBlock)):
            monkeypatch.setattr(widget, "refresh", lambda *_, **__: painted.append(len(looks)))
        # At first the layout settles; then there are many looks without one painting.
        await wait_until(pilot, lambda: len(looks) > painted[-1] + 10)


def test_nothing_is_listed_again_while_no_log_grows(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench(1)
    finished_run(bench)
    shelf = Shelf(bench.runs_dir)
    found = shelf.look(now=True)
    monkeypatch.setattr(shelf, "_rest_until", 0.0)
    assert shelf.look() is found
    run = new_run(bench)
    begin(run).close()
    monkeypatch.setattr(shelf, "_rest_until", 0.0)
    assert [one.name for one in shelf.look().runs] == [run.name, "0001-fast"]


async def test_a_run_is_asked_to_stop(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    run = new_run(bench)
    with alive(run), begin(run, 1):
        async with app_on(bench).run_test(size=SIZE) as pilot:
            screen = await runs_screen(pilot, "● saving")
            assert "del remove" not in footer(screen)
            await pilot.press("delete", "s")
            await runs_screen(pilot, "asked to stop after the batch and save")
            assert [(one.action, one.stage) for one in requests(run)] == [("stop", "asked")]


async def test_a_stop_that_comes_too_late_is_refused_in_words(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    run = new_run(bench)
    with begin(run, 1) as log, alive(run):
        async with app_on(bench).run_test(size=SIZE) as pilot:
            screen = await runs_screen(pilot, "● saving")
            log.emit("finished", text="", epoch=1, best_epoch=1, seconds=1.0)
            run.lock.unlink()  # as when the worker has gone
            await pilot.press("s")
            await runs_screen(pilot, "is not running (it finished)")
            await wait_until(pilot, lambda: "✓ finished" in row(screen, run.name))


async def test_a_run_is_opened_in_train_and_in_evaluate(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench(1)
    finished_run(bench)
    finished_run(bench, "reference")
    app, shown = app_on(bench), list[str]()
    monkeypatch.setattr(app, "action_show", shown.append)
    async with app.run_test(size=SIZE) as pilot:
        await runs_screen(pilot)
        await pilot.press("down", "e")
        await wait_until(pilot, lambda: isinstance(app.screen, EvaluateScreen))
        evaluate = app.screen
        assert isinstance(evaluate, EvaluateScreen)
        await wait_until(pilot, lambda: evaluate.run_name == "0001-fast")
        await app.switch_mode("runs")
        screen = await runs_screen(pilot)
        await wait_until(pilot, lambda: screen.chosen is not None)
        await pilot.press("enter")
        await wait_until(pilot, lambda: shown == ["train"])
        assert app.watched_run == "0001-fast"


async def test_all_about_a_run_is_told_harmlessly(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    run = new_run(bench)
    begin(run, 1).close()
    run.log.write_bytes(
        b"first\n" * 5000 + b"progress 1\rprogress 2\n\xff\x1b[31mKilled [bold]\n" + b"x" * 200
    )
    async with app_on(bench).run_test(size=(80, 24)) as pilot:
        await runs_screen(pilot)
        await pilot.press("i")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, MessageScreen))
        dialog = pilot.app.screen
        assert isinstance(dialog, MessageScreen)
        shown = dialog.text(60)
        assert "settings.training.epochs = 3" in shown
        assert "versions.python" in shown
        assert "host.name" in shown
        assert "progress 2\n" in shown
        assert "\\e[31mKilled [bold]" in shown
        assert "\x1b" not in shown
        assert shown.count("first") < 100
        assert shown.replace("\n", "").endswith("x" * 200)
        assert max(map(len, shown.splitlines())) <= 60


def test_a_run_without_a_log_says_so(make_bench: MakeBench) -> None:
    lines = info_lines(new_run(make_bench(1)))
    assert lines[-2:] == ("the end of worker.log:", "nothing was written")


async def test_a_run_that_broke_off_is_resumed(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched: list[RunFolder] = []
    monkeypatch.setattr("workbench.training.launcher.launch", launched.append)  # a worker takes minutes
    bench = make_bench(1)
    run = new_run(bench)
    begin(run, 1).close()
    finished_run(bench)
    async with app_on(bench).run_test(size=SIZE) as pilot:
        screen = await runs_screen(pilot)
        assert "R resume" not in footer(screen), "what has finished cannot go on"
        await pilot.press("R", "down")
        await wait_until(pilot, lambda: "R resume" in footer(screen))
        await pilot.press("R")
        await runs_screen(pilot, "a worker was started on it")
        assert launched == [run]


async def test_a_run_is_removed_after_a_question(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    run = finished_run(bench)
    kept = finished_run(bench, "reference")
    async with app_on(bench).run_test(size=SIZE) as pilot:
        screen = await runs_screen(pilot)
        await pilot.press("down", "delete")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        await pilot.press("n")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        assert run.model.exists()
        await pilot.press("delete")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        await pilot.press("y")
        await runs_screen(pilot, "0001-fast: in the trash; T brings it back")
        await wait_until(pilot, lambda: "1 run, 0 not ended" in text(screen))
    assert not run.root.exists()
    assert kept.model.exists()


def test_times_read_like_a_clock() -> None:
    noon = time.mktime((2026, 3, 1, 14, 5, 0, 0, 0, -1))
    assert [moment(x) for x in (noon, 0, 1e30)] == ["2026-03-01 14:05", "–", "–"]
    assert [duration(x) for x in (None, 89, 91, 4920)] == ["–", "89 s", "2 min", "1 h 22"]


def test_nothing_of_a_long_line_is_cut_off() -> None:
    lines = folded(["short", "漢字" * 30, "a/very/long/path" * 10 + " end"], 20)
    assert all(line.cell_len <= 20 for line in lines)
    assert "".join(line.plain for line in lines).count("漢字") == 30
    assert lines[-1].plain.endswith("end")


def numbers(count: int, columns: int = 3) -> TableView:
    """A table of so many rows."""
    heads = tuple(Column(str(number), f"column {number}", left=not number) for number in range(columns))
    return TableView(
        heads, tuple(Row(str(number), (f"row {number}", *["7"] * (columns - 1))) for number in range(count))
    )


@pytest.mark.parametrize("cursor", [0, 5, 39])
@pytest.mark.parametrize("height", [5, 12, 60])
def test_a_long_table_says_which_rows_are_shown(cursor: int, height: int) -> None:
    layout = TableLayout(numbers(40), 60)
    fit = layout.rows(height)
    top = max(0, cursor - fit + 1)
    lines = [line.plain for line in layout.lines(height, Place(cursor, top), Looks())]
    assert len(lines) <= height
    assert sum(line.startswith(" ▶ ") for line in lines) == 1
    assert next(line for line in lines if line.startswith(" ▶ "))[3:].startswith(f"row {cursor} ")
    assert (f"of {40}" in lines[-1]) == (height < 41)


def test_every_column_stands_on_some_page() -> None:
    for width in (10, 30, 55, 200):
        pages = column_pages([8, 12, 9, 9, 30, 4], width)
        assert sorted({column for page in pages for column in page}) == list(range(6))
        assert all(page[0] == 0 for page in pages)
    assert len(column_pages([8, 12, 9, 9, 30, 4], 200)) == 1
