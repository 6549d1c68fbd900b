"""Every setting on a line of its own; the chosen one is explained below."""

from collections.abc import Callable, Sequence

from rich.cells import set_cell_size
from rich.text import Text

from workbench.config import SettingField
from workbench.text import neutralise
from workbench.tui.run_setup import shown
from workbench.tui.widgets.lines import LinesWidget
from workbench.tui.widgets.looks import look

CHANGED, PRESET = "●", "○"
"""Marks of a value that a person changed, and of one that preset or bench set."""
_VALUE, _VALID = 14, 30


class SettingsList(LinesWidget):
    """Scrolls so that the chosen setting is seen, with some of its neighbours."""

    COMPONENT_CLASSES = {
        "settings-list--chosen",
        "settings-list--muted",
        "settings-list--changed",
    }

    def __init__(self) -> None:
        super().__init__(id="settings")
        self.fields: Sequence[SettingField] = ()
        self._is_changed: Callable[[SettingField], bool] = lambda _: False
        self._chosen = 0
        self._top = 0

    def show(self, fields: Sequence[SettingField], is_changed: Callable[[SettingField], bool]) -> None:
        """Show these."""
        self.fields, self._is_changed = fields, is_changed
        self.rebuild()

    @property
    def chosen(self) -> SettingField | None:
        """The setting that keys work on."""
        return self.fields[self._chosen] if self.fields else None

    def move(self, step: int) -> None:
        """Choose another one; at the ends it stops."""
        self._chosen = max(0, min(len(self.fields) - 1, self._chosen + step))
        self.rebuild()

    def mark(self, field: SettingField) -> str:
        """● changed by a person, ○ otherwise than the program's default."""
        if self._is_changed(field):
            return CHANGED
        return PRESET if field.value != field.default else " "

    def build(self, width: int, height: int) -> list[Text]:
        """What is in sight."""
        margin = min(2, (height - 1) // 2)
        least, most = self._chosen + margin - height + 1, self._chosen - margin
        self._top = max(0, min(max(least, min(most, self._top)), len(self.fields) - height))
        keys = max((len(field.key) for field in self.fields), default=0)
        return [
            self._line(field, self._top + row == self._chosen, keys, width)
            for row, field in enumerate(self.fields[self._top : self._top + height])
        ]

    def _line(self, field: SettingField, is_chosen: bool, keys: int, width: int) -> Text:
        """Mark, key, value, and what there is room for of range and meaning."""
        muted = look(self, "settings-list--muted")
        mark = self.mark(field)
        line = Text("▸" if is_chosen else " ", no_wrap=True)
        line.append(mark, look(self, "settings-list--changed") if mark == CHANGED else muted)
        line.append(f" {set_cell_size(field.key, keys)}  ")
        value = set_cell_size(neutralise(shown(field.value), _VALUE), _VALUE)
        line.append(f"{value} ", look(self, "settings-list--changed") if mark == CHANGED else "")
        if width >= 110:
            line.append(set_cell_size(neutralise(field.valid, _VALID), _VALID) + " ", muted)
        line.append(neutralise(field.meaning, max(4, width - line.cell_len - 1)), muted)
        if is_chosen:
            line.stylize(look(self, "settings-list--chosen"))
        return line
