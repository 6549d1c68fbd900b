"""What is asked of a worker while it trains: by `control.jsonl`, or by a signal.

Three requests end it, and are looked at after each batch: stop and pause save first, abort does not. Nothing
but the end of its process gives all memory back, that of a GPU least of all, so a pause ends the worker too;
to resume is to start another one, which goes on from the checkpoint. The others are served by the training.
"""

import signal
from typing import Literal, Protocol

from workbench.training.control import ControlReader, Request
from workbench.training.run import RunFolder

Ending = Literal["", "pause", "stop", "abort"]
_ENDINGS: tuple[Ending, ...] = ("pause", "stop", "abort")  # a later one outweighs those before it


class Wishes(Protocol):
    """What the training is asked for and serves itself: a rate, more epochs, a checkpoint."""

    def wishes(self) -> tuple[Request, ...]:
        """Those not served yet, each given once."""
        ...

    def answer(self, request: Request, reason: str = "") -> None:
        """One has been served, or cannot be, for this reason."""
        ...


class NoWishes:
    """A training of which nothing is asked."""

    def wishes(self) -> tuple[Request, ...]:
        """None."""
        return ()

    def answer(self, request: Request, reason: str = "") -> None:
        """Nobody asked."""


class Steering:
    """The requests of one worker; it takes those that wait at once.

    Args:
        run: The run, whose lock the worker holds.
    """

    def __init__(self, run: RunFolder) -> None:
        self._control = ControlReader(run, run.lock.stat().st_mtime)
        self._wishes: list[Request] = []
        self._ending: Ending = ""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self._look()

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._end("stop")

    def _end(self, ending: Ending) -> None:
        """The stronger of two endings holds."""
        if self._ending not in _ENDINGS or _ENDINGS.index(ending) > _ENDINGS.index(self._ending):
            self._ending = ending

    def _look(self) -> None:
        """Take what is new."""
        for request in self._control.poll():
            ending = next((one for one in _ENDINGS if one == request.action), None)
            if ending is None:
                self._wishes.append(request)
            else:
                self._end(ending)

    def __call__(self) -> Ending:
        """How the worker is to end, if it is; looked at after each batch."""
        self._look()
        return self._ending

    def wishes(self) -> tuple[Request, ...]:
        """What the training is to serve; it trains, so that a resume is done."""
        waiting, self._wishes = self._wishes, []
        for request in waiting:
            if request.action == "resume":
                self._control.answer(request)
        return tuple(request for request in waiting if request.action != "resume")

    def answer(self, request: Request, reason: str = "") -> None:
        """A wish was served, or cannot be."""
        self._control.answer(request, reason)

    def close(self, ended: str) -> None:
        """The worker ends: what it has not answered is refused, saying how it `ended`.

        A request to end it has been done, but where it failed: then what was to be saved may not be.
        """
        self._look()
        self._control.close(() if ended == "failed" else _ENDINGS, f"the run {ended} first")
