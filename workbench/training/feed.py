"""Batches made ahead in a thread, so that the network need not wait for decoding, augmenting and copying."""

import queue
from collections.abc import Callable, Iterator
from typing import Any

from workbench.dataset.batches import Batches, Labels
from workbench.training.background import Background

Batch = tuple[Any, Labels]
"""What `ready` made of the pictures, and their labels."""
_AHEAD = 2
_POLL_S = 0.1


class Feed(Background):
    """The batches of one epoch in order, from a given one on; a context manager that ends its thread.

    Args:
        batches: Where they come from.
        epoch: Counted from 0.
        first: The first batch wanted, counted from 0.
        ready: Puts a batch's pictures where they will be needed, such as a GPU; called in the thread.
    """

    def __init__(
        self,
        batches: Batches,
        epoch: int,
        first: int = 0,
        ready: Callable[[Any], Any] = lambda images: images,
    ) -> None:
        super().__init__("batches")
        self._ready_to_use = ready
        self._batches, self._epoch, self._first = batches, epoch, first
        self._ready: queue.Queue[Batch | BaseException] = queue.Queue(_AHEAD)

    def __iter__(self) -> Iterator[tuple[int, Batch]]:
        """(number of the batch from 0, the batch).

        Raises:
            BaseException: What went wrong while a batch was made.
        """
        for index in range(self._first, len(self._batches)):
            made = self._ready.get()
            if isinstance(made, BaseException):
                raise made
            yield index, made

    def work(self) -> None:
        """In the thread."""
        for index in range(self._first, len(self._batches)):
            try:
                images, labels = self._batches.batch(self._epoch, index)
                made: Batch | BaseException = (self._ready_to_use(images), labels)
            except BaseException as error:  # whatever it is belongs to the one who waits for the batch
                made = error
            if not self._put(made) or isinstance(made, BaseException):
                return

    def _put(self, made: Batch | BaseException) -> bool:
        """Wait for room; False if nobody wants it any more."""
        while not self._stop.is_set():
            try:
                self._ready.put(made, timeout=_POLL_S)
            except queue.Full:
                continue
            return True
        return False
