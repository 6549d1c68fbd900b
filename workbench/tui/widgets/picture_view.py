"""A picture in its place on the screen; its lines were drawn elsewhere and are handed over as they are."""

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.filter import ANSIToTruecolor
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from workbench.text import neutralise
from workbench.tui.widgets.wrapping import wrap


class PictureView(Widget):
    """Shows lines of cells, or a few words where there is no picture."""

    class BoxChanged(Message):
        """The place became larger or smaller, so the picture must be drawn anew."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines: tuple[Strip, ...] = ()
        self._words = ""
        self.shown = ""

    @property
    def box(self) -> tuple[int, int]:
        """Columns and rows of the place."""
        return self.size.width, self.size.height

    @property
    def backdrop(self) -> tuple[int, int, int]:
        """RGB of the place."""
        red, green, blue = self.background_colors[1].rgb
        return red, green, blue

    def show(self, lines: tuple[Strip, ...], problem: str, name: str) -> None:
        """Show a picture, or why there is none; `name` is the fingerprint of what is shown."""
        if not lines:
            self.say(f"this picture cannot be read\n{neutralise(problem)}", name)
        elif self._lines is not lines or self._words:
            self._lines, self._words, self.shown = lines, "", name
            self.refresh()

    def say(self, words: str, name: str = "") -> None:
        """Show harmless words, on as many lines as they have, in place of a picture."""
        if self._lines or words != self._words or self.shown != name:
            self._lines, self._words, self.shown = (), words, name
            self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """What was drawn no longer fits."""
        event.stop()
        self._lines = tuple(line for line in self._lines if line.cell_length == self.size.width)
        self.post_message(self.BoxChanged())

    def render_lines(self, crop: Region) -> list[Strip]:
        """Hand over the lines as they were drawn, unless the terminal's colours need a filter."""
        # ANSIToTruecolor is always there and changes nothing in a picture, whose colours are all true ones.
        filtered = any(not isinstance(one, ANSIToTruecolor) for one in self.get_line_filters())
        if len(self._lines) != self.size.height or filtered:
            return super().render_lines(crop)
        lines = self._lines[crop.y : crop.bottom]
        if crop.column_span != (0, self.size.width):
            return [line.crop(crop.x, crop.right) for line in lines]
        return list(lines)

    def render_line(self, y: int) -> Strip:
        """One line of the picture, or of the words in its middle."""
        width, height = self.box
        style = self.rich_style
        if 0 <= y < len(self._lines) == height:
            return self._lines[y]
        words = [line for words in self._words.split("\n") for line in wrap(words, max(1, width - 2))]
        row = y - (height - len(words)) // 2
        text = _centred(words[row], width) if 0 <= row < len(words) else " " * width
        return Strip([Segment(text, style)]).adjust_cell_length(width, style)


def _centred(words: str, width: int) -> str:
    """In the middle of `width` cells, of which a wide letter takes two."""
    return " " * max(0, (width - cell_len(words)) // 2) + words
