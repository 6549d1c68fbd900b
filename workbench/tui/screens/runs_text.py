"""The Runs screen's table and sentences."""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from workbench.config import leaves
from workbench.errors import WorkbenchError
from workbench.monitoring.columns import COLUMNS, sort_runs
from workbench.monitoring.remarks import read_remarks
from workbench.monitoring.summary import RunSummary, describe
from workbench.text import neutralise
from workbench.training.lines import last_bytes
from workbench.training.run import RunFolder
from workbench.training.state import RunState
from workbench.tui.state_signs import signed
from workbench.tui.times import duration, moment
from workbench.tui.widgets.table_layout import Column, Row, TableView
from workbench.tui.widgets.table_order import AS_THEY_ARE, Order

NONE = "no run yet: F4 chooses settings and starts one; it then stands here, whatever becomes of it"
DASH = "–"
_WORDY = ("best", "started")
"""Columns of figures that are written as words."""
RUN_COLUMNS = tuple(
    Column(one.key, one.title, left=not one.number or one.key in _WORDY, words=one.words) for one in COLUMNS
)
_LOG_LINES = 40
_LOG_BYTES = 16 * 1024
_PARTS = ("preset", "parent", "start", "command", "settings", "data", "places", "versions", "host")


def runs_view(
    runs: Sequence[RunSummary], order: Order = AS_THEY_ARE, marked: Collection[str] = ()
) -> TableView:
    """One row a run, sorted; those that a person marked have a sign before them."""
    found = sort_runs(runs, order.column, falling=order.falling)
    rows = tuple(_row(run, run.name in marked) for run in found)
    return TableView(RUN_COLUMNS, rows, (), order.column, order.falling)


def _row(run: RunSummary, marked: bool) -> Row:
    """A run's cells, one for each of `RUN_COLUMNS`; a dash for what it does not have."""
    bad = run.state in (RunState.FAILED, RunState.DIED)
    cells = {
        "name": run.name,
        "state": signed(run.state),
        "tags": " ".join(run.tags),
        "best": "" if run.best is None else f"{run.metric} {run.best:.4g}",
        "best_epoch": str(run.best_epoch or ""),
        "loss": _figure(run.loss),
        "accuracy": _figure(run.accuracy),
        "macro_f1": _figure(run.macro_f1),
        "epochs_done": f"{run.epochs_done}/{run.epochs}",
        "seconds": duration(run.seconds) if run.seconds else "",
        "images_per_second": "" if run.images_per_second is None else f"{run.images_per_second:.3g}",
        "started": moment(run.started),
        "preset": run.preset,
        "parent": run.parent,
        "architecture": run.architecture,
        "note": run.note,
    }
    words = tuple(cells[column.key] or DASH for column in RUN_COLUMNS)
    return Row(run.name, words, frozenset({"state"} if bad else ()), marked)


def _figure(value: float | None) -> str:
    """Three decimals, as in Evaluate; a large one shorter."""
    return "" if value is None else f"{value:.3f}" if abs(value) < 1000 else f"{value:.3g}"


def about(run: RunSummary, folder: RunFolder) -> list[str]:
    """What to know about the run under the cursor: its note, and what became of it."""
    note = [f"note: {neutralise(run.note)}"] if run.note else []
    return [*note, *_fate(run, folder)]


def _fate(run: RunSummary, folder: RunFolder) -> list[str]:
    """What became of a run, where that is not plain, and what can be done."""
    log = f"log: {neutralise(folder.log)}"
    if run.state is RunState.FAILED:
        cause = neutralise(run.failure) or "for a reason that it did not write down"
        return [f"failed: {cause}", log, "R resumes it from its last checkpoint"]
    if run.state is RunState.DIED:
        how = "died: the worker ended without a word: killed, out of memory, or the machine went down"
        return [how, log, "R resumes it from its last checkpoint"]
    if run.state is RunState.PAUSED:
        return ["paused, its memory is free; R goes on from there"]
    if run.state is RunState.STOPPED:
        return ["stopped when asked to; R goes on from its last checkpoint"]
    if run.state is RunState.STARTING and not folder.log.exists():
        return ["prepared, but no worker was started on it; R starts one"]
    return []


def info_lines(folder: RunFolder) -> tuple[str, ...]:
    """run.json in words and the end of the log, one harmless line each; reads files.

    Raises:
        RunError: run.json cannot be read.
    """
    described, remarks = describe(folder), read_remarks(folder)
    lines = [f"folder: {folder.root}", f"log: {folder.log}"]
    created = described.get("created")
    lines += [f"created: {moment(float(created) if isinstance(created, int | float) else 0.0)}"]
    lines += [f"tags: {' '.join(remarks.tags)}"] * bool(remarks.tags)
    lines += [f"note: {remarks.note}"] * bool(remarks.note)
    for part in _PARTS:
        if described.get(part) not in (None, "", [], {}):
            lines += ["", *_flat(part, described[part])]
    lines += ["", f"the end of {folder.log.name}:", *(_log_end(folder) or ["nothing was written"])]
    return tuple(neutralise(line) for line in lines)


def _flat(name: str, value: Any) -> Iterator[str]:
    """ "settings.training.epochs = 10", one line a value."""
    for keys, inner in leaves({name: value}):
        yield f"{'.'.join(keys)} = {json.dumps(inner, ensure_ascii=False, default=str)}"


def _log_end(folder: RunFolder) -> list[str]:
    """The last lines of the log."""
    try:
        raw = last_bytes(folder.log, _LOG_BYTES)[1]
    except OSError:
        return []
    lines = [line.rstrip() for line in raw.decode(errors="replace").replace("\r", "\n").split("\n")]
    return [line for line in lines if line][-_LOG_LINES:]


def info_of(folder: RunFolder) -> tuple[str, ...]:
    """`info_lines`, or why there are none."""
    try:
        return info_lines(folder)
    except WorkbenchError as error:
        return (str(error),)
