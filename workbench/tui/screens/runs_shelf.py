"""What the Runs screen asks of the disk again and again, in a thread."""

import time
from dataclasses import dataclass
from pathlib import Path

from workbench.monitoring.remarks import remarks_file
from workbench.monitoring.summary import RunSummary, Unreadable, closed_folders, summarise
from workbench.training.run import RunFolder, run_folders

_PATIENCE = 10  # a look at many runs on a slow disk takes at most a tenth of the time
Trace = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Listing:
    """What lies in a bench's folder of runs.

    Attributes:
        runs: The newest first.
        unreadable: What looks like a run and cannot be listed.
    """

    runs: tuple[RunSummary, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


class Shelf:
    """Lists the runs of a bench again and again, reading only those of which something changed.

    Args:
        runs_dir: The bench's folder of runs.
    """

    def __init__(self, runs_dir: Path) -> None:
        self._runs_dir = runs_dir
        self._kept: dict[str, tuple[Trace, RunSummary | Unreadable]] = {}
        self._listing = Listing()
        self._rest_until = 0.0

    def look(self, *, now: bool = False) -> Listing:
        """The runs; the same object where nothing changed, or where it is too early to look again.

        Args:
            now: Look however long the last look took.
        """
        if not now and time.monotonic() < self._rest_until:
            return self._listing
        begun = time.monotonic()
        folders = run_folders(self._runs_dir)
        self._kept = {run.name: self._read(run) for run in folders}
        found = [summary for _, summary in self._kept.values()]
        hurt = [one for one in found if isinstance(one, Unreadable)]
        listing = Listing(
            tuple(one for one in found if isinstance(one, RunSummary)),
            (*hurt, *closed_folders(self._runs_dir, self._kept)),
        )
        if listing != self._listing:
            self._listing = listing
        self._rest_until = begun + _PATIENCE * (time.monotonic() - begun)
        return self._listing

    def _read(self, run: RunFolder) -> tuple[Trace, RunSummary | Unreadable]:
        """A run's line, read only if its files changed, or if its worker may have ended without a word."""
        trace = _trace(run)
        kept = self._kept.get(run.name)
        if kept is not None and kept[0] == trace:
            known = kept[1]
            if isinstance(known, Unreadable) or not known.state.live:
                return kept
        return trace, summarise(run)


def _trace(run: RunFolder) -> Trace:
    """What changes when a run's line does: size and time of the files that it is made of."""
    found = []
    for path in (run.run_json, run.events, run.log, run.lock, run.exit, remarks_file(run)):
        try:
            status = path.stat()
        except OSError:
            found.append((-1, 0))
        else:
            found.append((status.st_size, status.st_mtime_ns))
    return tuple(found)
