"""What commands print: JSON documents, aligned tables, and progress on stderr."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from workbench.cli.interruption import Interruption
from workbench.text import neutralise

_LINE_EVERY_S = 2.0


def print_json(document: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print one JSON document on stdout, and nothing else."""
    print(json.dumps(document, indent=1, ensure_ascii=True, allow_nan=False))


def say(line: str = "") -> None:
    """Print one line of a report on stdout, neutralised."""
    print(neutralise(line))


def hint(line: str) -> None:
    """Print one line on stderr: what happened on the side, or what to do next."""
    print(neutralise(line), file=sys.stderr)


def print_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print columns as wide as they need; numbers to the right."""
    from rich.cells import cell_len  # a wide letter takes two cells of a terminal

    heading, *cells = [[neutralise(cell) for cell in row] for row in [header, *rows]]
    widths = [max(cell_len(row[column]) for row in [heading, *cells]) for column in range(len(header))]
    right = [
        bool(rows) and all(isinstance(row[column], int | float) for row in rows)
        for column in range(len(header))
    ]
    for row in [heading, *cells]:
        parts = [
            " " * (width - cell_len(cell)) + cell if to_right else cell + " " * (width - cell_len(cell))
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ]
        print("  ".join(parts).rstrip())


class Progress:
    """A bar on a terminal, a plain line every two seconds elsewhere; both on stderr.

    Args:
        label: What is being done.
    """

    def __init__(self, label: str) -> None:
        self._label, self._bar, self._task = label, None, None
        self._interruption = Interruption()
        self._last_line = time.monotonic()
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
            )
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(label, total=None)

    def __enter__(self) -> Self:
        self._interruption.__enter__()
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        self._interruption.__exit__(kind, error, trace)

    def update(self, done: int, total: int) -> None:
        """Say how far the work is.

        Raises:
            KeyboardInterrupt: Ctrl+c was pressed; here nothing is half done.
        """
        self._interruption.check()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total)
        elif time.monotonic() - self._last_line >= _LINE_EVERY_S:
            self._last_line = time.monotonic()
            hint(f"{self._label} {done}/{total}")
