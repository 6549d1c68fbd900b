"""Steering the watched run: pause, stop, abort, more epochs, a learning rate, a checkpoint.

Every key works while the run is in a state for it; what stands against it otherwise (a folder that cannot be
written, something that is asked already) is said in a line, before any question.
"""

import asyncio
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import work

from workbench.errors import InputError, WorkbenchError
from workbench.text import neutralise

if TYPE_CHECKING:
    from workbench.training.control import Action
    from workbench.training.run import RunFolder
    from workbench.tui.screens.base import WorkbenchScreen as _Screen
    from workbench.tui.screens.train_watch import RunWatcher
    from workbench.tui.widgets.monitor_pane import MonitorPane
else:
    _Screen = object

STEERING = frozenset({"pause", "stop", "abort", "checkpoint", "epochs", "adjust"})
"""Actions that the state of the watched run allows or not."""


class SteersRun(_Screen):
    """The keys of a screen that watches one run; what is asked shows itself in the run's snapshot."""

    _watcher: "RunWatcher | None"

    @property
    def monitor(self) -> "MonitorPane":
        """The view of a run."""
        raise NotImplementedError

    @property
    def run(self) -> "RunFolder | None":
        """The run that is watched; None for none, and for a file that is not ours."""
        raise NotImplementedError

    def may_steer(self, action: str) -> bool:
        """Whether the watched run is in a state for this."""
        snapshot = self.monitor.snapshot
        state = None if snapshot is None else snapshot.state
        if state is None or self.run is None:
            return False
        if action == "pause":
            return state.live or state.resumable
        return state.live or action == "epochs"

    def _barred(self, action: str) -> bool:
        """Whether something stands against it; says what."""
        from workbench.tui.widgets.request_text import already_asked

        snapshot = self.monitor.snapshot
        words = "" if self.run is None else unwritable_words(self.run)
        if not words and snapshot is not None and snapshot.state.live:
            words = already_asked(snapshot, action, time.time())
        if words:
            self.monitor.say(words)
        return bool(words)

    def action_pause(self) -> None:
        """Pause a run that is at work; go on with one that is not."""
        if self._barred("pause"):
            return
        snapshot = self.monitor.snapshot
        if snapshot is not None and snapshot.state.live:
            self._ask("pause")
        else:
            self._steer(_go_on)

    def action_stop(self) -> None:
        """Ask the run to stop after the batch and save."""
        if not self._barred("stop"):
            self._ask("stop")

    def action_checkpoint(self) -> None:
        """Ask the run to save now and go on."""
        if not self._barred("checkpoint"):
            self._ask("checkpoint")

    @work
    async def action_abort(self) -> None:
        """End the run without saving, after a question."""
        from workbench.tui.screens.confirm import ConfirmScreen

        if self._barred("abort"):
            return
        question = "What it has learnt since its last checkpoint would be gone. End the run without saving?"
        if await self.app.push_screen_wait(ConfirmScreen("End without saving", question)):
            self._ask("abort")

    @work
    async def action_epochs(self) -> None:
        """Ask how many epochs to add."""
        from workbench.training.control import check_value
        from workbench.tui.screens.line_dialog import LineDialog

        if self._barred("epochs"):
            return
        explained = "How many epochs to add, such as 5; or 5 at 0.001, to begin them with that learning rate:"
        typed: str | None = await self.app.push_screen_wait(LineDialog("More epochs", explained))
        if typed is None:
            return
        count, _, rate = typed.partition("at")
        try:
            epochs, begun = _number(count, "epochs"), _number(rate, "rate") if rate.strip() else None
            check_value("epochs", epochs, begun)
        except WorkbenchError as error:
            self.monitor.say(str(error))
            return
        self._steer(lambda run: _add_epochs(run, int(epochs), begun))

    @work
    async def ask_rate(self) -> None:
        """Ask for another learning rate."""
        from workbench.training.control import check_value
        from workbench.tui.screens.line_dialog import LineDialog

        if self._barred("rate"):
            return
        snapshot = self.monitor.snapshot
        now = snapshot.learning_rate if snapshot is not None else None
        explained = "The learning rate from the next batch on; the schedule goes on from there in proportion:"
        dialog = LineDialog("Learning rate", explained, "" if now is None else f"{now:.3g}")
        typed: str | None = await self.app.push_screen_wait(dialog)
        if typed is None:
            return
        try:
            rate = _number(typed, "rate")
            check_value("rate", rate)
        except WorkbenchError as error:
            self.monitor.say(str(error))
            return
        self._ask("rate", rate)

    def _ask(self, action: "Action", value: float | None = None) -> None:
        """Ask the run's worker."""
        from workbench.training.control import ask

        self._steer(lambda run: ask(run, action, value))

    @work(exclusive=True, group="steer")
    async def _steer(self, deed: "Callable[[RunFolder], object]") -> None:
        """Do something with the run in a thread; a refusal is said, everything else shows itself."""
        watcher, run = self._watcher, self.run
        if watcher is None or run is None:
            return
        try:
            await asyncio.to_thread(deed, run)
        except WorkbenchError as error:
            self.monitor.say(str(error))
            return
        self.monitor.say("")
        watcher.look()


def _go_on(run: "RunFolder") -> None:
    """Start a worker that goes on from the last checkpoint."""
    from workbench.tui.run_start import go_on

    go_on(run)


def _add_epochs(run: "RunFolder", epochs: int, rate: float | None) -> None:
    """Add epochs to a run."""
    from workbench.tui.run_start import add_epochs

    add_epochs(run, epochs, rate)


def unwritable_words(run: "RunFolder") -> str:
    """Why nothing can be asked of a run whose folder is another person's; "" where something can."""
    target = run.control if run.control.exists() else run.root
    if os.access(target, os.W_OK):
        return ""
    return (
        f"{neutralise(run.name)}: its folder cannot be written by you, so you can watch it but not steer it"
    )


def _number(typed: str, what: str) -> float:
    """A typed number.

    Raises:
        InputError: It is none.
    """
    try:
        return float(typed.strip().replace(",", "."))
    except ValueError:
        raise InputError(f"{typed.strip()!r} is no number", where=what, cure="such as 5, or 0.001") from None
