"""What every screen has: tabs, footer, dialogs, and how they behave at the edges."""

import sys
from typing import Any, ClassVar

import pytest
from rich.text import Text
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.strip import Strip

from tests.conftest import MakeBench
from tests.tui.waiting import label_screen, press, settle, wait_until
from workbench.errors import InputError
from workbench.tui import terminal
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.confirm import ConfirmScreen
from workbench.tui.screens.message import MessageScreen
from workbench.tui.widgets.command_footer import CommandFooter
from workbench.tui.widgets.lines import LinesWidget
from workbench.tui.widgets.picture_line import PictureLine, PictureWords
from workbench.tui.widgets.picture_view import PictureView
from workbench.tui.widgets.tab_header import TabHeader
from workbench.tui.widgets.text_block import TextBlock

TABS = (("label", "F2", "Label"), ("data", "F3", "Data"), ("runs", "F6", "Runs"))


class Stage(App[None]):
    """An app that shows one widget."""

    CSS: ClassVar[str] = "TabHeader { height: 1; } PictureLine { height: 2; } PictureView { height: 8; }"

    def __init__(self, widget: Any) -> None:
        super().__init__()
        self.widget = widget

    def compose(self) -> ComposeResult:
        """The widget."""
        yield self.widget


@pytest.mark.parametrize("width", [80, 100, 140])
async def test_the_header_shows_tabs_first_and_of_the_right_side_what_fits(width: int) -> None:
    header = TabHeader(TABS, "data")
    async with Stage(header).run_test(size=(width, 10)) as pilot:
        header.status = (
            "a-bench-with-quite-a-long-name · annotator-of-considerable-length-too · 412/2000 done"
        )
        await pilot.pause()
        line = header.text()
        assert len(line) <= width
        assert "▸F3 Data" in line
        assert line.count("▸") == 1
        assert "412/2000 done" in line
        assert ("annotator-of-considerable-length-too" in line) == (width >= 100)
        header.status = "x" * 300
        await pilot.pause()
        assert "F6 Runs" in header.text()


async def test_a_bench_name_with_escapes_is_harmless_in_the_header() -> None:
    header = TabHeader(TABS, "label")
    async with Stage(header).run_test(size=(120, 10)) as pilot:
        header.status = "be\x1b[2Jnch · [bold]ana"
        await pilot.pause()
        assert "be\\e[2Jnch · [bold]ana" in header.text()


async def test_of_a_long_file_name_the_end_is_kept() -> None:
    line = PictureLine()
    async with Stage(line).run_test(size=(40, 10)) as pilot:
        line.show(PictureWords("folder/" * 20 + "0007.jpg", "7 of 9"))
        await pilot.pause()
        name, state, *_ = line.text().splitlines()
        assert name.endswith("0007.jpg")
        assert "…" in name
        assert len(name) <= 40
        assert "7 of 9" in state


class Counting(LinesWidget):
    """Lines that change one by one."""

    words: ClassVar[list[str]] = ["one", "two", "three"]

    def build(self, width: int, height: int) -> list[Text]:
        """The words."""
        return [Text(word) for word in self.words]


async def test_only_changed_lines_are_painted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = Counting()
    async with Stage(widget).run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        painted: list[int] = []
        original = widget.render_line

        def spied(y: int) -> Strip:
            painted.append(y)
            return original(y)

        monkeypatch.setattr(widget, "render_line", spied)
        monkeypatch.setattr(Counting, "words", ["one", "TWO", "three"])
        widget.rebuild()
        await pilot.pause()
        assert painted == [1]
        widget.rebuild()
        await pilot.pause()
        assert painted == [1]
        monkeypatch.setattr(Counting, "words", ["one"])
        widget.rebuild()
        await pilot.pause()
        assert painted[1:] == [1, 2]


async def test_another_theme_repaints_lines_in_its_colours() -> None:
    widget = Counting()
    async with Stage(widget).run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        before = list(widget.render_line(0))
        pilot.app.theme = "textual-light"
        await pilot.pause()
        await pilot.pause()
        after = list(widget.render_line(0))
        assert "one" in "".join(segment.text for segment in after)
        assert before[0].style != after[0].style


async def test_a_block_is_as_high_as_its_lines_and_lays_them_out_anew(make_bench: MakeBench) -> None:
    block = TextBlock("first words")
    async with Stage(block).run_test(size=(40, 10)) as pilot:
        assert block.text().strip() == "first words"
        block.styles.height = "auto"
        block.show(lambda width: [Text(f"{width}")] * 3)
        await pilot.pause()
        assert block.size.height == 3
        assert block.text().splitlines() == ["40"] * 3
        await pilot.resize_terminal(30, 10)
        await pilot.pause()
        await wait_until(pilot, lambda: block.text().splitlines() == ["30"] * 3)


