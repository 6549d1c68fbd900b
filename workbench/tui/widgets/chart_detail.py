"""A deep zoom: where a window shows merged points that have room, they are read again from the log."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from workbench.monitoring.curves import Axis, Curve, CurveKey
    from workbench.tui.chart_content import ChartContent
    from workbench.tui.widgets.chart_grid import ChartGrid


class DetailWanted(Message):
    """Points of a window are wanted singly; who reads the log answers by calling `told`, from any thread.

    Args:
        axis: What the edges are on.
        left: The left edge.
        right: The right one.
        told: Takes what was found; empty if that cannot be read.
    """

    def __init__(
        self, axis: "Axis", left: float, right: float, told: Callable[["Mapping[CurveKey, Curve]"], object]
    ) -> None:
        super().__init__()
        self.axis, self.left, self.right, self.told = axis, left, right, told

    def can_replace(self, message: Message) -> bool:
        """Only the last window counts."""
        return isinstance(message, DetailWanted)


@dataclass(frozen=True)
class _Window:
    """A part of an axis."""

    axis: "Axis"
    left: float
    right: float

    def holds(self, content: "ChartContent") -> bool:
        """Whether a chart's window lies in it."""
        return self.axis == content.axis and self.left <= content.left and content.right <= self.right


class ChartDetail:
    """Keeps the points of one window."""

    def __init__(self, grid: "ChartGrid") -> None:
        self._grid = grid
        self.forget()

    def forget(self) -> None:
        """Another run comes."""
        self._asked: _Window | None = None
        self._known: tuple[_Window, Mapping[CurveKey, Curve]] | None = None

    def of(self, content: "ChartContent", columns: int) -> "ChartContent":
        """The content with its points singly, as soon as they are known; asks for them."""
        from workbench.tui.chart_content import merged

        if not merged(content, columns):
            return content
        if self._known is not None and self._known[0].holds(content):
            train = self._known[1].get((content.head, content.metric, content.which))
            return (
                content if train is None or not len(train) else replace(content, train=train, detailed=True)
            )
        if self._asked is None or not self._asked.holds(content):
            self._ask(content)
        return content

    def _ask(self, content: "ChartContent") -> None:
        """Ask for the window, with what lies left of it: the mean of many points begins there."""
        from workbench.tui.chart_content import lead_in

        window = _Window(content.axis, content.left - lead_in(content), content.right)
        self._asked = window
        self._grid.post_message(
            DetailWanted(window.axis, window.left, window.right, lambda found: self._take(window, found))
        )

    def _take(self, window: _Window, found: "Mapping[CurveKey, Curve]") -> None:
        """From the reader's thread."""
        self._grid.call_later(self._keep, window, found)

    def _keep(self, window: _Window, found: "Mapping[CurveKey, Curve]") -> None:
        """Draw with it, unless another one was asked for meanwhile."""
        if window == self._asked:
            self._known = (window, found)
            self._grid.draw_now()
