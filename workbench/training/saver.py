"""When a training is saved, and what is said of it: its size before the first step, each checkpoint after."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from workbench.errors import RunError
from workbench.settings import TrainingSettings
from workbench.training.checkpoint import Checkpoints, NotFinite
from workbench.training.checkpoint_file import Place
from workbench.training.events import EventLog
from workbench.training.failures import after_divergence
from workbench.training.room import at_once, megabytes, size_in_words, too_little


class Saver:
    """Saves one training.

    Args:
        checkpoints: Where.
        log: Hears of each.
        settings: How often, and how many are kept.
        clock: Seconds that only ever rise.
    """

    def __init__(
        self,
        checkpoints: Checkpoints,
        log: EventLog,
        settings: TrainingSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checkpoints, self._log, self._clock = checkpoints, log, clock
        self._keep, self._every = settings.keep_checkpoints, 60 * settings.checkpoint_minutes
        self._saved, self._rate = clock(), settings.learning_rate
        self.last: Place | None = None

    def announce(self, folder: Path) -> None:
        """Say how large a checkpoint is and how many are kept, before anything is trained.

        Raises:
            RunError: There is no room for a single one.
        """
        size, free = self._checkpoints.bytes, shutil.disk_usage(folder).free
        most = at_once(self._keep)
        self._log.note(size_in_words(size, self._keep))
        if size > free:
            raise RunError(
                too_little(size, free),
                where=folder,
                cure="free some space, then resume the run",
            )
        if most * size > free:
            self._log.note(
                f"the disk may become full: {megabytes(free)} are free, and up to {most} checkpoints are"
                " there at once; lower training.keep_checkpoints or free some space"
            )

    def restore(self) -> Place:
        """Go on from the last checkpoint; (0, 0) if there is none.

        Raises:
            RunError: All are damaged, or the newest whole one is of another network.
        """
        self.last = self._checkpoints.restore(self._log.note)
        if self.last is not None:
            epoch, batch = self.last
            self._log.note(f"goes on after epoch {epoch}, batch {batch}")
        return self.last or (0, 0)

    @property
    def due(self) -> bool:
        """Whether the last checkpoint is so old that one is made within the epoch."""
        return self._clock() - self._saved >= self._every > 0

    def save(self, place: Place, best_epoch: int, *, best: bool = False) -> None:
        """Write a checkpoint of this moment, and tell of it.

        Args:
            place: Epochs done, batches done of the next one.
            best_epoch: The best one so far; 0 if there is none.
            best: Whether that is the one that has just ended.

        Raises:
            RunError: The network holds what is no number; no checkpoint is ever made of that.
            WorkbenchError: The disk is full; the checkpoints before are still there.
        """
        try:
            size = self._checkpoints.save(place, best_epoch)
        except NotFinite as error:
            raise RunError(error.what, cure=after_divergence(self.last, self._rate)) from error
        self._saved, self.last = self._clock(), place
        epoch, batch = place
        self._log.emit(
            "checkpoint", durable=True, epoch=epoch, batch=batch, best=best, megabytes=size / 2**20
        )
