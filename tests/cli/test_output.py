"""What commands print: aligned tables, harmless lines, progress as a bar on a terminal, else as lines."""

import io
import json
import os
import pty
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from workbench.cli import output
from workbench.cli.output import Progress, hint, print_json, print_table, say

CELLS = st.text(max_size=12)
_END = "-- end --"


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Put stderr on a terminal; what came to it stands in the list afterwards."""
    master, slave = pty.openpty()
    shown: list[str] = []
    monkeypatch.setenv("TERM", "xterm-256color")
    with os.fdopen(slave, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        yield shown
        stream.write(_END)
        stream.flush()
        data = b""
        while not data.endswith(_END.encode()):  # the kernel hands it over in pieces
            data += os.read(master, 1 << 16)
    os.close(master)
    shown.append(data.decode())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, set by hand."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def printed(capsys: pytest.CaptureFixture[str], header: list[str], rows: list[list[object]]) -> list[str]:
    """A table as it is printed."""
    capsys.readouterr()
    print_table(header, rows)
    return capsys.readouterr().out.splitlines()


def test_numbers_stand_right_and_words_left(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, ["class", "pictures", "share"], [["none", 1200, 0.5], ["sunglasses", 7, 12.25]])
    assert found == [
        "class       pictures  share",
        "none            1200    0.5",
        "sunglasses         7  12.25",
    ]


def test_a_column_with_a_single_word_in_it_stands_left(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, ["n"], [[5], ["–"], [1234]]) == ["n", "5", "–", "1234"]
    assert printed(capsys, ["run", "n"], []) == ["run  n"]


def test_wide_letters_do_not_push_the_next_column(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["髪の色", "e\u0301te\u0301", "plain", "👩🏽 face", "ﾊﾝｶｸ"]
    found = printed(capsys, ["class", "n"], [[name, 7] for name in names])
    assert {cell_len(line[:-1]) for line in found[1:]} == {max(map(cell_len, names)) + 2}


def test_a_name_cannot_break_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, ["run", "n"], [["a\nb\x1b[2J", 1], ["\u202etxt", 2], ["[bold]", 3]])
    assert len(found) == 4
    assert [line.split()[0] for line in found[1:]] == ["a\\nb\\e[2J", "\\u202etxt", "[bold]"]
    assert all(line.isprintable() for line in found)


@settings(max_examples=20, deadline=None)
@given(rows=st.lists(st.tuples(CELLS, st.integers(-99, 10**6), CELLS), min_size=1, max_size=4))
def test_any_table_is_a_line_a_row_with_its_figures_below_each_other(
    rows: list[tuple[str, int, str]],
) -> None:
    kept, sys.stdout = sys.stdout, io.StringIO()
    try:
        print_table(["a", "number", "b"], rows)
        text = sys.stdout.getvalue()
    finally:
        sys.stdout = kept
    found = text.split("\n")[:-1]
    assert len(found) == len(rows) + 1
    end = {cell_len(found[0].partition("number")[0]) + len("number")}
    for (_, number, _), line in zip(rows, found[1:], strict=True):
        ends = {cell_len(line[: place + len(str(number))]) for place in range(len(line))}
        assert ends & end, "the figure ends where its heading does"


def test_json_is_one_plain_document(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": "\x1b[31m é \udce9", "n": [1, None, True]})
    text = capsys.readouterr().out
    assert text.isascii()
    assert "\x1b" not in text
    assert json.loads(text) == {"name": "\x1b[31m é \udce9", "n": [1, None, True]}
    for value in (float("nan"), float("inf")):
        with pytest.raises(ValueError):
            print_json({"loss": value})


def test_reports_go_to_stdout_and_hints_to_stderr_both_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    say("a\x1b[2J\nb")
    say()
    hint("c\u202ed\r")
    found = capsys.readouterr()
    assert (found.out, found.err) == ("a\\e[2J\\nb\n\n", "c\\u202ed\\r\n")


def test_progress_in_a_file_is_a_line_every_two_seconds(
    capsys: pytest.CaptureFixture[str], clock: list[float]
) -> None:
    with Progress("pictures") as bar:
        for done in range(1, 21):
            clock[0] += 0.5
            bar.update(done, 20)
    assert capsys.readouterr().err.splitlines() == [f"pictures {done}/20" for done in (4, 8, 12, 16, 20)]


def test_quick_work_says_nothing_in_a_file(capsys: pytest.CaptureFixture[str], clock: list[float]) -> None:
    with Progress("pictures") as bar:
        clock[0] += 1.99
        bar.update(9, 9)
    assert capsys.readouterr().err == ""


def test_after_a_pause_one_line_tells_the_last_state(
    capsys: pytest.CaptureFixture[str], clock: list[float]
) -> None:
    with Progress("pictures") as bar:
        clock[0] += 60
        bar.update(1, 3)
        bar.update(2, 3)
        clock[0] += output._LINE_EVERY_S
        bar.update(3, 3)
    assert capsys.readouterr().err.splitlines() == ["pictures 1/3", "pictures 3/3"]


def test_progress_on_a_terminal_is_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as shown, Progress("pictures") as bar:
        bar.update(3, 12)
    text = shown[0]
    assert "pictures" in text
    assert "3/12" in text
    assert "\x1b[?25l" in text, "the cursor is hidden meanwhile"
    assert text.rindex("\x1b[?25h") > text.rindex("3/12"), "and comes back"
    assert text.rindex("\x1b[2K") > text.rindex("3/12"), "the bar's line is wiped"


def test_the_bar_goes_away_after_an_error_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        with Progress("pictures") as bar:
            bar.update(1, 2)
            raise KeyboardInterrupt

    with terminal(monkeypatch) as shown, pytest.raises(KeyboardInterrupt):
        interrupted()
    assert shown[0].rindex("\x1b[?25h") > shown[0].rindex("\x1b[?25l")


def test_a_bar_without_a_total_yet_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as shown, Progress("looking"):
        pass
    assert "looking" in shown[0]
