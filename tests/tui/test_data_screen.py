"""The Data screen: every head counted and drawn, imbalance in figures, blur and augmentation of pictures."""

import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot

from tests.conftest import MakeBench
from tests.tui.waiting import label_screen, press, wait_until
from workbench.annotation.labels import NewEvent, PictureLabels, Special
from workbench.annotation.store import LabelStore
from workbench.bench import Bench
from workbench.dataset.distribution import distribution
from workbench.errors import MissingLibrary
from workbench.images.catalog import Catalog
from workbench.schema import Schema
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.data import DataScreen, DistributionBlock
from workbench.tui.screens.data_text import charts, distribution_lines
from workbench.tui.widgets import blur_pane
from workbench.tui.widgets.bars import bar, columns
from workbench.tui.widgets.blur_pane import BlurPane
from workbench.tui.widgets.gallery_pane import operations, tile_layout
from workbench.tui.widgets.picture_view import PictureView
from workbench.tui.widgets.text_block import TextBlock

SIZE = (120, 40)


def label(bench: Bench, pictures: int, seed: int = 1) -> None:
    """Answer every head of some pictures."""
    catalog = Catalog(bench.images_root, bench.catalog_db)
    catalog.scan()
    chance = random.Random(seed)
    with LabelStore(bench.labels_db, bench.schema) as store:
        store.record_many(
            NewEvent(picture.fingerprint, head.name, chance.choice(head.classes).name, picture.name)
            for picture in catalog.pictures()[:pictures]
            for head in bench.schema.heads
        )
    catalog.close()


async def data_screen(pilot: Pilot[Any]) -> DataScreen:
    """The Data screen with its counts."""
    await pilot.press("f3")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, DataScreen))
    screen = pilot.app.screen
    assert isinstance(screen, DataScreen)
    await wait_until(pilot, lambda: screen.query(DistributionBlock) and "counting" not in text(screen))
    await pilot.pause()
    return screen


def text(screen: DataScreen) -> str:
    """The distribution's lines."""
    return screen.query_one(DistributionBlock).text()


def words(pane: Any) -> str:
    """The lines over a picture."""
    return str(pane.query_one(TextBlock).text())


def test_every_head_all_together_and_the_exclusion_have_a_chart(face_schema: Schema) -> None:
    labels = {
        "a": PictureLabels({"wrinkles": "yes", "hair_colour": "red"}),
        "b": PictureLabels({"wrinkles": "none", "hair_colour": Special.CANNOT_TELL}),
        "c": PictureLabels(excluded=True),
    }
    found = charts(distribution(face_schema, labels, "abcd"), face_schema)
    assert [chart.title.split("   ")[0] for chart in found] == [
        *(head.title for head in face_schema.heads),
        "not a face",
        "all heads together, one scale",
    ]
    hair = next(chart for chart in found if chart.title.startswith("hair colour"))
    assert [(one.label, one.count) for one in hair.bars if one.count] == [("red", 1)]
    assert "open 1   cannot tell 1" in hair.figures
    assert len(found[-1].bars) == sum(len(head.classes) for head in face_schema.heads)
    assert [(one.label, one.count) for one in found[-2].bars] == [("not a face", 1), ("to label", 3)]


@pytest.mark.parametrize("width", [78, 98, 118, 158])
def test_figures_of_the_imbalance_are_there_at_every_width(face_schema: Schema, width: int) -> None:
    labels = {str(i): PictureLabels({"wrinkles": "yes" if i < 9 else "none"}) for i in range(10)}
    lines = distribution_lines(
        distribution(face_schema, labels, map(str, range(10))), face_schema, width, "", ""
    )
    assert max(line.cell_len for line in lines) <= width
    row = next(line.plain for line in lines if line.plain.startswith(" wrinkles "))
    assert "90.0 %" in row
    assert "1.38 of 2" in row  # exp(-(0.9 ln 0.9 + 0.1 ln 0.1))
    assert re.search(r"none +1 ", row)
    shown = "\n".join(line.plain for line in lines)
    assert "no answers yet" in shown
    assert "hair colour: not visible" in shown.partition("all heads together")[2]


def test_a_bar_shows_something_of_what_is_not_nothing() -> None:
    assert bar(0, 100, 10) == ""
    assert bar(1, 100_000, 10) == "▏"
    assert bar(100, 100, 10) == "█" * 10
    assert bar(50, 100, 1) == "▌"
    assert bar(5, 0, 10) == ""


def test_blocks_stand_in_as_many_columns_as_fit() -> None:
    from rich.text import Text

    blocks = [[Text(f"{i}{row}") for row in range(3)] for i in range(4)]
    assert [line.plain for line in columns(blocks, 10, 10)][:4] == ["00", "01", "02", ""]
    wide = [line.plain for line in columns(blocks, 23, 10)]
    assert wide[0].split() == ["00", "10"]
    assert len(wide) == 7


def test_tiles_are_square_and_fit() -> None:
    for box in ((118, 35), (78, 17), (158, 40), (10, 3)):
        across, down, (width, height) = tile_layout(box)
        assert width == 2 * height or height == 1
        assert across * (width + 2) - 2 <= max(box[0], 2)
        assert down * (height + 1) - 1 <= max(box[1], 1)


