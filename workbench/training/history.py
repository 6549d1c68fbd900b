"""`history.csv`: one row an epoch, for people, spreadsheets and pandas; plain CSV, rewritten whole each time.

An epoch is seconds or minutes of work and the file some kilobytes, so writing it anew (beside, then renamed)
costs nothing, and a worker that goes on from a checkpoint cannot leave an epoch twice.
"""

import csv
import io
import math
from collections.abc import Mapping
from pathlib import Path

from workbench.files import write_atomically
from workbench.schema import Schema
from workbench.training.metric_names import metric_names

_FIRST = ("epoch", "seconds", "learning_rate")


class History:
    """The rows of a run so far."""

    def __init__(self, path: Path, schema: Schema, keep_epochs: int = 0) -> None:
        """Args:
        path: The file; rows of an earlier worker are kept up to `keep_epochs`.
        schema: The heads, which decide the columns.
        keep_epochs: The epoch of the checkpoint from which the run goes on; 0 begins anew.
        """
        self._path = path
        self.columns = (*_FIRST, *sorted(metric_names(schema), key=_order))
        self._rows = [row for row in self._read() if row.get("epoch", "").isdecimal()] if keep_epochs else []
        self._rows = [row for row in self._rows if int(row["epoch"]) <= keep_epochs]

    def _read(self) -> list[dict[str, str]]:
        """The rows in the file; none if there is no file."""
        try:
            with self._path.open(encoding="utf-8", newline="") as file:
                return [
                    {key: value or "" for key, value in row.items() if key} for row in csv.DictReader(file)
                ]
        except (OSError, ValueError, csv.Error):
            return []

    def add(self, epoch: int, seconds: float, learning_rate: float, values: Mapping[str, float]) -> None:
        """Append an epoch and write the file.

        Args:
            epoch: From 1.
            seconds: How long it took, validation included.
            learning_rate: At its end.
            values: By metric name; what is missing or NaN is an empty cell.

        Raises:
            WorkbenchError: The disk is full.
        """
        figures = {"seconds": seconds, "learning_rate": learning_rate, **values}
        row = {
            name: f"{figures[name]:.6g}"
            for name in self.columns
            if not math.isnan(figures.get(name, math.nan))
        }
        self._rows.append({**row, "epoch": str(epoch)})
        text = io.StringIO()
        writer = csv.DictWriter(text, self.columns, restval="", extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(self._rows)
        write_atomically(self._path, text.getvalue())


def _order(name: str) -> tuple[bool, str]:
    """Training before validation, both as metric_names lists them (sorting is stable)."""
    return (name.startswith("val_"), "")
