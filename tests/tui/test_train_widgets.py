"""The parts of the Train screen on their own: headings of charts, the list of settings, lines of words."""

import math
from collections.abc import Sequence

import pytest
from rich.style import Style
from textual.app import App, ComposeResult

from tests.conftest import MakeBench
from workbench.annotation.labels import PictureLabels
from workbench.config import SettingField
from workbench.dataset.distribution import distribution
from workbench.monitoring.follow import RunSnapshot
from workbench.schema import Schema
from workbench.training.curves import Series
from workbench.training.state import RunState
from workbench.tui.commands import Command
from workbench.tui.run_setup import RunSetup
from workbench.tui.screens.train_commands import MONITOR_COMMANDS, SETUP_COMMANDS
from workbench.tui.thinning import GrowingPoints
from workbench.tui.widgets.chart_grid import METRICS, SPANS, ChartChoice, content_of
from workbench.tui.widgets.chart_panel import ROLES, ChartContent, Frame, chart_lines, number
from workbench.tui.widgets.settings_list import SettingsList
from workbench.tui.widgets.setup_text import labels_line, meaning_lines, preset_lines


def content(**changes: object) -> ChartContent:
    """A head's accuracy over two epochs."""
    series = {
        ("hair", "accuracy", "train"): Series((0.5, 1.0, 1.5), (0.2, 0.4, 0.6)),
        ("hair", "accuracy", "validation"): Series((1.0,), (0.5,)),
        ("hair", "macro_f1", "train_epoch"): Series((1.0,), (0.3,)),
    }
    snapshot = RunSnapshot("0001", RunState.RUNNING, epochs=2, series=series, majority={"hair": 0.41})
    made = content_of("hair", "hair colour", snapshot, ChartChoice(span=1))
    return ChartContent(**{**vars(made), **changes})


def lines(of: ChartContent, width: int, height: int) -> list[str]:
    """A chart as text."""
    made: dict[tuple[str, str, str], GrowingPoints] = {}
    frame = Frame(width, height, Style(bold=True), {role: Style() for role in ROLES})
    drawn = chart_lines(of, frame, lambda key: made.setdefault(key, GrowingPoints(of.span)))
    return [line.plain for line in drawn]


@pytest.mark.parametrize("height", [8, 9, 10, 20])
@pytest.mark.parametrize("width", [30, 38, 60, 120])
def test_a_chart_fills_its_place_and_says_what_each_line_is(width: int, height: int) -> None:
    shown = lines(content(), width, height)
    assert len(shown) == height
    assert all(len(line) <= width for line in shown)
    heading = " ".join(shown[:2] if height >= 10 else shown[:1])
    assert "0.600" in heading
    assert "0.500" in heading
    assert "⠒" in heading
    assert "▀" in heading
    assert heading.startswith("hair")
    assert ("train" in heading and "validation" in heading) == (height >= 10 and width >= 38)
    assert ("0.410" in heading) == (height >= 10)


def test_a_long_or_hostile_title_is_cut() -> None:
    shown = lines(content(title="a very long head's name " * 5), 38, 12)
    assert "…" in shown[0]
    assert len(shown[0]) <= 38


def test_a_figure_that_is_known_once_an_epoch_is_drawn_from_the_epochs() -> None:
    series = {("hair", "macro_f1", "train_epoch"): Series((1.0,), (0.3,))}
    snapshot = RunSnapshot("0001", RunState.RUNNING, epochs=2, series=series)
    made = content_of("hair", "hair", snapshot, ChartChoice("macro_f1", span=50))
    assert made.train.y == (0.3,)
    assert made.span == 1  # a mean of epochs is smooth enough
    assert made.level is None
    overall = content_of("", "all heads", snapshot, ChartChoice("macro_f1"))
    assert overall.metric == "loss"


def test_equal_contents_are_not_drawn_twice_and_grown_curves_are() -> None:
    one = content()
    assert one.same(ChartContent(**vars(one)))
    assert not one.same(None)
    assert not one.same(ChartContent(**{**vars(one), "right": 4.0}))
    grown = Series((*one.train.x, 1.6), (*one.train.y, 0.7))
    assert not one.same(ChartContent(**{**vars(one), "train": grown}))


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "–"), (math.nan, "no number"), (0.12345, "0.123"), (99.5, "99.500"), (12345.6, "1.23e+04")],
)
def test_values_in_the_legend(value: float | None, words: str) -> None:
    assert number(value) == words


def test_choices_go_round() -> None:
    choice = ChartChoice()
    seen = set()
    for _ in METRICS:
        choice = choice.other("metric")
        seen.add(choice.metric)
    assert seen == set(METRICS)
    for _ in SPANS:
        choice = choice.other("smoothing")
    assert choice == ChartChoice()
    assert choice.other("axis").whole
    assert choice.other("axis").other("axis") == choice


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
