"""Passes, locks, flags, notes, jumps and queues as a person sees them, on a real bench."""

import os
from pathlib import Path
from typing import TypeVar

import pytest
from PIL import Image
from textual.pilot import Pilot
from textual.widgets import Input

from tests.conftest import MakeBench
from tests.tui.waiting import heads, label_screen, press, settle, status, wait_until
from workbench.annotation.labels import Source
from workbench.annotation.store import LabelStore
from workbench.bench import Bench
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.label import LabelScreen
from workbench.tui.screens.line_dialog import LineDialog
from workbench.tui.screens.message import MessageScreen
from workbench.tui.screens.queue import QueueScreen
from workbench.tui.widgets.choice_list import ChoiceList
from workbench.tui.widgets.command_footer import CommandFooter
from workbench.tui.widgets.picture_line import PictureLine
from workbench.tui.widgets.picture_view import PictureView

SIZE = (120, 40)
Kind = TypeVar("Kind")
SIZES = [(80, 24), (120, 40), (160, 45)]


def over_heads(screen: LabelScreen) -> str:
    """Name, place, queue, flag and note."""
    return screen.query_one(PictureLine).text()


def stored(bench: Bench) -> dict[str, dict[str, object]]:
    """The answers on the disk by file name."""
    with LabelStore(bench.labels_db, bench.schema, read_only=True) as store:
        names, labels = store.names(), store.all_labels()
    return {names[key]: dict(one.answers) for key, one in labels.items() if one.answers}


async def dialog(pilot: Pilot[int], kind: type[Kind], *keys: str) -> Kind:
    """Press keys and wait for the dialog that they open."""
    await pilot.press(*keys)
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, kind))
    found = pilot.app.screen
    assert isinstance(found, kind)
    return found


async def back(pilot: Pilot[int], screen: LabelScreen, *keys: str) -> None:
    """Press keys in a dialog and wait until the Label screen shows what they did."""
    await pilot.press(*keys)
    await wait_until(pilot, lambda: pilot.app.screen is screen)
    await settle(pilot, screen)


@pytest.mark.parametrize("size", SIZES)
async def test_a_pass_over_one_head_is_one_key_a_picture(
    make_bench: MakeBench, size: tuple[int, int]
) -> None:
    bench = make_bench(4)
    async with WorkbenchApp(bench, "ana").run_test(size=size) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, "down", "down", "p")
        assert "glasses only" in over_heads(screen)
        assert "p all heads" in screen.query_one(CommandFooter).text()
        await press(pilot, screen, "1", "2", "3")
        assert "4 of 4" in over_heads(screen)
        assert "▶ glasses" in heads(screen)
        assert "3/4 done" in status(screen)
        await press(pilot, screen, "p")
        assert "glasses only" not in over_heads(screen)
        assert "▶ wrinkles" in heads(screen)
        assert "0/4 done" in status(screen)
    assert [stored(bench)[f"000{n}.jpg"] for n in range(3)] == [
        {"glasses": one} for one in ("none", "normal", "sunglasses")
    ]


async def test_repeat_and_carry_forward(make_bench: MakeBench) -> None:
    bench = make_bench(4)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, "full_stop")
        assert "wrinkles was not answered before" in status(screen)
        await press(pilot, screen, "2", "1", "3", "4", "2", "full_stop")
        assert "✓ yes" in heads(screen)
        await press(pilot, screen, "c", "c")
        assert "4 of 4" in over_heads(screen)
    answers = stored(bench)
    assert answers["0000.jpg"] == answers["0001.jpg"] == answers["0002.jpg"]


@pytest.mark.parametrize("size", SIZES)
async def test_a_lock_is_in_view_and_answers_beside_the_others(
    make_bench: MakeBench, size: tuple[int, int]
) -> None:
    bench = make_bench(3)
    async with WorkbenchApp(bench).run_test(size=size) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, "2", "up", "l")
        assert "✓ yes  = locked" in heads(screen)
        await press(pilot, screen, "right")
        assert "= yes, locked" in heads(screen)
        assert "▶ freckles" in heads(screen)
        assert stored(bench) == {"0000.jpg": {"wrinkles": "yes"}}, "looking answers nothing"
        await press(pilot, screen, "1")
        assert stored(bench)["0001.jpg"] == {"freckles": "none", "wrinkles": "yes"}
        await press(pilot, screen, "up", "up", "1")
        assert "✓ none  = locked: yes" in heads(screen)
        await press(pilot, screen, "u", "u", "u")
        assert "1 of 3" not in over_heads(screen)
        assert "0001.jpg" not in stored(bench)


