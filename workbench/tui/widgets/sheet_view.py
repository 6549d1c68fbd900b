"""The faces of a sheet with a line under each: its letter, and what ⏎ will store for it."""

from collections.abc import Sequence

from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.filter import ANSIToTruecolor
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from workbench.tui.picture.cells import RGB
from workbench.tui.tiles import Box, DrawnPage, Grid, grid_in
from workbench.tui.widgets.lines import differing


class SheetView(Widget):
    """Shows drawn rows of tiles and their captions, or a few words where there are no faces."""

    COMPONENT_CLASSES = {
        f"sheet-view--{name}" for name in ("letter", "caption", "changed", "chosen", "words")
    }

    class BoxChanged(Message):
        """The place became larger or smaller: another number of faces fits."""

    def __init__(self) -> None:
        super().__init__()
        self._page: DrawnPage | None = None
        self._captions: list[Text] = []
        self._words: list[str] = []

    @property
    def box(self) -> Box:
        """Columns and rows of the place."""
        return self.size.width, self.size.height

    @property
    def backdrop(self) -> RGB:
        """RGB of the place."""
        red, green, blue = self.background_colors[1].rgb
        return red, green, blue

    def grid(self, most: int) -> Grid:
        """How as many faces as possible lie here."""
        return grid_in(self.box, most)

    def show(self, page: DrawnPage, captions: Sequence[Text]) -> None:
        """Show faces and captions together."""
        self._page, self._words = page, []
        self._captions = self._caption_lines(captions)
        self.refresh()

    def caption(self, captions: Sequence[Text]) -> None:
        """Show other captions of the same faces; only the cells that differ are painted."""
        if self._page is None:
            return
        before, self._captions = self._captions, self._caption_lines(captions)
        height = self._page.key.grid.height
        for row, (old, new) in enumerate(zip(before, self._captions, strict=True)):
            if region := differing(old, new, (row + 1) * height - 1, self.size.width):
                self.refresh(region)

    def say(self, lines: Sequence[str]) -> None:
        """Show harmless words instead of faces."""
        self._page, self._captions, self._words = None, [], list(lines)
        self.refresh()

    def _caption_lines(self, captions: Sequence[Text]) -> list[Text]:
        """The captions of each row on one line, each under its tile."""
        if self._page is None:
            return []
        grid, found = self._page.key.grid, []
        for start in range(0, len(captions), grid.columns):
            line = Text(no_wrap=True)
            for column, one in enumerate(captions[start : start + grid.columns]):
                line.append(" " * max(0, grid.left(column) - line.cell_len))
                shown = one.copy()
                shown.truncate(grid.tile[0] + GAP_LEFT, overflow="ellipsis")
                line.append_text(shown)
            found.append(line)
        return found

    def text(self) -> str:
        """The captions or the words, for tests and screen readers."""
        return "\n".join([*(line.plain for line in self._captions), *self._words])

    def on_resize(self, event: events.Resize) -> None:
        """What was drawn no longer fits."""
        event.stop()
        self._page, self._captions = None, []
        self.post_message(self.BoxChanged())

    def render_lines(self, crop: Region) -> list[Strip]:
        """Hand over the lines as they were drawn, unless the terminal's colours need a filter."""
        filtered = any(not isinstance(one, ANSIToTruecolor) for one in self.get_line_filters())
        if self._page is None or filtered:
            return super().render_lines(crop)
        lines = [self.render_line(y) for y in range(crop.y, crop.bottom)]
        if crop.column_span != (0, self.size.width):
            return [line.crop(crop.x, crop.right) for line in lines]
        return lines

    def render_line(self, y: int) -> Strip:
        """A line of the faces, of their captions, or of the words in the middle."""
        width, height = self.box
        if self._page is not None:
            row, line = divmod(y, self._page.key.grid.height)
            if row < len(self._page.rows) and line < self._page.key.grid.tile[1]:
                return self._page.rows[row][line]
            return self._strip(self._captions[row] if row < len(self._captions) else Text(""))
        at = y - (height - len(self._words)) // 2
        words = self._words[at] if 0 <= at < len(self._words) else ""
        return self._strip(Text(words[:width].center(width)))

    def _strip(self, line: Text) -> Strip:
        """A line of text on the place's background."""
        style = self.rich_style
        segments = Segment.apply_style(line.render(self.app.console), style)
        found = Strip([one for one in segments if one.text != "\n"])
        return found.adjust_cell_length(self.size.width, style)


GAP_LEFT = 1
"""Cells by which a caption may reach into the gap."""
