"""The sheet's parts without a screen: how tiles lie, what is drawn, and that odd names are only shown."""

import asyncio
from pathlib import Path

import pytest
from textual.strip import Strip

from tests.conftest import write_pictures
from workbench.annotation.sheet_page import Face, Mark, PageWork, SheetPage
from workbench.images.catalog import Picture, fingerprint
from workbench.schema import Schema
from workbench.tui.picture.choice import Look
from workbench.tui.picture.view import PLAIN, PRESETS, View
from workbench.tui.screens.sheet_text import captions, heading, how_to_choose, nothing_here
from workbench.tui.tiles import GAP, Grid, PageKey, PageLoader, grid_in


@pytest.mark.parametrize("box", [(80, 18), (120, 31), (160, 37), (240, 60), (400, 100), (20, 5), (9, 2)])
def test_tiles_fill_the_box_and_never_leave_it(box: tuple[int, int]) -> None:
    grid = grid_in(box, 22)
    assert 1 <= grid.count <= 22
    assert grid.tile[0] == 2 * grid.tile[1]
    if box[1] >= 9 and box[0] >= 20:
        assert grid.left(grid.columns - 1) + grid.tile[0] <= box[0]
        assert grid.rows * grid.height <= box[1]
        assert grid.tile[1] >= 8, "smaller faces are not recognised"


def key(tmp_path: Path, count: int, look: Look | None = None, view: View = PLAIN) -> PageKey:
    """A page of real pictures."""
    paths = write_pictures(tmp_path / "faces", count)
    faces = tuple((fingerprint(path), path) for path in paths)
    return PageKey(faces, Grid(3, 2, (16, 8)), 60, (10, 20, 30), view, look or Look())


def draw(
    page: PageKey, *, ahead: PageKey | None = None
) -> tuple[tuple[tuple[Strip, ...], ...], dict[int, str]]:
    """Have it drawn."""
    loader = PageLoader()
    try:
        found = asyncio.run(loader.draw(page, ahead))
    finally:
        loader.close()
    assert found is not None
    return found.rows, found.problems


@pytest.mark.parametrize("colours", ["true", "256", "16", "none"])
@pytest.mark.parametrize("view", [PLAIN, View(PRESETS["eyes"], "eyes")])
def test_a_page_is_lines_of_the_full_width(tmp_path: Path, colours: str, view: View) -> None:
    look = Look(way="ascii" if colours == "none" else "quadrants", colours=colours)  # type: ignore[arg-type]
    rows, problems = draw(key(tmp_path, 5, look, view))
    assert problems == {}
    assert [len(row) for row in rows] == [8, 8]
    for row in rows:
        for line in row:
            assert line.cell_length == 60
            assert len(line.text) == 60
            assert line.text[0] == " "
    last = rows[1][4].text
    assert last[1 : 1 + 16 * 2 + GAP].strip()
    assert not last[1 + (16 + GAP) * 2 :].strip(), "no sixth face"


def test_files_that_are_gone_broken_or_another_picture_are_named(tmp_path: Path) -> None:
    page = key(tmp_path, 4)
    page.faces[0][1].unlink()
    page.faces[1][1].write_bytes(page.faces[2][1].read_bytes())
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    page = PageKey((*page.faces, (fingerprint(broken), broken)), *list(vars(page).values())[1:])
    rows, problems = draw(page)
    assert sorted(problems) == [0, 1, 4]
    assert "gone" in problems[0]
    assert "changed" in problems[1]
    assert len(rows) == 2


def test_the_next_page_is_drawn_beforehand(tmp_path: Path) -> None:
    page = key(tmp_path, 3)
    ahead = PageKey(tuple(reversed(page.faces)), *list(vars(page).values())[1:])

    async def both() -> bool:
        loader = PageLoader()
        await loader.draw(page, ahead)
        while loader.ready(ahead) is None:
            await asyncio.sleep(0.01)
        found = await loader.draw(ahead)
        loader.close()
        return found is loader.ready(ahead)

    assert asyncio.run(asyncio.wait_for(both(), 10))


ODD = Schema.from_dict(
    {"name": "odd", "heads": [{"name": "h", "title": "[b]\x1b[2J", "classes": ["[/red]x", "a\nb", "c"]}]}
)


def page(answer: str = "[/red]x", faces: int = 4, *, suggested: bool = True, done: int = 0) -> SheetPage:
    """A page of the odd schema."""
    found = tuple(Face(Picture(f"{i}.jpg", str(i), 8, 8), 0.5) for i in range(faces))
    left = {one.name: faces for one in ODD.heads[0].classes}
    return SheetPage(ODD.heads[0], answer, found, (), left, done, 10, suggested)


def test_class_names_are_shown_harmlessly() -> None:
    work = PageWork(page())
    work.choose(0)
    work.answer("2")
    work.choose(1)
    work.mark(Mark.EXCLUDED)
    work.choose(2)
    lines = [*captions(work, "abcd", {3: "gone"}, lambda _: ""), *heading(page(), 80, lambda _: "")]
    words = "\n".join(line.plain for line in lines)
    for shown in ("a ≠ a\\nb", "b ✗ excluded", "▶c [/red]x 0.50 ?", "d cannot be shown", "[b]\\e[2J"):
        assert shown in words
    assert "\x1b" not in words
    assert "a\\nb" in how_to_choose(ODD.heads[0], ODD, "a", 200)
    assert "the key of its class" in how_to_choose(ODD.heads[0], ODD, "a", 40)


@pytest.mark.parametrize("width", [80, 100, 120, 160])
def test_the_heading_fits_and_keeps_every_class(face_schema: Schema, width: int) -> None:
    head = face_schema.head("hair_colour")
    left = {one.name: 1000 for one in head.classes}
    full = SheetPage(head, "not_visible", page().faces, (), left, 12345, 50000, True)
    lines = [line.plain for line in heading(full, width, lambda _: "")]
    assert max(map(len, lines)) <= width
    assert "12345/50000 done" in lines[0]
    assert all(f" {one.key}" in lines[1] for one in head.classes)
    assert "▸not" in lines[1]
    assert "·1000" in lines[1]


def test_where_there_is_no_face_it_says_what_to_do() -> None:
    words = ["\n".join(nothing_here(page(faces=0, done=done), "/b\x1b")) for done in (10, 3)]
    assert "every picture has an answer for [b]\\e[2J" in words[0]
    assert "7 pictures open" in words[1]
    assert "workbench suggest /b\\e" in words[1]
