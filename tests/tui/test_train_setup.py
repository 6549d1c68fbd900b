"""Setting a run up on the screen: settings explained and edited in place, and what hinders a start."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.conftest import MakeBench
from tests.tui.simulated_run import SimulatedRun
from tests.tui.test_data_screen import label
from tests.tui.waiting import wait_until
from workbench.bench import Bench
from workbench.training import launcher
from workbench.training.run import RunFolder, run_folders
from workbench.tui.app import WorkbenchApp
from workbench.tui.run_setup import DEFAULTS, RunSetup
from workbench.tui.screens.confirm import ConfirmScreen
from workbench.tui.screens.help import HelpScreen
from workbench.tui.screens.train import TrainScreen
from workbench.tui.widgets.command_footer import CommandFooter
from workbench.tui.widgets.monitor_pane import RunLines
from workbench.tui.widgets.settings_list import SettingsList
from workbench.tui.widgets.setup_pane import SetupBlock

SIZE = (120, 40)


def app_of(bench: Bench) -> WorkbenchApp:
    """The workbench on its Train tab."""
    return WorkbenchApp(bench, "ana", first_screen="train")


async def setting_up(pilot: Pilot[Any]) -> TrainScreen:
    """The Train screen with its settings and the count of the labels."""
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, TrainScreen))
    screen = pilot.app.screen
    assert isinstance(screen, TrainScreen)
    await wait_until(
        pilot, lambda: screen.opened and screen.view == "setup" and bool(words(screen, "labels").strip())
    )
    await pilot.pause()
    return screen


def words(screen: TrainScreen, block: str) -> str:
    """The lines of one block."""
    return screen.query_one(f"#{block}", SetupBlock).text()


def said(screen: TrainScreen) -> str:
    """The message, its lines joined."""
    return " ".join(words(screen, "setup-message").split())


def settings(screen: TrainScreen) -> str:
    """What is in sight of the list."""
    return screen.query_one(SettingsList).text()


def run_setup(screen: TrainScreen) -> RunSetup:
    """What the run would be started with."""
    assert screen.setup.setup is not None
    return screen.setup.setup


async def go_to(pilot: Pilot[Any], screen: TrainScreen, key: str) -> None:
    """Choose a setting with the keys that a person has."""
    listed = screen.query_one(SettingsList)
    at = [field.key for field in listed.fields].index(key)
    await pilot.press("home", *["pagedown"] * (at // 10), *["down"] * (at % 10))
    await pilot.pause()
    assert listed.chosen is not None
    assert listed.chosen.key == key


async def type_value(pilot: Pilot[Any], screen: TrainScreen, value: str) -> None:
    """Edit the chosen setting."""
    await pilot.press("enter")
    await wait_until(pilot, lambda: isinstance(screen.focused, Input))
    screen.query_one("#edit-value", Input).value = ""
    await pilot.press(*value, "enter")
    await pilot.pause()


@pytest.mark.parametrize("size", [SIZE, (80, 24)])
async def test_without_a_run_presets_and_every_setting_are_shown(
    make_bench: MakeBench, size: tuple[int, int]
) -> None:
    async with app_of(make_bench(0)).run_test(size=size) as pilot:
        screen = await setting_up(pilot)
        assert "no run yet: g starts one" in said(screen)
        assert "▸ fast" in words(screen, "presets")
        for name in run_setup(screen).presets:
            assert name in words(screen, "presets")
        listed, seen = screen.query_one(SettingsList), set[str]()
        for _ in listed.fields:
            field = listed.chosen
            assert field is not None
            row = next(line for line in settings(screen).splitlines() if line.startswith("▸"))
            assert field.key in row
            meaning = " ".join(words(screen, "meaning").split())
            assert field.meaning.split(": ")[-1][:60] in meaning
            assert f"valid: {field.valid}" in meaning
            seen.add(field.key)
            await pilot.press("down")
            await pilot.pause()
        assert len(seen) == len(listed.fields)
        assert all(len(line) <= size[0] for line in settings(screen).splitlines())


async def test_p_goes_through_the_presets_and_marks_what_they_set(make_bench: MakeBench) -> None:
    async with app_of(make_bench(0)).run_test(size=SIZE) as pilot:
        screen = await setting_up(pilot)
        sized = next(line for line in settings(screen).splitlines() if "dataset.size" in line)
        assert "○" in sized
        for _ in run_setup(screen).presets:
            await pilot.press("p")
            await pilot.pause()
            assert f"▸ {run_setup(screen).preset}" in words(screen, "presets")
        await pilot.press("P")
        await pilot.pause()
        while run_setup(screen).preset != DEFAULTS:
            await pilot.press("p")
        await pilot.pause()
        assert "○" not in settings(screen)


async def test_a_value_is_edited_marked_and_taken_back(make_bench: MakeBench) -> None:
    async with app_of(make_bench(0)).run_test(size=SIZE) as pilot:
        screen = await setting_up(pilot)
        await go_to(pilot, screen, "training.epochs")
        await type_value(pilot, screen, "3")
        assert run_setup(screen).settings.training.epochs == 3
        assert "▸● training.epochs" in settings(screen)
        assert "without your change" in words(screen, "meaning")
        assert screen.focused is None
        await pilot.press("r")
        await pilot.pause()
        assert run_setup(screen).settings.training.epochs != 3
        assert "▸●" not in settings(screen)
        await type_value(pilot, screen, "4")
        await pilot.press("R")
        await pilot.pause()
        assert "all changes taken back" in said(screen)
        assert not run_setup(screen).changed


async def test_a_wrong_value_says_why_in_place_and_keeps_the_old_one(make_bench: MakeBench) -> None:
    async with app_of(make_bench(0)).run_test(size=SIZE) as pilot:
        screen = await setting_up(pilot)
        await go_to(pilot, screen, "training.learning_rate")
        before = run_setup(screen).settings
        await type_value(pilot, screen, "-1")
        assert "greater than 0" in said(screen)
        assert "(still 0.00" in said(screen)
        assert run_setup(screen).settings == before
        typing = screen.query_one("#edit-value", Input)
        assert screen.focused is typing  # the wrong value can be mended
        assert typing.value == "-1"
        await pilot.press("q", "p")  # letters are typed, not obeyed
        assert typing.value == "-1qp"
        await pilot.press("escape")
        await wait_until(pilot, lambda: screen.focused is None)
        assert said(screen) == ""
        assert run_setup(screen).settings == before


async def test_the_field_says_what_is_valid_and_the_footer_what_enter_does(make_bench: MakeBench) -> None:
    async with app_of(make_bench(0)).run_test(size=(80, 24)) as pilot:
        screen = await setting_up(pilot)
        await go_to(pilot, screen, "dataset.split.train")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "0.8; validation = 0.1" in said(screen))
        footer = screen.query_one(CommandFooter)
        await wait_until(pilot, lambda: "⏎ take it" in footer.text() and "esc back" in footer.text())
        assert "g start" not in footer.text()
        screen.query_one("#edit-value", Input).value = "0.8; validation = 0.1; test = 0.1"
        await pilot.press("enter")
        await wait_until(pilot, lambda: "g start" in footer.text())
        assert run_setup(screen).settings.dataset.split.test == 0.1


async def test_arrows_go_through_choices(make_bench: MakeBench) -> None:
    async with app_of(make_bench(0)).run_test(size=SIZE) as pilot:
        screen = await setting_up(pilot)
        await go_to(pilot, screen, "training.schedule")
        before = run_setup(screen).settings.training.schedule
        await pilot.press("right")
        assert run_setup(screen).settings.training.schedule != before
        await pilot.press("left")
        assert run_setup(screen).settings.training.schedule == before
        await go_to(pilot, screen, "training.epochs")
        await pilot.press("right")
        await pilot.pause()
        assert "enter types a value" in said(screen)


async def test_labels_are_counted_and_what_is_missing_is_said(make_bench: MakeBench) -> None:
    bench = make_bench(6)
    async with app_of(bench).run_test(size=SIZE) as pilot:
        screen = await setting_up(pilot)
        assert "no pictures are known yet" in words(screen, "labels")
    label(bench, 1)
    async with app_of(bench).run_test(size=SIZE) as pilot:
        screen = await setting_up(pilot)
        assert "1 of 6 pictures labelled" in words(screen, "labels")
        assert "wrinkles 1" in words(screen, "labels")
        assert "not yet two classes: wrinkles" in " ".join(words(screen, "labels").split())


@pytest.mark.parametrize("labelled", [0, 1])
async def test_a_start_without_enough_labels_is_refused_with_a_cure(
    make_bench: MakeBench, labelled: int
) -> None:
    bench = make_bench(6)
    if labelled:
        label(bench, labelled)
    async with app_of(bench).run_test(size=SIZE) as pilot:
        screen = await setting_up(pilot)
        await pilot.press("g")
        await wait_until(pilot, lambda: screen.setup.refused)
        assert "label" in said(screen)
        assert screen.view == "setup"
        assert run_folders(bench.runs_dir) == []
        await pilot.press("p")  # it can be gone on with
        await wait_until(pilot, lambda: not screen.setup.refused)


async def test_a_metric_that_does_not_exist_is_refused_before_anything_starts(make_bench: MakeBench) -> None:
    bench = make_bench(6)
    async with app_of(bench).run_test(size=SIZE) as pilot:
        screen = await setting_up(pilot)
        await go_to(pilot, screen, "training.checkpoint_metric")
        await type_value(pilot, screen, "val_los")
        await pilot.press("g")
        await wait_until(pilot, lambda: screen.setup.refused)
        assert "val_los" in said(screen)
        assert run_folders(bench.runs_dir) == []


@pytest.fixture
def quick_worker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A worker that is a real process with the real lock, but ends after two lines instead of training."""
    (tmp_path / "quick_worker.py").write_text(
        "import sys\n"
        "from pathlib import Path\n"
        "from workbench.training.events import EventLog\n"
        "log = EventLog(Path(sys.argv[1]) / 'events.jsonl')\n"
        "log.emit('finished', text='that was quick', epoch=1, best_epoch=1)\n"
    )
    monkeypatch.setattr(launcher, "WORKER", "quick_worker")
    root = Path(__file__).resolve().parents[2]
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{root}")


