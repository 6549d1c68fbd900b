"""The Evaluate screen: the honest table, every class a key away, sorted, saved, and at every size whole."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.conftest import MakeBench
from tests.tui.run_folders import alive, begin, finished_run, new_run, put_evaluation
from tests.tui.waiting import wait_until
from tests.unit.evaluation.conftest import evaluation, head
from workbench.bench import Bench
from workbench.evaluation.report import ClassMetrics, Evaluation, SplitResult
from workbench.evaluation.words import mark
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.confirm import ConfirmScreen
from workbench.tui.screens.evaluate import EvaluateScreen
from workbench.tui.screens.evaluate_choice import choose
from workbench.tui.screens.evaluate_confusion import confusion_lines
from workbench.tui.screens.evaluate_save import SaveScreen
from workbench.tui.screens.evaluate_text import HEAD_COLUMNS, heads_view
from workbench.tui.screens.message import MessageScreen
from workbench.tui.widgets.command_footer import CommandFooter
from workbench.tui.widgets.row_table import RowTable
from workbench.tui.widgets.table_order import Order
from workbench.tui.widgets.text_block import TextBlock

SIZE = (120, 40)


def app_on(bench: Bench) -> WorkbenchApp:
    """The workbench, on the Evaluate tab from the beginning."""
    return WorkbenchApp(bench, first_screen="evaluate")


async def evaluate_screen(pilot: Pilot[Any], words: str = "in schema order") -> EvaluateScreen:
    """The screen, once it shows certain words."""
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, EvaluateScreen))
    screen = pilot.app.screen
    assert isinstance(screen, EvaluateScreen)
    await wait_until(
        pilot, lambda: words in " ".join(text(screen).split()), 60
    )  # wherever a long path wraps them
    return screen


def text(screen: EvaluateScreen) -> str:
    """Everything between header and footer."""
    if len(screen.query(TextBlock)) < 2:
        return ""
    above, below = (block.text() for block in screen.query(TextBlock))
    return " ".join(f"{above}\n{screen.query_one(RowTable).text()}\n{below}".split(" "))


def rows(screen: EvaluateScreen) -> list[str]:
    """The table's lines."""
    return screen.query_one(RowTable).text().splitlines()


def row(screen: EvaluateScreen, name: str) -> str:
    """The line of a head or class."""
    return next(line for line in rows(screen) if line[3:].startswith(name))


def unwrapped(screen: EvaluateScreen) -> str:
    """Without the line breaks of sentences."""
    return re.sub(r"\s+", " ", text(screen))


async def test_the_references_table_with_what_keeps_it_honest(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    finished_run(bench)
    async with app_on(bench).run_test(size=SIZE) as pilot:
        screen = await evaluate_screen(pilot)
        assert "run 0001-fast" in text(screen)
        cells = row(screen, "freckles").split()
        assert cells == [
            *("▶", "freckles", "10", "0.800", "0.800", "0.800", "0.490–0.940"),
            *("0.700", "~", "0.750", "0.412", "yes", "(0.667)"),
        ]
        assert row(screen, "overall loss").split()[2:5] == ["0.750", "0.750", "0.500"]
        assert "test 10 pictures" in unwrapped(screen)
        assert "note: a note" in text(screen)
        assert "1 picture set aside: m lists all" in text(screen)
        await pilot.press("m")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, MessageScreen))
        assert "set aside: gone.jpg: the file is no longer there" in pilot.app.screen.text()  # type: ignore[attr-defined]


async def test_what_cannot_be_said_is_a_dash(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    finished_run(bench)
    async with app_on(bench).run_test(size=SIZE) as pilot:
        screen = await evaluate_screen(pilot)
        assert row(screen, "glasses").split() == ["glasses", "0", "0.950", "0.950", *("–" * 6)]
        assert "nan" not in text(screen).lower()


@pytest.mark.parametrize(
    ("accuracy", "interval", "sign"),
    [(0.9, (0.8, 0.95), ""), (0.8, (0.6, 0.9), "~"), (0.7, (0.5, 0.8), "✗"), (0.2, (0.1, 0.3), "✗")],
)
def test_accuracies_that_do_not_beat_the_majority_are_marked(
    accuracy: float, interval: tuple[float, float], sign: str
) -> None:
    of = head(accuracy=accuracy, interval=interval, majority=0.7)
    assert mark(of) == sign
    view = heads_view(Evaluation("r", {"test": SplitResult(10, 0.5, {"glasses": of})}), Order())
    cells = dict(zip((column.key for column in view.columns), view.rows[0].cells, strict=True))
    assert cells["majority"].split()[1:] == ([sign] if sign else [])


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 40), (160, 45)])
async def test_nothing_is_lost_at_any_size(make_bench: MakeBench, size: tuple[int, int]) -> None:
    bench = make_bench(1)
    finished_run(bench)
    async with app_on(bench).run_test(size=size) as pilot:
        screen = await evaluate_screen(pilot)
        seen = "\n".join(rows(screen))
        if size[0] == 80:
            assert "→ " in rows(screen)[-1]
            assert "columns" in screen.query_one(CommandFooter).text()
            await pilot.press("right")
            await wait_until(pilot, lambda: "← " in rows(screen)[-1])
            seen += "\n".join(rows(screen))
            await pilot.press("left")
            await wait_until(pilot, lambda: "→ " in rows(screen)[-1])
        else:
            assert "→ " not in seen
        for words in (
            "train",
            "val",
            "test",
            "interval",
            "majority",
            "macro-F1",
            "weakest class",
            "yes (0.667)",
        ):
            assert words in seen
        assert max(map(len, rows(screen))) <= size[0]


