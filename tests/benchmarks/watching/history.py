"""Long logs of ended runs, written quickly: what a worker would have written in days.

Each has epochs, validations and checkpoints, one step whose loss is far above all others, and one step whose
figures are no numbers.
"""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.watching.made import BATCHES, Shape, make_run, started
from workbench.training.run import RunFolder

SPIKE = 80.0
_HOLE = "hole"
_SECONDS = 0.2
"""Between two steps."""


def write_history(folder: Path, count: int) -> RunFolder:
    """A finished run of so many steps.

    Args:
        folder: For its bench.
        count: A multiple of 1,000.
    """
    shape = Shape(epochs=count // BATCHES)
    run = make_run(folder, shape)
    run.log.touch()
    run.lock.touch()
    origin = time.time() - count * _SECONDS - 60
    writer = _Writer(shape, count, origin)
    with run.events.open("w") as file:
        file.write(writer.line("phase", 0.0, name="starting", text=""))
        file.write(writer.line("started", 0.0, **started(shape)))
        for epoch in range(1, shape.epochs + 1):
            file.write("".join(writer.epoch(epoch)))
        end = {"text": f"{shape.epochs} epochs", "epoch": shape.epochs, "best_epoch": shape.epochs - 1}
        file.write(writer.line("finished", count * _SECONDS, **end, seconds=count * _SECONDS))
    return run


def spike_step(count: int) -> int:
    """The step of the spike, from 1; near the end, so that no zoom to the newest steps loses it."""
    return count - 337


class _Writer:
    """Makes lines; those of batches by filling in a form."""

    def __init__(self, shape: Shape, count: int, origin: float) -> None:
        self._shape, self._count, self._origin = shape, count, origin
        self._seq = 0
        self._rng = np.random.default_rng(1)
        names = ("epoch", "batch", "batches", "step", "images_per_second", "seconds_left", "loss", "accuracy")
        heads = {name: {"loss": _HOLE, "accuracy": _HOLE} for name in shape.names}
        event = {
            "seq": _HOLE,
            "wall": _HOLE,
            "mono": _HOLE,
            "type": "batch",
            **dict.fromkeys(names, _HOLE),
            "heads": heads,
        }
        form = json.dumps(event, separators=(",", ":")).split(f'"{_HOLE}"')
        whole = ["%d", "%.3f", "%.3f", "%d", "%d", "%d", "%d", "%.6g", "%.6g"]
        kinds = whole + ["%.6g"] * (2 * shape.heads + 2)
        self._form = "".join(part + kind for part, kind in zip(form, [*kinds, ""], strict=True)) + "\n"

    def line(self, kind: str, since: float, **fields: Any) -> str:
        """One event as a worker's log has it."""
        self._seq += 1
        event = {"seq": self._seq, "wall": round(self._origin + since, 3), "mono": round(since, 3)}
        return json.dumps({**event, "type": kind, **fields}, separators=(",", ":")) + "\n"

    def epoch(self, epoch: int) -> list[str]:
        """All lines of one epoch."""
        batches, shape = self._shape.batches, self._shape
        first = (epoch - 1) * batches
        lines = [self.line("phase", first * _SECONDS, name="training", text="")]
        values = self._values(first + np.arange(1, batches + 1))
        for number in range(1, batches + 1):
            step, self._seq = first + number, self._seq + 1
            since = step * _SECONDS
            left = (self._count - step) * _SECONDS
            axes = (self._seq, self._origin + since, since, epoch, number, batches, step, 160.0, left)
            lines.append(self._form % (*axes, *values[number - 1]))
            if step == spike_step(self._count):
                lines[-1] = lines[-1].replace(f'"loss":{values[number - 1][0]:.6g}', f'"loss":{SPIKE:g}', 1)
            if step == self._count // 3:
                lines[-1] = lines[-1].replace(f'"loss":{values[number - 1][0]:.6g}', '"loss":null', 1)
        return [*lines, *self._between(epoch, shape)]

    def _values(self, steps: Any) -> list[list[float]]:
        """Shape (steps, curves): loss and accuracy of all, then of each head."""
        left = np.exp(-3.0 * steps / self._count)[:, None]
        noise = self._rng.standard_normal((len(steps), 2 * (self._shape.heads + 1)))
        loss, accuracy = 0.3 + 2.0 * left, 0.95 - 0.45 * left
        columns = np.tile(np.hstack([loss, accuracy]), self._shape.heads + 1)
        found: list[list[float]] = (columns + noise * 0.02).tolist()
        return found

    def _between(self, epoch: int, shape: Shape) -> list[str]:
        """The lines between two epochs."""
        since = epoch * shape.batches * _SECONDS
        means = self._values(np.array([epoch * shape.batches]))[0]
        pairs = [
            {"loss": loss, "accuracy": right} for loss, right in zip(means[::2], means[1::2], strict=True)
        ]
        figures = {**pairs[0], "heads": dict(zip(shape.names, pairs[1:], strict=True))}
        found: dict[str, Any] = {"epoch": epoch, "epochs": shape.epochs, "seconds": 200.0}
        found["learning_rate"] = 0.01
        found |= {"train": figures, "validation": figures, "metric": "val_loss", "value": means[0]}
        return [
            self.line("phase", since, name="validating", text=""),
            self.line("epoch", since, **found, best_value=means[0], best_epoch=max(1, epoch - 1)),
            self.line("phase", since, name="saving", text=""),
            self.line("checkpoint", since, epoch=epoch, batch=0, best=False, megabytes=1.5),
        ]