@pytest.mark.usefixtures("quick_worker")
async def test_g_starts_a_process_with_these_settings_and_watches_it(make_bench: MakeBench) -> None:
    bench = make_bench(60)
    label(bench, 60)
    async with app_of(bench).run_test(size=SIZE) as pilot:
        screen = await setting_up(pilot)
        await go_to(pilot, screen, "training.epochs")
        await type_value(pilot, screen, "2")
        await pilot.press("g", "g")  # an impatient second press starts no second run
        await wait_until(pilot, lambda: screen.view == "monitor", 30)
        status = screen.query_one("#run-status", RunLines)
        await wait_until(pilot, lambda: "✓ finished" in status.text(), 30)
        [run] = run_folders(bench.runs_dir)
        assert run.settings().training.epochs == 2
        assert run.read()["preset"] == "fast"
        assert "that was quick" in screen.query_one("#run-events", RunLines).text()
        await pilot.press("n")
        await wait_until(pilot, lambda: screen.view == "setup")
        assert run_setup(screen).settings.training.epochs == 2  # what was set is still set
        await pilot.press("escape")
        await pilot.pause()
        assert screen.view == "monitor"


async def test_a_second_run_beside_one_that_trains_is_asked_about(make_bench: MakeBench) -> None:
    bench = make_bench(6)
    with SimulatedRun(bench) as run:
        async with app_of(bench).run_test(size=SIZE) as pilot:
            await wait_until(
                pilot, lambda: isinstance(pilot.app.screen, TrainScreen) and pilot.app.screen.run is not None
            )
            found = pilot.app.screen
            assert isinstance(found, TrainScreen)
            screen: TrainScreen = found
            await pilot.press("n")
            await wait_until(pilot, lambda: screen.view == "setup" and screen.setup.setup is not None)
            await pilot.press("g")
            await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
            dialog = pilot.app.screen
            assert isinstance(dialog, ConfirmScreen)
            assert "0001-fast is still training" in dialog.question
            await pilot.press("n")
            await wait_until(pilot, lambda: pilot.app.screen == screen and not screen.setup.preparing)
            assert run_folders(bench.runs_dir) == [RunFolder(run.run.root)]
            await pilot.press("g")
            await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
            await pilot.press("y")
            await wait_until(
                pilot, lambda: screen.setup.refused
            )  # asked, and then refused for want of labels


async def test_help_lists_the_keys_of_the_view(make_bench: MakeBench) -> None:
    async with app_of(make_bench(0)).run_test(size=SIZE) as pilot:
        screen = await setting_up(pilot)
        await pilot.press("f1")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        page = pilot.app.screen
        assert isinstance(page, HelpScreen)
        assert "Start the run" in page.text()
        assert "Stop and save" not in page.text()
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
