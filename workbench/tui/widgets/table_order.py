"""How a table's rows are sorted, and how a sentence says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from workbench.ordering import in_order
from workbench.tui.widgets.table_layout import Column

T = TypeVar("T")


@dataclass(frozen=True)
class Order:
    """How rows are sorted: by the key of a column, empty for the order that they come in."""

    column: str = ""
    falling: bool = False

    def next(self, columns: Sequence[Column]) -> "Order":
        """By the column after this one; after the last, the order that they come in again."""
        keys = ["", *(column.key for column in columns)]
        place = keys.index(self.column) if self.column in keys else 0
        return Order(keys[(place + 1) % len(keys)], self.falling)

    def turned(self) -> "Order":
        """The other way round."""
        return Order(self.column, not self.falling)

    def words(self, columns: Sequence[Column], unsorted: str) -> str:
        """Such as "sorted by macro-F1, falling"; `unsorted` where no column decides."""
        name = next((column.name for column in columns if column.key == self.column), "")
        return f"sorted by {name}, {'falling' if self.falling else 'rising'}" if name else unsorted

    def options(self) -> tuple[str, ...]:
        """The same for a command."""
        return (f"--sort={'-' if self.falling else ''}{self.column}",) if self.column else ()

    def apply(self, rows: Sequence[tuple[Mapping[str, Any], T]]) -> tuple[T, ...]:
        """Rows with their values, in this order; those without the figure come last either way."""
        if not self.column:
            return tuple(row for _, row in rows)
        found = in_order(rows, lambda one: one[0][self.column], falling=self.falling)
        return tuple(row for _, row in found)


AS_THEY_ARE = Order()
"""No column decides."""