@pytest.mark.parametrize("size", SIZES)
async def test_flag_and_note_are_in_view_kept_and_undone(
    make_bench: MakeBench, size: tuple[int, int]
) -> None:
    bench = make_bench(3)
    async with WorkbenchApp(bench, "ana").run_test(size=size) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, "f")
        assert "⚑ flagged" in over_heads(screen)
        await dialog(pilot, LineDialog, "t")
        await back(pilot, screen, *"half dark?", "enter")
        assert "“half dark?”" in over_heads(screen)
        assert "note kept" in status(screen)
        assert "saved ✓" in status(screen)
        await pilot.press("q")
    async with WorkbenchApp(bench, "ana").run_test(size=size) as pilot:
        screen = await label_screen(pilot)
        assert "⚑ flagged" in over_heads(screen)
        note = await dialog(pilot, LineDialog, "t")
        assert note.query_one(Input).value == "half dark?"
        await back(pilot, screen, "escape")
        assert "“half dark?”" in over_heads(screen)
        await press(pilot, screen, "u", "u")
        assert "⚑" not in over_heads(screen)
        assert "half" not in over_heads(screen)


async def test_a_note_of_somebody_else_is_harmless_and_left_alone(make_bench: MakeBench) -> None:
    bench = make_bench(2)
    text = "[bold]\x1b[2J\nline"
    async with WorkbenchApp(bench, "ana").run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await pilot.pause()
        screen.do(lambda session: session.write_note(text))
        await settle(pilot, screen)
        assert "“[bold]\\e[2J\\nline”" in over_heads(screen)
        note = await dialog(pilot, LineDialog, "t")
        assert note.query_one(Input).value == "[bold]\\e[2J\\nline"
        await back(pilot, screen, "enter")
    with LabelStore(bench.labels_db, bench.schema) as store:
        assert [one.note for one in store.all_labels().values() if one.note] == [text]


async def test_a_note_is_written_to_the_picture_that_the_keys_before_it_led_to(make_bench: MakeBench) -> None:
    bench = make_bench(5)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        for _ in range(3):
            await pilot.press("1", "1", "1", "1", "1", "t", "x", "enter")
            await wait_until(pilot, lambda: pilot.app.screen is screen)
        await settle(pilot, screen)
    with LabelStore(bench.labels_db, bench.schema) as store:
        names, labels = store.names(), store.all_labels()
    noted = sorted(names[key] for key, one in labels.items() if one.note)
    assert noted == ["0001.jpg", "0002.jpg", "0003.jpg"]


async def test_jumping_by_number_by_name_and_on_to_the_next(make_bench: MakeBench) -> None:
    bench = make_bench(12)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await dialog(pilot, LineDialog, "slash")
        await back(pilot, screen, "7", "enter")
        assert "0006.jpg" in over_heads(screen)
        await dialog(pilot, LineDialog, "g")
        await back(pilot, screen, *"001", "enter")
        assert "0010.jpg" in over_heads(screen)
        assert "“001” in the name: 2 of 3" in status(screen)
        again = await dialog(pilot, LineDialog, "slash")
        assert again.query_one(Input).value == "001"
        await back(pilot, screen, "enter")
        assert "0011.jpg" in over_heads(screen)
        await dialog(pilot, LineDialog, "slash")
        await back(pilot, screen, *"zebra", "enter")
        assert "no picture here is named or numbered “zebra”" in status(screen)
        await dialog(pilot, LineDialog, "slash")
        await back(pilot, screen, "escape")
        assert "0011.jpg" in over_heads(screen)
        assert stored(bench) == {}, "what is typed in a dialog answers nothing"


