"""A widget of lines of text that repaints only the cells that changed: over SSH every byte is waited for."""

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

_STRETCH = 10
"""Cells that are sent rather than jumped over: going to a cell and setting its colours costs bytes too."""


class LinesWidget(Widget):
    """A subclass puts its lines together in `build` and calls `rebuild` when what they say has changed."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines: list[Text] = []
        self._ground: Style | None = None

    def build(self, width: int, height: int) -> list[Text]:
        """The lines for a place of `width` × `height` cells."""
        raise NotImplementedError

    def rebuild(self) -> None:
        """Put the lines together again and repaint what differs."""
        width, height = self.size
        if width == 0:
            return
        self._ground = None
        before, self._lines = self._lines, self.build(width, height)
        changed: list[Region] = []
        for y in range(min(height, max(len(before), len(self._lines)))):
            if y < len(before) and y < len(self._lines):
                changed += changed_regions(before[y], self._lines[y], y, width)
            else:
                changed.append(Region(0, y, width, 1))
        if changed:
            self.refresh(*changed)

    def on_resize(self, event: events.Resize) -> None:
        """Another width breaks lines elsewhere."""
        event.stop()
        self._lines = []
        self.rebuild()

    def notify_style_update(self) -> None:
        """Another theme colours everything anew."""
        super().notify_style_update()
        self._lines, self._ground = [], None
        self.call_later(self.rebuild)

    def render_line(self, y: int) -> Strip:
        """One line, on the widget's background."""
        style, width = self._ground or self.rich_style, self.size.width
        self._ground = style  # it costs more than the rest of a line
        if y >= len(self._lines):
            return Strip.blank(width, style)
        console, line = self.app.console, self._lines[y]
        over = console.get_style(line.style) if isinstance(line.style, str) else line.style
        segments = Segment.apply_style(line.render(console), style + over)
        return Strip([one for one in segments if one.text != "\n"]).adjust_cell_length(width, style)

    def text(self) -> str:
        """What stands there, for tests and screen readers."""
        return "\n".join(line.plain for line in self._lines)


def changed_regions(before: Text, after: Text, y: int, width: int) -> list[Region]:
    """The parts of line `y` that differ, without the longer stretches between them that do not."""
    if before is after or (before == after and before.style == after.style):
        return []
    whole = differing(before, after, y, width)
    if whole.width <= _STRETCH or before.style != after.style:
        return [whole] if whole else []
    old, new = _characters(before), _characters(after)
    if not len(old) == len(new) == cell_len(before.plain) == cell_len(after.plain):
        return [whole]
    parts: list[list[int]] = []
    for x in range(whole.x, min(whole.right, len(new))):
        if old[x] != new[x]:
            if parts and x - parts[-1][1] < _STRETCH:
                parts[-1][1] = x + 1
            else:
                parts.append([x, x + 1])
    return [Region(start, y, end - start, 1) for start, end in parts]


def differing(before: Text, after: Text, y: int, width: int) -> Region:
    """The cells of line `y` from the first to the last that differ; an empty region where none does."""
    if before.style != after.style:
        return Region(0, y, width, 1)
    old, new = _characters(before), _characters(after)
    common = min(len(old), len(new))
    start = next((i for i in range(common) if old[i] != new[i]), common)
    end = 0
    if before.cell_len == after.cell_len:
        end = next((i for i in range(common - start) if old[-1 - i] != new[-1 - i]), common - start)
    left = cell_len(after.plain[:start])
    right = max(before.cell_len, after.cell_len) - cell_len(after.plain[len(new) - end :])
    return Region(left, y, max(0, min(right, width) - left), 1)


def _characters(line: Text) -> list[tuple[object, ...]]:
    """Each character with its styles."""
    found: list[tuple[object, ...]] = [(character,) for character in line.plain]
    for span in line.spans:
        for index in range(span.start, min(span.end, len(found))):
            found[index] += (span.style,)
    return found
