"""Images a second of the reference's network, trained one way: `python -m tests.benchmarks.steps WAY ARRAYS`.

Ways: `plain` (Keras' own `fit` with its defaults, on the plain layers), `resident` (our step on one batch in
memory). Both take the same arrays in batches of 32; printed is one JSON document with the images a second of
each round of five batches, without the first round, which compiles.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

from workbench.config import load_settings
from workbench.dataset.table import SPLITS, Table
from workbench.model.registry import build
from workbench.schema import load_schema
from workbench.training.learner import Learner
from workbench.training.repeatable import make_repeatable

BATCH, BATCHES, ROUNDS = 32, 5, 4
SCHEMA, SETTINGS = load_schema("face"), load_settings("reference")


def plain(images: Any, labels: dict[str, Any]) -> list[float]:
    """`compile` and `fit` as the manual shows them."""
    network = build(SETTINGS.model, SCHEMA, SETTINGS.dataset.size)
    model = keras.Model(network.input, network.output)
    model.compile(
        "sgd", loss="sparse_categorical_crossentropy", metrics={name: ["accuracy"] for name in labels}
    )
    watch = _Watch()
    model.fit(images, labels, batch_size=BATCH, epochs=ROUNDS + 1, verbose=0, callbacks=[watch])
    return watch.rates[1:]


class _Watch(keras.callbacks.Callback):  # type: ignore[misc]
    """The pace of each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.rates: list[float] = []
        self._begun = 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Look at the clock."""
        self._begun = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Look at the clock again."""
        self.rates.append(BATCH * BATCHES / (time.perf_counter() - self._begun))


def resident(images: Any, labels: dict[str, Any]) -> list[float]:
    """Our step, again and again on the first batch."""
    count = len(images)
    table = Table(
        tuple(str(row) for row in range(count)),
        ("",) * count,
        ("",) * count,
        labels,
        np.full(count, SPLITS[0]),
    )
    make_repeatable(SETTINGS, len(SCHEMA.heads))  # in time: TensorFlow reads it when it is first used
    learner = Learner(SETTINGS, SCHEMA, table, BATCHES)
    batch = images[:BATCH], {name: codes[:BATCH].astype(np.int32) for name, codes in labels.items()}
    rates = []
    for _ in range(ROUNDS + 1):
        begun = time.perf_counter()
        for _ in range(BATCHES):
            learner.step(*batch)
        rates.append(BATCH * BATCHES / (time.perf_counter() - begun))
    return rates[1:]


def main() -> None:
    """Measure one way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", choices=["plain", "resident"])
    parser.add_argument("arrays", type=Path, help="an .npz with images, and the class indices of each head")
    options = parser.parse_args()
    with np.load(options.arrays) as arrays:
        labels = {name: arrays[name] for name in SCHEMA.head_names}
        rates = {"plain": plain, "resident": resident}[options.way](arrays["images"], labels)
    print(json.dumps(rates))


if __name__ == "__main__":
    main()
