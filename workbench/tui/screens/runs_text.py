"""The Runs screen's table and sentences."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workbench.errors import WorkbenchError
from workbench.monitoring.summary import RunSummary
from workbench.text import neutralise
from workbench.training.run import RunFolder
from workbench.training.state import RunState
from workbench.tui.times import duration, moment
from workbench.tui.widgets.table_layout import Column, Row, TableView

NONE = "no run yet: F4 chooses settings and starts one; it then stands here, whatever becomes of it"
_SIGNS = {
    RunState.PAUSED: "‖",
    RunState.PAUSING: "‖",
    RunState.FINISHED: "✓",
    RunState.STOPPED: "■",
    RunState.FAILED: "✗",
    RunState.DIED: "✗",
}
_COLUMNS = (
    Column("run", "run", left=True),
    Column("state", "state", left=True),
    Column("epochs", "epochs"),
    Column("best", "best", left=True),
    Column("started", "started", left=True),
    Column("duration", "duration"),
    Column("preset", "preset", left=True),
    Column("parent", "parent", left=True),
    Column("architecture", "architecture", left=True),
)
_LOG_LINES = 40
_LOG_BYTES = 16 * 1024
_PARTS = ("preset", "parent", "start", "command", "settings", "data", "places", "versions", "host")


def runs_view(runs: Sequence[RunSummary]) -> TableView:
    """One row a run, the newest first."""
    return TableView(_COLUMNS, tuple(_row(run) for run in runs))


def _row(run: RunSummary) -> Row:
    """A run's cells."""
    bad = run.state in (RunState.FAILED, RunState.DIED)
    return Row(
        run.name,
        (
            run.name,
            f"{_SIGNS.get(run.state, '●')} {run.state}",
            f"{run.epochs_done}/{run.epochs}",
            run.best_text or "–",
            moment(run.started),
            duration(run.seconds) if run.seconds else "–",
            run.preset,
            run.parent or "–",
            run.architecture,
        ),
        frozenset({"state"} if bad else ()),
    )


def about(run: RunSummary, folder: RunFolder) -> list[str]:
    """What became of the run under the cursor, where that is not plain, and what can be done."""
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
    described = folder.read()
    lines = [f"folder: {folder.root}", f"log: {folder.log}"]
    created = described.get("created")
    lines += [f"created: {moment(float(created) if isinstance(created, int | float) else 0.0)}"]
    for part in _PARTS:
        if described.get(part) not in (None, "", [], {}):
            lines += ["", *_flat(part, described[part])]
    lines += ["", f"the end of {folder.log.name}:", *(_log_end(folder) or ["nothing was written"])]
    return tuple(neutralise(line) for line in lines)


def _flat(name: str, value: Any) -> Iterator[str]:
    """ "settings.training.epochs = 10", one line a value."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}", inner)
    else:
        yield f"{name} = {json.dumps(value, ensure_ascii=False, default=str)}"


def _log_end(folder: RunFolder) -> list[str]:
    """The last lines of the log."""
    try:
        with folder.log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _LOG_BYTES))
            raw = file.read(_LOG_BYTES)
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
