"""The sheet as a person uses it: on a real bench with a real store, real pictures and real suggestions."""

import sqlite3
import threading
from collections.abc import Mapping
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.benchmarks.keys import SHEET_BOXES
from tests.conftest import MakeBench
from tests.tui.test_label_screen import stored
from tests.tui.waiting import heads, label_screen, settle, wait_until
from workbench.annotation.labels import Source, Special
from workbench.annotation.store import LabelStore
from workbench.annotation.suggestions import SuggestedRow, Suggestions
from workbench.bench import Bench
from workbench.images.catalog import fingerprint
from workbench.keys import KeyChoice
from workbench.tui.app import WorkbenchApp
from workbench.tui.keymap import check_keys
from workbench.tui.screens.help import HelpScreen
from workbench.tui.screens.label import LabelScreen
from workbench.tui.screens.sheet import SheetScreen
from workbench.tui.widgets.command_footer import CommandFooter
from workbench.tui.widgets.sheet_lines import SheetLines
from workbench.tui.widgets.sheet_view import SheetView

SIZE = (120, 40)
Said = Mapping[int, str]


def suggest(bench: Bench, said: Mapping[str, Said], hidden: float = 0.0) -> Bench:
    """Suggestions by head and number of the picture, the surer the lower its number; the bench with them."""
    rows: dict[int, dict[str, tuple[str, float]]] = {}
    for head, classes in said.items():
        for number, name in classes.items():
            rows.setdefault(number, {})[head] = (name, 0.99 - number / 100)
    marks = {number: fingerprint(bench.images_root / f"{number:04d}.jpg") for number in rows}
    found = [SuggestedRow(marks[number], answers, "0007-sgd", "now") for number, answers in rows.items()]
    Suggestions(bench.schema, found).write(bench.suggestions_file)
    with (bench.root / "bench.toml").open("a", encoding="utf-8") as file:
        file.write(f"suggestions.hidden_share = {hidden}\n")
    return Bench.open(bench.root)


async def open_sheet(pilot: Pilot[Any], *, suggested: bool = True) -> SheetScreen:
    """From the Label screen to the sheet of its active head, with the faces drawn."""
    label = await label_screen(pilot)
    if suggested:
        await wait_until(pilot, lambda: len(label.desk.session.advice.suggestions))
    await settle(pilot, label)
    await pilot.press("m")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, SheetScreen))
    screen = pilot.app.screen
    assert isinstance(screen, SheetScreen)
    await drawn(pilot, screen)
    return screen


async def drawn(pilot: Pilot[Any], screen: SheetScreen) -> None:
    """Until keys count again."""
    await wait_until(pilot, lambda: screen.ready)
    await pilot.pause()


async def press(pilot: Pilot[Any], screen: SheetScreen, *keys: str) -> None:
    """Press keys, each when the faces are on the screen."""
    for key in keys:
        await pilot.press(key)
        await drawn(pilot, screen)


def faces(screen: SheetScreen) -> str:
    """What stands under the faces."""
    return screen.query_one(SheetView).text()


def heading(screen: SheetScreen) -> str:
    """What is asked."""
    return screen.query_one("#sheet-heading", SheetLines).text()


def message(screen: SheetScreen) -> str:
    """What just happened."""
    return screen.query_one("#sheet-message", SheetLines).text()


WRINKLES: Said = {**dict.fromkeys(range(4), "none"), 4: "yes", 5: "yes"}
GLASSES: Said = {0: "normal", 1: "normal", 2: "none", 3: "sunglasses"}


async def test_enter_stores_the_page_and_shows_the_next_class(make_bench: MakeBench) -> None:
    bench = suggest(make_bench(7), {"wrinkles": WRINKLES})
    async with WorkbenchApp(bench, "ana").run_test(size=SIZE) as pilot:
        screen = await open_sheet(pilot)
        assert "all of these are none" in heading(screen)
        assert "none 1 ·4" in heading(screen)
        assert "0/7 done" in heading(screen)
        assert [word for word in faces(screen).split() if len(word) == 1] == list("abcd")
        assert "0.99" in faces(screen)
        assert stored(bench) == {}, "a suggestion is no answer"
        await press(pilot, screen, "enter")
        assert stored(bench) == {f"000{number}.jpg": {"wrinkles": "none"} for number in range(4)}
        assert "saved ✓  4 answers" in message(screen)
        assert "all of these are yes" in heading(screen)
        assert "4/7 done" in heading(screen)
        await press(pilot, screen, "enter")
        assert "1 picture open for wrinkles" in faces(screen)
        await pilot.press("escape")
        label = pilot.app.screen
        assert isinstance(label, LabelScreen)
        await settle(pilot, label)
        assert "✓ none" in heads(label), "the Label screen shows what was stored"
        assert "6/7" in heads(label)


