"""Which pictures come, and in which order: chosen from a list with the number of pictures of each queue."""

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Label

from workbench.annotation.selection import Order, QueueChoice, QueueKind, queue_choices
from workbench.errors import WorkbenchError
from workbench.schema import Schema
from workbench.text import neutralise
from workbench.tui.commands import Command
from workbench.tui.screens.base import WorkbenchDialog
from workbench.tui.widgets.choice_list import ChoiceList, ChoiceRow
from workbench.tui.widgets.text_block import TextBlock

_HERE = "Here"
_ORDERS = tuple(Order)
_ALIKE = "near-duplicates together; the pictures are compared once, which takes some milliseconds each"
_MEANING = {
    Order.NAME: "as a folder lists them",
    Order.CHANCE: "a mixture; the same again for the same number",
    Order.LIKENESS: _ALIKE,
}
_SEEDS = 1000
_PAGE = 8


class QueueScreen(WorkbenchDialog[QueueChoice]):
    """Gives the queue to open, or None.

    Args:
        schema: The heads.
        present: The queue that is open.
    """

    heading = "Which pictures"
    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("queue_up", ("up",), "Queue above", "Choose the one above.", _HERE, action="choose(-1)"),
        Command(
            "queue_down", ("down",), "Queue below", "Choose the one below.", _HERE, "queue", "choose(1)", "↑↓"
        ),
        Command("queues_up", ("pageup",), "Page up", "Go up.", _HERE, action=f"choose(-{_PAGE})"),
        Command("queues_down", ("pagedown",), "Page down", "Go down.", _HERE, action=f"choose({_PAGE})"),
        Command("order_before", ("left",), "Order before", "Another order.", _HERE, action="order(-1)"),
        Command("next_order", ("right",), "Next order", "Another order.", _HERE, "order", "order(1)", "←→"),
        Command("another_seed", ("s",), "Mix anew", "Another order by chance.", _HERE, "mix anew"),
        Command(
            "filter_names",
            ("slash",),
            "Only some names",
            "Type a part of the name.",
            _HERE,
            "part of the name",
        ),
        Command("open_queue", ("enter",), "Open", "Go through these pictures.", _HERE, "open"),
        Command("close", ("escape",), "Close", "Stay in the present queue.", _HERE, "close"),
    )

    def __init__(self, schema: Schema, present: QueueChoice) -> None:
        super().__init__()
        self._schema = schema
        self._choices = queue_choices(schema)
        self._sizes: Mapping[QueueChoice, int] = {}
        self._order, self._seed, self._text = present.order, present.seed, present.text
        plain = replace(present, text="", order=Order.NAME, seed=0)
        self._start = self._choices.index(plain) if plain in self._choices else 0

    def compose_body(self) -> ComposeResult:
        """Queues, order, part of the name."""
        rows, chosen = self._rows()
        yield ChoiceList(rows, chosen)
        yield TextBlock()
        with Horizontal(id="queue-filter"):
            yield Label("part of the name  ")
            yield Input(neutralise(self._text), id="part", compact=True, placeholder="any")

    def on_mount(self) -> None:
        """Show the order; count."""
        super().on_mount()
        self._show_order()
        self.run_worker(self._count(), name="queue sizes", exit_on_error=True)

    async def _count(self) -> None:
        """Counting 50,000 pictures takes a moment, in which one can choose already."""
        try:
            self._sizes = await self.workbench.desk.queue_sizes()
        except WorkbenchError:
            return  # one can choose without numbers; the labels say themselves what is wrong with them
        self.query_one(ChoiceList).show_rows(self._rows()[0])

    def _rows(self) -> tuple[list[ChoiceRow], int]:
        """A row a queue, a blank one between kinds; and the row of the queue to begin with."""
        rows: list[ChoiceRow] = []
        self._places: dict[int, QueueChoice] = {}
        chosen, before = 0, None
        for choice in self._choices:
            group = choice.head if choice.kind is QueueKind.CLASS else _GROUPS.get(choice.kind, "")
            if before is not None and group != before:
                rows.append(ChoiceRow(""))
            before = group
            if choice == self._choices[self._start]:
                chosen = len(rows)
            self._places[len(rows)] = choice
            rows.append(ChoiceRow(choice.title(self._schema), self._sizes.get(choice)))
        return rows, chosen

    @property
    def choice(self) -> QueueChoice:
        """What is chosen now."""
        typed = self.query_one("#part", Input).value
        text = self._text if typed == neutralise(self._text) else typed
        place = self.query_one(ChoiceList).chosen
        return replace(self._places[place], order=self._order, seed=self._seed, text=text)

    def _show_order(self) -> None:
        """The orders, the chosen one marked, and what it is."""
        words = Text("order  ")
        for order in _ORDERS:
            mark = "▸" if order is self._order else " "
            title = QueueChoice(order=order, seed=self._seed).order_title()
            words.append(f"{mark}{title}   ", "bold" if order is self._order else "")
        self.query_one(TextBlock).show(
            lambda _: [Text(""), words, Text(f"       {_MEANING[self._order]}", "dim")]
        )

    def action_choose(self, step: int) -> None:
        """Another queue."""
        self.query_one(ChoiceList).move(step)

    def action_order(self, step: int) -> None:
        """Another order."""
        self._order = _ORDERS[(_ORDERS.index(self._order) + step) % len(_ORDERS)]
        self._show_order()

    def action_another_seed(self) -> None:
        """Another order by chance."""
        self._order, self._seed = Order.CHANCE, random.randrange(1, _SEEDS)
        self._show_order()

    def action_filter_names(self) -> None:
        """Type a part of the name."""
        self.query_one("#part", Input).focus()

    @on(Input.Submitted)
    def action_open_queue(self) -> None:
        """Give it."""
        self.dismiss(self.choice)

    def action_close(self) -> None:
        """Give nothing."""
        self.dismiss(None)


_GROUPS = {QueueKind.CANNOT_TELL: "doubt", QueueKind.FLAGGED: "doubt", QueueKind.DISAGREEING: "doubt"}
_GROUPS[QueueKind.HEAD_OPEN] = "open"
