"""The heads of a picture: classes with their keys, answers, the active head, how much of each is done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from workbench.annotation.labels import Answer, PictureLabels, Special
from workbench.annotation.suggestions import Suggestion, certainty
from workbench.schema import Head, Schema
from workbench.text import neutralise
from workbench.tui.widgets.lines import LinesWidget
from workbench.tui.widgets.looks import look

_TITLE_LIMIT = 24
_CLASS_LIMIT = 30
_INDENT = 5
_WIDEST = 72  # columns; further apart, an answer and its count would not be seen as one line
CANNOT_TELL = "cannot tell"
Look = Callable[[str], Style | str]


@dataclass(frozen=True)
class HeadState:
    """What the panel shows.

    Attributes:
        labels: The picture's answers.
        active: Name of the active head.
        done: Answers of each head over all pictures.
        total: Pictures.
        suggested: What a network suggests, by head.
        letters: The letter of each (head, class); empty where digits answer the active head.
        locks: The answer of each locked head, which it gets beside the others.
        passing: Whether only the active head is asked, of one picture after the other.
    """

    labels: PictureLabels
    active: str
    done: Mapping[str, int]
    total: int
    suggested: Mapping[str, Suggestion] = field(default_factory=dict)
    letters: Mapping[tuple[str, str], str] = field(default_factory=dict)
    locks: Mapping[str, Answer] = field(default_factory=dict)
    passing: bool = False


def answer_text(head: Head, answer: Answer | None) -> str:
    """ "✓ blond", "? cannot tell" or "· open": the sign says it without the colour."""
    if answer is None:
        return "· open"
    if isinstance(answer, Special):
        return f"? {CANNOT_TELL}"
    found = head.by_name(answer)
    return f"✓ {neutralise(found.title or found.name if found else answer, _CLASS_LIMIT)}"


def suggestion_text(head: Head, suggestion: Suggestion, room: int) -> str:
    """ "◇ model: blond 0.91", shorter where there is little room; the sign says that it is no answer."""
    found = head.by_name(suggestion.answer)
    title = neutralise(found.title if found else suggestion.answer, _CLASS_LIMIT)
    words = f"{title} {certainty(suggestion.confidence)}"
    return f"◇ model: {words}" if cell_len(words) + 9 <= room else f"◇ {words}"


def head_lines(schema: Schema, state: HeadState, width: int, looks: Look) -> list[list[Text]]:
    """The lines of each head, and last those of the exclusion.

    Args:
        schema: The heads.
        state: Answers and counts.
        width: Columns.
        looks: The style of "title", "active", "key", "class", "chosen", "muted", "open", "bar" or "bar-rest".

    Returns:
        One list of lines a head.
    """
    title_width = min(_TITLE_LIMIT, max(cell_len(neutralise(head.title)) for head in schema.heads))
    blocks = []
    for head in schema.heads:
        active = head.name == state.active and not state.labels.excluded
        answer = state.labels.answers.get(head.name)
        line = Text(no_wrap=True)
        line.append(" ▶ " if active else "   ", looks("active"))
        title = neutralise(head.title, title_width)
        title_look = "active" if active else "muted" if state.passing else "title"
        line.append(title + " " * (title_width - cell_len(title) + 2), looks(title_look))
        if not state.labels.excluded:
            _append_answer(line, head, answer, state, width, looks)
        _append_count(line, state.done.get(head.name, 0), state.total, width, looks)
        letters = {one.name: state.letters.get((head.name, one.name), "") for one in head.classes}
        base = "class" if active or any(letters.values()) else "muted"
        blocks.append([line, *_class_lines(head, answer, width, base, looks, letters)])
    blocks.append([_exclusion_line(schema, state.labels, looks)])
    return blocks


def _append_answer(
    line: Text, head: Head, answer: Answer | None, state: HeadState, width: int, looks: Look
) -> None:
    """The answer, and whether it is locked; else what the lock will answer, or what is suggested."""
    lock = state.locks.get(head.name)
    if answer is None and lock is not None:
        line.append(f"= {answer_text(head, lock)[2:]}, locked", looks("suggested"))
    elif answer is None and head.name in state.suggested:
        line.append(
            suggestion_text(head, state.suggested[head.name], width - line.cell_len), looks("suggested")
        )
    else:
        line.append(answer_text(head, answer), looks("open" if answer is None else "chosen"))
        if lock is not None:
            other = "" if lock == answer else f": {answer_text(head, lock)[2:]}"
            line.append(f"  = locked{other}", looks("suggested"))


def filled(done: int, total: int, cells: int) -> int:
    """Cells of a bar that are full: none only for nothing, all only for everything."""
    if done <= 0 or total <= 0:
        return 0
    return cells if done >= total else min(cells - 1, max(1, cells * done // total))


def _append_count(line: Text, done: int, total: int, width: int, looks: Look) -> None:
    """A small bar and "412/2000" at the right edge; whatever does not fit is left out."""
    count = f"{done}/{total}"
    bar_width = 8 if width >= 56 else 0
    room = width - line.cell_len - len(count) - 1
    if bar_width and room >= bar_width + 3:
        line.append(" " * (room - bar_width - 1))
        full = filled(done, total, bar_width)
        line.append("▓" * full, looks("bar"))
        line.append("░" * (bar_width - full) + " ", looks("bar-rest"))
    elif room >= 1:
        line.append(" " * room)
    else:
        return
    line.append(count, looks("muted"))


def _class_lines(
    head: Head, answer: Answer | None, width: int, base: str, looks: Look, letters: Mapping[str, str]
) -> list[Text]:
    """ "brown 1   black 2 …", the chosen one marked by ▸ before its key, on as many lines as it takes."""
    lines = [Text(" " * _INDENT, no_wrap=True)]
    for one in head.classes:
        chosen = one.name == answer
        entry = Text()
        entry.append(neutralise(one.title or one.name, _CLASS_LIMIT), looks("chosen" if chosen else base))
        entry.append(" ▸" if chosen else " ", looks("chosen"))
        entry.append(letters[one.name] or one.key, looks("muted" if base == "muted" else "key"))
        entry.append(" " if chosen else "  ")
        if lines[-1].cell_len > _INDENT and lines[-1].cell_len + entry.cell_len - 1 > width:
            lines.append(Text(" " * _INDENT, no_wrap=True))
        lines[-1].append_text(entry).append(" ")
    for line in lines:
        line.rstrip()
    return lines


def _exclusion_line(schema: Schema, labels: PictureLabels, looks: Look) -> Text:
    """The flag of a picture that shows nothing to label."""
    title, key = neutralise(schema.exclusion.title, _CLASS_LIMIT), schema.exclusion.key
    if labels.excluded:
        return Text.assemble(
            (" ▶ ", looks("active")), (f"✓ {title}", looks("chosen")), "   take back ", (key, looks("key"))
        )
    return Text.assemble("   ", (title + " ", looks("class")), (key, looks("key")))


class HeadPanel(LinesWidget):
    """The heads; where they do not all fit, the active one is always in view."""

    COMPONENT_CLASSES = {
        f"head-panel--{name}"
        for name in (
            "title",
            "active",
            "key",
            "class",
            "chosen",
            "suggested",
            "muted",
            "open",
            "bar",
            "bar-rest",
        )
    }

    def __init__(self, schema: Schema) -> None:
        super().__init__()
        self._schema = schema
        self._state: HeadState | None = None

    def show(self, state: HeadState | None) -> None:
        """Show this picture's answers; None for no picture."""
        if state != self._state:
            self._state = state
            self.rebuild()

    def build(self, width: int, height: int) -> list[Text]:
        """The heads, with blank lines between them where there is room."""
        if self._state is None:
            return []
        looks = {name: look(self, f"head-panel--{name}") for name in _NAMES}
        blocks = head_lines(self._schema, self._state, min(width, _WIDEST), looks.__getitem__)
        names = [*self._schema.head_names, self._schema.exclusion.name]
        active = self._schema.exclusion.name if self._state.labels.excluded else self._state.active
        return window(blocks, names.index(active), height)


_NAMES = ("title", "active", "key", "class", "chosen", "suggested", "muted", "open", "bar", "bar-rest")


def window(blocks: list[list[Text]], active: int, height: int) -> list[Text]:
    """The lines of all blocks, spaced where there is room, else as many as fit around the active block."""
    lines = sum(len(block) for block in blocks)
    gaps = 1 if lines + len(blocks) - 1 <= height else 0
    flat: list[Text] = []
    start = end = 0
    for index, block in enumerate(blocks):
        if index == active:
            start, end = len(flat), len(flat) + len(block)
        flat += block + [Text("")] * (gaps if index < len(blocks) - 1 else 0)
    if len(flat) <= height:
        return flat
    first = max(0, min(start - (height - (end - start)) // 2, len(flat) - height))
    shown = flat[first : first + height]
    if first > 0 and start > first:
        shown[0] = Text(f"   ↑ {first} lines more")
    if first + height < len(flat) and end < first + height:
        shown[-1] = Text(f"   ↓ {len(flat) - first - height} lines more")
    return shown
