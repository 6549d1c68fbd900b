"""The Runs screen as a shelf: sorted, filtered, marked, noted, tagged; removed runs in the trash and back."""

from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.conftest import MakeBench
from tests.tui.looking import NASTY, SHOWN, check_fits
from tests.tui.run_folders import alive, begin, finished_run, new_run
from tests.tui.test_runs_screen import SIZE, app_on, footer, row, runs_screen, text
from tests.tui.waiting import wait_until
from tests.unit.training.conftest import rewrite
from workbench.bench import Bench
from workbench.monitoring.remarks import read_remarks, set_tags, write_note
from workbench.monitoring.trash import trash_run, trashed_runs
from workbench.training.run import RunFolder
from workbench.tui.screens.confirm import ConfirmScreen
from workbench.tui.screens.line_dialog import LineDialog
from workbench.tui.screens.runs import RunsScreen
from workbench.tui.screens.runs_trash import TrashScreen
from workbench.tui.widgets.row_table import RowTable
from workbench.tui.widgets.text_block import TextBlock


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """Four runs: finished, failed, finished, never begun."""
    made = make_bench(1)
    finished_run(made)
    with begin(new_run(made, "reference"), 1) as log:
        log.emit("failed", cause="out of luck")
    finished_run(made)
    new_run(made, "reference")
    return made


def run_of(bench: Bench, number: int) -> RunFolder:
    """The run of this number."""
    [found] = bench.runs_dir.glob(f"{number:04d}-*")
    return RunFolder(found)


def listed(screen: RunsScreen) -> str:
    """The numbers of the runs in the table, from above, such as "4321"."""
    return "".join(one.name[3] for one in screen.query_one(RowTable).view.rows)


async def type_line(pilot: Pilot[Any], key: str, words: str) -> None:
    """Open a dialog by a key and answer it."""
    screen = pilot.app.screen
    await pilot.press(key)
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, LineDialog))
    pilot.app.screen.query_one("#line", Input).value = words
    await pilot.press("enter")
    await wait_until(pilot, lambda: pilot.app.screen is screen)


def dialog_text(pilot: Pilot[Any]) -> str:
    """What the trash says."""
    screen = pilot.app.screen
    return screen.query_one(TextBlock).text() + "\n" + screen.query_one(RowTable).text()


async def test_runs_are_sorted_by_any_column_and_the_heading_says_so(bench: Bench) -> None:
    async with app_on(bench).run_test(size=SIZE) as pilot:
        screen = await runs_screen(pilot)
        assert listed(screen) == "4321"
        await pilot.press("down", "o")  # by name
        await runs_screen(pilot, "sorted by run, rising")
        assert listed(screen) == "1234"
        assert row(screen, "0003").startswith(" ▶ "), "the cursor stays on its run"
        await pilot.press("o", "o", "o")
        await runs_screen(pilot, "sorted by best, rising")
        assert "best ▲" in text(screen)
        assert listed(screen)[-1] == "4", "what has no figure comes last"
        await pilot.press("O")
        await runs_screen(pilot, "sorted by best, falling")
        assert (listed(screen)[0], listed(screen)[-1]) == ("2", "4")
        await pilot.press("f5", "f6")
        await runs_screen(pilot, "sorted by best, falling")
        await pilot.press(*["o"] * 13)
        await runs_screen(pilot, "the newest first")
        assert listed(screen) == "4321"


