"""Work in a thread beside the training, which ends with the block that it was entered for."""

import threading
from types import TracebackType
from typing import Self


class Background:
    """A context manager that runs `work` in a thread; leaving it sets `_stop` and waits for the end.

    Args:
        name: The thread's name.
    """

    def __init__(self, name: str) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.work, name=name, daemon=True)

    def work(self) -> None:
        """In the thread; ends soon after `_stop` is set."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