async def test_every_class_is_one_key_away(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    finished_run(bench)
    async with app_on(bench).run_test(size=SIZE) as pilot:
        screen = await evaluate_screen(pilot)
        await pilot.press("enter")
        await wait_until(pilot, lambda: "head freckles on test" in text(screen))
        assert row(screen, "none").split() == ["▶", "none", "7", "7", "0.857", "0.857", "0.857"]
        assert row(screen, "maybe").split()[:6] == ["maybe", "0", "0", "–", "–", "–"]
        assert "no picture of this class in the split" in row(screen, "maybe")
        await pilot.press("v")
        await wait_until(pilot, lambda: "head freckles on train" in text(screen))
        await pilot.press("v", "v")
        await wait_until(pilot, lambda: "head freckles on test" in text(screen))
        await pilot.press("escape", "down", "enter")
        await wait_until(pilot, lambda: "head glasses on test: n 0 · accuracy –" in text(screen))
        assert "no labelled picture in the split" in unwrapped(screen)
        await pilot.press("escape")
        await wait_until(pilot, lambda: row(screen, "glasses").startswith(" ▶ "))


async def test_the_confusion_matrix_is_a_key_further(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    finished_run(bench)
    async with app_on(bench).run_test(size=(80, 24)) as pilot:
        screen = await evaluate_screen(pilot)
        await pilot.press("c")
        assert pilot.app.screen is screen, "heads together have no confusion matrix"
        await pilot.press("enter", "c")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, MessageScreen))
        dialog = pilot.app.screen
        assert isinstance(dialog, MessageScreen)
        assert dialog.heading == "freckles on test: confusion"
        assert re.search(r"none +\[6\] +1 +0 +7\n", dialog.text())
        assert re.search(r"yes +1 +\[2\] +0 +3\n", dialog.text())


@pytest.mark.parametrize("width", [40, 74, 110])
def test_counts_stand_under_each_other_however_many_classes(width: int) -> None:
    names = [f"class with a long name {number}" for number in range(23)]
    confusion = tuple(tuple(1000 * (t == p) + t for p in range(23)) for t in range(23))
    classes = tuple(ClassMetrics(name, 1, 1, 1.0, 1.0, 1.0) for name in names)
    lines = [line.plain for line in confusion_lines(head(classes=classes, confusion=confusion), width)]
    assert max(map(len, lines)) <= width
    counts = [line for line in lines if re.match(r"\d+ class", line)]
    assert len({len(line) for line in counts if line.startswith("23 ")}) <= 2
    found = [int(count) for line in counts for count in re.findall(r"\[(\d+)\]", line)]
    assert sorted(found) == [1000 + number for number in range(23)]


