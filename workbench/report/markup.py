"""HTML made of plain functions: whatever is not markup already is neutralised and escaped.

A page is one expression of nested `element` calls; text cannot get into it in any other way, so a file name
or a class title is never taken for markup. That is all that a template engine would be needed for.
"""

import html
import re
from collections.abc import Iterable, Sequence

from workbench.text import neutralise

_ATTRIBUTE = re.compile(r"[a-z][a-zA-Z-]*")
_VOID = frozenset({"meta", "img"})


class Html(str):
    """Text that is markup; only this module and literals in the program make it."""

    __slots__ = ()


Content = object
"""What an element holds: markup, a list of contents, None for nothing, or anything else as text."""


def text(value: object) -> Html:
    """Text from anywhere, shown as it is: on one line, with nothing that markup or a reader would obey."""
    return Html(html.escape(neutralise(value)))


def join(*content: Content) -> Html:
    """Contents one after the other."""
    return Html("".join(_parts(content)))


def _parts(content: Iterable[Content]) -> Iterable[str]:
    for one in content:
        if isinstance(one, Html):
            yield one
        elif isinstance(one, list | tuple):
            yield from _parts(one)
        elif one is not None:
            yield text(one)


def element(name: str, /, *content: Content, **attributes: object) -> Html:
    """An element.

    Args:
        name: Its name.
        content: What it holds.
        attributes: Underscores stand for hyphens, and one at the end for none (`class_`); those that are None
            or "" are left out.
    """
    marks = "".join(
        f' {_attribute(key)}="{text(value)}"' for key, value in attributes.items() if value not in (None, "")
    )
    return Html(f"<{name}{marks}>" if name in _VOID else f"<{name}{marks}>{join(*content)}</{name}>")


def _attribute(key: str) -> str:
    """An attribute's name, from a keyword of the program."""
    name = key.rstrip("_").replace("_", "-")
    assert _ATTRIBUTE.fullmatch(name), f"expected an attribute's name; received {key!r}"
    return name


def table(
    header: Sequence[Content], rows: Iterable[Sequence[Content]], caption: str = "", **kind: str
) -> Html:
    """A table that scrolls sideways by itself where the page is too narrow for it.

    The first cell of each row is its heading; cells that hold numbers stand to the right.

    Args:
        header: The columns' names.
        rows: Their cells; a `Cell` brings attributes of its own.
        caption: What the table is of.
        kind: Attributes of the table, such as `class_`.
    """
    columns = [element("th", one, scope="col", class_=_column(one)) for one in header]
    lines = [element("tr", *[_cell(one, first=not at) for at, one in enumerate(row)]) for row in rows]
    inside = element(
        "table",
        element("caption", caption) if caption else None,
        element("thead", element("tr", *columns)),
        element("tbody", *lines),
        **kind,
    )
    return element("div", inside, class_="scroll")


def number(value: Content) -> Html:
    """A cell with a number, or with what stands in its place."""
    return element("td", value, class_="number")


def heading(value: Content) -> "Right":
    """The name of a column of numbers."""
    return Right(text(value))


class Right(Html):
    """A column's name that stands to the right, over numbers."""

    __slots__ = ()


def _column(name: Content) -> str:
    return "number" if isinstance(name, Right) else ""


def _cell(content: Content, *, first: bool) -> Html:
    """A cell, unless it is one already."""
    if isinstance(content, Html) and content.startswith("<td"):
        return content
    return element("th", content, scope="row") if first else element("td", content)
