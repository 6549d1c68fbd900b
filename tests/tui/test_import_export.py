"""Files of labels from the screen: nothing is written before it was said, or replaced before it was asked."""

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.conftest import MakeBench
from tests.tui.waiting import heads, label_screen, press, settle, status, wait_until
from workbench.annotation.store import LabelStore
from workbench.bench import Bench
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.confirm import ConfirmScreen
from workbench.tui.screens.import_export import ExportScreen, ImportScreen, PathSuggester, typed_tags
from workbench.tui.widgets.command_footer import CommandFooter

HEADER = "file_name,wrinkles,freckles,glasses,hair_colour,hair_top,not_human\n"
SIZE = (120, 40)


def events(bench: Bench) -> int:
    """How many events are on the disk."""
    with LabelStore(bench.labels_db, bench.schema, read_only=True) as store:
        return sum(event.head != "" for event in store.events_since(0))


def report(pilot: Pilot[int]) -> str:
    """What the dialog says."""
    return str(pilot.app.screen.query_one("#report", Static).content)


async def check(pilot: Pilot[int], path: Path, tags: str = "") -> ImportScreen:
    """Open the import dialog and have a file checked."""
    await pilot.press("ctrl+o")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, ImportScreen))
    dialog = pilot.app.screen
    assert isinstance(dialog, ImportScreen)
    dialog.query_one("#path", Input).value = str(path)
    dialog.query_one("#tags", Input).value = tags
    await pilot.press("enter")
    await wait_until(
        pilot, lambda: report(pilot) not in ("checking …", "") and "enter checks" not in report(pilot)
    )
    await pilot.pause()
    return dialog


async def test_refused_rows_are_reported_before_anything_is_written(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(4)
    file = tmp_path / "labels.csv"
    file.write_text(HEADER + "0000.jpg,1,0,2,4,1,0\n0001.jpg,7,0,0,0,0,0\n[bold]no.jpg,1,1,1,1,1,0\n")
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await check(pilot, file)
        said = report(pilot)
        assert "refused: 2 rows" in said
        assert "row 3" in said
        assert "[bold]no.jpg" in said
        assert events(bench) == 0
        assert "a apply" in pilot.app.screen.query_one(CommandFooter).text()
        await pilot.press("w")
        refused = Path(f"{file}.refused.csv")
        await wait_until(pilot, refused.exists)
        assert len(refused.read_text().splitlines()) == 3
        await pilot.press("a")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        await settle(pilot, screen)
        assert events(bench) >= 5
        assert "imported" in status(screen)
        assert "✓ yes" in heads(screen)


async def test_escape_leaves_everything_as_it_was(make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench(2)
    file = tmp_path / "labels.csv"
    file.write_text(HEADER + "0000.jpg,1,0,2,4,1,0\n")
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await check(pilot, file)
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        assert events(bench) == 0


async def test_a_persons_answers_are_replaced_only_after_a_yes(make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench(2)
    file = tmp_path / "labels.csv"
    file.write_text(HEADER + "0000.jpg,0,,,,,\n")
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, "2", "left")
        for answer, expected in (("n", "✓ yes"), ("enter", "✓ yes"), ("y", "✓ none")):
            dialog = await check(pilot, file)
            await pilot.press("a")
            await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
            await pilot.press(answer)
            await pilot.pause()
            if answer == "enter":
                assert isinstance(pilot.app.screen, ConfirmScreen)
                await pilot.press("escape")
            if answer != "y":
                await wait_until(pilot, lambda: pilot.app.screen is dialog)  # noqa: B023
                await pilot.press("escape")
            await wait_until(pilot, lambda: pilot.app.screen is screen)
            await settle(pilot, screen)
            assert expected in heads(screen)


async def test_a_file_that_cannot_be_taken_is_refused_in_one_line_and_another_can_be_tried(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(2)
    (tmp_path / "odd\x1b[2J.csv").write_text("what;is;this\n1;2;3\n")
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        await label_screen(pilot)
        dialog = await check(pilot, tmp_path / "nothing.csv")
        assert "no such file" in report(pilot)
        dialog.query_one("#path", Input).value = str(tmp_path / "odd\x1b[2J.csv")
        dialog.set_focus(dialog.query_one("#path", Input))
        await pilot.press("enter")
        await wait_until(pilot, lambda: "\\e[2J" in report(pilot))
        assert "a apply" not in dialog.query_one(CommandFooter).text()


async def test_tags_of_other_names_can_be_mapped(make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench(2)
    file = tmp_path / "labels_x_2024-01-01-10-00-00.csv"
    file.write_text('0000.jpg,"[blond,shades]"\n')
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await check(pilot, file)
        assert "refused: 1 rows" in report(pilot)
        await pilot.press("e")
        await pilot.pause()
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        await check(pilot, file, "shades=glasses.sunglasses")
        assert "refused: 0 rows" in report(pilot)
        await pilot.press("a")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        await settle(pilot, screen)
        assert "✓ sunglasses" in heads(screen)


async def export_to(pilot: Pilot[int], path: Path, *keys: str) -> None:
    """Open the export dialog and give it a path."""
    await pilot.press("ctrl+e")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, ExportScreen))
    pilot.app.screen.query_one("#path", Input).value = str(path)
    await pilot.press(*keys, "enter")


async def test_an_export_comes_back_by_an_import(make_bench: MakeBench, tmp_path: Path) -> None:
    bench, other = make_bench(3), make_bench(3, name="other")
    file = tmp_path / "out.csv"
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, "2", "1", "3", "5", "2", "x")
        await export_to(pilot, file)
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        await settle(pilot, screen)
        assert "exported 3 pictures" in status(screen)
        await export_to(pilot, file, "ctrl+t")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        assert "0000.jpg,1,0,2,4,1" in file.read_text()
        await pilot.press("y")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        assert "0000.jpg,yes,none,sunglasses,red,few" in file.read_text()
    async with WorkbenchApp(other).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await check(pilot, file)
        await pilot.press("a")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        await settle(pilot, screen)
        for words in ("✓ yes", "✓ none", "✓ sunglasses", "✓ red", "✓ few"):
            assert words in heads(screen)


async def test_an_export_that_cannot_be_written_says_why(make_bench: MakeBench, tmp_path: Path) -> None:
    async with WorkbenchApp(make_bench(2)).run_test(size=SIZE) as pilot:
        await label_screen(pilot)
        await export_to(pilot, tmp_path / "no" / "folder" / "x.csv")
        await wait_until(pilot, lambda: "no such folder" in report(pilot))
        await pilot.press("escape")


async def test_a_path_is_completed(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").touch()
    suggester = PathSuggester()
    assert await suggester.get_suggestion(f"{tmp_path}/lab") == f"{tmp_path}/labels.csv"
    assert await suggester.get_suggestion(f"{tmp_path}/") is None
    assert await suggester.get_suggestion("/no/such/folder/x") is None


async def test_the_format_of_another_tool_brings_its_own_path_and_says_where_it_belongs(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(2)
    async with WorkbenchApp(bench).run_test(size=(80, 24)) as pilot:
        screen = await label_screen(pilot)
        await pilot.press("ctrl+e")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ExportScreen))
        dialog = pilot.app.screen
        assert "codes or names" in dialog.query_one(CommandFooter).text()
        seen = []
        for _ in range(5):
            await pilot.press("ctrl+f")
            await pilot.pause()
            seen.append((Path(dialog.query_one("#path", Input).value).name, report(pilot).split(":")[0]))
        assert seen == [
            ("labels.jsonl", "JSON Lines"),
            ("label-studio.json", "Label Studio"),
            ("metadata.csv", "Hugging Face imagefolder"),
            ("fiftyone", "FiftyOne"),
            ("labels.csv", "csv"),
        ]
        await pilot.press("ctrl+f", "ctrl+f")
        await pilot.pause()
        assert "codes or names" not in dialog.query_one(CommandFooter).text()
        await pilot.press("enter")
        await wait_until(pilot, lambda: "exported 2 pictures" in report(pilot))
        assert "DOCUMENT_ROOT" in report(pilot)
        assert (bench.root / "label-studio.json").is_file()
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is screen)


