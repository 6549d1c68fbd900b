"""Runs as a worker writes them, without a worker: a real folder, a real log, the real lock."""

import fcntl
import json
import math
import os
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from workbench.bench import Bench
from workbench.training.control import ControlReader
from workbench.training.events import EventLog
from workbench.training.run import RunFolder

BATCHES = 10


class SimulatedRun:
    """Writes what a worker would; while it is open, the run is alive.

    Args:
        bench: Where.
        name: The folder's name.
        epochs: As the settings say.
        majority: The same share for each head.
    """

    def __init__(
        self, bench: Bench, name: str = "0001-fast", *, epochs: int = 4, majority: float = 0.6
    ) -> None:
        self.bench, self.epochs = bench, epochs
        self.heads = bench.schema.head_names
        self.run = RunFolder(bench.runs_dir / name)
        self.run.checkpoints.mkdir(parents=True)
        described = {
            "version": 1,
            "name": name,
            "created": time.time(),
            "preset": "fast",
            "settings": bench.settings("fast", [f"training.epochs={epochs}"]).to_dict(),
            "schema": bench.schema.to_dict(),
            "data": {"majority": dict.fromkeys(self.heads, majority)},
        }
        self.run.run_json.write_text(json.dumps(described))
        self.run.log.write_text("the worker's first words\n")
        self._lock = os.open(self.run.lock, os.O_RDWR | os.O_CREAT)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.control = ControlReader(self.run, time.time() - 1)
        self.log = EventLog(self.run.events)
        self.log.phase("starting")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """The process is gone, whatever it has written."""
        if self._lock >= 0:
            self.log.close()
            os.close(self._lock)
            self._lock = -1

    def start(self) -> None:
        """The first batch is about to come."""
        self.log.emit("started", epochs=self.epochs, batches=BATCHES, resumed_epoch=0)
        self.log.phase("training")

    def batch(self, epoch: int, batch: int, loss: float | None = None) -> None:
        """One batch; its figures follow from its place alone."""
        step = (epoch - 1) * BATCHES + batch
        fields: dict[str, Any] = {
            "images_per_second": 14.2,
            "seconds_left": 180.0,
            **self._figures(step, loss),
        }
        self.log.emit("batch", epoch=epoch, batch=batch, batches=BATCHES, step=step, **fields)

    def epoch(self, epoch: int) -> None:
        """The end of an epoch, with validation and checkpoint."""
        for batch in range(1, BATCHES + 1):
            self.batch(epoch, batch)
        figures = self._figures(epoch * BATCHES)
        value = figures["loss"]
        self.log.emit(
            "epoch",
            epoch=epoch,
            epochs=self.epochs,
            learning_rate=0.002,
            train=figures,
            validation=figures,
            metric="val_loss",
            value=value,
            best_value=value,
            best_epoch=epoch,
        )
        self.log.emit("checkpoint", epoch=epoch, best=True)

    def _figures(self, step: int, loss: float | None = None) -> Mapping[str, Any]:
        """Of all heads together and of each."""
        falling = 2 * math.exp(-step / 20) if loss is None else loss
        one = {"loss": falling, "accuracy": 1 - falling / 2.5, "macro_f1": 0.5}
        return {**one, "heads": dict.fromkeys(self.heads, one)}

    def finish(self) -> None:
        """It ends as it should."""
        self.log.emit("finished", text=f"{self.epochs} epochs", epoch=self.epochs, best_epoch=self.epochs)
        self.end()