async def test_a_filter_is_shown_kept_and_taken_away(bench: Bench) -> None:
    async with app_on(bench).run_test(size=(80, 24)) as pilot:
        screen = await runs_screen(pilot)
        assert "esc all" not in footer(screen)
        await type_line(pilot, "slash", "state:finished fast")
        await runs_screen(pilot, "filter: state:finished fast: 2 runs of 4; / changes it, esc shows all")
        assert listed(screen) == "31"
        check_fits(screen)
        finished_run(bench)
        await pilot.press("f5", "f6")
        await runs_screen(pilot, "3 runs of 5")
        await type_line(pilot, "slash", "stat:finished")
        await runs_screen(pilot, "no column is named 'stat'; did you mean 'state'?")
        assert listed(screen) == "531", "a mistake leaves what is shown"
        await type_line(pilot, "slash", "best<[red]")
        await runs_screen(pilot, "'[red]' is no number")
        await type_line(pilot, "slash", "no-such-words")
        await runs_screen(pilot, "no run of 5; / changes it, esc shows all")
        assert listed(screen) == ""
        await pilot.press(
            "enter", "e", "i", "s", "R", "delete", "n", "t", "space", "c", "up", "down", "o", "O"
        )
        assert pilot.app.screen is screen, "there is no run to do anything with"
        check_fits(screen)
        await pilot.press("escape")
        await wait_until(pilot, lambda: listed(screen) == "54321")
        assert "filter:" not in text(screen)


async def test_words_typed_before_the_first_look_reach_the_filter_alone(bench: Bench) -> None:
    async with app_on(bench).run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, RunsScreen))
        await pilot.press("slash", *"state", "colon", *"failed", "enter")
        screen = await runs_screen(pilot, "filter: state:failed: 1 run of 4")
        assert listed(screen) == "2"


async def test_marks_stand_before_the_runs_on_every_page_of_columns(bench: Bench) -> None:
    async with app_on(bench).run_test(size=(80, 24)) as pilot:
        screen = await runs_screen(pilot)
        await pilot.press("space", "down", "space", "down")
        await runs_screen(pilot, "2 marked")
        for _ in range(2):
            lines = screen.query_one(RowTable).text().splitlines()
            assert [line[0] for line in lines[1:5]] == ["✓", "✓", " ", " "]
            await pilot.press("right")
        await pilot.press("up", "space")
        await runs_screen(pilot, "1 marked")
        trash_run(run_of(bench, 4))
        await pilot.press("f5", "f6")
        await runs_screen(pilot, "3 runs")
        assert "marked" not in text(screen), "a mark goes with its run"


async def test_a_note_and_tags_are_typed_kept_and_shown(bench: Bench) -> None:
    run = run_of(bench, 4)
    async with app_on(bench).run_test(size=SIZE) as pilot:
        screen = await runs_screen(pilot)
        await type_line(pilot, "n", f"the one to beat {NASTY}")
        await runs_screen(pilot, f"{run.name}: its note is kept")
        await runs_screen(pilot, f"note: the one to beat {SHOWN}")
        await type_line(pilot, "t", "good, baseline")
        await runs_screen(pilot, f"{run.name}: tagged good baseline")
        await wait_until(pilot, lambda: "good baseline" in row(screen, run.name))
        check_fits(screen)
        assert read_remarks(run).tags == ("good", "baseline")
        await type_line(pilot, "t", '"quoted"')
        await runs_screen(pilot, "cannot be a tag; at most 40 characters")
        await type_line(pilot, "t", "")
        await runs_screen(pilot, "its tags are removed")
        await type_line(pilot, "n", "")
        await runs_screen(pilot, "its note is removed")
        await wait_until(pilot, lambda: "note:" not in text(screen))
        await pilot.press("n")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, LineDialog))
        await pilot.press("x", "escape")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        assert read_remarks(run).note == ""


