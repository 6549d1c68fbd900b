"""Folders of runs that nobody trained, and the events that a worker would have written."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.bench import Bench
from workbench.config import load_settings
from workbench.dataset.table import Table
from workbench.training.run import RunFolder

HEADS = 4
"""With loss and accuracy of each and of all together: ten curves."""
BATCHES = 1000
"""Steps of an epoch of a long run."""


@dataclass(frozen=True)
class Shape:
    """How long a run is.

    Attributes:
        heads: How many heads it trains; two curves each, and two of all together.
        epochs: Of the whole run.
        batches: Steps of an epoch.
    """

    heads: int = HEADS
    epochs: int = 200
    batches: int = BATCHES

    @property
    def names(self) -> tuple[str, ...]:
        """The heads' names."""
        return tuple(f"head{number}" for number in range(self.heads))


def make_run(folder: Path, shape: Shape) -> RunFolder:
    """A bench without pictures, and the folder of a new run in it."""
    (folder / "faces").mkdir(parents=True)
    heads = (f'[[heads]]\nname = "{name}"\nclasses = ["none", "some"]\n' for name in shape.names)
    (folder / "schema.toml").write_text('name = "watched"\n' + "".join(heads))
    bench = Bench.create(folder / "bench", images=folder / "faces", schema=folder / "schema.toml")
    codes = {name: np.array([0, 1], dtype=np.int16) for name in shape.names}
    table = Table(("a" * 32, "b" * 32), ("a.jpg", "b.jpg"), ("/a.jpg", "/b.jpg"), codes)
    majority = dict.fromkeys(shape.names, 0.5)
    return RunFolder.create(
        bench,
        load_settings("fast", [f"training.epochs={shape.epochs}"]),
        table.with_splits(np.array(["train", "validation"])),
        "fast",
        command=["workbench"],
        about_data={"majority": majority},
    )


def bench_of(run: RunFolder) -> Path:
    """The bench that a run is in."""
    return run.root.parent.parent


def figures(shape: Shape, place: float, chance: random.Random) -> dict[str, Any]:
    """Loss and accuracy of all and of each head, so many epochs behind it, as a worker tells them."""

    def one(slowness: float) -> dict[str, float]:
        left = math.exp(-place / slowness)
        return {
            "loss": 0.2 + 2.1 * left + chance.gauss(0, 0.06),
            "accuracy": min(1.0, max(0.0, 0.95 - 0.45 * left + chance.gauss(0, 0.03))),
        }

    return {**one(8.0), "heads": {name: one(4.0 + 2 * at) for at, name in enumerate(shape.names)}}


def batch(shape: Shape, epoch: int, number: int, chance: random.Random) -> dict[str, Any]:
    """The fields of a `batch` event; epoch and batch are counted from 1."""
    step = (epoch - 1) * shape.batches + number
    return {
        "epoch": epoch,
        "batch": number,
        "batches": shape.batches,
        "step": step,
        "images_per_second": 160 + chance.gauss(0, 4),
        "seconds_left": (shape.epochs * shape.batches - step) / 5,
        **figures(shape, epoch - 1 + number / shape.batches, chance),
    }


def epoch_end(shape: Shape, epoch: int, chance: random.Random) -> dict[str, Any]:
    """The fields of an `epoch` event; the best epoch is the last but one."""
    train, validation = figures(shape, epoch, chance), figures(shape, 0.8 * epoch, chance)
    for figure in (train, validation):
        for part in (figure, *figure["heads"].values()):
            part["macro_f1"] = part["accuracy"] - 0.05
    best = max(1, epoch - 1)
    return {
        "epoch": epoch,
        "epochs": shape.epochs,
        "seconds": shape.batches / 5,
        "learning_rate": 0.01,
        "train": train,
        "validation": validation,
        "metric": "val_loss",
        "value": validation["loss"],
        "best_value": validation["loss"],
        "best_epoch": best,
    }


def started(shape: Shape) -> dict[str, Any]:
    """The fields of a `started` event."""
    return {
        "epochs": shape.epochs,
        "batches": shape.batches,
        "batch_size": 32,
        "pictures": 32 * shape.batches,
        "parameters": 123_456,
        "device": "CPU",
        "replicas": 1,
        "precision": "float32",
        "resumed_epoch": 0,
        "resumed_batch": 0,
        "best_epoch": 0,
        "best_value": None,
    }


def steps(shape: Shape) -> Iterator[tuple[int, int]]:
    """(epoch, batch) of each step, both from 1."""
    for epoch in range(1, shape.epochs + 1):
        for number in range(1, shape.batches + 1):
            yield epoch, number
