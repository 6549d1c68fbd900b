"""The picture on the Label screen: zoomed, lit, drawn another way, never beside another picture's answers."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from textual.pilot import Pilot

from tests.conftest import MakeBench
from tests.tui.waiting import heads, label_screen, press, settle, wait_until
from workbench.annotation.store import LabelStore
from workbench.bench import Bench
from workbench.images.decode import thumbnail
from workbench.tui import pictures
from workbench.tui.app import WorkbenchApp
from workbench.tui.picture.choice import Look, Terminal
from workbench.tui.picture.memory import recall
from workbench.tui.screens.label import LabelScreen
from workbench.tui.widgets.picture_line import PictureLine
from workbench.tui.widgets.picture_view import PictureView

SIZE = (120, 40)
FOOT = Terminal("foot", {"COLORTERM": "truecolor"})


@pytest.fixture(autouse=True)
def _own_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a test chooses is nobody else's."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def make_plain_bench(tmp_path: Path, make_bench: MakeBench) -> Any:
    """A bench whose pictures are each of one shade, so that a cell tells which picture it belongs to."""

    def make(count: int) -> Bench:
        bench = make_bench(0)
        for index in range(count):
            shade = (10 * index + 10, 200 - 10 * index, 90)
            Image.new("RGB", (64, 64), shade).save(bench.images_root / f"{index:04d}.png")
        return bench

    return make


def shades(face: PictureView) -> set[tuple[int, int, int]]:
    """The colours in the middle of the picture."""
    found = set()
    for _, style, _ in face.render_line(face.size.height // 2):
        if style is not None and style.bgcolor is not None and style.bgcolor.triplet is not None:
            found.add(tuple(style.bgcolor.triplet))
    return found  # type: ignore[return-value]


def shows(face: PictureView) -> str:
    """The picture's cells, to tell drawings apart."""
    return "\n".join(str(list(face.render_line(y))) for y in range(face.size.height))


def caption(screen: LabelScreen) -> str:
    """The last line over the heads."""
    return screen.query_one(PictureLine).text().splitlines()[-1].strip()


async def redrawn(pilot: Pilot[Any], screen: LabelScreen, *keys: str) -> str:
    """Press keys that change what is seen, and wait until it is drawn."""
    face = screen.query_one(PictureView)
    before = shows(face)
    await pilot.press(*keys)
    await wait_until(pilot, lambda: shows(face) != before)
    return shows(face)


async def test_z_zooms_to_the_part_that_the_active_head_needs_first(make_bench: MakeBench) -> None:
    async with WorkbenchApp(make_bench(3)).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        whole = shows(screen.query_one(PictureView))
        assert caption(screen) == ""
        await redrawn(pilot, screen, "z")
        assert caption(screen) == "zoom skin"  # wrinkles
        await redrawn(pilot, screen, "Z")
        assert (caption(screen), shows(screen.query_one(PictureView))) == ("", whole)
        await press(pilot, screen, "down", "down")
        await redrawn(pilot, screen, "z")
        assert caption(screen) == "zoom eyes"  # glasses
        for part in ("zoom face", "zoom hair", "zoom skin", ""):
            await redrawn(pilot, screen, "z")
            assert caption(screen) == part
        assert shows(screen.query_one(PictureView)) == whole


async def test_zoom_stays_on_the_next_picture_and_changes_no_label(make_bench: MakeBench) -> None:
    bench = make_bench(3)
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await redrawn(pilot, screen, "plus", "plus")
        assert caption(screen) == "zoom 1.6×"
        await redrawn(pilot, screen, "shift+right")
        await redrawn(pilot, screen, "shift+down")
        await press(pilot, screen, "right")
        assert caption(screen) == "zoom 1.6×"
        assert "0001.jpg" in screen.query_one(PictureLine).text()
        await redrawn(pilot, screen, "minus", "minus", "minus")
        assert caption(screen) == ""
    with LabelStore(bench.labels_db, bench.schema, read_only=True) as store:
        assert not any(one.answers for one in store.all_labels().values())


