"""Markdown in which names from outside stay text."""

import re
from collections.abc import Sequence

from workbench.text import neutralise

_MARKUP = re.compile(r"([\\`*\[\]|~])")


def plain(text: object) -> str:
    """Text of which nothing ends a cell, or starts markup or HTML."""
    return _MARKUP.sub(r"\\\1", neutralise(text)).replace("&", "&amp;").replace("<", "&lt;")


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table, cells made plain; numbers to the right where the first row has one."""
    if not rows:
        return ""
    marks = ["---:" if isinstance(one, int | float) else "---" for one in rows[0]]
    lines = [" | ".join(map(plain, header)), "|".join(marks)]
    lines += [" | ".join(map(plain, row)) for row in rows]
    return "".join(f"| {line} |\n" for line in lines)


def bullets(lines: Sequence[str]) -> str:
    """A list; the lines are markdown already."""
    return "".join(f"- {line}\n" for line in lines)
