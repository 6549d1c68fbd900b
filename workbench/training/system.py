"""What the worker uses of the machine, told every few seconds from a thread of its own."""

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from workbench.errors import WorkbenchError
from workbench.settings import HardwareSettings
from workbench.training.background import Background
from workbench.training.events import EventLog
from workbench.training.process_tree import ProcessTree

_YOUNG_S, _EVERY_S_OF_THE_YOUNG, _EVERY_S = 60.0, 2.0, 5.0
_GIB = 2**30


class SystemTeller(Background):
    """Writes `system` events while it is entered; a full disk is for the training to report, not for this.

    Args:
        log: Where to.
        folder: The run's, on whose disk it writes.
        hardware: Says which GPUs are looked at.
        every: Seconds between events; None for short ones in the first minute and longer ones later.
    """

    def __init__(
        self, log: EventLog, folder: Path, hardware: HardwareSettings, every: float | None = None
    ) -> None:
        super().__init__("system")
        self._log, self._folder, self._every = log, folder, every
        self._gpus_used = 0 if hardware.device == "cpu" else hardware.replicas or None

    def work(self) -> None:
        """In the thread: once at the end of each interval, and once when it is left."""
        from workbench.training.gpus import Gpus  # 30 ms and a driver's library: not before the first phase

        with suppress(psutil.Error), Gpus(os.environ.get("CUDA_VISIBLE_DEVICES"), self._gpus_used) as gpus:
            tree, begun, ended = ProcessTree(), time.monotonic(), False
            while not ended:
                ended = self._stop.wait(self._pause(time.monotonic() - begun))
                figures: dict[str, Any] = {**tree.figures(), **_room(self._folder)}
                if told := gpus.figures():
                    figures["gpus"] = told
                with suppress(WorkbenchError):
                    self._log.emit("system", **figures)

    def _pause(self, age: float) -> float:
        """Seconds until the next event, by those since the first."""
        if self._every is not None:
            return self._every
        return _EVERY_S_OF_THE_YOUNG if age < _YOUNG_S else _EVERY_S


def _room(folder: Path) -> dict[str, float]:
    """What is free on a folder's disk for this user, in GiB; empty if that cannot be told."""
    with suppress(OSError):
        return {"disk_free_gb": round(shutil.disk_usage(folder).free / _GIB, 2)}
    return {}
