"""The process that trains one run: `python -m workbench.training.worker RUN_FOLDER`.

It needs nothing but its folder, so the same line starts it again after a crash. It has no terminal: what it
prints goes to `worker.log`, what others should know to `events.jsonl`. SIGTERM and SIGINT ask it to stop and
save; a hang-up of the terminal it was started from does not reach it. What ends it, a pause too, ends the
process: nothing else gives all memory back.
"""

import argparse
import faulthandler
import os
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.files import file_error
from workbench.training.events import EventLog
from workbench.training.failures import cause_of
from workbench.training.launcher import take_lock
from workbench.training.profile import EVALUATING, STARTING, UNPROFILED, Profile, Unprofiled
from workbench.training.profile_words import tell
from workbench.training.repeatable import make_repeatable
from workbench.training.run import RunFolder
from workbench.training.steering import Steering
from workbench.training.system import SystemTeller

_LAST_WORDS = 64 << 10
_LAST_MEMORY = 8 << 20
"""Bytes of the disk, and of memory, that are held for the line that says that there are none left."""


def main() -> int:
    """Train the run named on the command line; 0 if it ended well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="the run's folder")
    parser.add_argument("--lock", type=int, default=-1, help="descriptor of the lock, taken by the launcher")
    parser.add_argument("--profile", action="store_true", help="measure where the time goes")
    options = parser.parse_args()
    run = RunFolder(options.run)
    try:
        if options.lock < 0:
            take_lock(run)  # held until this process ends, however it ends
            run.exit.unlink(missing_ok=True)  # of an earlier worker; the launcher, too, removes it
        else:
            os.set_inheritable(options.lock, False)
        with EventLog(run.events) as log:
            return _train(run, log, Profile() if options.profile else UNPROFILED)
    except WorkbenchError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code


def _train(run: RunFolder, log: EventLog, profile: Unprofiled = UNPROFILED) -> int:
    """Train, evaluate, and write down how it ended, whatever happens."""
    started = time.monotonic()
    log.phase("starting", "importing TensorFlow")
    steering = Steering(run)
    settings = None
    memory = bytearray(_LAST_MEMORY)
    try:
        _hold_room(run)
        settings = run.settings()
        make_repeatable(settings, len(run.schema().heads))
        with SystemTeller(log, run.root, settings.hardware):
            with profile.part(STARTING):
                from workbench.training.fit import fit  # seconds of imports, which the phase accounts for

            ended = fit(run, log, steering, steering, profile)
            # Whoever stops or pauses a run waits for its end; `workbench evaluate` does the rest when asked.
            with profile.part(EVALUATING):
                text = _evaluated(run, log, ended.text) if ended.kind == "finished" else ended.text
            tell(profile, log, settings)
            steering.close(ended.kind)
    except Exception as error:
        memory.clear()
        run.last_words.unlink(missing_ok=True)
        log.emit("failed", durable=True, cause=cause_of(error, settings), log=str(run.log))
        with suppress(OSError, WorkbenchError, MemoryError):  # there may be no room for these
            steering.close("failed")
            traceback.print_exception(error)
        return 1
    run.last_words.unlink(missing_ok=True)
    log.emit(
        ended.kind,
        durable=True,
        text=text,
        epoch=ended.epoch,
        best_epoch=ended.best_epoch,
        seconds=time.monotonic() - started,
    )
    return 0


def _hold_room(run: RunFolder) -> None:
    """Take a little of the disk, given back when something fails, so that a full one can be called full."""
    try:
        run.last_words.write_bytes(bytes(_LAST_WORDS))
    except OSError as error:
        raise file_error(error, run.root) from error


def _evaluated(run: RunFolder, log: EventLog, text: str) -> str:
    """Evaluate the best epoch while all is at hand; a failure of that is no failure of the training."""
    if not run.model.exists():
        return text
    log.phase("evaluating")
    from workbench.evaluation.evaluate import evaluate_run

    try:
        evaluate_run(run)
    except Exception as error:
        traceback.print_exc()
        return f"{text}; not evaluated: {cause_of(error, run.settings())}"
    return text


if __name__ == "__main__":
    faulthandler.enable()  # where a library crashed stands in the log
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # All is written. The kernel takes memory back at once; the libraries' own clearing up takes seconds.
    os._exit(code)
