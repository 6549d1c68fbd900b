"""What the Evaluate screen shows of an evaluation: the heads or the classes of one, on a split, sorted."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from workbench.evaluation.report import SPLITS, Evaluation, HeadMetrics
from workbench.tui.screens.evaluate_text import (
    CLASS_COLUMNS,
    HEAD_COLUMNS,
    classes_caption,
    classes_view,
    heads_caption,
    heads_view,
    remarks,
)
from workbench.tui.widgets.table_layout import Column, TableView
from workbench.tui.widgets.table_order import Order


@dataclass(frozen=True)
class Showing:
    """One table.

    Attributes:
        evaluation: The results; None where there are none.
        head: The head whose classes are shown; empty for all heads.
        split: The classes' split.
        heads_order: How the heads are sorted.
        classes_order: How the classes are sorted.
    """

    evaluation: Evaluation | None = None
    head: str = ""
    split: str = ""
    heads_order: Order = field(default_factory=Order)
    classes_order: Order = field(default_factory=Order)

    def of(self, evaluation: Evaluation | None) -> "Showing":
        """The same of other results, as far as they have it."""
        if evaluation is None:
            return replace(self, evaluation=None)
        head = self.head if self.head in evaluation.head_names else ""
        split = self.split if self.split in evaluation.splits else evaluation.focus
        return replace(self, evaluation=evaluation, head=head, split=split)

    @property
    def metrics(self) -> HeadMetrics | None:
        """The shown head's figures; None where no head is open."""
        if self.evaluation is None or not self.head:
            return None
        return self.evaluation.splits[self.split].heads[self.head]

    @property
    def _order(self) -> Order:
        return self.classes_order if self.head else self.heads_order

    @property
    def _columns(self) -> Sequence[Column]:
        return CLASS_COLUMNS if self.head else HEAD_COLUMNS

    def _ordered(self, order: Order) -> "Showing":
        return replace(self, classes_order=order) if self.head else replace(self, heads_order=order)

    def sorted_next(self) -> "Showing":
        """Sorted by the next column."""
        return self._ordered(self._order.next(self._columns))

    def turned(self) -> "Showing":
        """In the opposite order."""
        return self._ordered(self._order.turned())

    def next_split(self) -> "Showing":
        """The classes on the next split that was evaluated."""
        splits = [one for one in SPLITS if self.evaluation is not None and one in self.evaluation.splits]
        return replace(self, split=splits[(splits.index(self.split) + 1) % len(splits)]) if splits else self

    def view(self) -> TableView:
        """The table."""
        if self.evaluation is None:
            return TableView(())
        metrics = self.metrics
        if metrics is None:
            return heads_view(self.evaluation, self.heads_order)
        return classes_view(metrics, self.classes_order)

    def about(self) -> str:
        """What the table is of."""
        if self.evaluation is None:
            return ""
        metrics = self.metrics
        if metrics is None:
            return heads_caption(self.evaluation, self.heads_order)
        return classes_caption(self.head, metrics, self.split, self.classes_order)

    def remarks(self) -> list[str]:
        """What a reader must know beside it."""
        if self.evaluation is None:
            return []
        if self.head:
            return remarks(self.evaluation, self.split, (self.head,))
        return remarks(self.evaluation, self.evaluation.focus, self.evaluation.head_names)

    def options(self) -> tuple[str, ...]:
        """What makes `workbench evaluate` print this table."""
        classes = ("--classes", f"--split={self.split}") if self.head else ()
        return (*classes, *self._order.options())
