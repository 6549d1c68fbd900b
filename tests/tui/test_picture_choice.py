"""The way a terminal gets its pictures, from what is known of it without asking."""

from pathlib import Path
from typing import get_args

import pytest

from workbench.config import load_settings
from workbench.errors import ConfigError, WorkbenchError
from workbench.settings import ScreenSettings
from workbench.tui.picture import choice
from workbench.tui.picture.card import card
from workbench.tui.picture.choice import WAYS, Look, Terminal, choose, look_around, next_way
from workbench.tui.picture.colours import Colours
from workbench.tui.picture.memory import memory_file, recall, remember


def terminal(term: str = "xterm-256color", passthrough: bool = False, **variables: str) -> Terminal:
    """A terminal with this environment."""
    return Terminal(term, variables, passthrough)


@pytest.mark.parametrize(
    ("where", "way", "colours"),
    [
        (terminal(), "quadrants", "256"),
        (terminal(COLORTERM="truecolor"), "quadrants", "true"),
        (terminal(COLORTERM="24bit"), "quadrants", "true"),
        (terminal("xterm"), "quadrants", "16"),
        (terminal("linux"), "quadrants", "16"),
        (terminal("xterm-direct"), "quadrants", "true"),
        (terminal("xterm-kitty"), "kitty", "true"),
        (terminal(KITTY_WINDOW_ID="1"), "kitty", "true"),
        (terminal("xterm-ghostty"), "kitty", "true"),
        (terminal(TERM_PROGRAM="ghostty"), "kitty", "true"),
        (
            terminal(TERM_PROGRAM="kitty", TERM_PROGRAM_VERSION="0.27.1", KITTY_WINDOW_ID="1"),
            "quadrants",
            "true",
        ),
        (terminal(TERM_PROGRAM="kitty", TERM_PROGRAM_VERSION="0.41.0", KITTY_WINDOW_ID="1"), "kitty", "true"),
        (terminal("foot"), "sextants", "true"),
        (terminal("foot-extra"), "sextants", "true"),
        (terminal("alacritty"), "sextants", "true"),
        (terminal("tmux-256color"), "quadrants", "256"),
        (terminal("screen"), "quadrants", "256"),
        (terminal("xterm-kitty", TMUX="/tmp/x,1,0", KITTY_WINDOW_ID="1"), "quadrants", "256"),
        (
            terminal("tmux-256color", TMUX="x", COLORTERM="truecolor", KITTY_WINDOW_ID="1"),
            "quadrants",
            "true",
        ),
        (terminal("foot", STY="1.pts"), "quadrants", "256"),
        (terminal(NO_COLOR=""), "ascii", "none"),
        (terminal("vt100"), "ascii", "none"),
        (terminal("xterm-mono", COLORTERM="truecolor"), "ascii", "none"),
        (terminal(WT_SESSION="x"), "quadrants", "true"),
    ],
)
def test_what_is_known_of_a_terminal_decides(where: Terminal, way: str, colours: str) -> None:
    look = choose(where)
    assert (look.way, look.colours) == (way, colours)
    assert look.reason


def test_settings_come_before_what_was_saved_and_that_before_what_is_known() -> None:
    kitty = terminal("xterm-kitty")
    assert choose(kitty, saved="halves").way == "halves"
    assert choose(kitty, "sextants", saved="halves").way == "sextants"
    assert choose(kitty, "sextants", "16").colours == "16"
    assert choose(kitty, saved="nonsense").way == "kitty"
    assert choose(terminal("tmux-256color"), saved="sextants").way == "sextants"


def test_graphics_in_tmux_need_its_leave() -> None:
    closed = terminal("tmux-256color", TMUX="x", COLORTERM="truecolor")
    refused = choose(closed, "kitty")
    assert refused.way == "quadrants"
    assert "allow-passthrough" in refused.reason
    allowed = choose(terminal("tmux-256color", True, TMUX="x", COLORTERM="truecolor"), "kitty")
    assert (allowed.way, allowed.in_tmux) == ("kitty", True)


def test_a_terminal_without_colours_gets_no_blocks_even_if_they_were_saved() -> None:
    assert choose(terminal("vt100"), saved="quadrants").way == "ascii"
    assert choose(terminal(), "sextants", "none").way == "ascii"


def test_the_key_goes_round_what_the_terminal_may_show() -> None:
    def round_of(where: Terminal, look: Look) -> list[str]:
        seen = list[str]()
        for _ in range(6):
            look = next_way(look, where)
            seen.append(look.way)
        return seen

    plain = terminal(COLORTERM="truecolor")
    assert round_of(plain, choose(plain))[:5] == ["sextants", "halves", "ascii", "kitty", "quadrants"]
    inside = terminal("tmux-256color", TMUX="x", COLORTERM="truecolor")
    assert round_of(inside, choose(inside))[:4] == ["sextants", "halves", "ascii", "quadrants"]
    grey = terminal("vt100")
    assert set(round_of(grey, choose(grey))) == {"ascii"}
    assert "kitty" not in round_of(terminal(), choose(terminal()))
    assert "sixel" not in round_of(plain, Look("sixel"))


def test_tmux_on_another_machine_is_trusted_and_ours_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "_passes_through", lambda: False)
    assert look_around({"TERM": "tmux-256color"}).passthrough
    assert not look_around({"TERM": "tmux-256color", "TMUX": "x"}).passthrough
    assert not look_around({"TERM": "xterm"}).passthrough


def test_a_tmux_that_is_not_there_passes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert not look_around({"TERM": "screen", "TMUX": "x"}).passthrough


def test_a_choice_is_kept_for_each_kind_of_terminal(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "terminals.json"
    assert recall("foot", file) == ""
    remember("foot", "halves", file)
    remember("xterm", "sextants", file)
    remember("foot", "quadrants", file)
    assert (recall("foot", file), recall("xterm", file), recall("tmux", file)) == (
        *("quadrants", "sextants"),
        "",
    )


@pytest.mark.parametrize("content", ["", "{", "[]", '{"foot": 3}', "\x00"])
def test_a_damaged_memory_is_an_empty_one(tmp_path: Path, content: str) -> None:
    file = tmp_path / "terminals.json"
    file.write_text(content)
    assert recall("foot", file) == ""
    remember("foot", "ascii", file)
    assert recall("foot", file) == "ascii"


def test_a_memory_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkbenchError):
        remember("foot", "ascii", tmp_path / "file" / "terminals.json")


def test_the_memory_lies_in_the_persons_own_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert memory_file() == tmp_path / "workbench" / "terminals.json"


def test_the_settings_know_every_way_and_nothing_else() -> None:
    fields = ScreenSettings.model_fields
    assert get_args(fields["picture"].annotation) == ("auto", *WAYS)
    assert get_args(fields["colours"].annotation) == ("auto", *get_args(Colours))
    assert load_settings(None, ["screen.picture=halves"]).screen.picture == "halves"
    with pytest.raises(ConfigError, match=r"screen\.picture"):
        load_settings(None, ["screen.picture=octants"])


def test_the_test_card_shows_every_way_and_marks_the_one_in_use() -> None:
    import numpy as np

    where = terminal(COLORTERM="truecolor")
    face = np.random.default_rng(1).integers(0, 255, (60, 60, 3), dtype=np.uint8)
    lines = list(card(face, choose(where), where, 80))
    text = "\n".join(lines)
    for way in WAYS:
        assert f" {way}" in text
    assert "▶ quadrants" in text
    assert text.count("▶") == 1
    assert 'screen.picture = "quadrants"' in lines[-1]
    assert "xterm-256color" in text
    assert "a=q" not in text