async def test_a_letter_and_a_digit_change_an_exception_at_once_and_enter_stores_it(
    make_bench: MakeBench,
) -> None:
    bench = suggest(make_bench(4), {"glasses": dict.fromkeys(range(4), "normal")})
    async with WorkbenchApp(bench, "ana").run_test(size=SIZE) as pilot:
        screen = await open_sheet(pilot)
        await press(pilot, screen, "down", "down", "b")
        assert "▶b normal 0.98 ?" in faces(screen)
        assert "b:  1 none  2 normal  3 sunglasses  ? cannot tell  x not a face" in message(screen)
        await press(pilot, screen, "3", "c", "question_mark")
        assert "b ≠ sunglasses" in faces(screen)
        assert "c ? cannot tell" in faces(screen)
        assert stored(bench) == {}, "nothing is stored before ⏎"
        await press(pilot, screen, "enter")
    with LabelStore(bench.labels_db, bench.schema, read_only=True) as store:
        events = [one for one in store.events_since() if one.head]
    assert [(one.name, one.answer, one.source, one.suggested) for one in events] == [
        ("0000.jpg", "normal", Source.ACCEPTED, "normal"),
        ("0001.jpg", "sunglasses", Source.CHANGED, "normal"),
        ("0002.jpg", Special.CANNOT_TELL, Source.CHANGED, "normal"),
        ("0003.jpg", "normal", Source.ACCEPTED, "normal"),
    ]
    assert all(one.seconds is not None for one in events)


async def test_a_face_is_excluded_left_out_or_turned_by_its_letter(make_bench: MakeBench) -> None:
    bench = suggest(make_bench(4), {"wrinkles": dict.fromkeys(range(4), "none")})
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await open_sheet(pilot)
        await press(pilot, screen, "x")
        assert "press the letter of a face first" in message(screen)
        await press(pilot, screen, "a", "x", "b", "space", "c")
        for words in ("a ✗ excluded", "b – left out", "c ≠ yes"):
            assert words in faces(screen)
        await press(pilot, screen, "c")
        assert "≠" not in faces(screen), "the same letter takes it back"
        await press(pilot, screen, "c", "enter")
        assert stored(bench) == {"0002.jpg": {"wrinkles": "yes"}, "0003.jpg": {"wrinkles": "none"}}
    with LabelStore(bench.labels_db, bench.schema, read_only=True) as store:
        assert store.progress().excluded == 1


async def test_undo_takes_the_page_back_and_escape_stores_nothing(make_bench: MakeBench) -> None:
    bench = suggest(make_bench(4), {"wrinkles": dict.fromkeys(range(4), "none")})
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await open_sheet(pilot)
        await press(pilot, screen, "a", "enter")
        assert len(stored(bench)) == 4
        await press(pilot, screen, "u")
        assert stored(bench) == {}
        assert "undone: the last page, 4 answers" in message(screen)
        assert "a none 0.99" in faces(screen), "its faces are back"
        await press(pilot, screen, "b")
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, LabelScreen))
    assert stored(bench) == {}


async def test_heads_and_classes_are_switched_by_keys(make_bench: MakeBench) -> None:
    bench = suggest(make_bench(7), {"wrinkles": WRINKLES, "glasses": GLASSES})
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await open_sheet(pilot)
        await press(pilot, screen, "right")
        assert "all of these are yes" in heading(screen)
        await press(pilot, screen, "down", "down")
        assert "glasses  all of these are none" in heading(screen)
        assert bench.schema.head("glasses").rule[:40] in message(screen)
        await press(pilot, screen, "3")
        assert "all of these are sunglasses" in heading(screen)
        await press(pilot, screen, "left", "left", "left")
        assert "all of these are sunglasses" in heading(screen), "round the corner"
        await press(pilot, screen, "up", "up", "up")
        assert heading(screen).strip().startswith("hair top")


async def test_without_suggestions_a_digit_names_the_class(make_bench: MakeBench) -> None:
    bench = make_bench(3)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await open_sheet(pilot, suggested=False)
        assert "press the key of the class that all of these are" in heading(screen)
        await press(pilot, screen, "enter", "a")
        assert stored(bench) == {}
        await press(pilot, screen, "1", "b", "enter")
        assert {name: one["wrinkles"] for name, one in stored(bench).items()} == {
            "0000.jpg": "none",
            "0001.jpg": "yes",
            "0002.jpg": "none",
        }
        assert "every picture has an answer for wrinkles" in faces(screen)


async def test_empty_sheets_say_what_to_do(make_bench: MakeBench) -> None:
    async with WorkbenchApp(make_bench(0)).run_test(size=SIZE) as pilot:
        screen = await open_sheet(pilot, suggested=False)
        assert "there are no pictures yet" in faces(screen)
        await press(pilot, screen, "a", "1", "enter", "u", "space")
    hidden = suggest(make_bench(3, name="hidden"), {"wrinkles": dict.fromkeys(range(3), "none")}, hidden=1.0)
    async with WorkbenchApp(hidden).run_test(size=SIZE) as pilot:
        screen = await open_sheet(pilot)
        assert "held back on purpose" in faces(screen)
        assert "workbench suggest" in faces(screen)


