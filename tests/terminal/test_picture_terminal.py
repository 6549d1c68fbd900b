"""Pictures in a real terminal: what each kind is sent, before what, and that nothing is ever asked of it."""

import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Self

import pytest

from tests.conftest import MakeBench
from tests.terminal.pty_app import PtyApp
from workbench.bench import Bench
from workbench.tui.picture.kitty import PLACEHOLDER

_GRAPHICS = re.compile(rb"\x1b_G[^\x1b]*\x1b\\")
_QUESTIONS = re.compile(
    rb"\x1b\[(?:\?[0-9;]*)?[0-9;]*[nct]"  # cursor, attributes, sizes
    rb"|\x1b\[>[0-9]*q|\x1bP[+$]q"  # name, capabilities
    rb"|\x1b\][0-9;]*\?"  # colours
    rb"|\x1b_G[^;\x1b]*a=q"  # pictures
)


class Recorded(PtyApp):
    """A terminal that keeps what it was sent; pictures do not reach pyte, which does not know them."""

    def __enter__(self) -> Self:
        self.sent = b""
        super().__enter__()
        return self

    def _take(self, data: bytes) -> None:
        """Keep it."""
        self.sent += data
        self._held = getattr(self, "_held", b"") + data
        whole = _GRAPHICS.sub(b"", self._held)
        start = whole.rfind(b"\x1b_G")
        self._held = whole[start:] if start >= 0 else b""
        super()._take(whole[:start] if start >= 0 else whole)


OpenOn = Callable[..., Recorded]


@pytest.fixture
def open_on(make_bench: MakeBench, tmp_path: Path) -> OpenOn:
    """Open the workbench on a kind of terminal."""
    bench: Bench = make_bench(6)

    def open_it(term: str, *arguments: str, **variables: str) -> Recorded:
        variables = {"TERM": term, "COLORTERM": "", "XDG_CONFIG_HOME": str(tmp_path), **variables}
        return Recorded([str(bench.root), "--annotator", "ana", *arguments], environment=variables)

    return open_it


def shows(words: str, text: str) -> bool:
    """Whether these words stand on the screen."""
    return words in text


def labelled(text: str) -> bool:
    """Whether the first picture is there to be labelled."""
    return "0/6 done" in text and "▶ wrinkles" in text


def test_kitty_has_a_picture_before_its_cells_and_loses_all_at_the_end(open_on: OpenOn) -> None:
    with open_on("xterm-kitty") as app:
        app.wait_for(lambda text: labelled(text) and PLACEHOLDER in text)
        first = app.sent
        app.press("\x1b[C")
        app.wait_for(lambda text: "0001.jpg" in text)
        app.press("z")
        app.wait_for(lambda text: "zoom skin" in text)
        assert app.leave() == 0
        sent = app.sent
    numbers = re.findall(rb"a=t,f=100,t=d,i=(\d+)", sent)
    shown = int(numbers[0])
    cell = f"\x1b[38;2;{shown >> 16};{shown >> 8 & 255};{shown & 255}".encode()
    assert first.index(b"a=p,U=1,i=" + numbers[0]) < first.index(cell)
    assert len(numbers) == len(set(numbers)) >= 4
    assert sorted(re.findall(rb"a=d,d=I,i=(\d+)", sent)) == sorted(numbers)
    assert all(b"q=2" in sequence for sequence in _GRAPHICS.findall(sent))


@pytest.mark.parametrize("term", ["xterm-kitty", "foot", "xterm-256color", "tmux-256color"])
def test_nothing_is_asked_of_the_terminal_while_pictures_are_shown(open_on: OpenOn, term: str) -> None:
    with open_on(term) as app:
        app.wait_for(labelled)
        before = len(app.sent)
        for key, shown in (("\x1b[C", "0001.jpg"), ("z", "zoom skin"), ("v", "kept for")):
            app.press(key)
            app.wait_for(partial(shows, shown))
        assert not _QUESTIONS.findall(app.sent[before:])
        assert b"a=q" not in app.sent


@pytest.mark.parametrize(
    ("term", "colourterm", "has", "lacks"),
    [
        ("xterm-256color", "", b"8;5;", b"8;2;"),
        ("xterm-256color", "truecolor", b"8;2;", b"8;5;"),
        ("foot", "", b"8;2;", b"8;5;"),
        ("xterm", "", b"\x1b[", b"8;2;"),
    ],
)
def test_a_terminal_gets_the_colours_that_it_has(
    open_on: OpenOn, term: str, colourterm: str, has: bytes, lacks: bytes
) -> None:
    with open_on(term, COLORTERM=colourterm) as app:
        app.wait_for(lambda text: labelled(text) and any(glyph in text for glyph in "▌▐▚▞▙▟▄▀🬭🬋🬂🬹"))
        assert has in app.sent
        assert lacks not in app.sent


def test_foot_gets_sextants_and_a_terminal_without_colours_signs(open_on: OpenOn) -> None:
    with open_on("foot") as app:
        app.wait_for(lambda text: labelled(text) and any("\U0001fb00" <= one <= "\U0001fb3b" for one in text))
    with open_on("vt100") as app:
        app.wait_for(lambda text: labelled(text) and any(sign * 3 in text for sign in "=+*xoX#%@"))
        assert not any("▘" <= one <= "▟" for one in app.text)


def test_what_v_chose_holds_at_the_next_start_and_is_overruled_on_the_command_line(
    open_on: OpenOn,
) -> None:
    with open_on("xterm-256color") as app:
        app.wait_for(labelled)
        app.press("v")
        app.wait_for(lambda text: "sextants, kept for xterm-256color" in text)
        app.leave()
    with open_on("xterm-256color") as app:
        app.wait_for(lambda text: labelled(text) and any("\U0001fb00" <= one <= "\U0001fb3b" for one in text))
    with open_on("xterm-256color", "--picture", "ascii") as app:
        app.wait_for(lambda text: labelled(text) and any(sign * 3 in text for sign in "=+*xoX#%@"))


def test_the_doctor_shows_a_face_in_every_way(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "doctor", "--picture"],
        capture_output=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
        env={"TERM": "foot", "PATH": "/usr/bin", "HOME": str(tmp_path), "COLUMNS": "80"},
        stdin=subprocess.DEVNULL,
    )
    text = done.stdout.decode()
    for way in ("quadrants", "▶ sextants", "halves", "ascii", "kitty", "sixel"):
        assert way in text
    assert "foot and Alacritty draw sextants themselves" in text
    assert "\x1bPq" in text
    assert "a=t,f=100" in text
    assert not _QUESTIONS.findall(done.stdout)
