"""A training killed with SIGKILL again and again, beside the same one left in peace.

`python -m tests.benchmarks.broken [--kills N] [--json]`. Two runs of the same settings on drawn faces, with
real worker processes. One is killed at random moments, every third time while a checkpoint is being written,
and resumed each time. Keys: `curve_difference`, the largest difference between the two runs' curves (each
epoch's figures on training and validation, and each batch event that covers the same batches), 0 where they
are equal to the last digit written; `weights_equal`, whether the last checkpoints are the same to the bit;
`events_doubled` and `events_lost`, of the log after what each resumed worker takes back.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil

from tests.benches import drawn_bench
from workbench.monitoring.follow import Follower
from workbench.training.checkpoint_file import read_checkpoint
from workbench.training.launcher import launch
from workbench.training.run import RunFolder, RunState
from workbench.training.start import prepare_run
from workbench.training.tail import parse_line

KILLS, PICTURES, EPOCHS = 10, 120, 60
SETTINGS = (
    "dataset.size=48",
    "model.width=8",
    "model.depth=3",
    "training.batch_size=8",
    "training.average_weights=0.9",
    "training.checkpoint_minutes=0.01",
    "training.early_stopping.patience=1000",
    "augment.flip.probability=0.5",
    "augment.rotate.probability=0.5",
)
_PATIENCE_S = 240
Event = dict[str, Any]


def train_and_kill(run: RunFolder, kills: int, chance: random.Random, every: int) -> int:
    """Train a run to its end, killed so many times; how often that was in the midst of a checkpoint.

    Args:
        run: The run.
        kills: How often.
        chance: Chooses the moments.
        every: One kill in so many waits for a checkpoint that is being written.
    """
    within = 0
    for number in range(1, kills + 1):
        _kill_one(run, chance, within_checkpoint=number % every == 0)
        within += _half_written(run)
        if run.state() is not RunState.DIED:
            raise RuntimeError(f"{run.name} {run.state()} before kill {number}: more epochs are needed")
    launch(run)
    _wait(lambda: not run.alive(), run)
    return within


def _kill_one(run: RunFolder, chance: random.Random, *, within_checkpoint: bool) -> None:
    """Start a worker and kill it after its first step."""
    starts = len(_events(run, "started"))
    launch(run)
    [worker] = [one for one in psutil.Process().children() if str(run.root) in one.cmdline()]
    _wait(lambda: len(_events(run, "started")) > starts or not run.alive(), run)
    moment = time.monotonic() + chance.uniform(0, 2.5)
    if within_checkpoint:
        _wait(lambda: _half_written(run) or not run.alive(), run)
    else:
        _wait(lambda: time.monotonic() > moment or not run.alive(), run)
    worker.kill()
    _wait(lambda: not run.alive(), run)


def _half_written(run: RunFolder) -> bool:
    """Whether a checkpoint lies beside its place, not renamed yet."""
    return any(path.name.startswith(".") for path in run.checkpoints.iterdir())


def _wait(condition: Callable[[], bool], run: RunFolder) -> None:
    """Look again and again, without rest: the moments that matter are short."""
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{run.name} does not go on: {run.log}")
        time.sleep(0.0005)


def _events(run: RunFolder, kind: str = "") -> list[Event]:
    """The events of a log, of one kind or all; a torn line is none."""
    try:
        lines = run.events.read_bytes().splitlines()
    except OSError:
        return []
    found = (parse_line(line) for line in lines if not kind or f'"{kind}"'.encode() in line)
    return [event for event in found if event is not None and kind in ("", event["type"])]


def in_force(events: list[Event]) -> list[Event]:
    """The batches and epochs that no resumed worker took back."""
    kept: list[Event] = []
    for event in events:
        if event["type"] == "started":
            place = (event["resumed_epoch"], event["resumed_batch"])
            kept = [one for one in kept if _place(one) <= place]
        elif event["type"] in ("batch", "epoch"):
            kept.append(event)
    return kept


def _place(event: Event) -> tuple[int, int]:
    """Epochs and batches behind an event."""
    if event["type"] == "epoch":
        return event["epoch"], 0
    done, batch = event["epoch"] - 1, event["batch"]
    return (done + 1, 0) if batch == event["batches"] else (done, batch)


def compare(broken: RunFolder, whole: RunFolder) -> dict[str, Any]:
    """What differs between the two runs."""
    log = _events(broken)
    kept = in_force(log)
    epochs = [event["epoch"] for event in kept if event["type"] == "epoch"]
    ends = [event["epoch"] for event in kept if event["type"] == "batch" and _place(event)[1] == 0]
    asked = range(1, whole.settings().training.epochs + 1)
    batches = [(event["epoch"], event["batch"]) for event in kept if event["type"] == "batch"]
    numbers = [event["seq"] for event in log]
    difference, points = _difference(broken, whole)
    return {
        "state": str(broken.state()),
        "curve_difference": difference,
        "points_compared": points,
        "weights_equal": _last(broken) == _last(whole),
        "events_doubled": sum(later <= earlier for earlier, later in pairwise(batches))
        + len(epochs)
        - len(set(epochs))
        + len(numbers)
        - len(set(numbers)),
        "events_lost": len(set(asked) - set(epochs))
        + len(set(asked) - set(ends))
        + max(numbers, default=0)
        - len(set(numbers)),
    }


def _difference(broken: RunFolder, whole: RunFolder) -> tuple[float, int]:
    """The largest difference between two runs' curves as a monitor draws them, and over how many points."""
    mine, theirs = Follower(broken).poll().curves, Follower(whole).poll().curves
    largest, points = 0.0, 0
    for key in (key for key in theirs if key[2] != "system" and key[1] != "images_per_second"):
        spans = [
            {
                (start, end): y
                for start, end, y in zip(
                    (0.0, *curve.places[:-1]), curve.places.tolist(), curve.values.tolist(), strict=True
                )
                if y == y
            }
            for curve in (mine[key], theirs[key])
        ]
        if key[2] != "train" and spans[0].keys() != spans[1].keys():
            return float("inf"), points
        for span in spans[0].keys() & spans[1].keys():
            largest, points = max(largest, abs(spans[0][span] - spans[1][span])), points + 1
    return largest, points


def _last(run: RunFolder) -> dict[str, bytes]:
    """The arrays of the last checkpoint."""
    _, arrays = read_checkpoint(max(run.checkpoints.glob("*.npz")))
    return {name: value.tobytes() for name, value in arrays.items()}


def measure(
    folder: Path, kills: int = KILLS, epochs: int = EPOCHS, pictures: int = PICTURES, every: int = 3
) -> dict[str, Any]:
    """Run both beside each other and compare; see `train_and_kill`."""
    bench = drawn_bench(folder, pictures, seed=3)
    settings = bench.settings("fast", [*SETTINGS, f"training.epochs={epochs}"])
    whole, broken = (prepare_run(bench, settings, preset="fast") for _ in range(2))
    launch(whole)
    within = train_and_kill(broken, kills, random.Random(1), every)
    _wait(lambda: not whole.alive(), whole)
    return {"kills": kills, "kills_within_a_checkpoint": within, **compare(broken, whole)}


def main() -> None:
    """Measure in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--json", action="store_true", help="the same; for symmetry")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workbench-broken-") as folder:
        print(json.dumps(measure(Path(folder), options.kills, options.epochs), indent=1))


if __name__ == "__main__":
    main()
