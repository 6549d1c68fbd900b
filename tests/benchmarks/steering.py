"""How soon a run obeys: batches from a stop's being asked to its end, seconds from a pause to free memory.

`python -m tests.benchmarks.steering [--json]`, on a real bench with real workers. Keys: `stop_batches`
(batches that end between the request and the word that the run is saved and has stopped; the most of all),
`pause_memory_freed_s` (until the kernel has all of the worker's memory back, a GPU's too; the longest).
`stop_memory_freed_s`, `stop_in_validation_s` and `resume_first_batch_s` are for comparison.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from tests.benches import drawn_bench
from workbench.monitoring.follow import Follower, RunSnapshot
from workbench.training.control import Action, ask, requests
from workbench.training.launcher import WORKER, launch
from workbench.training.run import RunFolder
from workbench.training.start import prepare_run
from workbench.training.state import RunState

_ROUNDS = 5
_PATIENCE_S = 120.0
_SETTINGS = ("training.epochs=10000", "training.batch_size=16", "dataset.size=96")


def until(follower: Follower, condition: Callable[[RunSnapshot], bool]) -> RunSnapshot:
    """Follow a run until the condition holds.

    Raises:
        TimeoutError: It does not for two minutes.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while not condition(seen := follower.poll()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"the run is {seen.state}, {seen.phase}")
        time.sleep(0.005)
    return seen


def worker_of(run: RunFolder) -> psutil.Process:
    """The process that trains a run."""
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if WORKER in command and str(run.root) in command:
            return process
    raise LookupError(f"no worker of {run.name}")


def obey(run: RunFolder, follower: Follower, action: Action, phase: str) -> dict[str, float]:
    """Ask a run that is in a phase to end; batches until it says so, seconds until its process is gone."""
    follower.poll()
    until(follower, lambda seen: seen.phase.startswith(phase) and seen.step > 0)
    process = worker_of(run)
    asked = ask(run, action)
    until(follower, lambda seen: seen.state in (RunState.STOPPED, RunState.PAUSED))
    said = time.time() - asked.wall
    process.wait(_PATIENCE_S)
    gone = time.time() - asked.wall
    done = next(one for one in requests(run) if one.id == asked.id)
    if done.stage != "done":
        raise RuntimeError(f"the {action} is {done.stage}")
    return {"batches": batches_after(run, asked.wall), "said_s": said, "gone_s": gone}


def batches_after(run: RunFolder, wall: float) -> float:
    """How many batches ended after a moment, by the log: each `batch` event counts those since the last."""
    step = before = after = 0
    for line in run.events.read_bytes().splitlines():
        event = json.loads(line)
        if event["type"] == "batch":
            step = event["step"]
            before, after = (step, step) if event["wall"] <= wall else (before, step)
    return max(0, after - before)


def measure(folder: Path, rounds: int = _ROUNDS) -> dict[str, Any]:
    """Stop and pause a run again and again, at random moments, and go on each time."""
    bench, chance = drawn_bench(folder, 120, seed=1), random.Random(7)
    run = prepare_run(bench, bench.settings("fast", _SETTINGS), preset="fast")
    found: dict[Action, list[dict[str, float]]] = {"stop": [], "pause": []}
    validating, first = [], []
    for _ in range(rounds):
        for action, results in found.items():
            first.append(_launched(run))
            follower = Follower(run)
            time.sleep(chance.uniform(0.2, 3.0))
            results.append(obey(run, follower, action, "training"))
    _launched(run)
    validating.append(obey(run, Follower(run), "stop", "validating"))
    return {
        "rounds": rounds,
        "stop_batches": max(one["batches"] for one in found["stop"]),
        "pause_batches": max(one["batches"] for one in found["pause"]),
        "pause_memory_freed_s": round(max(one["gone_s"] for one in found["pause"]), 2),
        "stop_said_s": round(max(one["said_s"] for one in found["stop"]), 2),
        "stop_memory_freed_s": round(max(one["gone_s"] for one in found["stop"]), 2),
        "stop_in_validation_s": round(max(one["said_s"] for one in validating), 2),
        "resume_first_batch_s": round(max(first), 1),
    }


def _launched(run: RunFolder) -> float:
    """Start a worker and wait for its second batch; the first one compiles. Seconds to the first."""
    began, follower = time.monotonic(), Follower(run)
    step = follower.poll().step
    launch(run)
    until(follower, lambda seen: seen.state is RunState.RUNNING and seen.step > step)
    first, step = time.monotonic() - began, follower.poll().step
    until(follower, lambda seen: seen.step > step)
    return first


def main() -> None:
    """Measure in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--json", action="store_true", help="the same; for symmetry")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workbench-steering-") as folder:
        print(json.dumps(measure(Path(folder), options.rounds), indent=1))


if __name__ == "__main__":
    main()