def test_operations_are_said_with_share_and_range(make_bench: MakeBench) -> None:
    said = operations(make_bench(1).settings("reference").augment)
    for name in ("rotate", "blur", "brightness", "pan", "zoom"):
        assert re.search(rf"{name} \d+ %", said)
    assert "cutout" not in said


async def test_answers_given_meanwhile_are_counted(make_bench: MakeBench) -> None:
    bench = make_bench(6)
    label(bench, 2)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        labelling = await label_screen(pilot)
        screen = await data_screen(pilot)
        assert "6 pictures   2 done   4 left" in text(screen)
        await pilot.press("f2")
        await wait_until(pilot, lambda: pilot.app.screen is labelling)
        await press(pilot, labelling, "1", "x")
        screen = await data_screen(pilot)
        await wait_until(pilot, lambda: "3 done   3 left   1 not a face" in text(screen))


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_the_charts_scroll_to_the_last_one(make_bench: MakeBench, size: tuple[int, int]) -> None:
    bench = make_bench(8)
    label(bench, 8)
    async with WorkbenchApp(bench).run_test(size=size) as pilot:
        await label_screen(pilot)
        screen = await data_screen(pilot)
        scroll = screen.query_one("#distribution")
        await pilot.press("down", "pagedown", "pagedown", "pagedown")
        await pilot.pause()
        assert scroll.scroll_y == scroll.max_scroll_y
        if size == (80, 24):
            await pilot.press("up", "pageup")
            await wait_until(pilot, lambda: scroll.scroll_y < scroll.max_scroll_y)


async def test_no_pictures_says_where_to_put_them(make_bench: MakeBench) -> None:
    async with WorkbenchApp(make_bench(0)).run_test(size=SIZE) as pilot:
        await label_screen(pilot)
        screen = await data_screen(pilot)
        assert "F2 says where" in text(screen)
        await pilot.press("b", "g", "left", "right", "space", "p", "plus")
        await pilot.pause()


async def test_a_blur_is_shown_before_and_after_and_its_strength_changes(make_bench: MakeBench) -> None:
    bench = make_bench(4)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        await label_screen(pilot)
        screen = await data_screen(pilot)
        await pilot.press("b")
        pane = screen.query_one(BlurPane)
        after = screen.query_one("#after", PictureView)
        before = screen.query_one("#before", PictureView)
        await wait_until(pilot, lambda: after.shown.endswith("after 1.5"))
        sharp = [before.render_line(y).text for y in range(before.size.height)]
        blurred = [after.render_line(y).text for y in range(after.size.height)]
        assert sharp != blurred
        assert "sigma 1.5" in words(pane)
        await pilot.press("plus")
        await wait_until(pilot, lambda: after.shown.endswith("after 2"))
        await pilot.press("minus", "minus", "minus", "minus", "minus")
        await wait_until(pilot, lambda: after.shown.endswith("after 0"))
        same = [after.render_line(y).text for y in range(after.size.height)]
        assert same == sharp
        shown = after.shown
        await pilot.press("right")
        await wait_until(pilot, lambda: after.shown.split()[0] != shown.split()[0])
        await pilot.press("left")
        await wait_until(pilot, lambda: after.shown == shown)


async def test_a_missing_library_is_said_with_its_cure(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> np.ndarray:
        raise MissingLibrary("OpenCV cannot be loaded", cure="run `workbench doctor --fix`")

    monkeypatch.setattr(blur_pane, "preprocess", fails)  # what a server without libGL.so.1 does
    async with WorkbenchApp(make_bench(2)).run_test(size=SIZE) as pilot:
        await label_screen(pilot)
        screen = await data_screen(pilot)
        await pilot.press("b")
        after = screen.query_one("#after", PictureView)
        await wait_until(
            pilot, lambda: any("doctor --fix" in after.render_line(y).text for y in range(after.size.height))
        )


async def test_augmentations_are_drawn_and_drawn_anew(make_bench: MakeBench) -> None:
    bench = make_bench(3)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        await label_screen(pilot)
        screen = await data_screen(pilot)
        await pilot.press("g")
        tiles = screen.query_one("#tiles", PictureView)
        await wait_until(pilot, lambda: tiles.shown, 60)
        first, drawing = tiles.shown, [tiles.render_line(y).text for y in range(tiles.size.height)]
        assert first.endswith(" 0")
        await pilot.press("space")
        await wait_until(pilot, lambda: tiles.shown.endswith(" 1"), 60)
        assert [tiles.render_line(y).text for y in range(tiles.size.height)] != drawing
        preset = tiles.shown.split()[1]
        await pilot.press("p")
        await wait_until(pilot, lambda: tiles.shown.split()[1] != preset, 60)
        await pilot.press("r")
        await wait_until(pilot, lambda: tiles.shown.endswith(" 2"), 60)


async def test_a_picture_that_cannot_be_augmented_is_said(make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench(2)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        await label_screen(pilot)
        screen = await data_screen(pilot)
        for path in bench.images_root.iterdir():
            path.unlink()
        await pilot.press("g")
        tiles = screen.query_one("#tiles", PictureView)
        await wait_until(
            pilot,
            lambda: any("000" in tiles.render_line(y).text for y in range(tiles.size.height)),
            60,
        )
        assert not tiles.shown
