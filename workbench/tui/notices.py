"""A notice as a terminal takes it: its bell, or a message of its own on the desktop (OSC 9, OSC 777).

OSC 9 is iTerm2's, known to kitty, WezTerm and Ghostty too; OSC 777 is rxvt-unicode's, known to foot and VTE.
Nothing is asked of the terminal. Inside tmux the terminal behind it is not known, so that only the bell is
left to "auto", and a message that was asked for goes through only where tmux passes it on.
"""

from collections.abc import Mapping
from typing import Literal

from workbench.settings.notify import NotifySettings
from workbench.text import neutralise
from workbench.tui.picture.choice import look_around

BELL = "\a"
TITLE = "workbench"
Desktop = Literal["osc9", "osc777", "none"]
_LONGEST = 200
_OSC9_PROGRAMS = ("iTerm.app", "WezTerm", "ghostty")
_OSC9_TERMS = ("xterm-kitty", "xterm-ghostty", "wezterm")
_OSC777_TERMS = ("rxvt-unicode", "foot", "contour")


def is_slow(settings: NotifySettings, environment: Mapping[str, str]) -> bool:
    """Whether the line to the terminal is one over which nothing but the screen is sent."""
    if settings.slow_line == "auto":
        return bool(environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"))
    return settings.slow_line == "yes"


def notice(text: str, settings: NotifySettings, environment: Mapping[str, str]) -> str:
    """What to write to the terminal.

    Args:
        text: In words.
        settings: What the person wants.
        environment: What says which terminal it is.

    Returns:
        Sequences that move no cursor and change no colour; "" for none.
    """
    if is_slow(settings, environment):
        return ""
    bell = BELL if settings.bell else ""
    kind = known_desktop(environment) if settings.desktop == "auto" else settings.desktop
    return message(text, kind, environment) + bell


def known_desktop(environment: Mapping[str, str]) -> Desktop:
    """The kind of message that a terminal is known to have, by what it says of itself."""
    term, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    if environment.get("TMUX") or environment.get("STY") or term.startswith(("tmux", "screen")):
        return "none"
    if program in _OSC9_PROGRAMS or term in _OSC9_TERMS or environment.get("LC_TERMINAL") == "iTerm2":
        return "osc9"
    if term.startswith(_OSC777_TERMS) or "VTE_VERSION" in environment:
        return "osc777"
    return "none"


def message(text: str, kind: Desktop, environment: Mapping[str, str]) -> str:
    """A message on the desktop; "" where it would not get there.

    A semicolon would begin another field of OSC 777, and a control character end the sequence.
    """
    if kind == "none":
        return ""
    plain = neutralise(text, _LONGEST).replace(";", ",")
    sequence = f"\x1b]9;{plain}{BELL}" if kind == "osc9" else f"\x1b]777;notify;{TITLE};{plain}{BELL}"
    terminal = look_around(environment) if environment.get("TMUX") else None
    if terminal is not None:
        return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\" if terminal.passthrough else ""
    return "" if environment.get("STY") else sequence