async def test_keys_do_not_count_before_the_faces_are_seen(make_bench: MakeBench) -> None:
    bench = suggest(make_bench(4), {"wrinkles": dict.fromkeys(range(4), "none")})
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await open_sheet(pilot)
        slow = threading.Event()
        screen.loader._pool.submit(slow.wait)
        await pilot.press("z", "enter", "a", "enter", "1")
        await pilot.pause()
        assert not screen.ready
        assert stored(bench) == {}
        assert "being drawn" in message(screen)
        slow.set()
        await drawn(pilot, screen)
        assert "being drawn" not in message(screen)
        assert "≠" not in faces(screen)
        await press(pilot, screen, "enter")
        assert len(stored(bench)) == 4


async def test_a_face_that_cannot_be_shown_gets_no_answer(make_bench: MakeBench) -> None:
    bench = suggest(make_bench(4), {"wrinkles": dict.fromkeys(range(4), "none")})
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        label = await label_screen(pilot)
        (bench.images_root / "0001.jpg").unlink()
        (bench.images_root / "0002.jpg").write_bytes((bench.images_root / "0003.jpg").read_bytes())
        await settle(pilot, label)
        screen = await open_sheet(pilot)
        assert faces(screen).count("cannot be shown") == 2, "one has gone, one is another picture now"
        await press(pilot, screen, "b")
        assert "a face that cannot be shown gets no answer" in message(screen)
        await press(pilot, screen, "enter")
        assert sorted(stored(bench)) == ["0000.jpg", "0003.jpg"]


async def test_a_locked_label_file_keeps_page_and_changes(make_bench: MakeBench) -> None:
    bench = suggest(make_bench(3), {"wrinkles": dict.fromkeys(range(3), "none")})
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await open_sheet(pilot)
        await press(pilot, screen, "b")
        other = sqlite3.connect(bench.labels_db, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await press(pilot, screen, "enter")
        assert "NOT SAVED ✗" in message(screen)
        assert "b ≠ yes" in faces(screen)
        other.execute("ROLLBACK")
        other.close()
        await press(pilot, screen, "enter")
        assert stored(bench)["0001.jpg"] == {"wrinkles": "yes"}


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 45)])
async def test_every_layout_shows_as_many_faces_as_stay_recognisable(
    make_bench: MakeBench, size: tuple[int, int]
) -> None:
    said = {"wrinkles": dict.fromkeys(range(30), "none"), "hair_colour": dict.fromkeys(range(30), "other")}
    bench = suggest(make_bench(30), said)
    async with WorkbenchApp(bench, "ana").run_test(size=size) as pilot:
        screen = await open_sheet(pilot)
        view, work = screen.query_one(SheetView), screen.work
        assert work is not None
        box = SHEET_BOXES.get(f"{size[0]}x{size[1]}", view.box)
        assert view.box == box, "the benchmark counts with this place"
        assert len(work.page.faces) == {80: 8, 120: 18, 160: 21}[size[0]]
        assert faces(screen).count("none 0.") == len(work.page.faces)
        assert max(len(line) for line in faces(screen).splitlines()) <= size[0]
        blocks = {char for y in range(view.size.height) for char in view.render_line(y).text}
        assert blocks & set("▘▝▀▖▌▞▛▗▚▐▜▄▙▟▂▃▅▆")
        await press(pilot, screen, "down", "down", "down", "b")
        for one in bench.schema.head("hair_colour").classes:
            assert f" {one.key}" in heading(screen)
        assert "·30" in heading(screen)
        assert "? cannot tell" in message(screen)
        assert "esc back" in screen.query_one(CommandFooter).text()


async def test_another_size_keeps_what_was_changed(make_bench: MakeBench) -> None:
    bench = suggest(make_bench(30), {"wrinkles": dict.fromkeys(range(30), "none")})
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await open_sheet(pilot)
        await press(pilot, screen, "b", "s")
        await pilot.resize_terminal(80, 24)
        await wait_until(pilot, lambda: screen.work and len(screen.work.page.faces) == 8 and screen.ready)
        assert faces(screen).count("≠ yes") == 1, "the other face has no place here"
        await pilot.resize_terminal(60, 20)
        await wait_until(pilot, lambda: screen.too_small)
        await pilot.press("enter", "a")
        await pilot.pause()
        assert stored(bench) == {}, "keys do nothing where nothing is seen"


async def test_keys_that_a_person_chose_are_no_letters_of_faces(make_bench: MakeBench) -> None:
    bench = suggest(make_bench(4), {"wrinkles": dict.fromkeys(range(4), "none")})
    keymap = check_keys([KeyChoice("zoom", ("b",), "keys.toml:1")], bench.schema)
    async with WorkbenchApp(bench, keymap=keymap).run_test(size=SIZE) as pilot:
        screen = await open_sheet(pilot)
        assert [word for word in faces(screen).split() if len(word) == 1] == list("acde")
        await press(pilot, screen, "b")
        assert "≠" not in faces(screen)


async def test_the_help_page_explains_the_sheet(make_bench: MakeBench) -> None:
    bench = suggest(make_bench(3), {"wrinkles": {0: "none"}})
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        await open_sheet(pilot)
        await pilot.press("f1")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        page = pilot.app.screen
        assert isinstance(page, HelpScreen)
        for words in ("letter under the face", "Accept the page", "as one step", "held back"):
            assert words in page.text()
