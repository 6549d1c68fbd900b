"""Whether there is a terminal that the screens can be drawn on."""

import os
import sys

from workbench.errors import InputError

_ELSE = "use a command that prints, such as: workbench stats BENCH"


def check_terminal() -> None:
    """Refuse, in one line, what cannot show a screen.

    Raises:
        InputError: Input or output is no terminal, or `TERM` names one that cannot move its cursor.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputError("the screens need a terminal, and here is none", cure=_ELSE)
    if (term := os.environ.get("TERM", "")) in ("dumb", "unknown", ""):
        raise InputError(
            f"this terminal cannot draw screens (TERM={term})",
            cure=f"set TERM to what it is, such as xterm-256color, or {_ELSE}",
        )
