"""What the Runs screen asks of the disk; each is done in a thread."""

import fcntl
import os
import shutil
import time
from pathlib import Path

from workbench.errors import RunError
from workbench.files import file_error
from workbench.monitoring.summary import RunSummary, list_runs
from workbench.training.run import RunFolder

_PATIENCE = 10  # a look at many runs on a slow disk takes at most a tenth of the time


class Shelf:
    """Lists the runs of a bench again and again, sparing the disk where nothing can have changed.

    Args:
        runs_dir: The bench's folder of runs.
    """

    def __init__(self, runs_dir: Path) -> None:
        self._runs_dir = runs_dir
        self._seen: tuple[object, ...] = ()
        self._runs: tuple[RunSummary, ...] = ()
        self._rest_until = 0.0

    def look(self, *, now: bool = False) -> tuple[RunSummary, ...]:
        """The runs, the newest first; what was found before, if it is too early to look again.

        Args:
            now: Look whatever it takes.
        """
        if not now and time.monotonic() < self._rest_until:
            return self._runs
        begun = time.monotonic()
        seen = self._traces()
        if now or seen != self._seen or any(run.state.live for run in self._runs):
            self._runs, self._seen = tuple(list_runs(self._runs_dir)), seen
        took = time.monotonic() - begun
        self._rest_until = begun + _PATIENCE * took
        return self._runs

    def _traces(self) -> tuple[object, ...]:
        """What changes when a run does: names, and size and time of each log."""
        found: list[object] = []
        try:
            with os.scandir(self._runs_dir) as entries:
                for entry in entries:
                    for name in ("events.jsonl", "worker.log", "lock"):
                        try:
                            status = Path(entry.path, name).stat()
                        except OSError:
                            continue
                        found.append((entry.name, name, status.st_size, status.st_mtime_ns))
                    found.append(entry.name)
        except OSError:
            return ()
        return tuple(sorted(found, key=str))


def remove_run(run: RunFolder) -> None:
    """Remove a run's folder with all that is in it.

    Raises:
        RunError: A worker is at work on it.
        WorkbenchError: The folder cannot be removed.
    """
    try:
        descriptor = os.open(run.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise file_error(error, run.root) from error
    try:
        _hold(run, descriptor)
        run.run_json.unlink(missing_ok=True)  # first: a folder without it is no run, should we be interrupted
        shutil.rmtree(run.root)
    except OSError as error:
        raise file_error(error, run.root) from error
    finally:
        os.close(descriptor)


def _hold(run: RunFolder, descriptor: int) -> None:
    """Keep every worker away from the folder while it is removed."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise RunError("is at work", where=run.name, cure="stop it first: s") from error
