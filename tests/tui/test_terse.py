"""A frame in fewer bytes shows exactly the same."""

import re
from typing import ClassVar, cast

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate
from textual.driver import Driver
from textual.strip import Strip

from tests.conftest import MakeBench
from workbench.tui.app import WorkbenchApp
from workbench.tui.terse import terse

COLOURS = st.sampled_from(
    [None, "#ffc473", "#121212", "#e0e0e0", "red", "bright_blue", "color(208)", "default"]
)
FLAG = st.sampled_from([None, True])
STYLES = st.builds(
    Style,
    color=COLOURS,
    bgcolor=COLOURS,
    bold=FLAG,
    dim=FLAG,
    italic=FLAG,
    underline=FLAG,
    reverse=FLAG,
    strike=FLAG,
)
TEXTS = st.text(st.sampled_from("ab▓é —"), min_size=1, max_size=6)
LINES = st.lists(
    st.tuples(st.lists(st.tuples(TEXTS, STYLES), max_size=8), st.integers(1, 10), st.integers(1, 20))
)


def frame(lines: list[tuple[list[tuple[str, Style]], int, int]]) -> str:
    """A frame as Textual writes it."""
    parts = ["\x1b[?2026h"]
    for number, (pieces, row, column) in enumerate(lines):
        strip = Strip(Segment(text, style) for text, style in pieces)
        rendered = "".join(
            segment.style.render(segment.text, color_system=ColorSystem.TRUECOLOR)
            if segment.style
            else segment.text
            for segment in strip
        )
        start = "\n" if number else ""
        parts.append(f"{start}\x1b[{row};{column}H{rendered}")
    return "".join([*parts, "\x1b[1;1H\x1b[?2026l"])


def shown(*frames: str) -> tuple[object, ...]:
    """The cells of a terminal after these frames, and what it goes on writing with."""
    screen = pyte.Screen(80, 12)
    stream = pyte.Stream(screen)
    for one in frames:
        stream.feed(one)
    cells = [
        [as_seen(screen.buffer[row][column]) for column in range(screen.columns)]
        for row in range(screen.lines)
    ]
    return cells, screen.cursor.attrs, screen.cursor.x, screen.cursor.y


def as_seen(cell: pyte.screens.Char) -> object:
    """A cell; of a blank only what is seen of it."""
    if cell.data != " ":
        return cell
    if cell.reverse or cell.underscore or cell.strikethrough or cell.blink:
        return cell
    return cell.data, cell.bg


@given(LINES, LINES)
@settings(max_examples=150, deadline=None)
def test_any_frames_show_the_same(first: list, second: list) -> None:  # type: ignore[type-arg]
    long = [frame(first), frame(second)]
    short = [terse(one) for one in long]
    assert shown(*short) == shown(*long)
    assert sum(map(len, short)) <= sum(map(len, long))


def test_what_is_the_same_is_sent_once() -> None:
    word = "\x1b[1;38;2;1;2;3;48;2;9;9;9m{}\x1b[0m"
    plain = "\x1b[38;2;4;5;6;48;2;9;9;9m{}\x1b[0m"
    line = f"{word.format('brown')}{plain.format('  ')}{word.format('1')}"
    data = f"\x1b[4;60H{line}\n\x1b[5;60H{plain.format('x')}"
    assert terse(data) == (
        "\x1b[4;60H\x1b[1;38;2;1;2;3;48;2;9;9;9mbrown  1\n\x1b[5;60H\x1b[22;38;2;4;5;6mx\x1b[0m"
    )


@pytest.mark.parametrize(
    "data",
    ["", "plain", "\x1b[38;2;1;2;3mred\x1b[0m", "\x1b[4:3mcurly\x1b[0m" * 3, "\x1b[58;5;1mx\x1b[0m" * 4],
)
def test_short_and_unknown_frames_are_sent_as_they_are(data: str) -> None:
    assert terse(data) == data


def test_erasing_uses_the_colours_that_were_meant() -> None:
    data = "\x1b[41mA\x1b[0m\x1b[2;1H\x1b[42m\x1b[K\x1b[0m\x1b[3;1H\x1b[0mB"
    assert shown(terse(data)) == shown(data)


class Recorder(Driver):
    """Keeps what is written."""

    written: ClassVar[list[str]] = []

    def write(self, data: str) -> None:
        Recorder.written.append(data)


def test_the_workbench_writes_tersely(make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textual.app.App.get_driver_class", lambda _: Recorder)
    driver = WorkbenchApp(make_bench(1)).driver_class
    driver.write(cast(Driver, None), "\x1b[31ma\x1b[0m\x1b[31mb\x1b[0m")
    assert Recorder.written == ["\x1b[31mab\x1b[0m"]


def sent(spans: list[tuple[int, int, int]]) -> str:
    """What is sent for spans of two lines, each of two widgets' parts, without colours."""
    line = {0: Strip([Segment("abcdef 1 ghi")]), 12: Strip([Segment("家x jkl")])}
    update = ChopsUpdate([line, line], spans, [[12, 19], [12, 19]])
    return re.sub(r"\x1b\[[0-9;]*m", "", update.render_segments(Console()))


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(0, 7, 8)], "\x1b[1;8H1"),
        ([(0, 7, 15)], "\x1b[1;8H1 ghi\x1b[1;13H家x"),
        ([(1, 14, 19)], "\x1b[2;15Hx jkl"),
        ([(0, 0, 12), (1, 12, 19)], "\x1b[1;1Habcdef 1 ghi\x1b[2;13H家x jkl"),
        ([(0, 0, 2), (0, 7, 8)], "\x1b[1;1Hab\x1b[1;8H1"),
    ],
)
def test_only_the_cells_that_changed_are_sent(spans: list[tuple[int, int, int]], expected: str) -> None:
    assert sent(spans) == expected
