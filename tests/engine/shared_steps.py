"""Steps on one device and on two that share each batch, printed as JSON; a program of its own, because a
processor can be parted only before TensorFlow has looked at it."""

import json
import sys
from typing import Any

import numpy as np
from keras import ops

from workbench.config import Settings, load_settings
from workbench.dataset.mixing import Mixer
from workbench.dataset.table import Table
from workbench.schema import Schema
from workbench.training.learner import Learner

STEPS, BATCH, SIZE = 10, 8, 32
SMALL = (
    f"dataset.size={SIZE}",
    "model.width=4",
    "model.depth=2",
    "model.dense=8",
    "model.dropout=0.0",
    "training.warmup_epochs=0",
    f"training.batch_size={BATCH}",
)
SCHEMA = Schema.from_dict(
    {
        "name": "test",
        "heads": [
            {"name": "one", "classes": ["a", "b", "c"]},
            {"name": "two", "classes": ["a", "b"]},
        ],
    }
)


def batches(count: int = STEPS) -> list[tuple[Any, dict[str, Any]]]:
    """Pictures and labels; the halves of a batch have very different shares of labels."""
    random = np.random.default_rng(0)
    made = []
    for _ in range(count):
        images = random.integers(0, 256, (BATCH, SIZE, SIZE, 3), dtype=np.uint8)
        labels = {
            head.name: random.integers(0, len(head.classes), BATCH).astype(np.int32) for head in SCHEMA.heads
        }
        labels["one"][:3] = -1
        labels["two"][BATCH // 2 :] = -1
        made.append((images, labels))
    return made


def learner(*overrides: str) -> Learner:
    """A small network's learner."""
    codes = {head.name: np.arange(40, dtype=np.int16) % len(head.classes) for head in SCHEMA.heads}
    names = tuple(map(str, range(40)))
    table = Table(names, names, names, codes, np.array(["train"] * 40))
    settings: Settings = load_settings(None, [*SMALL, *overrides])
    return Learner(settings, SCHEMA, table, STEPS)


def steps(one: Learner, made: list[tuple[Any, dict[str, Any]]]) -> list[dict[str, float]]:
    """Each step's losses."""
    return [{head: found.loss for head, found in one.step(*batch).items()} for batch in made]


def main() -> None:
    """Everything that the tests look at."""
    made, found = batches(), {}
    mixer = Mixer(load_settings(None, ["training.mixing.mixup=0.4"]).training.mixing, 0)
    mixed = [mixer(images, labels, step) for step, (images, labels) in enumerate(made)]
    ways: dict[str, tuple[list[Any], list[str]]] = {
        "plain": (made, []),
        "weighted": (made, ["training.class_weights=effective", "training.loss.head_weights=uncertainty"]),
        "mixed": (mixed, ["training.average_weights=0.9"]),
    }
    for name, (batch, overrides) in ways.items():
        two = learner("hardware.device=cpu", "hardware.replicas=2", *overrides)
        one = learner("hardware.device=cpu", *overrides)
        found[name] = {
            "two": steps(two, batch),
            "one": steps(one, batch),
            "weights": max(
                float(np.abs(ops.convert_to_numpy(mine) - ops.convert_to_numpy(theirs)).max())
                for mine, theirs in zip(
                    two.model.trainable_variables, one.model.trainable_variables, strict=True
                )
            ),
            "answers": [one_head[:5].tolist() for one_head in two.answers(batch[0][0][:5]).values()],
            "expected": [
                np.asarray(one_head)[:5].tolist() for one_head in one.answers(batch[0][0][:5]).values()
            ],
        }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
