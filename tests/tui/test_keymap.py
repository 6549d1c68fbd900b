"""Keys given to commands: they work, are shown everywhere, and what would have two meanings is refused."""

from pathlib import Path

import pytest
from textual.widgets import Input

from tests.conftest import MakeBench
from tests.tui.waiting import heads, label_screen, press, settle, status, wait_until
from workbench.bench import Bench
from workbench.errors import ConfigError
from workbench.keys import KeyChoice
from workbench.schema import Schema
from workbench.tui.app import WorkbenchApp
from workbench.tui.commands import Command, CommandProvider, offered
from workbench.tui.keymap import KeyMap, check_keys, load_key_map
from workbench.tui.screens.help import HelpScreen
from workbench.tui.screens.line_dialog import LineDialog
from workbench.tui.widgets.command_footer import CommandFooter

SIZE = (120, 40)


def chosen(**keys: str | tuple[str, ...]) -> tuple[KeyChoice, ...]:
    """Choices, each on a line of its own."""
    return tuple(
        KeyChoice(command, (key,) if isinstance(key, str) else key, f"bench.toml:{line}")
        for line, (command, key) in enumerate(keys.items(), 1)
    )


def refusal(schema: Schema, **keys: str | tuple[str, ...]) -> str:
    """Why these are refused."""
    with pytest.raises(ConfigError) as error:
        check_keys(chosen(**keys), schema)
    assert error.value.exit_code == 2
    assert "\n" not in str(error.value)
    return str(error.value)


def test_keys_are_written_as_on_the_keyboard_or_by_name(face_schema: Schema) -> None:
    keymap = check_keys(
        chosen(undo=("\\", "ctrl+u", "F9"), redo=("percent_sign", " "), rescan=()), face_schema
    )
    assert keymap.keys == {
        "undo": ("backslash", "ctrl+u", "f9"),
        "redo": ("percent_sign", "space"),
        "rescan": (),
    }


def test_what_cannot_be_is_refused_with_its_place(face_schema: Schema) -> None:
    assert refusal(face_schema, undo="bogus").startswith("bench.toml:1: undo: no key is named 'bogus'")
    assert refusal(face_schema, unndo="z") == (
        "bench.toml:1: no command is named 'unndo'; did you mean 'undo'?"
    )
    assert "a terminal sends enter for ctrl+m" in refusal(face_schema, undo="ctrl+m")
    assert "a terminal sends tab for ctrl+i" in refusal(face_schema, undo="ctrl+i")


def test_a_key_with_two_meanings_is_refused(face_schema: Schema) -> None:
    assert refusal(face_schema, redo="U", undo="n") == (
        "bench.toml:2: undo: the key n is taken by the command 'next_unlabelled'; choose another key"
    )
    assert "bench.toml:2: redo: the key ! is taken by the command 'undo'" in refusal(
        face_schema, undo="!", redo="!"
    )
    assert "the key 1 is taken by the class 'none' of 'wrinkles'" in refusal(face_schema, undo="1")
    assert "the key x is taken by 'not a face'" in refusal(face_schema, undo="x")
    assert "undo: the key F1 is taken by the command 'help'" in refusal(face_schema, undo="f1")
    assert "quit: the key u is taken by the command 'undo'" in refusal(face_schema, quit="u")


def test_a_name_is_meant_for_the_screens_that_give_it_the_same_keys(face_schema: Schema) -> None:
    choices = (KeyChoice("zoom", ("!",), "a:1"), KeyChoice("message_screen.close", ("&",), "a:2"))
    keymap = check_keys(choices, face_schema)
    on_label, on_train = Command("zoom", ("z",), "Zoom", ""), Command("zoom", ("plus",), "Zoom in", "")
    assert keymap.apply(on_label, scope="label_screen").keys == ("exclamation_mark",)
    assert keymap.apply(on_label, scope="sheet_screen").keys == ("exclamation_mark",)
    assert keymap.apply(on_train, scope="train_screen") is on_train
    close = Command("close", ("escape",), "Close", "")
    assert keymap.apply(close, scope="message_screen").keys == ("ampersand",)
    assert keymap.apply(close, scope="line_dialog") is close


