"""How fast a run is and how long it will take."""

import time
from collections import deque
from collections.abc import Callable

_REMEMBERED = 30


class Pace:
    """Times of steps and of what stands between epochs.

    Args:
        epochs: Of the whole run.
        batches: Steps an epoch.
        clock: Seconds that only ever rise.
    """

    def __init__(self, epochs: int, batches: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.epochs, self._batches, self._clock = epochs, batches, clock
        self._steps: deque[tuple[float, int, int]] = deque(maxlen=_REMEMBERED)
        self._between = 0.0
        self._mark = clock()

    def start(self) -> None:
        """What follows is a step."""
        self._mark = self._clock()

    def step(self, pictures: int, steps: int = 1) -> None:
        """A step, or some, over so many pictures has ended, and the next one begins."""
        now = self._clock()
        self._steps.append((now - self._mark, pictures, steps))
        self._mark = now

    def epoch_ended(self) -> None:
        """Validating and saving since the last step have ended."""
        self._between = self._clock() - self._mark

    @property
    def images_per_second(self) -> float:
        """Over the last steps; 0 before there is one."""
        seconds = sum(spent for spent, _, _ in self._steps)
        return sum(pictures for _, pictures, _ in self._steps) / seconds if seconds else 0.0

    def seconds_left(self, epoch: int, batch: int) -> float | None:
        """Until the last epoch's end, after this batch of this epoch (both counted from 1)."""
        if not self._steps:
            return None
        each = sum(spent for spent, _, _ in self._steps) / sum(steps for _, _, steps in self._steps)
        steps = (self.epochs - epoch) * self._batches + self._batches - batch
        return steps * each + (self.epochs - epoch + 1) * self._between
