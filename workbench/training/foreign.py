"""The folder of a training that is not ours: made by its callback, so that every screen can read it.

It looks like a run's, but nothing in it lets us train: `run.json` has no schema and no data, and says by
`trained_by` who can.
"""

import os
import sys
import time
import weakref
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workbench.errors import RunRefused, WorkbenchError
from workbench.files import file_error, write_atomically
from workbench.settings import TrainingSettings
from workbench.training.host import as_json, host, versions
from workbench.training.launcher import take_lock
from workbench.training.run import RUN_VERSION, RunFolder

KERAS = "model.fit"


@dataclass(frozen=True)
class About:
    """What is known of a training before its first epoch.

    Attributes:
        epochs: How many there will be.
        batches: Of an epoch; 0 if that is not known yet.
        batch_size: Pictures a batch; 0 if that is not known.
        outputs: The model's outputs, if it has several; None if it does not tell.
        parameters: How many weights it has; None if that is not known.
        running_means: Whether what is reported of a batch is the mean of the epoch so far.
        optimizer, learning_rate: As our settings name them.
    """

    epochs: int
    batches: int = 0
    batch_size: int = 0
    outputs: tuple[str, ...] | None = ()
    parameters: int | None = None
    running_means: bool = True
    optimizer: str = ""
    learning_rate: float | None = None

    def settings(self) -> dict[str, Any]:
        """What our settings can hold of it: others are free to have a million epochs."""
        kept = {}
        for name in ("epochs", "batch_size", "optimizer", "learning_rate"):
            with suppress(ValidationError):
                TrainingSettings.model_validate({name: getattr(self, name)})
                kept[name] = getattr(self, name)
        return kept


class HeldLock:
    """The lock of a run's folder, held by this process and not by those that it forks.

    Args:
        run: The run.

    Raises:
        RunRefused: Another training writes into the folder.
        WorkbenchError: It cannot be written.
    """

    def __init__(self, run: RunFolder) -> None:
        try:
            self._descriptor = take_lock(run)
        except RunRefused as error:
            raise RunRefused(
                "another training writes into this folder",
                where=run.root,
                cure="give each training a folder of its own",
            ) from error
        # A process that reads the data ahead would otherwise keep the lock of a training that was killed.
        os.register_at_fork(after_in_child=partial(_release, weakref.ref(self)))

    def release(self) -> None:
        """Give it back."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def _release(held: "weakref.ref[HeldLock]") -> None:
    """Give a lock back, if there still is one."""
    if (lock := held()) is not None:
        lock.release()


def open_folder(root: Path, about: About) -> tuple[RunFolder, HeldLock]:
    """Make a folder, or go on in it.

    Args:
        root: The folder; what else is in it stays.
        about: What to write down.

    Raises:
        RunRefused: Another training writes into it, or it is a run of ours.
        WorkbenchError: It cannot be written.
    """
    run = RunFolder(root)
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise file_error(error, root) from error
    created = _created(run)
    lock = HeldLock(run)
    try:
        write_atomically(run.run_json, as_json({"name": run.name, "created": created, **_described(about)}))
        # Its being there says that a training was begun, and that one without an end has died.
        with run.log.open("a", encoding="utf-8") as log:
            log.write(f"{KERAS} of process {os.getpid()}: what it prints is where that process prints it\n")
    except (OSError, WorkbenchError) as error:
        lock.release()
        raise error if isinstance(error, WorkbenchError) else file_error(error, run.log) from error
    return run, lock


def _created(run: RunFolder) -> float:
    """When the run was made: now, unless it was there."""
    if not run.run_json.exists():
        return time.time()
    found = run.read()
    if "trained_by" not in found:
        raise RunRefused(
            "is a run of the workbench's own", where=run.root, cure="give this training another folder"
        )
    created = found.get("created")
    return created if isinstance(created, float) else time.time()


def _described(about: About) -> dict[str, Any]:
    """The rest of `run.json`."""
    return {
        "version": RUN_VERSION,
        "trained_by": KERAS,
        "command": list(sys.argv),
        "settings": {"training": about.settings()},
        "outputs": list(about.outputs or ()),
        "versions": versions(),
        "host": host(),
    }
