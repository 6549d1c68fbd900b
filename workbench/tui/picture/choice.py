"""Which way of drawing pictures a terminal gets.

Nothing is asked of the terminal: its answer could come late, as key presses, and answer heads (over SSH it
did). What is known without asking decides, and a key overrules.
"""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, cast, get_args

if TYPE_CHECKING:  # it needs NumPy, which takes a tenth of a second to import
    from workbench.tui.picture.colours import Colours

Way = Literal["quadrants", "sextants", "halves", "ascii", "kitty", "sixel"]
WAYS: tuple[Way, ...] = get_args(Way)
AUTO = "auto"
_MULTIPLEXERS = ("tmux", "screen")
_KITTY_FROM = (0, 28)
_OWN_GLYPHS = ("foot", "alacritty")
"""Terminals that draw sextants themselves, whatever the font."""
_ALL_COLOURS = (
    "xterm-kitty",
    "xterm-ghostty",
    "foot",
    "alacritty",
    "wezterm",
    "contour",
    "iterm2",
    "konsole",
)
_ALL_COLOURS_PROGRAMS = ("ghostty", "iTerm.app", "WezTerm", "vscode")
_NO_COLOURS = re.compile(r"^(vt\d+.*|dumb|unknown|.*-m|.*-mono|ansi-m.*)$")
_TIMEOUT_S = 2.0


@dataclass(frozen=True)
class Terminal:
    """What the environment says about a terminal.

    Attributes:
        term: `TERM`.
        variables: The environment.
        passthrough: Whether tmux passes sequences on that it does not know; taken for granted of a tmux on
            another machine, which cannot be asked.
    """

    term: str
    variables: Mapping[str, str]
    passthrough: bool = False

    @property
    def in_multiplexer(self) -> bool:
        """Whether tmux or screen stands between us and what draws."""
        inside = self.variables.get("TMUX") or self.variables.get("STY")
        return bool(inside) or self.term.partition("-")[0] in _MULTIPLEXERS

    @property
    def in_tmux(self) -> bool:
        """Whether it is tmux, here or on the machine that the person sits at."""
        return bool(self.variables.get("TMUX")) or self.term.partition("-")[0] == "tmux"


@dataclass(frozen=True)
class Look:
    """How pictures are drawn.

    Attributes:
        way: The glyphs or the protocol.
        colours: Those that the terminal has.
        in_tmux: Whether graphics go through tmux.
        reason: Why this one, for `doctor` and the help page.
    """

    way: Way = "quadrants"
    colours: "Colours" = "true"
    in_tmux: bool = False
    reason: str = ""

    @property
    def title(self) -> str:
        """ "quadrants, 256 colours"."""
        if self.way in ("kitty", "sixel", "ascii"):
            return {"kitty": "Kitty graphics", "sixel": "Sixel graphics"}.get(self.way, "ASCII signs")
        return f"{self.way}, {'all colours' if self.colours == 'true' else f'{self.colours} colours'}"


DEFAULT = Look()
"""What suits most terminals."""
UNKNOWN = Terminal("", {})


def choose(terminal: Terminal, picture: str = AUTO, colours: str = AUTO, saved: str = "") -> Look:
    """The way for this terminal.

    Args:
        terminal: What is known of it.
        picture: From the command line or the settings; "auto" leaves it to the rest.
        colours: Likewise.
        saved: What the person chose by key on a terminal of this `TERM`, or "".
    """
    found = known_colours(terminal) if colours == AUTO else cast("Colours", colours)
    look = Look("quadrants", found, terminal.in_tmux)
    if picture in WAYS:
        return _possible(replace(look, way=picture, reason="from the settings"), terminal)
    if saved in WAYS:
        return _possible(replace(look, way=saved, reason=f"chosen for TERM {terminal.term}"), terminal)
    if found == "none":
        return replace(look, way="ascii", reason="the terminal has no colours")
    if terminal.in_multiplexer:
        return replace(look, reason="tmux or screen stands between")
    if _knows_placeholders(terminal):
        return replace(look, way="kitty", reason="kitty and Ghostty show pictures themselves")
    if terminal.term.partition("-")[0] in _OWN_GLYPHS:
        return replace(look, way="sextants", reason="foot and Alacritty draw sextants themselves")
    return replace(look, reason="nearly every font has them")


def _possible(look: Look, terminal: Terminal) -> Look:
    """The look, or the nearest one that can be shown at all."""
    if look.way in ("kitty", "sixel") and terminal.in_multiplexer and not terminal.passthrough:
        words = "tmux passes no pictures on: tmux set -g allow-passthrough on"
        return replace(look, way="quadrants", reason=words)
    if look.colours == "none" and look.way not in ("ascii", "kitty", "sixel"):
        return replace(look, way="ascii", reason="the terminal has no colours")
    return look


def next_way(look: Look, terminal: Terminal) -> Look:
    """The way after this one, of those that this terminal may show; Sixel is left to the settings.

    Kitty's cells name their picture by a colour, which takes a terminal with all of them.
    """
    turn = [way for way in WAYS if way != "sixel" and (way != "kitty" or look.colours == "true")]
    start = turn.index(look.way) if look.way in turn else -1
    for step in range(1, len(turn) + 1):
        way = turn[(start + step) % len(turn)]
        found = _possible(replace(look, way=way, reason="chosen by key"), terminal)
        if found.way == way:
            return found
    return look


def known_colours(terminal: Terminal) -> "Colours":
    """The colours of a terminal, by what it says and by what is known of it."""
    term, variables = terminal.term, terminal.variables
    if "NO_COLOR" in variables or _NO_COLOURS.match(term):
        return "none"
    if variables.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "true"
    if not terminal.in_multiplexer:
        if term.startswith(_ALL_COLOURS) or term.endswith("-direct") or "WT_SESSION" in variables:
            return "true"
        if variables.get("TERM_PROGRAM") in _ALL_COLOURS_PROGRAMS or "KITTY_WINDOW_ID" in variables:
            return "true"
    return "256" if "256" in term or terminal.in_multiplexer else "16"


def _knows_placeholders(terminal: Terminal) -> bool:
    """Whether it is kitty from 0.28 on, or Ghostty."""
    variables = terminal.variables
    if terminal.term == "xterm-ghostty" or variables.get("TERM_PROGRAM") == "ghostty":
        return True
    version = re.match(r"(\d+)\.(\d+)", variables.get("TERM_PROGRAM_VERSION", ""))
    is_kitty = terminal.term == "xterm-kitty" or "KITTY_WINDOW_ID" in variables
    if version is not None and variables.get("TERM_PROGRAM") == "kitty":
        return (int(version[1]), int(version[2])) >= _KITTY_FROM
    return is_kitty


def look_around(variables: Mapping[str, str] | None = None) -> Terminal:
    """What the environment says, and tmux if it is there; the terminal itself is not asked."""
    known = dict(os.environ if variables is None else variables)
    terminal = Terminal(known.get("TERM", ""), known)
    passthrough = _passes_through() if known.get("TMUX") else terminal.in_tmux
    return replace(terminal, passthrough=passthrough)


def _passes_through() -> bool:
    """Whether tmux has `allow-passthrough` on for this pane."""
    try:
        done = subprocess.run(
            ["tmux", "show-options", "-Apv", "allow-passthrough"],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout.strip() in ("on", "all")
