"""Labelling as a person does it, on a real bench with a real store."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import MakeBench, write_pictures
from tests.tui.waiting import heads, label_screen, press, settle, status, wait_until
from workbench.annotation.labels import Special
from workbench.annotation.store import LabelStore
from workbench.bench import Bench
from workbench.images.catalog import ScanProgress
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.message import MessageScreen
from workbench.tui.widgets.picture_line import PictureLine
from workbench.tui.widgets.picture_view import PictureView
from workbench.tui.widgets.tab_header import TabHeader

SIZE = (120, 40)


def stored(bench: Bench) -> dict[str, dict[str, object]]:
    """The answers on the disk by file name."""
    with LabelStore(bench.labels_db, bench.schema, read_only=True) as store:
        names, labels = store.names(), store.all_labels()
    return {names[key]: dict(one.answers) for key, one in labels.items() if one.answers}


async def test_a_digit_answers_and_moves_on_and_is_on_the_disk(make_bench: MakeBench) -> None:
    bench = make_bench(3)
    async with WorkbenchApp(bench, "ana").run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        assert "▶ wrinkles" in heads(screen)
        assert "saved" not in status(screen)
        await press(pilot, screen, "2")
        assert "✓ yes" in heads(screen)
        assert "▶ freckles" in heads(screen)
        assert "saved ✓" in status(screen)
        assert stored(bench) == {"0000.jpg": {"wrinkles": "yes"}}
        await press(pilot, screen, "1", "3", "5", "2")
        assert "0001.jpg" in screen.query_one(PictureLine).text()
        assert "1/3 done" in screen.query_one(TabHeader).text()
        assert stored(bench)["0000.jpg"] == {
            "wrinkles": "yes",
            "freckles": "none",
            "glasses": "sunglasses",
            "hair_colour": "red",
            "hair_top": "few",
        }


async def test_the_rule_of_the_active_head_and_the_counts_are_in_view(make_bench: MakeBench) -> None:
    bench = make_bench(2)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        for head in bench.schema.heads:
            assert head.rule[:40] in status(screen)
            assert "0/2 done" in status(screen)
            await press(pilot, screen, "down")
        assert "▶ wrinkles" in heads(screen)


async def test_undo_redo_clear_cannot_tell_and_not_a_face(make_bench: MakeBench) -> None:
    bench = make_bench(3)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, "2", "question_mark")
        assert stored(bench)["0000.jpg"] == {"wrinkles": "yes", "freckles": Special.CANNOT_TELL}
        await press(pilot, screen, "u", "u")
        assert stored(bench) == {}
        assert "▶ wrinkles" in heads(screen)
        await press(pilot, screen, "U")
        assert stored(bench)["0000.jpg"] == {"wrinkles": "yes"}
        await press(pilot, screen, "delete")
        assert stored(bench) == {}
        await press(pilot, screen, "x")
        assert "2 of 3" in screen.query_one(PictureLine).text()
        await press(pilot, screen, "left")
        assert "✓ not a face" in heads(screen)
        await press(pilot, screen, "x")
        assert "✓ not a face" not in heads(screen)


async def test_keys_move_between_pictures_and_heads(make_bench: MakeBench) -> None:
    bench = make_bench(4)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        for keys, place in ((["right"], 1), (["end"], 3), (["right"], 3), (["left"], 2), (["home"], 0)):
            await press(pilot, screen, *keys)
            assert screen.desk.view is not None
            assert screen.desk.view.position == place
        await press(pilot, screen, "1", "1", "1", "1", "1", "home", "n")
        assert screen.desk.view is not None
        assert screen.desk.view.position == 1
        await press(pilot, screen, "up")
        assert screen.desk.view.head.name == "hair_top"


async def test_the_place_is_kept_when_the_workbench_is_left(make_bench: MakeBench) -> None:
    bench = make_bench(4)
    async with WorkbenchApp(bench, "ana").run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, "right", "right", "1", "2")
        await pilot.press("q")
    app = WorkbenchApp(bench, "ana")
    async with app.run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        assert "0002.jpg" in screen.query_one(PictureLine).text()
        assert "▶ glasses" in heads(screen)
        await press(pilot, screen, "u")
        assert stored(bench)["0002.jpg"] == {"wrinkles": "none"}


async def test_a_key_that_no_class_has_answers_nothing_and_says_so(make_bench: MakeBench) -> None:
    bench = make_bench(2)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, "9")
        assert "wrinkles has no key 9" in status(screen)
        assert stored(bench) == {}
        assert "saved ✓" not in status(screen)


async def test_many_keys_at_once_are_worked_off_in_order(make_bench: MakeBench) -> None:
    bench = make_bench(6)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, *(["2", "1", "3", "4", "2"] * 5))
        answers = stored(bench)
        assert len(answers) == 5
        assert all(
            one["hair_colour"] == "blond" and one["glasses"] == "sunglasses" for one in answers.values()
        )
        assert screen.desk.view is not None
        assert screen.desk.view.position == 5


async def test_the_picture_shown_is_always_the_one_that_is_labelled(make_bench: MakeBench) -> None:
    bench = make_bench(8)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        face = screen.query_one(PictureView)
        for key in ["right", "right", "left", "right", "end", "home", "right"] * 3:
            await pilot.press(key)
            await pilot.pause()
            view = screen.desk.view
            assert view is not None
            assert view.picture is not None
            assert face.shown in ("", view.picture.fingerprint)
        await settle(pilot, screen)
        assert any(char in face.render_line(face.size.height // 2).text for char in "▘▝▀▖▌▞▛▗▚▐▜▄▙▟")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 45)])
async def test_every_layout_shows_everything(make_bench: MakeBench, size: tuple[int, int]) -> None:
    bench = make_bench(3)
    async with WorkbenchApp(bench, "ana").run_test(size=size) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, "2")
        text = heads(screen)
        for head in bench.schema.heads:
            assert head.title in text
            for one in head.classes:
                assert one.title in text
        assert "lines more" not in text
        assert "1/3" in text
        assert "0/3 done" in status(screen)
        assert "saved ✓" in status(screen)
        assert "0/3 done" in screen.query_one(TabHeader).text()
        width, height = screen.query_one(PictureView).box
        assert width >= 30
        assert height >= 14


async def test_too_small_a_terminal_says_so_answers_nothing_and_recovers(make_bench: MakeBench) -> None:
    bench = make_bench(2)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await pilot.resize_terminal(60, 20)
        await wait_until(pilot, lambda: screen.too_small)
        shown = [widget for widget in screen.children if widget.display]
        assert [str(getattr(widget, "content", "")) for widget in shown] == [
            "terminal too small: 80x24 needed, 60x20 here"
        ]
        await pilot.press("1")
        await pilot.pause()
        assert stored(bench) == {}
        await pilot.resize_terminal(120, 40)
        await wait_until(pilot, lambda: not screen.too_small)
        await press(pilot, screen, "1")
        assert stored(bench)


async def test_no_pictures_says_what_to_do_and_r_finds_those_put_there(make_bench: MakeBench) -> None:
    bench = make_bench(0)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        face = screen.query_one(PictureView)
        words = "\n".join(face.render_line(y).text for y in range(face.size.height))
        assert "no pictures in" in words
        assert "press r" in words
        await press(pilot, screen, "1", "x", "u", "right", "question_mark", "delete")
        write_pictures(bench.images_root, 2)
        await pilot.press("r")
        await wait_until(pilot, lambda: screen.desk.view is not None and screen.desk.view.total == 2)
        await settle(pilot, screen)
        await press(pilot, screen, "1")
        assert stored(bench)


async def test_when_all_is_done_it_says_where_to_go(make_bench: MakeBench) -> None:
    async with WorkbenchApp(make_bench(2)).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, *(["1"] * 10))
        await press(pilot, screen, "left")
        assert "all 2 pictures are done" in status(screen)
        assert "F4 trains" in status(screen)


async def test_pictures_that_cannot_be_read_are_named_and_listed(make_bench: MakeBench) -> None:
    bench = make_bench(2)
    (bench.images_root / "[bold]broken\x1b[2J.jpg").write_bytes(b"no picture")
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        assert "set aside" in status(screen)
        await pilot.press("s")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, MessageScreen))
        message = pilot.app.screen
        assert isinstance(message, MessageScreen)
        assert "[bold]broken\\e[2J.jpg" in message.text()
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is screen)


async def test_a_picture_that_vanishes_is_said_and_can_be_left(make_bench: MakeBench) -> None:
    bench = make_bench(5)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        (bench.images_root / "0004.jpg").unlink()
        await press(pilot, screen, "end")
        face = screen.query_one(PictureView)
        words = "\n".join(face.render_line(y).text for y in range(face.size.height))
        assert "cannot be read" in words
        await press(pilot, screen, "home")
        assert "0000.jpg" in screen.query_one(PictureLine).text()


async def test_odd_file_names_are_shown_harmlessly(make_bench: MakeBench) -> None:
    bench = make_bench(0)
    names = ["[bold]x.png", "esc\x1b[31mred.png", "new\nline.png", os.fsdecode(b"latin\xe9.png")]
    for number, name in enumerate(names):
        Image.new("RGB", (20 + number, 20)).save(os.path.join(bench.images_root, "0.png"))  # noqa: PTH118
        (bench.images_root / "0.png").rename(bench.images_root / name)
    shown = []
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        for _ in names:
            shown.append(screen.query_one(PictureLine).text().splitlines()[0].strip())
            await press(pilot, screen, "right")
    assert sorted(shown) == sorted(["[bold]x.png", "esc\\e[31mred.png", "new\\nline.png", "latin\\xe9.png"])


@pytest.fixture
def locked_store(make_bench: MakeBench) -> Iterator[tuple[Bench, object]]:
    """A bench whose label file another program writes to."""
    import sqlite3

    bench = make_bench(3)
    LabelStore(bench.labels_db, bench.schema).close()
    connection = sqlite3.connect(bench.labels_db, isolation_level=None)
    yield bench, connection
    connection.close()


async def test_a_locked_label_file_is_said_and_nothing_is_called_saved(
    locked_store: tuple[Bench, "object"],
) -> None:
    import sqlite3

    bench, connection = locked_store
    assert isinstance(connection, sqlite3.Connection)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        connection.execute("BEGIN IMMEDIATE")
        await pilot.press("1")
        await pilot.press("down")  # the screen goes on taking keys while the store waits
        await settle(pilot, screen)
        connection.execute("ROLLBACK")
        assert "NOT SAVED ✗" in status(screen) or "saved ✓" not in status(screen)
        assert stored(bench) == {}
        assert "· open" in heads(screen)
        await press(pilot, screen, "up", "1")
        assert "saved ✓" in status(screen)
        assert stored(bench) == {"0000.jpg": {"wrinkles": "none"}}


async def test_a_read_only_bench_can_be_looked_at_and_says_why_nothing_is_saved(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(3)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        await press(pilot, await label_screen(pilot), "2")
    before = {path: path.read_bytes() for path in bench.root.rglob("*") if path.is_file()}
    closed = Bench(bench.root, bench.images_root, bench.schema, bench.settings_table, writable=False)
    async with WorkbenchApp(closed).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        assert "read-only" in status(screen)
        await press(pilot, screen, "left", "1")
        assert "NOT SAVED ✗" in status(screen)
        assert "saved ✓" not in status(screen)
        await press(pilot, screen, "right")
    assert {name: len(data) for name, data in before.items() if name.name == "bench.toml"}
    assert stored(bench) == {"0000.jpg": {"wrinkles": "yes"}}


async def test_labels_of_another_project_are_refused_in_one_line(make_bench: MakeBench) -> None:
    bench, other = make_bench(2), make_bench(2, schema="cartoon_faces", name="other")
    head = other.schema.heads[0]
    with LabelStore(other.labels_db, other.schema) as store:
        store.record("0" * 32, head.name, head.classes[0].name, name="x.jpg")
    shutil.copy(other.labels_db, bench.labels_db)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: "labels.db" in status(pilot.app.screen))  # type: ignore[arg-type]
        await pilot.press("1", "x")
        await pilot.press("q")


async def test_the_scan_is_interrupted_by_quitting_and_goes_on_next_time(make_bench: MakeBench) -> None:
    bench = make_bench(300)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: "looking for pictures" in status(pilot.app.screen))  # type: ignore[arg-type]
        await pilot.press("q")
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        assert screen.desk.view is not None
        assert screen.desk.view.total == 300


async def test_what_is_heard_of_a_scan_after_its_end_is_dropped(make_bench: MakeBench) -> None:
    app = WorkbenchApp(make_bench(3), "ana")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await label_screen(pilot)
        await asyncio.to_thread(screen._on_scan_progress, ScanProgress(3, 3, "0002.jpg"))
        await settle(pilot, screen)
        assert "looking for pictures" not in status(screen)