async def test_what_another_program_notes_is_shown_in_time(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.tui.screens.runs._EVERY_S", 0.02)
    run = run_of(bench, 4)
    async with app_on(bench).run_test(size=SIZE) as pilot:
        screen = await runs_screen(pilot)
        write_note(run, "from elsewhere")
        set_tags(run, ["seen"])
        await runs_screen(pilot, "note: from elsewhere")
        await wait_until(pilot, lambda: "seen" in row(screen, run.name))


async def test_removing_says_what_would_be_lost_and_who_began_with_it(bench: Bench) -> None:
    rewrite(run_of(bench, 4), parent="0003-fast")
    async with app_on(bench).run_test(size=(80, 24)) as pilot:
        screen = await runs_screen(pilot)
        await pilot.press("down", "delete")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        dialog = pilot.app.screen
        assert isinstance(dialog, ConfirmScreen)
        assert "0003-fast: its network, log and evaluation: " in dialog.question
        assert " kB. 1 run names it as parent and keep" in dialog.question
        assert "0004-reference" in dialog.question
        await pilot.press("y")
        await runs_screen(pilot, "0003-fast: in the trash; T brings it back")
        await wait_until(pilot, lambda: listed(screen) == "421")
        assert row(screen, "0002").startswith(" ▶ "), "the cursor goes to the next one"


async def test_the_trash_lists_brings_back_and_is_emptied_after_a_question(bench: Bench) -> None:
    for number in (1, 2, 3):
        trash_run(run_of(bench, number))
    async with app_on(bench).run_test(size=(80, 24)) as pilot:
        screen = await runs_screen(pilot, "1 run, 1 not ended")
        await pilot.press("T")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, TrashScreen))
        trash = pilot.app.screen
        await wait_until(pilot, lambda: "3 runs, " in dialog_text(pilot))
        assert [one[3:7] for one in dialog_text(pilot).splitlines() if "-fast" in one or "-ref" in one] == [
            "0003",
            "0002",
            "0001",
        ]
        await pilot.press("down", "r")
        await wait_until(pilot, lambda: "0002-reference: back among the runs" in dialog_text(pilot))
        run_of(bench, 2).root.rename(bench.runs_dir / "0001-fast")
        await pilot.press("down", "r")
        await wait_until(pilot, lambda: "a run has that name now" in dialog_text(pilot).replace("\n", " "))
        await pilot.press("E")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        await pilot.press("n")
        await wait_until(pilot, lambda: pilot.app.screen is trash)
        assert len(trashed_runs(bench.runs_dir)) == 2
        await pilot.press("E")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        await pilot.press("y")
        await wait_until(pilot, lambda: pilot.app.screen is trash and "freed" in dialog_text(pilot))
        assert "the trash is empty" in dialog_text(pilot)
        await pilot.press("r", "E", "down", "right")
        assert pilot.app.screen is trash
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        await wait_until(pilot, lambda: listed(screen) == "41")
    assert not (bench.runs_dir / ".trash").exists()


@pytest.mark.parametrize(("key", "answer"), [("n", "enter"), ("t", "enter"), ("delete", "y")])
async def test_a_run_that_vanishes_under_a_dialog_is_one_line(bench: Bench, key: str, answer: str) -> None:
    run = run_of(bench, 4)
    async with app_on(bench).run_test(size=SIZE) as pilot:
        screen = await runs_screen(pilot)
        await pilot.press(key)
        await wait_until(pilot, lambda: pilot.app.screen is not screen)
        for line in pilot.app.screen.query(Input):
            line.value = "late"
        run.root.rename(bench.root / "elsewhere")
        await pilot.press(answer)
        await runs_screen(pilot, f"{run.name}: is not there any more")
        await wait_until(pilot, lambda: listed(screen) == "321")
    assert not run.root.exists()


async def test_a_run_that_began_to_work_meanwhile_is_not_removed(bench: Bench) -> None:
    run = run_of(bench, 3)
    async with app_on(bench).run_test(size=SIZE) as pilot:
        await runs_screen(pilot)
        await pilot.press("down", "delete")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        with alive(run):
            await pilot.press("y")
            await runs_screen(pilot, f"{run.name}: is at work; stop it first")
    assert run.run_json.exists()


async def test_what_cannot_be_listed_is_named(bench: Bench) -> None:
    run_of(bench, 2).run_json.write_text("{")
    async with app_on(bench).run_test(size=(80, 24)) as pilot:
        screen = await runs_screen(pilot, "1 folder cannot be listed: 0002-reference: expected JSON")
        assert listed(screen) == "431"
        check_fits(screen)
