"""The picture's name, place, size and state; which pictures come; flag, note and how it is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from workbench.text import neutralise
from workbench.tui.widgets.lines import LinesWidget
from workbench.tui.widgets.looks import look


@dataclass(frozen=True)
class PictureWords:
    """What stands over the heads; every word is harmless.

    Attributes:
        name: The picture's file name.
        state: Its place in the queue, its size, how far it is labelled.
        queue: Which pictures come and in which order.
        plain: Whether that is all pictures by name, which need not be said where there is little room.
        passing: The head of a pass over one head, in words; "" for none.
        flagged: Whether it is flagged.
        note: What somebody wrote about it.
    """

    name: str = ""
    state: str = ""
    queue: str = ""
    plain: bool = True
    passing: str = ""
    flagged: bool = False
    note: str = ""


TALL = 5
"""Lines where there is room; else three."""


class PictureLine(LinesWidget):
    """Name; place and state; queue and pass; flag, zoom and note; a blank line. Where the screen is short,
    these share the third line. A long name keeps its end, which tells pictures apart."""

    COMPONENT_CLASSES = {f"picture-line--{name}" for name in ("name", "state", "caption", "flag", "queue")}

    def __init__(self) -> None:
        super().__init__()
        self._words = PictureWords()
        self._caption = ""

    def show(self, words: PictureWords) -> None:
        """Show what is known of a picture."""
        if words != self._words:
            self._words = words
            self.rebuild()

    def caption(self, words: str) -> None:
        """Say how the picture is looked at; "" for the whole picture as it is."""
        if words != self._caption:
            self._caption = words
            self.rebuild()

    def build(self, width: int, height: int) -> list[Text]:
        """All lines."""
        words, room = self._words, max(2, width - 4)
        name = words.name if cell_len(words.name) <= room else _end(words.name, room)
        first = [
            Text(f"   {name}", look(self, "picture-line--name")),
            Text(f"   {neutralise(words.state, room)}", look(self, "picture-line--state")),
        ]
        queue = [(words.queue, "state" if words.plain else "queue"), (words.passing, "queue")]
        remarks = [("⚑ flagged" if words.flagged else "", "flag"), (self._caption, "caption")]
        remarks.append((f"“{words.note}”" if words.note else "", "state"))
        if height < TALL:
            other = [] if words.plain else queue[:1]
            return [*first, self._joined(remarks[:2] + queue[1:] + other + remarks[2:], room)]
        return [*first, self._joined(queue, room), self._joined(remarks, room)]

    def _joined(self, parts: Sequence[tuple[str, str]], room: int) -> Text:
        """What there is of these, one after the other, as far as it fits."""
        line = Text("   ", no_wrap=True)
        for words, component in parts:
            left = room + 3 - line.cell_len - (3 if line.plain.strip() else 0)
            if not words or left < 4:
                continue
            if line.plain.strip():
                line.append(" · ", look(self, "picture-line--state"))
            shown = neutralise(words, left)
            if cell_len(shown) > left:  # wide letters
                shown = set_cell_size(shown, left - 1) + "…"
            line.append(shown, look(self, f"picture-line--{component}"))
        return line


def _end(name: str, room: int) -> str:
    """The end of a name, as much as fits."""
    start = max(0, len(name) - (room - 1))
    while cell_len(name[start:]) > room - 1:
        start += 1
    return "…" + name[start:]
