"""The command `compare`: several runs side by side, only what differs."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from workbench.cli.labels import BENCH, JSON
from workbench.cli.output import print_json, print_table, say

if TYPE_CHECKING:
    from workbench.tui.compare_text import Table


def compare(
    bench: Path = BENCH,
    runs: list[str] = typer.Argument(help="Names or numbers of two to six runs; the first is compared with."),
    as_json: bool = JSON,
) -> None:
    """Put runs side by side: settings that differ, figures of the best epochs, differences of their data.

    ★ marks the best figure, + and - say by how much a run differs from the first, and an exclamation mark
    that it is worse. The screens show curves as well: mark runs on the Runs screen, then press c.
    """
    from workbench.bench import Bench
    from workbench.monitoring.compare import compare as compare_runs
    from workbench.training.run import find_run
    from workbench.tui.compare_text import data_lines, tables

    opened = Bench.open(bench)
    found = compare_runs([find_run(opened.runs_dir, run) for run in runs])
    if as_json:
        print_json(found.to_dict())
        return
    for table in tables(found):
        _print(table)
    say("DATA")
    for line in data_lines(found):
        say(f"  {line}")


def _print(table: "Table") -> None:
    """Its title, its rows, what to add."""
    say(table.title.upper())
    if table.rows:
        print_table(["", *table.header], [["", *row] for row in _filled(table.rows)])
    if table.note:
        say(f"  {table.note}")
    say()


def _filled(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Without cells that are nothing to see."""
    return [[cell or "–" for cell in row] for row in rows]


COMMANDS: dict[str, Callable[..., None]] = {"compare": compare}
