"""Ctrl+c during long work: noted when it comes, obeyed where it is safe.

Python raises KeyboardInterrupt between any two lines, also while `ThreadPoolExecutor.submit` holds a lock
that the pool's threads need: a search for pictures that was met there never ended. So the first ctrl+c only
sets a mark, which is looked at whenever the work says how far it is. A second one is raised at once.
"""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self


class Interruption:
    """While it is entered, ctrl+c waits for the next `check`; does nothing outside the main thread."""

    def __init__(self) -> None:
        self._asked = False
        self._before: Any = None
        self._entered = False

    def __enter__(self) -> Self:
        before = signal.getsignal(signal.SIGINT)
        if _in_main_thread() and before is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._note)
            self._before, self._entered = before, True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._entered:
            signal.signal(signal.SIGINT, self._before)
            self._entered = False
        if error is None:
            self.check()

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        """In the main thread, between two of its lines."""
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True

    def check(self) -> None:
        """Raise KeyboardInterrupt if ctrl+c was pressed since the beginning."""
        if self._asked and _in_main_thread():
            self._asked = False
            raise KeyboardInterrupt


def _in_main_thread() -> bool:
    """Signals are handled there, and work is interrupted there."""
    return threading.current_thread() is threading.main_thread()
