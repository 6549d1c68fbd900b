"""More epochs for a run: asked of its worker, or written down for the next one; a finished run goes on."""

import os
from typing import Literal

from workbench.errors import RunRefused
from workbench.training.changes import added, read_changes, record
from workbench.training.checkpoint_file import checkpoint_places
from workbench.training.control import ask, check_value
from workbench.training.launcher import LEAVING_S, launch, take_lock
from workbench.training.run import WATCHED, RunFolder
from workbench.training.state import RunState
from workbench.training.tail import read_tail


def extend(run: RunFolder, epochs: int, rate: float | None = None) -> Literal["asked", "launched", "noted"]:
    """Add epochs to the plan of a run.

    Args:
        run: The run. If it trains, its worker is asked; if it has finished, a worker is started that goes on
            from the last checkpoint; else they are trained when it is resumed.
        epochs: How many.
        rate: The learning rate at their beginning; see `changes.added` for what it is if none is named.

    Returns:
        What became of it.

    Raises:
        InputError: No such number of epochs, or no such rate.
        RunRefused: It has finished, and no checkpoint is left of it; or it is not ours.
        WorkbenchError: Its folder cannot be written.
    """
    check_value("epochs", epochs, rate)
    if run.alive() and run.state().live:
        ask(run, "epochs", epochs, rate)
        return "asked"
    if run.foreign:
        raise RunRefused("how many epochs it has is settled by its own program", where=run.name, cure=WATCHED)
    state, how = run.state(), run.settings().training
    if state is RunState.FINISHED and not checkpoint_places(run.checkpoints):
        cure = "begin a new run with its network: workbench train BENCH --from " + run.name
        raise RunRefused("no checkpoint is left to go on from", where=run.name, cure=cure)
    lock = take_lock(run, wait_s=LEAVING_S)  # so that no worker begins, and nobody else adds, in between
    try:
        planned = read_changes(run).epochs(how.epochs)
        start = read_tail(run.events).epoch if state is RunState.FINISHED else planned
        record(run, added(how, start, epochs, rate))
    finally:
        os.close(lock)
    if state is not RunState.FINISHED:
        return "noted"
    launch(run)
    return "launched"
