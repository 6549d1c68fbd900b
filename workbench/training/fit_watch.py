"""Notices that a call of `model.fit` was left by an exception, which Keras tells no callback of.

In a notebook the process lives on after that, and its run would be called running for ever. So a thread looks
twice a second whether the call still stands on the stack of the thread that made it; and what ends the whole
process is looked for as it ends.
"""

import atexit
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

_LOOK_S = 0.5
_CALL = "fit"


class FitWatch:
    """Watches the call of `fit` that this is made in, until it is left; without one, nothing is watched.

    Args:
        left: Called in the watching thread, or as the process ends, with the exception that left the call;
            None if nobody knows it any more.
        look_seconds: Between two looks.
    """

    def __init__(self, left: Callable[[BaseException | None], None], look_seconds: float = _LOOK_S) -> None:
        self._left, self._look_s = left, look_seconds
        self._caller, self._call = threading.get_ident(), _call_above(sys._getframe())
        self._before = _last_exception()
        self._mutex, self._closed = threading.Lock(), threading.Event()
        atexit.register(self._tell)
        threading.Thread(target=self._watch, name="watch model.fit", daemon=True).start()

    def local(self, name: str) -> Any:
        """A variable of the call; None if there is none."""
        return None if self._call is None else self._call.f_locals.get(name)

    def close(self) -> None:
        """The call has ended well, or what there was to tell is told."""
        self._closed.set()
        self._call = None
        atexit.unregister(self._tell)

    def _watch(self) -> None:
        """In the thread."""
        while self._stands():
            if self._closed.wait(self._look_s):
                return
        # Whoever shows the exception in the end, such as a notebook, keeps it, but not at once.
        self._closed.wait(self._look_s)
        self._tell()

    def _stands(self) -> bool:
        """Whether the call is under way."""
        frame = sys._current_frames().get(self._caller)
        while frame is not None and frame is not self._call:
            frame = frame.f_back
        return frame is not None

    def _tell(self) -> None:
        """Once, unless the call has ended well."""
        with self._mutex:
            if self._call is not None:
                self.close()
                last = _last_exception()
                self._left(None if last is self._before else last)


def _call_above(frame: FrameType | None) -> FrameType | None:
    """The nearest call of `fit` above a frame."""
    while frame is not None and frame.f_code.co_name != _CALL:
        frame = frame.f_back
    return frame


def _last_exception() -> BaseException | None:
    """The last one that nobody caught, or that a notebook has shown."""
    found: BaseException | None = getattr(sys, "last_value", None)
    return found