async def test_the_table_is_sorted_and_says_how(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    finished_run(bench)
    async with app_on(bench).run_test(size=SIZE) as pilot:
        screen = await evaluate_screen(pilot)
        await pilot.press("o", "o", "o")
        await wait_until(pilot, lambda: "sorted by train, rising" in unwrapped(screen))
        assert "train ▲" in text(screen)
        assert text(screen).index(" freckles") < text(screen).index(" glasses")
        await pilot.press("O")
        await wait_until(pilot, lambda: "sorted by train, falling" in unwrapped(screen))
        assert "train ▼" in text(screen)
        assert text(screen).index(" glasses") < text(screen).index(" freckles")
        assert row(screen, "freckles").startswith(" ▶ "), "the cursor stays on its head"
        await pilot.press(*"o" * (len(HEAD_COLUMNS) - 2))
        await wait_until(pilot, lambda: "in schema order" in unwrapped(screen))


@pytest.mark.parametrize("column", [column.key for column in HEAD_COLUMNS])
@pytest.mark.parametrize("falling", [False, True])
def test_missing_figures_come_last_in_either_order(column: str, falling: bool) -> None:
    names = [one.name for one in heads_view(evaluation(), Order(column, falling)).rows]
    assert sorted(names) == ["freckles", "glasses"]
    if column in ("test", "low", "majority", "macro_f1", "majority_macro_f1", "weakest_recall"):
        assert names == ["freckles", "glasses"]


async def test_another_run_is_chosen(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    for preset in ("fast", "reference", "third"):
        finished_run(bench, preset)
    async with app_on(bench).run_test(size=SIZE) as pilot:
        screen = await evaluate_screen(pilot)
        assert "run 0003-third   1 of 3" in text(screen)
        await pilot.press("left_square_bracket")
        await wait_until(pilot, lambda: "run 0002-reference   2 of 3" in text(screen))
        await pilot.press("left_square_bracket")
        await wait_until(pilot, lambda: "run 0001-fast   3 of 3" in text(screen))
        await pilot.press("right_square_bracket")
        await wait_until(pilot, lambda: "run 0002-reference" in text(screen))


def test_the_newest_that_has_ended_well_is_shown_first(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    good = finished_run(bench)
    dead = new_run(bench)
    begin(dead, 1).close()
    dead.model.write_bytes(b"a network")
    new_run(bench)
    found = choose(bench.runs_dir)
    assert (found.run, found.names) == (good.name, (dead.name, good.name))
    assert choose(bench.runs_dir, dead.name).run == dead.name
    assert choose(bench.runs_dir, "0099-gone").run == good.name


async def test_without_any_run_it_says_what_to_do(make_bench: MakeBench) -> None:
    async with app_on(make_bench(1)).run_test(size=(80, 24)) as pilot:
        await evaluate_screen(pilot, "F4 starts a run")
        await pilot.press(
            "enter", "escape", "c", "v", "o", "O", "w", "a", "x", "m", "up", "left_square_bracket"
        )
        await evaluate_screen(pilot, "F4 starts a run")


async def test_names_from_outside_are_harmless(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    nasty = "[red]\x1b[2J\nhead"
    run = finished_run(bench)
    found = Evaluation(
        "r", {"test": SplitResult(10, 0.5, {nasty: head(weakest="\x1b]0;x")})}, notes=("\x1b[2J",)
    )
    put_evaluation(run, found)
    async with app_on(bench).run_test(size=SIZE) as pilot:
        screen = await evaluate_screen(pilot)
        await pilot.press("enter")
        await wait_until(pilot, lambda: "head [red]" in text(screen))
        assert "\x1b" not in text(screen)
        assert "[red]\\e[2J\\nhead" in text(screen)


@pytest.mark.parametrize(
    "damage",
    [
        lambda table: table["splits"]["test"]["heads"]["freckles"].update(accuracy="much"),
        lambda table: table["splits"]["test"]["heads"].pop("glasses"),
        lambda table: table["splits"]["test"]["heads"]["freckles"].update(interval=[0.1]),
        lambda table: table.update(version=99),
        lambda table: table.update(splits={}),
    ],
)
async def test_a_file_edited_by_hand_is_said_and_can_be_made_anew(make_bench: MakeBench, damage: Any) -> None:
    bench = make_bench(1)
    run = finished_run(bench)
    table = json.loads(run.evaluation.read_text())
    damage(table)
    run.evaluation.write_text(json.dumps(table))
    async with app_on(bench).run_test(size=SIZE) as pilot:
        screen = await evaluate_screen(pilot, "evaluation.json")
        assert "evaluate the run again" in unwrapped(screen)
        assert "evaluate again" in screen.query_one(CommandFooter).text()


async def test_a_run_that_still_trains_is_not_slowed_down_unasked(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    run = new_run(bench)
    run.model.write_bytes(b"a network")
    with alive(run), begin(run, 1):
        async with app_on(bench).run_test(size=SIZE) as pilot:
            screen = await evaluate_screen(pilot, "a evaluates its best epoch so far")
            assert not screen.working


def helpers(name: str) -> list[psutil.Process]:
    """Processes of ours that evaluate a run."""
    found = []
    for child in psutil.Process().children():
        try:
            if name in child.cmdline() and child.status() != psutil.STATUS_ZOMBIE:
                found.append(child)
        except psutil.Error:
            continue
    return found


async def test_what_the_command_complains_of_is_said_and_not_tried_again_and_again(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(1)
    run = finished_run(bench, evaluated=False)
    async with app_on(bench).run_test(size=SIZE) as pilot:
        screen = await evaluate_screen(pilot, "no Keras model")
        assert not screen.working
        await pilot.press("f6", "f5")
        await evaluate_screen(pilot, "no Keras model")
        await wait_until(
            pilot, lambda: all(one.is_finished for one in pilot.app.workers if one.node is screen)
        )
        assert not screen.working
        assert helpers(run.name) == []


@pytest.mark.parametrize("keys", [["x"], ["f6"], ["q"]])
async def test_leaving_ends_the_evaluation(make_bench: MakeBench, keys: list[str]) -> None:
    bench = make_bench(1)
    run = finished_run(bench, evaluated=False)
    async with app_on(bench).run_test(size=SIZE) as pilot:
        await evaluate_screen(pilot, "loading the network")
        await wait_until(pilot, lambda: helpers(run.name))
        await pilot.press("f1", "escape")
        assert len(helpers(run.name)) == 1, "a dialog changes nothing"
        await pilot.press(*keys)
        if keys == ["x"]:
            await evaluate_screen(pilot, "cancelled; a evaluates the run")
        if keys != ["q"]:
            await wait_until(pilot, lambda: not helpers(run.name))
    assert helpers(run.name) == []


async def save(pilot: Pilot[Any], path: Path) -> SaveScreen:
    """Open the dialog, type a path, press enter."""
    await pilot.press("w")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, SaveScreen))
    dialog = pilot.app.screen
    assert isinstance(dialog, SaveScreen)
    dialog.query_one(Input).value = str(path)
    await pilot.press("enter")
    return dialog


@pytest.mark.parametrize("suffix", [".csv", ".md", ".json", ".txt"])
async def test_the_table_is_saved_as_it_is_sorted(make_bench: MakeBench, tmp_path: Path, suffix: str) -> None:
    bench, path = make_bench(1), tmp_path / f"table{suffix}"
    finished_run(bench)
    async with app_on(bench).run_test(size=SIZE) as pilot:
        screen = await evaluate_screen(pilot)
        await pilot.press("o", "o", "o", "O")
        await save(pilot, path)
        await evaluate_screen(pilot, "saved ")
        assert str(path) in text(screen).replace("\n ", "")
    written = path.read_text()
    if suffix == ".json":
        assert json.loads(written)["run"] == "0001-fast"
    else:
        assert written.index("glasses") < written.index("freckles")
        assert written.startswith(
            {".csv": "head,n,train", ".md": "| head | n", ".txt": "run 0001-fast"}[suffix]
        )


async def test_classes_are_saved_from_their_table(make_bench: MakeBench, tmp_path: Path) -> None:
    bench, path = make_bench(1), tmp_path / "classes.csv"
    finished_run(bench)
    async with app_on(bench).run_test(size=SIZE) as pilot:
        await evaluate_screen(pilot)
        await pilot.press("enter", "v")
        await save(pilot, path)
        await evaluate_screen(pilot, "saved ")
    lines = path.read_text().splitlines()
    assert lines[0] == "head,class,support,predicted,precision,recall,f1,reason"
    assert lines[4].startswith("glasses,none,7"), "the train split, where glasses have pictures"


async def test_a_file_is_replaced_only_when_told_to(make_bench: MakeBench, tmp_path: Path) -> None:
    bench, path = make_bench(1), tmp_path / "table.md"
    path.write_text("mine")
    finished_run(bench)
    async with app_on(bench).run_test(size=SIZE) as pilot:
        await evaluate_screen(pilot)
        dialog = await save(pilot, path)
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        await pilot.press("n")
        await wait_until(pilot, lambda: pilot.app.screen is dialog)
        assert path.read_text() == "mine"
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        await pilot.press("y")
        await evaluate_screen(pilot, "saved ")
    assert path.read_text().startswith("| head |")


async def test_what_cannot_be_saved_says_why_and_leaves_the_path(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(1)
    finished_run(bench)
    async with app_on(bench).run_test(size=(80, 24)) as pilot:
        screen = await evaluate_screen(pilot)
        dialog = await save(pilot, tmp_path / "table.xlsx")
        report = dialog.query_one("#report")
        await wait_until(pilot, lambda: report.has_class("refused"))
        assert "table.xlsx: the name's end decides: .csv" in str(report.render())
        dialog.query_one(Input).value = str(tmp_path / "nowhere" / "table.csv")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "no such folder; create it first" in str(report.render()), 30)
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is screen)


async def test_another_network_needs_another_evaluation(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    run = finished_run(bench)
    put_evaluation(run, replace(evaluation(), notes=()))
    run.model.write_bytes(b"another network")
    async with app_on(bench).run_test(size=SIZE) as pilot:
        screen = await evaluate_screen(pilot, "evaluating: ")
        assert screen.evaluation is None
        await pilot.press("x")
        await evaluate_screen(pilot, "cancelled")
