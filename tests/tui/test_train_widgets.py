"""The parts of the Train screen on their own: the list of settings, lines of words, keys."""

from collections.abc import Sequence

import pytest
from rich.style import Style
from textual.app import App, ComposeResult

from tests.conftest import MakeBench
from workbench.annotation.labels import PictureLabels
from workbench.config import SettingField
from workbench.dataset.distribution import distribution
from workbench.schema import Schema
from workbench.tui.commands import Command
from workbench.tui.run_setup import RunSetup
from workbench.tui.screens.train_commands import MONITOR_COMMANDS, SETUP_COMMANDS
from workbench.tui.widgets.settings_list import SettingsList
from workbench.tui.widgets.setup_text import labels_line, meaning_lines, preset_lines


class ListApp(App[None]):
    """Only the list."""

    CSS = "SettingsList { height: 8; }"

    def compose(self) -> ComposeResult:
        """The list."""
        yield SettingsList()


def settings(count: int) -> Sequence[SettingField]:
    """So many settings."""
    return [SettingField(f"key.{i:02}", i, 0, "what [b]it[/b] means \x1b[1m", "number") for i in range(count)]


async def test_the_list_keeps_the_chosen_setting_in_sight_with_its_neighbours() -> None:
    app = ListApp()
    async with app.run_test(size=(80, 12)) as pilot:
        listed = app.query_one(SettingsList)
        listed.show(settings(30), lambda field: field.key == "key.03")
        await pilot.pause()
        for step, chosen in ((0, 0), (1, 1), (10, 11), (100, 29), (-5, 24), (-100, 0)):
            listed.move(step)
            rows = listed.text().splitlines()
            assert len(rows) == 8
            [marked] = [row for row in rows if row.startswith("▸")]
            assert f"key.{chosen:02}" in marked
            if 2 <= chosen <= 27:
                assert f"key.{chosen - 2:02}" in listed.text()
                assert f"key.{chosen + 2:02}" in listed.text()
        assert "●" in next(row for row in listed.text().splitlines() if "key.03" in row)
        assert "○" in next(row for row in listed.text().splitlines() if "key.04" in row)
        assert "[b]it[/b]" in listed.text()
        assert "\x1b" not in listed.text()


@pytest.mark.parametrize("width", [78, 118])
def test_presets_and_meanings_fit(make_bench: MakeBench, width: int) -> None:
    setup = RunSetup(make_bench(0))
    rows = preset_lines(setup, width, Style())
    assert len(rows) == len(setup.presets)
    assert all(row.cell_len <= width for row in rows)
    for field in setup.fields:
        words = meaning_lines(field, "1234", width, Style())
        assert len(words) <= 4
        assert all(row.cell_len <= width for row in words)
        assert "without your change 1234" in " ".join(row.plain.strip() for row in words)


def test_the_labels_line_says_what_hinders(face_schema: Schema) -> None:
    none = labels_line(distribution(face_schema, {}, ()), face_schema)
    assert "F2 looks for them" in none
    empty = labels_line(distribution(face_schema, {}, ("a", "b")), face_schema)
    assert empty.startswith("0 of 2 pictures labelled: nothing to learn from yet")
    labels = {
        "a": PictureLabels({"wrinkles": "yes", "freckles": "yes"}),
        "b": PictureLabels({"wrinkles": "none"}),
    }
    some = labels_line(distribution(face_schema, labels, ("a", "b")), face_schema)
    assert "wrinkles 2, freckles 1" in some
    poor = some.partition("not yet two classes: ")[2]
    assert "freckles" in poor
    assert "wrinkles" not in poor


def keys(commands: Sequence[Command]) -> list[str]:
    """Every key, in order."""
    return [key for command in commands for key in command.keys]


@pytest.mark.parametrize("commands", [SETUP_COMMANDS, MONITOR_COMMANDS])
def test_no_key_means_two_things_in_one_view(commands: tuple[Command, ...]) -> None:
    found = keys(commands)
    assert len(found) == len(set(found))
    assert not {"ctrl+m", "ctrl+i"} & set(found)
    assert all(command.help.endswith(".") for command in commands)