async def test_the_next_doubtful_picture(make_bench: MakeBench) -> None:
    async with WorkbenchApp(make_bench(4)).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, "N")
        assert "no picture is in doubt here" in status(screen)
        await press(pilot, screen, "end", "question_mark", "home", "N")
        assert "4 of 4" in over_heads(screen)


async def test_the_history_says_who_what_when_and_how(make_bench: MakeBench) -> None:
    bench = make_bench(2)
    async with WorkbenchApp(bench, "ana").run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, "2", "f", "u")
        page = await dialog(pilot, MessageScreen, "i")
        lines = page.text().splitlines()
        assert lines[0].startswith("when")
        assert "ana  not flagged · undone" in lines[1]
        assert "ana  flagged · by hand" in lines[2]
        assert "ana  wrinkles: yes · by hand · " in lines[3]
        await back(pilot, screen, "escape")
        await press(pilot, screen, "right")
        page = await dialog(pilot, MessageScreen, "i")
        assert page.text() == "nothing happened to this picture yet"
        narrow = [line.plain for line in page.layout_lines(40)]
        assert max(map(len, narrow)) <= 40
        await back(pilot, screen, "escape")


async def choose(pilot: Pilot[int], screen: LabelScreen, title: str, *keys: str) -> None:
    """Open the queue of this title."""
    found = await dialog(pilot, QueueScreen, "o")
    rows = found.query_one(ChoiceList)
    await wait_until(pilot, lambda: rows._rows[0].number is not None)
    await pilot.press(*["pageup"] * 5)
    while rows._rows[rows.chosen].words != title:
        before = rows.chosen
        await pilot.press("down")
        assert rows.chosen != before, f"no queue {title}"
    await back(pilot, screen, *keys, "enter")


async def test_a_queue_is_chosen_named_and_left_again(make_bench: MakeBench) -> None:
    bench = make_bench(5)
    async with WorkbenchApp(bench, "ana").run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, "2", "right", "1", "right", "2", "right", "f")
        await choose(pilot, screen, "wrinkles: yes")
        assert "wrinkles: yes, by name" in over_heads(screen)
        assert "1 of 2" in over_heads(screen)
        assert "0/2 done" in status(screen)
        await press(pilot, screen, "right")
        assert "0002.jpg" in over_heads(screen)
        await choose(pilot, screen, "flagged")
        assert "0003.jpg" in over_heads(screen)
        await press(pilot, screen, "f")
        assert "0003.jpg" in over_heads(screen), "it stays until the queue is opened again"
        await choose(pilot, screen, "wrinkles: yes")
        assert "0002.jpg" in over_heads(screen), "where it was left"
        await pilot.press("q")
    async with WorkbenchApp(bench, "ana").run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        assert "wrinkles: yes, by name" in over_heads(screen)
        assert "2 of 2" in over_heads(screen)


@pytest.mark.parametrize("size", SIZES)
async def test_an_empty_queue_says_what_to_do(make_bench: MakeBench, size: tuple[int, int]) -> None:
    async with WorkbenchApp(make_bench(2)).run_test(size=size) as pilot:
        screen = await label_screen(pilot)
        await choose(pilot, screen, "flagged")
        face = screen.query_one(PictureView)
        words = "\n".join(face.render_line(y).text for y in range(face.size.height))
        assert "no picture is flagged" in words
        assert "press o for another queue" in words
        await press(pilot, screen, "1", "x", "f", "n", "N", "c", "full_stop", "p", "right")
        await pilot.press("t", "slash", "i")
        await pilot.pause()
        assert pilot.app.screen is screen, "there is no picture to write about"
        await choose(pilot, screen, "all")
        assert "1 of 2" in over_heads(screen)


async def test_the_queue_of_one_open_head_asks_that_head_only(make_bench: MakeBench) -> None:
    bench = make_bench(3)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await choose(pilot, screen, "hair top open")
        assert "hair top open, by name · hair top only" in over_heads(screen)
        await press(pilot, screen, "1", "2", "3")
        assert "nothing is left in this queue" in status(screen)
    assert {name: one["hair_top"] for name, one in stored(bench).items()} == {
        "0000.jpg": "bald",
        "0001.jpg": "few",
        "0002.jpg": "thick",
    }


