"""A process that writes a run's log as a worker does, and trains nothing.

`python -m tests.benchmarks.watching.live RUN_FOLDER --heads N [--rate N] [--batches N] [--epochs N]`.
It holds the run's lock, writes with the worker's own log and teller of the machine, and ends with SIGTERM
("stopped") or at its last epoch. `record.jsonl` in the folder is its own copy of each line.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.watching.made import Shape, batch, epoch_end, started, steps
from workbench.training import events
from workbench.training.events import EventLog
from workbench.training.launcher import take_lock
from workbench.training.lines import append
from workbench.training.run import RunFolder
from workbench.training.system import SystemTeller

RECORD = "record.jsonl"
_PATIENCE_S = 30.0
_BETWEEN_S = 0.4
"""Validating and saving."""


@contextmanager
def written(run: RunFolder, shape: Shape, rate: float = 5.0) -> Iterator["subprocess.Popen[bytes]"]:
    """A live run while the block lasts, from its first batch on.

    Args:
        run: Its folder.
        shape: How long it is.
        rate: Batches a second.

    Yields:
        Its process.
    """
    what = {"heads": shape.heads, "epochs": shape.epochs, "batches": shape.batches, "rate": rate}
    options = [word for name, value in what.items() for word in (f"--{name}", str(value))]
    with run.log.open("ab") as log:
        process = subprocess.Popen([sys.executable, "-m", __name__, str(run.root), *options], stderr=log)
    try:
        deadline = time.monotonic() + _PATIENCE_S
        while not (run.events.exists() and b'"batch"' in run.events.read_bytes()):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the writer does not begin: {run.log.read_text()}")
            time.sleep(0.02)
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(_PATIENCE_S)


def same_as_recorded(run: RunFolder) -> bool:
    """Whether the log holds what its writer wrote, to the byte."""
    return run.events.read_bytes() == (run.root / RECORD).read_bytes()


def _record(run: RunFolder) -> None:
    """Have each line written to the record too, by the writer itself."""
    record = os.open(run.root / RECORD, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)

    def twice(descriptor: int, line: bytes) -> None:
        append(descriptor, line)
        append(record, line)

    events.append = twice  # type: ignore[attr-defined]


class _Asked(Exception):
    """Asked to end."""


def _end(*_: Any) -> None:
    raise _Asked


def write(run: RunFolder, shape: Shape, rate: float) -> None:
    """Write until the last epoch, or until asked to end."""
    take_lock(run)
    _record(run)
    signal.signal(signal.SIGTERM, _end)
    chance = random.Random(1)
    with EventLog(run.events) as log, SystemTeller(log, run.root, run.settings().hardware):
        log.phase("starting")
        log.phase("data", "reading pictures")
        log.emit("progress", done=shape.batches, total=shape.batches)
        log.phase("building", "plain")
        log.emit("started", **started(shape))
        kind, epoch = "finished", 0
        try:
            began = time.monotonic()
            for at, (epoch, number) in enumerate(steps(shape)):
                if number == 1:
                    log.phase("training")
                log.emit("batch", **batch(shape, epoch, number, chance))
                time.sleep(max(0.0, began + (at + 1) / rate - time.monotonic()))
                if number == shape.batches:
                    _between(log, shape, epoch, chance)
                    began += _BETWEEN_S
        except _Asked:
            kind = "stopped"
        log.emit(kind, durable=True, text=f"{kind} as asked", epoch=epoch, best_epoch=1, seconds=1.0)


def _between(log: EventLog, shape: Shape, epoch: int, chance: random.Random) -> None:
    """What stands between two epochs."""
    log.phase("validating")
    time.sleep(_BETWEEN_S / 2)
    log.emit("epoch", durable=True, **epoch_end(shape, epoch, chance))
    log.phase("saving")
    time.sleep(_BETWEEN_S / 2)
    log.emit("checkpoint", durable=True, epoch=epoch, batch=0, best=epoch == 1, megabytes=1.5)


def main() -> None:
    """Write the run named on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--heads", type=int, default=Shape.heads)
    parser.add_argument("--epochs", type=int, default=Shape.epochs)
    parser.add_argument("--batches", type=int, default=Shape.batches)
    parser.add_argument("--rate", type=float, default=5.0, help="batches a second")
    options = parser.parse_args()
    write(RunFolder(options.run), Shape(options.heads, options.epochs, options.batches), options.rate)


if __name__ == "__main__":
    main()
