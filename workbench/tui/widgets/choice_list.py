"""Rows of which one is chosen, each with a number at its right."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import set_cell_size
from rich.text import Text
from textual.geometry import Size

from workbench.text import neutralise
from workbench.tui.widgets.lines import LinesWidget
from workbench.tui.widgets.looks import look

_NUMBER = 8


@dataclass(frozen=True)
class ChoiceRow:
    """A row: words, and a number that may not be known yet. Without words it parts those above and below."""

    words: str
    number: int | None = None


class ChoiceList(LinesWidget):
    """Scrolls so that the chosen row is seen, with some of its neighbours.

    Args:
        rows: What can be chosen.
        chosen: The row to begin with.
    """

    COMPONENT_CLASSES = {"choice-list--chosen", "choice-list--muted"}

    def __init__(self, rows: Sequence[ChoiceRow], chosen: int = 0) -> None:
        super().__init__()
        self._rows = list(rows)
        self.chosen = chosen
        self._top = 0

    def show_rows(self, rows: Sequence[ChoiceRow]) -> None:
        """Other numbers for the same rows."""
        self._rows = list(rows)
        self.rebuild()

    def move(self, step: int) -> None:
        """Choose another one, over those that part groups; at the ends it stops."""
        aim = max(0, min(len(self._rows) - 1, self.chosen + step))
        way = 1 if step > 0 else -1
        while 0 <= aim < len(self._rows) and not self._rows[aim].words:
            aim += way
        if 0 <= aim < len(self._rows):
            self.chosen = aim
            self.rebuild()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """As many lines as there are rows; the style sheet sets the most."""
        return len(self._rows)

    def build(self, width: int, height: int) -> list[Text]:
        """What is in sight."""
        margin = min(2, (height - 1) // 2)
        least, most = self.chosen + margin - height + 1, self.chosen - margin
        self._top = max(0, min(max(least, min(most, self._top)), len(self._rows) - height))
        shown = range(self._top, min(len(self._rows), self._top + height))
        return [self._line(self._rows[row], row == self.chosen, width) for row in shown]

    def _line(self, row: ChoiceRow, is_chosen: bool, width: int) -> Text:
        """Mark, words, number."""
        room = max(4, min(width - _NUMBER - 3, 44))
        line = Text("▸ " if is_chosen else "  ", no_wrap=True)
        line.append(set_cell_size(neutralise(row.words, room), room))
        number = "" if row.number is None else str(row.number)
        line.append(number.rjust(_NUMBER), "" if row.number else look(self, "choice-list--muted"))
        if is_chosen:
            line.stylize(look(self, "choice-list--chosen"))
        return line
