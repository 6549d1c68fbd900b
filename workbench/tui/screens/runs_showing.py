"""What the Runs screen shows of the runs that there are: those that fit a filter, sorted, some marked."""

from dataclasses import dataclass, replace

from workbench.monitoring.filter import EVERY_RUN, RunFilter
from workbench.monitoring.summary import RunSummary
from workbench.text import neutralise
from workbench.tui.screens.runs_shelf import Listing
from workbench.tui.screens.runs_text import NONE, RUN_COLUMNS, runs_view
from workbench.tui.widgets.table_layout import TableView
from workbench.tui.widgets.table_order import AS_THEY_ARE, Order
from workbench.tui.widgets.wrapping import counted

_NEWEST = "the newest first"
_NAMED = 3


@dataclass(frozen=True)
class Showing:
    """One table of runs.

    Attributes:
        listing: Everything that there is; None before the first look.
        order: How the rows are sorted.
        filter: Which are shown.
        marked: Names of those that a person marked, whether they are shown or not.
    """

    listing: Listing | None = None
    order: Order = AS_THEY_ARE
    filter: RunFilter = EVERY_RUN
    marked: frozenset[str] = frozenset()

    def of(self, listing: Listing) -> "Showing":
        """The same of other runs; a mark goes with its run."""
        there = {run.name for run in listing.runs}
        return replace(self, listing=listing, marked=self.marked & there)

    @property
    def all(self) -> tuple[RunSummary, ...]:
        """Every run that can be listed."""
        return self.listing.runs if self.listing is not None else ()

    def run(self, name: str) -> RunSummary | None:
        """The run of this name."""
        return next((run for run in self.all if run.name == name), None)

    def children(self, name: str) -> list[str]:
        """Runs that began with this one's weights."""
        return [run.name for run in self.all if run.parent == name]

    def sorted_next(self) -> "Showing":
        """Sorted by the next column."""
        return replace(self, order=self.order.next(RUN_COLUMNS))

    def turned(self) -> "Showing":
        """In the opposite order."""
        return replace(self, order=self.order.turned())

    def toggled(self, name: str) -> "Showing":
        """With a mark on a run, or without."""
        return replace(self, marked=self.marked ^ {name})

    @property
    def marked_names(self) -> list[str]:
        """The marked runs, the newest first."""
        return [run.name for run in self.all if run.name in self.marked]

    def view(self) -> TableView:
        """The table."""
        return runs_view(self.filter.among(self.all), self.order, self.marked)

    def caption(self) -> list[str]:
        """How many there are, which of them are shown, and in which order."""
        live = sum(run.state.live for run in self.all)
        words = f"{counted(len(self.all), 'run')}, {live} not ended" if self.all else NONE
        words += f"; {self.order.words(RUN_COLUMNS, _NEWEST)}" if self.all else ""
        words += f"; {len(self.marked)} marked" if self.marked else ""
        return [words, *self._filter_words(), *self._unreadable_words()]

    def _filter_words(self) -> list[str]:
        """Which filter, and how many fit."""
        if not self.filter.conditions or not self.all:
            return []
        count, typed = len(self.filter.among(self.all)), neutralise(self.filter.text)
        fit = counted(count, "run") if count else "no run"
        return [f"filter: {typed}: {fit} of {len(self.all)}; / changes it, esc shows all"]

    def _unreadable_words(self) -> list[str]:
        """What cannot be listed, and why."""
        hurt = self.listing.unreadable if self.listing is not None else ()
        if not hurt:
            return []
        named = "; ".join(f"{neutralise(one.name, 40)}: {neutralise(one.why, 80)}" for one in hurt[:_NAMED])
        more = f"; and {len(hurt) - _NAMED} more" if len(hurt) > _NAMED else ""
        return [f"{counted(len(hurt), 'folder')} cannot be listed: {named}{more}"]
