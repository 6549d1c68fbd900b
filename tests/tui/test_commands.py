"""A command is declared once: binding, footer, palette and help say the same; every key does something."""

import operator
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input

from tests.conftest import MakeBench
from tests.tui.waiting import label_screen, press, settle, wait_until
from workbench.tui.app import APP_COMMANDS, TABS, WorkbenchApp
from workbench.tui.commands import Command, CommandProvider, key_name, offered
from workbench.tui.screens.base import WorkbenchDialog, WorkbenchScreen
from workbench.tui.screens.help import HelpScreen
from workbench.tui.screens.label import LabelScreen
from workbench.tui.screens.welcome import WelcomeScreen
from workbench.tui.widgets.command_footer import CommandFooter

SIZE = (120, 40)


def all_subclasses(kind: type[Any]) -> list[type[Any]]:
    """Every screen class there is."""
    return [one for child in kind.__subclasses__() for one in (child, *all_subclasses(child))]


def screen_classes() -> list[type[Any]]:
    """All tabs and dialogs, imported."""
    import importlib

    for module in [tab.module for tab in TABS]:
        importlib.import_module(module)
    return [*all_subclasses(WorkbenchScreen), *all_subclasses(WorkbenchDialog)]


@pytest.mark.parametrize("kind", screen_classes(), ids=lambda kind: kind.__name__)
def test_commands_of_a_screen_do_not_clash_and_can_all_be_run(kind: type[Any]) -> None:
    own: tuple[Command, ...] = kind.KEY_COMMANDS
    everywhere = () if issubclass(kind, WorkbenchDialog) else APP_COMMANDS
    keys = [key for command in (*own, *everywhere) for key in command.keys]
    assert len(keys) == len(set(keys))
    assert not {"ctrl+m", "ctrl+i"} & set(keys)  # enter and tab
    for command in own:
        assert command.title
        assert command.help
        if not command.run.startswith("app."):
            assert hasattr(kind, f"action_{command.action_name}"), command
    bound = {binding.key for binding in kind.BINDINGS}
    if "KEY_COMMANDS" in kind.__dict__:
        assert bound == {key for command in own for key in command.keys}


def test_keys_are_written_as_on_the_keyboard() -> None:
    assert [key_name(key) for key in ("f1", "ctrl+p", "question_mark", "left", "U", "f")] == [
        "F1",
        "ctrl+p",
        "?",
        "←",
        "U",
        "f",
    ]


async def test_help_and_palette_hold_every_command(make_bench: MakeBench) -> None:
    async with WorkbenchApp(make_bench(2)).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        commands = offered(screen)
        await pilot.press("f1")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        page = pilot.app.screen
        assert isinstance(page, HelpScreen)
        for command in commands:
            assert command.title in page.text()
            assert command.all_keys in page.text()
        await pilot.press("down", "pagedown", "up", "pageup", "escape")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        provider = CommandProvider(screen)
        provider._post_init()
        found = [hit.text async for hit in provider.discover()]
        for command in commands:
            assert any(str(text).startswith(command.title) for text in found) == command.runs
        footer = screen.query_one(CommandFooter).text()
        for words in ("1-9 class", "x not a face", "? cannot tell", "u undo", "F1 help", "q quit"):
            assert words in footer


async def test_the_palette_finds_and_runs_a_command(make_bench: MakeBench) -> None:
    async with WorkbenchApp(make_bench(3)).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        for typed, expected in (("last pict", 2), ("first pict", 0)):
            await palette(pilot, typed)
            await wait_until(pilot, lambda: pilot.app.screen is screen)
            await settle(pilot, screen)
            assert screen.desk.view is not None
            assert screen.desk.view.position == expected
        await palette(pilot, "wrinkles yes")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        await settle(pilot, screen)
        assert screen.desk.view is not None
        assert screen.desk.view.labels.answers == {} or screen.desk.view.labels.answers == {"wrinkles": "yes"}


async def palette(pilot: Pilot[Any], typed: str) -> None:
    """Open the palette, type, and take the first hit."""
    await pilot.press("ctrl+p")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
    pilot.app.screen.query_one(Input).value = typed
    option_list = pilot.app.screen.query_one("CommandList")
    await wait_until(pilot, lambda: getattr(option_list, "option_count", 0) > 0)
    await pilot.pause(0.2)
    await pilot.press("enter")
    await pilot.pause()
    if isinstance(pilot.app.screen, CommandPalette):
        await pilot.press("enter")


def shown(screen: LabelScreen) -> tuple[object, ...]:
    """What a key can change: answers and place, the part of the picture that is seen, how it is drawn."""
    return screen.desk.view, screen.picture_view, screen.workbench.look


async def test_every_key_of_the_label_screen_does_something(make_bench: MakeBench) -> None:
    bench = make_bench(5)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        for command in screen.commands():
            for key in command.keys:
                await press(pilot, screen, "home", "right", "2", "right")
                if command.id == "redo":
                    await press(pilot, screen, "u")
                if command.section == "Picture":
                    await press(pilot, screen, "Z", "plus")
                before = shown(screen)
                await pilot.press(key)
                await wait_until(
                    pilot,
                    lambda: (
                        any(map(operator.is_not, shown(screen), before))  # noqa: B023
                        or pilot.app.screen is not screen
                    ),
                )
                if pilot.app.screen is not screen:
                    await pilot.press("escape")
                    await wait_until(pilot, lambda: pilot.app.screen is screen)
                await settle(pilot, screen)


async def test_number_keys_stay_for_labelling_and_f_keys_change_the_tab(make_bench: MakeBench) -> None:
    async with WorkbenchApp(make_bench(2)).run_test(size=SIZE) as pilot:
        app = pilot.app
        await label_screen(pilot)
        for mode, key, title in [(tab.mode, tab.key, tab.title) for tab in TABS[::-1]]:
            await pilot.press(key)
            await wait_until(pilot, lambda: app.current_mode == mode)  # noqa: B023
            await wait_until(pilot, lambda: app.screen.query("TabHeader"))
            assert f"▸{key.upper()} {title}" in app.screen.query_one("TabHeader").text()  # type: ignore[attr-defined]
            await pilot.press("f1")
            await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen))
            await pilot.press("f1")
            await wait_until(pilot, lambda: not isinstance(app.screen, HelpScreen))


async def test_a_newcomer_is_told_what_to_do_first(make_bench: MakeBench) -> None:
    bench = make_bench(2)
    app = WorkbenchApp(bench, notice="This is the sample bench.")
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, WelcomeScreen))
        welcome = app.screen
        assert isinstance(welcome, WelcomeScreen)
        for words in ("This is the sample bench.", "F3 Data", "F4 Train", "F1 explains", "1 none"):
            assert words in welcome.text()
        await pilot.press("enter")
        await label_screen(pilot)
    again = WorkbenchApp(bench, notice="This is the sample bench.")
    async with again.run_test(size=(80, 24)) as pilot:
        await label_screen(pilot)
        assert not isinstance(again.screen, WelcomeScreen)


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_quitting_asks_nothing(make_bench: MakeBench, key: str) -> None:
    app = WorkbenchApp(make_bench(2))
    async with app.run_test(size=SIZE) as pilot:
        await label_screen(pilot)
        await pilot.press(key)
        await pilot.pause()
        assert app._exit
