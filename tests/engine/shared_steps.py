"""Steps on one device and on two that share each batch, printed as JSON; a program of its own, because a
processor can be parted only before TensorFlow has looked at it."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from workbench.config import Settings, load_settings
from workbench.dataset.table import Table
from workbench.schema import Schema
from workbench.training.checkpoint import Checkpoints, averaged
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


def alike() -> dict[str, Any]:
    """Ten steps on two devices and on one, with everything that a loss can be made of; and their answers."""
    overrides = (
        "training.class_weights=effective",
        "training.loss.head_weights=uncertainty",
        "training.average_weights=0.9",
    )
    made, images = batches(), batches(1)[0][0][:5]  # two devices share five pictures as three and two
    two = learner("hardware.device=cpu", "hardware.replicas=2", *overrides)
    one = learner("hardware.device=cpu", *overrides)
    found: dict[str, Any] = {"two": steps(two, made), "one": steps(one, made), "place": two.place.to_dict()}
    mine, theirs = (
        [ops.convert_to_numpy(weight) for weight in each.model.trainable_variables] for each in (two, one)
    )
    pairs = list(zip(mine, theirs, strict=True))
    found["weights"] = max(float(np.abs(weight - other).max()) for weight, other in pairs)
    with averaged(two.model), averaged(one.model):
        expected = one.answers(images)
        pairs = [(found_now, expected[head]) for head, found_now in two.answers(images).items()]
    found["answers"] = max(float(np.abs(answer - other).max()) for answer, other in pairs)
    found["parts"] = [str(part.device) for part in two.place.ahead(images).placed.values]
    # Seven pictures are shared as four and four, one of them again and without a label: no new graph is made.
    rest = {"one": made[0][1]["one"][1:], "two": np.full(BATCH - 1, -1, np.int32)}
    found["rest"] = steps(two, [(made[0][0][1:], rest)])
    return found


def resumed(folder: Path) -> dict[str, Any]:
    """A step after a checkpoint, and the same again after going back to it, with chance's own place; also
    whether a new learner that takes the checkpoint up holds on each device what the first one held."""
    overrides = (
        "hardware.device=cpu",
        "hardware.replicas=2",
        "hardware.augmentation=device",
        "augment.rotate.probability=0.5",
        "augment.noise.probability=0.5",
        "model.dropout=0.5",
    )
    made, first = batches(3), learner(*overrides)
    steps(first, made[:2])
    first.rate_factor = 0.5
    Checkpoints(folder, first.model, {"learner": first}).save((0, 2))
    second = learner(*overrides)
    Checkpoints(folder, second.model, {"learner": second}).restore(print)
    pairs = list(zip(everything(first), everything(second), strict=True))
    then = steps(first, made[2:])
    first.rate_factor = 1.0
    Checkpoints(folder, first.model, {"learner": first}).restore(print)
    found: dict[str, Any] = {"then": then, "again": steps(first, made[2:])}
    found["factor"] = second.rate_factor
    return found | {"values": len(pairs), "equal": sum(map(np.array_equal, *zip(*pairs, strict=True)))}


def everything(one: Learner) -> list[Any]:
    """What each device holds of the network, of chance and of the optimiser."""
    held = [*one.model.variables, *one.model.optimizer.variables]
    return [part.numpy() for variable in held for part in getattr(variable.value, "values", [variable.value])]


if __name__ == "__main__":
    json.dump({"alike": alike(), "resumed": resumed(Path(sys.argv[1]))}, sys.stdout)
