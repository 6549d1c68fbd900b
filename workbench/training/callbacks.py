"""One line for a training that is not ours, after which every screen and command can read it:

model.fit(..., callbacks=[WorkbenchLog("runs/my-run")])
"""

# ruff: noqa: ARG002 - Keras calls with these names, whether or not they are of use here
import os
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Literal

import keras  # noqa: TID251 - a callback is a subclass of theirs

from workbench.errors import InputError, WorkbenchError
from workbench.training.control import ControlReader, Request, check_value
from workbench.training.failures import cause_of
from workbench.training.fit_log import FitLog
from workbench.training.fit_watch import FitWatch
from workbench.training.foreign import About, open_folder

_LOOK_EVERY_S = 0.1
_REFUSED = {
    "pause": "it could not be told to go on: only the program that trains it can start it",
    "abort": "it can be asked to stop; or end the program that trains it",
    "epochs": "their number is settled in the program that trains it",
    "checkpoint": "what is saved is settled in the program that trains it",
}


class WorkbenchLog(keras.callbacks.Callback):  # type: ignore[misc]
    """Writes the events of a `model.fit` into a folder, and lets it be stopped from there.

    The folder, which is made if it is not there, is locked while the call lasts, so that whether it does is
    never a guess. A call with an `initial_epoch`, or another one for the same model with the same callback,
    goes on in the same log; any other begins it anew.

    Args:
        folder: Where to, such as "runs/my-run"; then `workbench monitor runs/my-run` shows it.
        batch_size: Pictures a batch, for the pace; needed only where the data does not say.

    Raises:
        RunRefused: As the training begins: another one writes into the folder, or it is a run of ours.
        WorkbenchError: As the training begins: the folder cannot be written.
    """

    async_safe = True
    """The next batch need not wait until the figures of this one have come from the device (JAX, PyTorch)."""

    def __init__(self, folder: str | os.PathLike[str], batch_size: int = 0) -> None:
        super().__init__()
        self._folder, self._batch_size = Path(folder).absolute(), batch_size
        self._log: FitLog | None = None
        self._trained: tuple[Any, int] = (None, 0)

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Take the folder."""
        with ExitStack() as held:
            self._watch = FitWatch(self._left)
            held.callback(self._watch.close)
            about = self._about()
            run, lock = open_folder(self._folder, about)
            held.callback(lock.release)
            self._control = ControlReader(run, run.lock.stat().st_mtime)
            self._looked, self._stop_place, self._offset = 0.0, "", -1
            self._log = FitLog(run, about)
            self._held = held.pop_all()

    def _about(self) -> About:
        """What the model and the call tell."""
        model, params = self.model, self.params or {}
        outputs = getattr(model, "output_names", None)
        adapter = getattr(self._watch.local("epoch_iterator"), "data_adapter", None)
        step = getattr(type(model), "train_step", None)
        return About(
            epochs=int(params.get("epochs") or 0),
            batches=int(params.get("steps") or 0),
            batch_size=self._batch_size or int(getattr(adapter, "batch_size", None) or 0),
            outputs=None if outputs is None else tuple(outputs) if len(outputs) > 1 else (),
            parameters=model.count_params() if getattr(model, "built", False) else None,
            # A step of the person's own may report what it likes, most often the batch's own loss.
            running_means=getattr(step, "__module__", "").startswith("keras."),
            optimizer=type(getattr(model, "optimizer", None)).__name__.lower(),
            learning_rate=self._rate(),
        )

    def _rate(self) -> float | None:
        """The learning rate of now; None if the optimiser has none."""
        try:
            return float(self.model.optimizer.learning_rate)
        except (AttributeError, TypeError, ValueError):
            return None

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """The first one tells where the training begins."""
        if self._log is None:
            return
        if self._offset < 0:
            model, done = self._trained
            self._offset = done - epoch if model is self.model and epoch < done else 0
            self._log.started(epoch + self._offset, self._offset)
        self._log.epoch_began()

    def on_train_batch_begin(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Serve what was asked, in the thread that trains."""
        self._serve()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Tell of it, at most ten times a second."""
        if self._log is not None:
            self._log.batch_ended(batch + 1, logs or {})

    def on_test_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Within a training: validation."""
        if self._log is not None and not self._stop_place:
            self._log.validating()

    def on_test_batch_begin(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Serve what was asked."""
        self._serve()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Tell of it."""
        if self._log is not None:
            self._log.epoch_ended(logs or {}, self._rate())
            self._trained = (self.model, self._log.epoch)

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
        """Tell how it ended, and give the folder back."""
        if self._log is None:
            return
        self._serve(now=True)
        if self._stop_place:
            self._end("stopped", f"asked to stop {self._stop_place}")
        elif self.model.stop_training:
            self._end("finished", "stopped early by the training's own program")
        else:
            self._end("finished", "all epochs done")

    def _left(self, error: BaseException | None) -> None:
        """The training was left by an exception; in the thread that watches."""
        place = "" if self._log is None else self._log.place
        if isinstance(error, KeyboardInterrupt):
            self._end("stopped", f"interrupted {place}")
        elif error is None:
            self._end("failed", f"model.fit was left by an exception {place}, and its caller knows which")
        else:
            self._end("failed", cause_of(error, None))

    def _end(self, kind: Literal["finished", "stopped", "failed"], text: str) -> None:
        """The last words, then the lock."""
        log, self._log = self._log, None
        if log is not None:
            with suppress(WorkbenchError):
                self._control.close(("stop",), f"the training {kind} first")
            log.end(kind, text)
        self._held.close()

    def _serve(self, *, now: bool = False) -> None:
        """Do what was asked, looked for ten times a second."""
        if self._log is None or not (now or time.monotonic() - self._looked >= _LOOK_EVERY_S):
            return
        self._looked = time.monotonic()
        with suppress(WorkbenchError):  # a full disk is no reason to end a training
            for request in self._control.poll():
                if request.action == "stop":
                    self._stop(self._log)
                else:
                    self._control.answer(request, self._refusal(request, self._log))

    def _stop(self, log: FitLog) -> None:
        """After this batch; Keras validates once more first."""
        self._stop_place = log.place
        log.phase("stopping", "after this batch, and what the training's own program does at its end")
        self.model.stop_training = True

    def _refusal(self, request: Request, log: FitLog) -> str:
        """Change the learning rate, or say why not."""
        if request.action != "rate":
            return _REFUSED.get(request.action, "it knows no such request")
        before = self._rate()
        try:
            check_value("rate", request.value)
            self.model.optimizer.learning_rate = request.value
        except InputError as error:
            return str(error)
        except (AttributeError, TypeError, ValueError):
            return "it follows a schedule of the training's own program"
        log.rate(before or 0.0, request.value or 0.0)
        return ""
