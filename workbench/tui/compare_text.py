"""A comparison in words: tables of cells for the command line and the screen, lines about the data."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workbench.monitoring.compare import Comparison
from workbench.monitoring.compare_data import DataDifference, HeadDifference
from workbench.monitoring.compare_figures import Figure
from workbench.monitoring.summary import RunSummary
from workbench.text import neutralise
from workbench.tui.chart_view import metric_words
from workbench.tui.times import duration

BEST, WORSE = "★", "!"
_NAMES = 3


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        title: What it is of.
        header: One cell a column; after those that name a row one a run.
        rows: Cells, harmless to show; empty where there is nothing.
        note: What to add below; "" for nothing.
        naming: How many columns name a row, before those of the runs.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    naming: int = 1


def tables(found: Comparison) -> tuple[Table, ...]:
    """How the runs went, the settings that differ, the circumstances that differ, the figures."""
    names = tuple(neutralise(run.name) for run in found.runs)
    settings = tuple((one.key, *map(_cell, one.values)) for one in found.settings)
    facts = tuple((one.key, *map(_cell, one.values)) for one in found.facts)
    return (
        Table("runs", ("", *names), _how_they_went(found)),
        Table("settings", ("setting", *names), settings, _equal(found.equal_settings, "setting", settings)),
        Table("circumstances", ("", *names), facts, _equal(found.equal_facts, "thing", facts)),
        Table(
            "figures",
            ("head", "figure", *names),
            tuple(map(_figure_row, found.figures)),
            _of_figures(found),
            naming=2,
        ),
    )


def _how_they_went(found: Comparison) -> tuple[tuple[str, ...], ...]:
    """State, epochs, time and speed of each run."""

    def speed(run: RunSummary) -> str:
        return "" if run.images_per_second is None else f"{run.images_per_second:.1f}"

    return (
        ("state", *(str(run.state) for run in found.runs)),
        ("epochs", *(f"{run.epochs_done}/{run.epochs}" for run in found.runs)),
        ("best epoch", *(str(run.best_epoch or "") for run in found.runs)),
        ("chosen by", *(neutralise(run.metric) for run in found.runs)),
        ("duration", *(duration(run.seconds) for run in found.runs)),
        ("pictures/s", *(speed(run) for run in found.runs)),
    )


def _equal(count: int, what: str, rows: tuple[tuple[str, ...], ...]) -> str:
    """How many are left out because they are the same."""
    others = "other " if rows else ""
    return f"{count} {others}{what}{'s are' if count != 1 else ' is'} the same"


def _cell(value: Any) -> str:
    """A plain value as it would be typed; "" for what a run does not have."""
    if value is None:
        return ""
    return neutralise(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _figure_row(one: Figure) -> tuple[str, ...]:
    """Head, figure, and each run's value with how it compares."""
    words = f"{'val' if one.split == 'validation' else 'test'} {metric_words(one.figure)}"
    cells = [figure_cell(one, index) for index in range(len(one.values))]
    return (neutralise(one.head) or "all heads", words, *cells)


def figure_cell(one: Figure, index: int) -> str:
    """ "0.9120 ★ +0.0210", or "0.8810 ! -0.0100" where it is worse than the first."""
    value, difference = one.values[index], one.differences[index]
    if value is None:
        return ""
    sign = BEST if one.best[index] else WORSE if one.verdicts[index] == "worse" else " "
    if not index or difference is None:
        return f"{value:.4f} {sign}".rstrip()
    return f"{value:.4f} {sign} {difference:+.4f}"


def _of_figures(found: Comparison) -> str:
    """What the signs mean, and what makes the figures hard to compare."""
    if not found.figures:
        return "no run has finished an epoch"
    legend = f"{BEST} best, {WORSE} worse than the first; on validation in the best epoch of each"
    if any(not one.same for one in found.data):
        return f"{legend}. The data are not the same: see below before you trust a difference"
    return legend


def data_lines(found: Comparison) -> tuple[str, ...]:
    """How each run's data differ from the first run's; harmless to show."""
    first = found.runs[0].name
    return tuple(neutralise(line) for one in found.data for line in _about(first, one))


def _about(first: str, one: DataDifference) -> Iterator[str]:
    """One run's data."""
    if one.same:
        yield f"{one.run}: the same pictures, answers and splits as {first}"
        return
    yield f"{one.run}, compared with {first}:"
    yield from (f"  head {name}: only in {one.run}" for name in one.heads_added)
    yield from (f"  head {name}: only in {first}" for name in one.heads_removed)
    if one.problem:
        yield f"  the pictures cannot be compared: {one.problem}"
    else:
        yield f"  {_count(one.common, 'picture')} in both"
    for run, count, names in (
        (first, one.only_first, one.examples_first),
        (one.run, one.only_here, one.examples_here),
    ):
        if count:
            yield f"  {_count(count, 'picture')} only in {run}: {_some(names, count)}"
    if one.moved:
        moved = ", ".join(f"{way}: {count}" for way, count in one.moved.items())
        yield f"  {_count(sum(one.moved.values()), 'picture')} in another split ({moved})"
    for head in one.heads:
        yield from _about_head(head, first, one.run)


def _about_head(one: HeadDifference, first: str, run: str) -> Iterator[str]:
    """One head's classes and answers."""
    name = f"  head {one.head}"
    if one.renamed:
        yield f"{name}: is called {one.renamed} in {run}"
    for words, classes in (("new", one.added), ("gone", one.removed), ("with another code", one.recoded)):
        if classes:
            yield f"{name}: classes {words}: {', '.join(classes)}"
    for old, new in one.renamed_classes.items():
        yield f"{name}: class {old} is called {new} in {run}"
    counts = (
        (one.changed, "with another class"),
        (one.answered, f"answered only in {run}"),
        (one.unanswered, f"answered only in {first}"),
    )
    parts = [f"{count} {words}" for count, words in counts if count]
    if parts:
        some = "; ".join(
            f"{file}: {a or 'nothing'} → {b or 'nothing'}" for file, a, b in one.examples[:_NAMES]
        )
        yield f"{name}: {', '.join(parts)} ({some}{' …' if sum(c for c, _ in counts) > _NAMES else ''})"


def _some(names: tuple[str, ...], count: int) -> str:
    """A few names."""
    return ", ".join(names[:_NAMES]) + (" …" if count > _NAMES else "")


def _count(count: int, what: str) -> str:
    """ "1 picture", "12 pictures"."""
    return f"{count} {what}{'' if count == 1 else 's'}"
