"""The process that trains one run: `python -m workbench.training.worker RUN_FOLDER`.

It needs nothing but its folder, so the same line starts it again after a crash. It has no terminal: what it
prints goes to `worker.log`, what others should know to `events.jsonl`. SIGTERM and SIGINT ask it to stop and
save; a hang-up of the terminal it was started from does not reach it.
"""

import argparse
import os
import signal
import sys
import time
import traceback
from pathlib import Path

from workbench.errors import Cancelled, RunError, WorkbenchError
from workbench.training.control import ControlReader
from workbench.training.events import EventLog
from workbench.training.launcher import take_lock
from workbench.training.run import RunFolder
from workbench.training.system import SystemTeller


class StopRequest:
    """Whether someone wants the run to stop: by `control.jsonl`, or by a signal."""

    def __init__(self, run: RunFolder) -> None:
        self._control = ControlReader(run, run.lock.stat().st_mtime)
        self._asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._asked = True

    def __call__(self) -> bool:
        """Looked at after each batch."""
        if any(request.action == "stop" for request in self._control.poll()):
            self._asked = True
        return self._asked

    def done(self) -> None:
        """It has been obeyed."""
        self._control.done()


def main() -> int:
    """Train the run named on the command line; 0 if it ended well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="the run's folder")
    parser.add_argument("--lock", type=int, default=-1, help="descriptor of the lock, taken by the launcher")
    options = parser.parse_args()
    run = RunFolder(options.run)
    try:
        if options.lock < 0:
            take_lock(run)  # held until this process ends, however it ends
        else:
            os.set_inheritable(options.lock, False)
        with EventLog(run.events) as log:
            return _train(run, log)
    except WorkbenchError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code


def _train(run: RunFolder, log: EventLog) -> int:
    """Train, evaluate, and write down how it ended, whatever happens."""
    started = time.monotonic()
    log.phase("starting")
    stop = StopRequest(run)
    try:
        with SystemTeller(log):
            from workbench.training.fit import fit  # seconds of imports, which the phase accounts for

            ended = fit(run, log, stop)
            stop.done()
            text = _evaluated(run, log, ended.text)
    except Exception as error:
        traceback.print_exc()
        cause = str(error) if isinstance(error, WorkbenchError) else f"{type(error).__name__}: {error}"
        log.emit("failed", durable=True, cause=cause[:2000], log=str(run.log))
        return 1
    log.emit(
        ended.kind,
        durable=True,
        text=text,
        epoch=ended.epoch,
        best_epoch=ended.best_epoch,
        seconds=time.monotonic() - started,
    )
    return 0


def _evaluated(run: RunFolder, log: EventLog, text: str) -> str:
    """Evaluate the best epoch while all is at hand; a failure of that is no failure of the training."""
    if not run.model.exists():
        return text
    log.phase("evaluating")
    from workbench.evaluation.evaluate import evaluate_run

    try:
        evaluate_run(run)
    except (RunError, WorkbenchError, Cancelled) as error:
        return f"{text}; not evaluated: {error}"
    return text


if __name__ == "__main__":
    sys.exit(main())
