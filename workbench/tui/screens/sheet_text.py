"""The sheet's words: what is asked, what is left, what a key did, and what to do when there is no face."""

from collections.abc import Callable, Mapping

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from workbench.annotation.labels import Special
from workbench.annotation.sheet_page import Face, Mark, PageWork, SheetPage
from workbench.annotation.suggestions import certainty
from workbench.schema import Head, Schema
from workbench.text import neutralise
from workbench.tui.widgets.wrapping import counted

Look = Callable[[str], Style | str]
_CLASS_LIMIT = 24
_TITLE_LIMIT = 24


def title_of(head: Head, name: str) -> str:
    """A class as a person reads it."""
    found = head.by_name(name)
    return neutralise((found.title or found.name) if found else name, _CLASS_LIMIT)


def heading(page: SheetPage, width: int, looks: Look) -> list[Text]:
    """What is asked, and how much is left: one line of the question, one of the classes."""
    head = neutralise(page.head.title, _TITLE_LIMIT)
    first = Text(no_wrap=True)
    first.append(f" {head}  ", looks("title"))
    if page.answer and page.faces:
        first.append("all of these are ").append(f"{title_of(page.head, page.answer)} ", looks("asked"))
    elif page.faces:
        first.append("press the key of the class that all of these are", looks("asked"))
    count = f"{page.done}/{page.total} done"
    first.append(" " * max(1, width - first.cell_len - cell_len(count) - 1)).append(count, looks("muted"))
    return [first, _classes(page, width, looks)]


def _classes(page: SheetPage, width: int, looks: Look) -> Text:
    """ "none 1 ·120   ▸normal 2 ·33": each class with its key and how many faces it has left.

    Where there is too little room, gaps go first, then the counts of the other classes, then long titles.
    """
    line = Text("")
    for gap, counts, limit in (
        (" ", True, _CLASS_LIMIT),
        ("", True, _CLASS_LIMIT),
        ("", False, 6),
        ("", False, 2),
    ):
        line = Text(gap, no_wrap=True)
        for one in page.head.classes:
            here = one.name == page.answer
            line.append(f"{gap}▸" if here else f"{gap} ", looks("asked"))
            line.append(neutralise(title_of(page.head, one.name), limit), looks("asked" if here else "muted"))
            line.append(f" {one.key}", looks("key"))
            if page.suggested and (counts or here):
                line.append(f"{gap}·{page.left.get(one.name, 0)}", looks("muted"))
            line.append(gap)
        if line.cell_len <= width:
            break
    return line


def captions(work: PageWork, letters: str, problems: Mapping[int, str], looks: Look) -> list[Text]:
    """The line under each face: its letter, and what will be stored."""
    found = []
    for place, (letter, face) in enumerate(zip(letters, work.page.faces, strict=False)):
        chosen = place == work.chosen
        line = Text("▶" if chosen else "", looks("chosen"), no_wrap=True)
        line.append(f"{letter} ", looks("letter"))
        if place in problems:
            line.append("cannot be shown", looks("changed"))
        elif place in work.changes:
            line.append(_change_words(work, place), looks("changed"))
        else:
            line.append(_answer_words(work.page, face), looks("caption"))
        if chosen:
            line.append(" ?", looks("chosen"))
        found.append(line)
    return found


def _answer_words(page: SheetPage, face: Face) -> str:
    """What ⏎ will store, and how sure the network is."""
    if not page.answer:
        return ""
    confidence = f" {certainty(face.confidence)}" if face.confidence is not None else ""
    return title_of(page.head, page.answer) + confidence


def _change_words(work: PageWork, place: int) -> str:
    """What a face gets instead; the sign says it without the colour."""
    change = work.changes[place]
    if change is Mark.LEFT_OUT:
        return "– left out"
    if change is Mark.EXCLUDED:
        return "✗ excluded"
    if isinstance(change, Special):
        return "? cannot tell"
    return f"≠ {title_of(work.page.head, change)}" if isinstance(change, str) else ""


def how_to_choose(head: Head, schema: Schema, letter: str, width: int) -> str:
    """What the next key can be, once a letter is pressed."""
    flag = schema.exclusion
    others = f"? cannot tell  {flag.key} {neutralise(flag.title)}  space leave out"
    keys = "  ".join(f"{one.key} {title_of(head, one.name)}" for one in head.classes)
    words = f"{letter}:  {keys}  {others}"
    return words if cell_len(words) < width else f"{letter}:  the key of its class (above)  {others}"


def message_lines(rule: str, said: Text, width: int, height: int, label: Style | str) -> list[Text]:
    """The head's rule, and what just happened under it, or in its place where there is one line only."""
    shown = Text.assemble((" rule  ", label), neutralise(rule), no_wrap=True) if rule else Text("")
    shown.truncate(width - 1, overflow="ellipsis")
    if height <= 1:
        return [said if said.plain else shown]
    return [Text(""), shown, said]


def nothing_here(page: SheetPage, bench: object) -> list[str]:
    """What to do where there is no face to show."""
    head = neutralise(page.head.title, _TITLE_LIMIT)
    if not page.total:
        return [
            "there are no pictures yet",
            "",
            "esc goes back to the Label screen, which says where to put them",
        ]
    rest = page.total - page.done
    if rest == 0:
        return [
            f"every picture has an answer for {head}",
            "",
            "↑↓ another head   esc back to the Label screen",
        ]
    lines = [f"{counted(rest, 'picture')} open for {head}, but not on a sheet:"]
    lines += ["their suggestions are held back on purpose, or there are none, or you left them out", ""]
    lines += ["↑↓ another head   esc answers them one by one"]
    return [*lines, "", f"new suggestions: workbench suggest {neutralise(bench, 40)}"]
