"""A widget made of lines of text that repaints only those that changed: over SSH every byte is waited for."""

from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class LinesWidget(Widget):
    """A subclass puts its lines together in `build` and calls `rebuild` when what they say has changed."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines: list[Text] = []

    def build(self, width: int, height: int) -> list[Text]:
        """The lines for a place of `width` × `height` cells."""
        raise NotImplementedError

    def rebuild(self) -> None:
        """Put the lines together again and repaint those that differ."""
        width, height = self.size
        if width == 0:
            return
        before, self._lines = self._lines, self.build(width, height)
        changed = [
            y
            for y in range(max(len(before), len(self._lines)))
            if y >= len(before) or y >= len(self._lines) or before[y] != self._lines[y]
        ]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed if y < height))

    def on_resize(self, event: events.Resize) -> None:
        """Another width breaks lines elsewhere."""
        event.stop()
        self._lines = []
        self.rebuild()

    def notify_style_update(self) -> None:
        """Another theme colours everything anew."""
        super().notify_style_update()
        self._lines = []
        self.call_later(self.rebuild)

    def render_line(self, y: int) -> Strip:
        """One line, on the widget's background."""
        style, width = self.rich_style, self.size.width
        if y >= len(self._lines):
            return Strip.blank(width, style)
        console, line = self.app.console, self._lines[y]
        over = console.get_style(line.style) if isinstance(line.style, str) else line.style
        segments = Segment.apply_style(line.render(console), style + over)
        return Strip([one for one in segments if one.text != "\n"]).adjust_cell_length(width, style)

    def text(self) -> str:
        """What stands there, for tests and screen readers."""
        return "\n".join(line.plain for line in self._lines)
