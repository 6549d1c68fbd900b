"""What the worker uses of the machine, told every few seconds from a thread of its own."""

import resource
from contextlib import suppress

import psutil

from workbench.errors import WorkbenchError
from workbench.training.background import Background
from workbench.training.events import EventLog

_EVERY_S = 5.0


class SystemTeller(Background):
    """Writes `system` events while it is entered; a full disk is for the training to report, not for this."""

    def __init__(self, log: EventLog, every: float = _EVERY_S) -> None:
        super().__init__("system")
        self._log, self._every = log, every

    def work(self) -> None:
        """In the thread: once at the start of each interval, and once at the end."""
        process = psutil.Process()
        process.cpu_percent()
        ended = False
        while not ended:
            ended = self._stop.wait(self._every)
            with suppress(WorkbenchError, psutil.Error):
                self._log.emit(
                    "system",
                    memory_mb=round(process.memory_info().rss / 2**20, 1),
                    peak_mb=round(peak_memory_mb(), 1),
                    processor_percent=process.cpu_percent(),
                )


def peak_memory_mb() -> float:
    """The most resident memory that this process ever had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux counts in KiB