async def test_the_format_follows_the_path_that_is_typed(make_bench: MakeBench, tmp_path: Path) -> None:
    async with WorkbenchApp(make_bench(1)).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await pilot.press("ctrl+e")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ExportScreen))
        field = pilot.app.screen.query_one("#path", Input)
        field.value = str(tmp_path / "out.jsonl")
        await wait_until(pilot, lambda: report(pilot).startswith("JSON Lines"))
        await pilot.press("enter")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        assert (tmp_path / "out.jsonl").read_text().startswith('{"workbench": "labels"')


async def test_an_import_is_taken_back_after_a_yes(make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench(2)
    file = tmp_path / "labels.jsonl"
    file.write_text('{"file_name": "0000.jpg", "answers": {"glasses": "sunglasses"}}\n')
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await check(pilot, file)
        await pilot.press("a")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        await settle(pilot, screen)
        assert "✓ sunglasses" in heads(screen)
        await pilot.press("ctrl+o")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ImportScreen))
        dialog = pilot.app.screen
        for answer in ("n", "y"):
            await pilot.press("ctrl+z")
            await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
            await pilot.press(answer)
            if answer == "n":
                await wait_until(pilot, lambda: pilot.app.screen is dialog)
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        await settle(pilot, screen)
        assert "taken back: the import of" in status(screen)
        assert "✓ sunglasses" not in heads(screen)
        await pilot.press("ctrl+o", "ctrl+z")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        await pilot.press("y")
        await wait_until(pilot, lambda: "there is no import" in report(pilot))


@pytest.mark.parametrize(
    ("typed", "tags"),
    [
        ("", []),
        ("a=h.x, b=h.y", ["a=h.x", "b=h.y"]),
        ("a=h.x b=h.y", ["a=h.x", "b=h.y"]),
        ("light brown=h.brown,junk=", ["light brown=h.brown", "junk="]),
        ("a=b=h.x", ["a=b=h.x"]),
        ("nothing", ["nothing"]),
        ("a=h.x, nothing", ["a=h.x", "nothing"]),
    ],
)
def test_tags_as_a_person_types_them(typed: str, tags: list[str]) -> None:
    assert typed_tags(typed) == tags
