"""Times as people read them; no Textual here, because lines without a screen say them too."""

import time


def duration(seconds: float | None) -> str:
    """ "1 h 22", "22 min" or "40 s"; "–" for what is not known."""
    if seconds is None:
        return "–"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02}" if minutes >= 60 else f"{minutes} min"


def clock(unix_seconds: float) -> str:
    """ "14:05:02", local time; "–" for what cannot be."""
    try:
        return time.strftime("%H:%M:%S", time.localtime(unix_seconds))
    except (OverflowError, ValueError, OSError):
        return "–"


def moment(unix_seconds: float) -> str:
    """ "2026-03-01 14:05", local time; "–" for what is not known or cannot be."""
    if unix_seconds <= 0:
        return "–"
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(unix_seconds))
    except (OverflowError, ValueError, OSError):
        return "–"