async def test_part_of_the_name_and_order_by_chance(make_bench: MakeBench) -> None:
    async with WorkbenchApp(make_bench(12)).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        found = await dialog(pilot, QueueScreen, "o")
        await pilot.press("s", "slash", *"001")
        seed = found.choice.seed
        await back(pilot, screen, "enter")
        assert f"all, named “001”, by chance {seed}" in over_heads(screen)
        assert "of 3" in over_heads(screen)
        found = await dialog(pilot, QueueScreen, "o")
        assert found.query_one(Input).value == "001"
        assert found.choice.seed == seed
        await back(pilot, screen, "escape")


async def test_by_likeness_near_duplicates_stand_together(make_bench: MakeBench) -> None:
    bench = make_bench(6)
    for number in (1, 4):
        with Image.open(bench.images_root / f"000{number}.jpg") as image:
            image.resize((40, 40)).save(bench.images_root / f"z{number}.jpg", quality=60)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await choose(pilot, screen, "all", "left")
        await wait_until(pilot, lambda: (bench.cache_dir / "likeness-1.bin").exists())
        await wait_until(pilot, lambda: not screen.workers._workers or not screen.likeness_line)
        await settle(pilot, screen)
        names = await walk_names(pilot, screen, 8)
        for number in (1, 4):
            assert abs(names.index(f"000{number}.jpg") - names.index(f"z{number}.jpg")) == 1
        assert "all, by likeness" in over_heads(screen)


async def walk_names(pilot: Pilot[int], screen: LabelScreen, count: int) -> list[str]:
    """The names of the pictures, from the first to the last, once the order does not change any more."""
    found: list[str] = []
    for _ in range(20):
        before, found = found, []
        await press(pilot, screen, "home")
        for _ in range(count):
            found.append(over_heads(screen).splitlines()[0].strip())
            await press(pilot, screen, "right")
        if found == before:
            break
    return found


async def test_a_class_named_by_another_program_is_harmless_in_queue_and_history(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    schema = tmp_path / "odd.toml"
    schema.write_text(
        'name = "odd"\n[[heads]]\nname = "h"\ntitle = "[b]\\u001b[2J"\nclasses = ["[/b]", "x\\ny"]\n'
    )
    async with WorkbenchApp(make_bench(2, schema=schema)).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, "1", "left", "p", "l")
        assert "[b]\\e[2J only" in over_heads(screen)
        await choose(pilot, screen, "[b]\x1b[2J: [/b]")
        assert "[b]\\e[2J: [/b], by name" in over_heads(screen)
        page = await dialog(pilot, MessageScreen, "i")
        assert "[b]\\e[2J: [/b]" in page.text()
        await back(pilot, screen, "escape")


async def test_every_rule_stands_on_the_help_page(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        await label_screen(pilot)
        page = await dialog(pilot, MessageScreen, "f1")
        words = " ".join(page.text(100).split())
        for head in bench.schema.heads:
            assert f"“{head.title}”" in words.partition("Rules")[2]
        lines = page.text(300)
        assert all(head.rule in lines for head in bench.schema.heads)
        for title in ("Which pictures", "One head, or all", "Lock the head", "Carry forward", "History"):
            assert title in words


async def test_todays_answers_are_counted(make_bench: MakeBench) -> None:
    bench = make_bench(3)
    async with WorkbenchApp(bench, "ana").run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, "1", "1", "u")
        assert "1 today" in status(screen)
    with LabelStore(bench.labels_db, bench.schema) as store:
        assert [one.source for one in store.events_since()][-1] is not Source.HUMAN


async def test_a_picture_of_an_odd_name_is_found_by_it(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    odd = bench.images_root / os.fsdecode(b"caf\xe9 \x1b[2J.png")
    Image.new("RGB", (20, 20)).save(bench.images_root / "0.png")
    (bench.images_root / "0.png").rename(odd)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await dialog(pilot, LineDialog, "slash")
        await back(pilot, screen, *"caf", "enter")
        assert "caf\\xe9 \\e[2J.png" in over_heads(screen)