def test_two_commands_may_change_places(face_schema: Schema) -> None:
    keymap = check_keys(chosen(undo=("n",), next_unlabelled=("u",)), face_schema)
    assert keymap.keys == {"undo": ("n",), "next_unlabelled": ("u",)}


def test_a_key_that_a_class_has_by_itself_is_no_mistake_of_the_person(face_schema: Schema) -> None:
    table = {"name": "many", "heads": [{"name": "h", "classes": [f"c{number}" for number in range(19)]}]}
    many = Schema.from_dict(table)
    assert check_keys(chosen(undo="!"), many).keys == {"undo": ("exclamation_mark",)}
    command = Command("flag", ("f", "F"), "Flag", "", label="flag")
    assert KeyMap().apply(command, ["f"]).keys == ("F",)
    assert KeyMap().apply(command) is command


def bench_with(make_bench: MakeBench, words: str) -> Bench:
    """A bench with keys of its own."""
    root = make_bench(3).root
    file = root / "bench.toml"
    file.write_text(f"{file.read_text()}[settings.keys]\n{words}")
    return Bench.open(root)


async def test_the_chosen_key_works_the_usual_one_no_more_and_all_places_say_so(
    make_bench: MakeBench,
) -> None:
    bench = bench_with(make_bench, 'undo = "!"\nhelp = "f12"\nshow_data = ["f3", "ctrl+d"]\n')
    app = WorkbenchApp(bench, keymap=load_key_map(bench))
    async with app.run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, "2", "u")
        assert "✓ yes" in heads(screen), "u means nothing now"
        await press(pilot, screen, "!")
        assert "✓ yes" not in heads(screen)
        assert "undone" in status(screen)
        footer = screen.query_one(CommandFooter).text()
        assert "! undo" in footer
        assert "F12 help" in footer
        provider = CommandProvider(screen)
        provider._post_init()
        assert "Undo  (!)" in [str(hit.text) async for hit in provider.discover()]
        await pilot.press("f1")
        await pilot.pause()
        assert app.screen is screen
        await pilot.press("f12")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen))
        page = app.screen
        assert isinstance(page, HelpScreen)
        assert any(line.split()[:2] == ["!", "Undo"] for line in page.text().splitlines())
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is screen)
        await settle(pilot, screen)
        await pilot.press("ctrl+d")
        await wait_until(pilot, lambda: app.current_mode == "data")


async def test_a_command_without_a_key_is_still_in_the_palette(make_bench: MakeBench) -> None:
    bench = bench_with(make_bench, "undo = []\n")
    async with WorkbenchApp(bench, keymap=load_key_map(bench)).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, "2", "u", "ctrl+z")
        assert "✓ yes" in heads(screen)
        assert "undo" in [command.id for command in offered(screen)]


async def test_escape_leaves_a_dialog_whatever_key_was_chosen(make_bench: MakeBench) -> None:
    bench = bench_with(make_bench, 'message_screen.close = "!"\nline_dialog.close = "!"\n')
    app = WorkbenchApp(bench, keymap=load_key_map(bench))
    async with app.run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        for leave in ("escape", "!"):
            await pilot.press("f1")
            await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen))
            await pilot.press(leave)
            await wait_until(pilot, lambda: app.screen is screen)
        await pilot.press("slash")
        await wait_until(pilot, lambda: isinstance(app.screen, LineDialog))
        await pilot.press("!")
        assert app.screen.query_one(Input).value == "!", "while one types it is a letter"
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is screen)


def test_the_bench_goes_over_the_person(
    make_bench: MakeBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    mine = tmp_path / "config" / "workbench"
    mine.mkdir(parents=True)
    (mine / "keys.toml").write_text('undo = "!"\nredo = "$"\n')
    bench = bench_with(make_bench, 'undo = "&"\n')
    assert load_key_map(bench).keys == {"undo": ("ampersand",), "redo": ("dollar_sign",)}
    assert load_key_map(make_bench(0, name="other")).keys["undo"] == ("exclamation_mark",)
