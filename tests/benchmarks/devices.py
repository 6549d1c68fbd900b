"""Training in bfloat16, and with pictures changed within the step, against float32: on this machine's device.

Steps of the networks take turns, so that what else the machine does meets all of them. Seconds of processor
are compared as well as those of the clock: they tell the same where other programs work beside it.

    python -m tests.benchmarks.devices [--json] [--preset fast] [--rounds 6]
"""

import argparse
import json
import time
from statistics import median
from typing import Any

import keras
import numpy as np

from workbench.config import load_settings
from workbench.dataset.table import Table
from workbench.schema import Schema, load_schema
from workbench.training.learner import Learner

_STEPS = 2
"""Each time that it is a network's turn."""
_KINDS = {
    "float32": (),
    "bfloat16": ("hardware.precision=bfloat16",),
    "changed_in_step": ("hardware.augmentation=device",),
}


def measure(preset: str, rounds: int) -> dict[str, Any]:
    """Pictures a second of each kind, and the ratios to float32 with pictures that nothing changes."""
    settings, schema = load_settings(preset), load_schema("face")
    images, labels, table = _batch(schema, settings.training.batch_size, settings.dataset.size)
    learners = {
        kind: Learner(load_settings(preset, overrides), schema, table, 100)
        for kind, overrides in _KINDS.items()
    }
    for learner in learners.values():
        learner.step(images, labels)  # compiles it
    clock: dict[str, list[float]] = {kind: [] for kind in (*_KINDS, "copied_before")}
    processor: dict[str, list[float]] = {kind: [] for kind in clock}
    for _ in range(rounds):
        for kind in clock:
            given = keras.ops.convert_to_tensor(images) if kind == "copied_before" else images
            learner = learners.get(kind, learners["float32"])
            begun, used = time.perf_counter(), time.process_time()
            for _ in range(_STEPS):
                learner.step(given, labels)
            clock[kind].append(time.perf_counter() - begun)
            processor[kind].append(time.process_time() - used)
    result: dict[str, Any] = {"preset": preset, "device": learners["float32"].place.to_dict()["device"]}
    for kind in [kind for kind in clock if kind != "float32"]:
        result[f"ratio_{kind}_to_float32"] = round(median(clock["float32"]) / median(clock[kind]), 2)
        ratio = median(processor["float32"]) / median(processor[kind])
        result[f"processor_ratio_{kind}_to_float32"] = round(ratio, 2)
    for kind, seconds in clock.items():
        result[f"images_per_second_{kind}"] = round(len(images) * _STEPS / median(seconds), 1)
    return result


def _batch(schema: Schema, count: int, size: int) -> tuple[Any, dict[str, Any], Table]:
    """Pictures of noise, labels, and a table that says as much."""
    names = tuple(map(str, range(count)))
    codes = {head.name: (np.arange(count) % len(head.classes)).astype(np.int16) for head in schema.heads}
    images = np.random.default_rng(0).integers(0, 256, (count, size, size, 3), dtype=np.uint8)
    labels = {head: one.astype(np.int32) for head, one in codes.items()}
    return images, labels, Table(names, names, names, codes, np.array(["train"] * count))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="fast")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options.preset, options.rounds)
    if options.json:
        print(json.dumps(result, indent=1))
    else:
        print("\n".join(f"{name}: {value}" for name, value in result.items()))


if __name__ == "__main__":
    main()
