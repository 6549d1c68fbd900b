"""Real run folders for the tests of screens: a table, a log, a lock that is held; no Keras."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from tests.unit.evaluation.conftest import evaluation
from workbench.bench import Bench
from workbench.config import load_settings
from workbench.dataset.table import SPLITS, Table
from workbench.evaluation.report import Evaluation, model_digest, write_evaluation
from workbench.training.events import EventLog
from workbench.training.run import RunFolder

HEADS = ("wrinkles", "freckles", "glasses", "hair_colour", "hair_top")


def new_run(bench: Bench, preset: str = "fast", **about: Any) -> RunFolder:
    """A run that was prepared and never begun."""
    count = 12
    table = Table(
        tuple(f"{number:032x}" for number in range(count)),
        tuple(f"{number:04d}.jpg" for number in range(count)),
        tuple(str(bench.images_root / f"{number:04d}.jpg") for number in range(count)),
        {head.name: (np.arange(count) % len(head.classes)).astype(np.int16) for head in bench.schema.heads},
        np.array([SPLITS[number % 3] for number in range(count)]),
    )
    settings = load_settings(preset if preset in ("fast", "reference") else None, ["training.epochs=3"])
    return RunFolder.create(bench, settings, table, preset, about_data=about)


def figures(loss: float, accuracy: float) -> dict[str, Any]:
    """A split's figures as the log has them."""
    heads = {head: {"loss": loss / 5, "accuracy": accuracy} for head in HEADS}
    return {"loss": loss, "accuracy": accuracy, "macro_f1": accuracy - 0.1, "heads": heads}


def epoch(log: EventLog, number: int, epochs: int = 3) -> None:
    """One epoch with its batches."""
    log.phase("training")
    for batch in (1, 2):
        log.emit(
            "batch",
            epoch=number,
            batch=batch,
            batches=2,
            step=2 * number + batch,
            images_per_second=14.2,
            seconds_left=180,
            **figures(3.0 - number / 2, 0.5),
        )
    log.phase("validating")
    log.emit(
        "epoch",
        epoch=number,
        epochs=epochs,
        seconds=2.0,
        train=figures(3.0 - number / 2, 0.5 + number / 10),
        validation=figures(3.5 - number / 2, 0.4 + number / 10),
        metric="val_loss",
        value=3.5 - number / 2,
        best_value=3.5 - number / 2,
        best_epoch=number,
    )
    log.phase("saving")
    log.emit("checkpoint", epoch=number, best=True)


def begin(run: RunFolder, epochs: int = 0) -> EventLog:
    """A worker's first lines, and some epochs; the log stays open."""
    run.log.touch()
    log = EventLog(run.events)
    log.phase("starting", "reading settings")
    log.phase("data")
    log.emit("progress", done=12, total=12)
    log.emit("started", epochs=3, batches=2, batch_size=2, pictures=12)
    for number in range(1, epochs + 1):
        epoch(log, number)
    return log


def finished_run(bench: Bench, preset: str = "fast", *, evaluated: bool = True) -> RunFolder:
    """A run that has ended well, with something in place of its network."""
    run = new_run(bench, preset)
    with begin(run, 3) as log:
        log.emit("finished", text="3 epochs", epoch=3, best_epoch=3, seconds=6.0)
    run.model.write_bytes(b"a network")
    if evaluated:
        put_evaluation(run)
    return run


def put_evaluation(run: RunFolder, found: Evaluation | None = None) -> None:
    """An evaluation of the network that lies there."""
    found = found or evaluation()
    write_evaluation(run, replace(found, run=run.name, model=model_digest(run.model)))


@contextmanager
def alive(run: RunFolder) -> Iterator[None]:
    """As long as this lasts a worker is at work."""
    descriptor = os.open(run.lock, os.O_RDWR | os.O_CREAT, 0o666)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)