async def test_a_place_for_pictures_shows_words_line_by_line() -> None:
    view = PictureView()
    async with Stage(view).run_test(size=(40, 10)) as pilot:
        view.say("two\nlines")
        await pilot.pause()
        shown = [view.render_line(y).text.strip() for y in range(view.size.height)]
        assert [line for line in shown if line] == ["two", "lines"]
        assert shown.index("two") in (2, 3)
        view.show((), "cut \x1b[2J off", "f" * 32)
        shown = [view.render_line(y).text.strip() for y in range(view.size.height)]
        assert "cut \\e[2J off" in shown
        assert view.shown == "f" * 32


async def open_dialog(pilot: Pilot[Any], dialog: Any) -> list[Any]:
    """Show a dialog over the labels; its result comes into the list."""
    results: list[Any] = []
    await label_screen(pilot)
    pilot.app.push_screen(dialog, results.append)
    await wait_until(pilot, lambda: pilot.app.screen is dialog)
    await pilot.pause()
    return results


@pytest.mark.parametrize(("key", "expected"), [("y", True), ("n", False), ("escape", False), ("q", False)])
async def test_only_y_says_yes(make_bench: MakeBench, key: str, expected: bool) -> None:
    async with WorkbenchApp(make_bench(1)).run_test(size=(80, 24)) as pilot:
        results = await open_dialog(pilot, ConfirmScreen("Replace [bold]", "is it \x1b[2J right?"))
        assert "y yes" in pilot.app.screen.query_one(CommandFooter).text()
        await pilot.press("enter", "space", "1")
        assert results == []
        await pilot.press(key)
        await wait_until(pilot, lambda: results == [expected])


async def test_a_long_message_scrolls_and_closes(make_bench: MakeBench) -> None:
    async with WorkbenchApp(make_bench(1)).run_test(size=(80, 24)) as pilot:
        dialog = MessageScreen("Long", lambda width: [Text(f"line {n} of {width}") for n in range(200)])
        results = await open_dialog(pilot, dialog)
        scroll = dialog.query_one("#message", VerticalScroll)
        for key, grows in (
            ("down", True),
            ("pagedown", True),
            ("up", False),
            ("pageup", False),
            ("space", True),
        ):
            before = scroll.scroll_y
            await pilot.press(key)
            await wait_until(pilot, lambda: (scroll.scroll_y > before) == grows and scroll.scroll_y != before)  # noqa: B023
        await pilot.press("escape")
        await wait_until(pilot, lambda: results == [None])


async def test_labels_are_not_given_through_a_dialog(make_bench: MakeBench) -> None:
    async with WorkbenchApp(make_bench(2)).run_test(size=(80, 24)) as pilot:
        screen = await label_screen(pilot)
        await pilot.press("f1")
        await wait_until(pilot, lambda: pilot.app.screen is not screen)
        await pilot.press("1", "2", "x", "f3")
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        await settle(pilot, screen)
        assert screen.desk.view is not None
        assert dict(screen.desk.view.labels.answers) == {}
        assert not screen.desk.view.labels.excluded


async def test_a_dialog_in_a_small_terminal_says_so_and_recovers(make_bench: MakeBench) -> None:
    async with WorkbenchApp(make_bench(1)).run_test(size=(80, 24)) as pilot:
        dialog = ConfirmScreen("Replace", "sure?")
        await open_dialog(pilot, dialog)
        await pilot.resize_terminal(50, 10)
        await wait_until(pilot, lambda: dialog.too_small)
        await pilot.resize_terminal(80, 24)
        await wait_until(pilot, lambda: not dialog.too_small)
        await pilot.press("n")


async def test_a_picture_is_drawn_anew_for_another_size(make_bench: MakeBench) -> None:
    async with WorkbenchApp(make_bench(2)).run_test(size=(120, 40)) as pilot:
        screen = await label_screen(pilot)
        face = screen.query_one(PictureView)
        wide = face.size
        for size in ((80, 24), (160, 45), (120, 40)):
            await pilot.resize_terminal(*size)
            await wait_until(pilot, lambda: screen.size.width == size[0])  # noqa: B023
            await press(pilot, screen, "down")
            await wait_until(
                pilot,
                lambda: any(char in face.render_line(face.size.height // 2).text for char in "▌▐▚▞▙▟▀▄"),
            )
            assert face.render_line(0).cell_length == face.size.width
        assert face.size == wide


@pytest.mark.parametrize("term", ["", "dumb", "unknown"])
def test_a_terminal_that_cannot_move_its_cursor_is_refused(
    monkeypatch: pytest.MonkeyPatch, term: str
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    with pytest.raises(InputError, match="TERM"):
        terminal.check_terminal()
    monkeypatch.setenv("TERM", "xterm-256color")
    terminal.check_terminal()


def test_no_terminal_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(InputError, match="need a terminal") as caught:
        terminal.check_terminal()
    assert "\n" not in str(caught.value)