async def test_light_and_contrast_change_the_screen_and_not_the_file(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    before = (bench.images_root / "0000.jpg").read_bytes()
    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await redrawn(pilot, screen, "right_parenthesis")
        await redrawn(pilot, screen, "right_curly_bracket")
        assert caption(screen) == "contrast +1 · brightness +1"
        await redrawn(pilot, screen, "left_parenthesis")
        await redrawn(pilot, screen, "left_curly_bracket")
        assert caption(screen) == ""
    assert (bench.images_root / "0000.jpg").read_bytes() == before


async def test_v_draws_another_way_and_keeps_it_for_this_kind_of_terminal(make_bench: MakeBench) -> None:
    app = WorkbenchApp(make_bench(2), terminal=FOOT)
    async with app.run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        drawn = await redrawn(pilot, screen, "v")
        assert any("\U0001fb00" <= character <= "\U0001fb3b" for character in drawn)
        await wait_until(pilot, lambda: caption(screen) == "sextants, kept for foot")
        assert recall("foot") == "sextants"
        await press(pilot, screen, "right")
        assert caption(screen) == ""


async def test_a_choice_that_cannot_be_kept_holds_until_the_end_and_says_so(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "no-folder").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-folder"))
    async with WorkbenchApp(make_bench(1), terminal=FOOT).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await redrawn(pilot, screen, "v")
        await wait_until(pilot, lambda: "not kept" in caption(screen))
        assert screen.workbench.look.way == "sextants"


async def test_a_terminal_without_colours_shows_signs(make_bench: MakeBench) -> None:
    app = WorkbenchApp(make_bench(1), look=Look("ascii", "none"), terminal=Terminal("vt100", {}))
    async with app.run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        face = screen.query_one(PictureView)
        text = "".join(face.render_line(y).text for y in range(face.size.height))
        assert text.isascii()
        assert len(set(text)) > 4


@pytest.mark.parametrize("size", [(80, 24), (160, 45), (100, 60)])
async def test_a_resize_keeps_the_aspect(make_plain_bench: Any, size: tuple[int, int]) -> None:
    async with WorkbenchApp(make_plain_bench(1)).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        face = screen.query_one(PictureView)
        await pilot.resize_terminal(*size)
        await wait_until(pilot, lambda: screen.size == size and any(_filled(face)))
        await settle(pilot, screen)
        widths = [width for width in _filled(face) if width]
        assert len(set(widths)) == 1
        assert abs(widths[0] - 2 * len(widths)) <= 2
        assert widths[0] == face.size.width or len(widths) == face.size.height


def _filled(face: PictureView) -> list[int]:
    """How many cells of each line belong to the picture of the first shade."""
    counts = []
    for y in range(face.size.height):
        cells = 0
        for text, style, _ in face.render_line(y):
            triplet = style.bgcolor.triplet if style is not None and style.bgcolor is not None else None
            cells += len(text) * (triplet is not None and tuple(triplet) == (10, 200, 90))
        counts.append(cells)
    return counts


@pytest.fixture
def slow_decoder(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Pictures come from a slow disk; the names in the order in which they came."""
    names = list[str]()

    def slow(path: Path, box: tuple[int, int]) -> np.ndarray:
        time.sleep(0.06)
        names.append(path.name)
        return thumbnail(path, box)

    monkeypatch.setattr(pictures, "thumbnail", slow)
    return names


def place_of(screen: LabelScreen) -> int:
    """The number in the name over the heads."""
    return int(screen.query_one(PictureLine).text().splitlines()[0].strip()[:4])


def assert_together(screen: LabelScreen) -> bool:
    """The picture that is shown, if any, belongs to the name and the answers beside it."""
    view, face, place = screen.desk.view, screen.query_one(PictureView), place_of(screen)
    assert view is not None
    assert view.picture is not None
    assert view.picture.name == f"{place:04d}.png"
    seen = {shade for shade in shades(face) if shade[2] == 90}
    assert seen <= {(10 * place + 10, 200 - 10 * place, 90)}
    return bool(seen)


async def test_a_key_held_down_never_shows_a_picture_beside_another_ones_answers(
    make_plain_bench: Any, slow_decoder: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_plain_bench(16)
    answers = ["1", "2", "3", "4", "1"]
    put = PictureView.show

    def watched(face: PictureView, *drawn: Any) -> None:
        """At every moment at which a picture is put on the screen, not only when a key is done."""
        put(face, *drawn)
        assert_together(face.screen)  # type: ignore[arg-type]

    async with WorkbenchApp(bench).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        monkeypatch.setattr(PictureView, "show", watched)
        shown = 0
        for number in range(16 * len(answers) - 1):
            await pilot.press(answers[number % len(answers)])
            shown += assert_together(screen)
        for key in ["left"] * 6 + ["right"] * 4 + ["home", "end", "left"]:
            await pilot.press(key)
            shown += assert_together(screen)
        await settle(pilot, screen)
        assert assert_together(screen)
        assert shown
        assert len(slow_decoder) < 16 * len(answers)  # those that were passed by were not decoded
    with LabelStore(bench.labels_db, bench.schema, read_only=True) as store:
        names, labels = store.names(), store.all_labels()
    expected = ["none", "yes", "sunglasses", "blond", "bald"]
    for key, one in labels.items():
        given = [one.answers.get(head.name) for head in bench.schema.heads]
        assert given == expected or (names[key] == "0015.png" and given[:-1] == expected[:-1])


async def test_the_next_picture_is_there_at_once_because_it_was_drawn_before(
    make_plain_bench: Any, slow_decoder: list[str]
) -> None:
    async with WorkbenchApp(make_plain_bench(6)).run_test(size=SIZE) as pilot:
        screen = await label_screen(pilot)
        await wait_until(pilot, lambda: {"0001.png", "0002.png"} <= set(slow_decoder))
        await wait_until(pilot, lambda: screen.loader._known(screen._to_draw[1][1]) is not None)  # type: ignore[index]
        await pilot.press("right")
        await wait_until(pilot, lambda: place_of(screen) == 1)
        assert assert_together(screen)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.unlink(), "the file has gone"),
        (lambda path: path.write_bytes(b"broken"), "the file has changed"),
        (lambda path: Image.new("RGB", (9, 9)).save(path), "the file has changed"),
        (lambda path: (path.unlink(), path.mkdir()), "it is no file any more"),
    ],
)
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_picture_that_goes_changes_or_breaks_is_said_in_its_place_and_keeps_its_labels(
    make_bench: MakeBench, spoil: Any, words: str, size: tuple[int, int]
) -> None:
    bench = make_bench(5)
    async with WorkbenchApp(bench).run_test(size=size) as pilot:
        screen = await label_screen(pilot)
        await press(pilot, screen, "end")
        await press(pilot, screen, "2", "home")
        spoil(bench.images_root / "0004.jpg")
        screen.loader._kept.clear()
        await press(pilot, screen, "end")
        face = screen.query_one(PictureView)
        text = " ".join(" ".join(face.render_line(y).text for y in range(face.size.height)).split())
        assert words in text
        assert text.endswith(("its labels are kept", "press r to look again"))
        assert "✓ yes" in heads(screen)
        await press(pilot, screen, "home")
        assert "0000.jpg" in screen.query_one(PictureLine).text()
