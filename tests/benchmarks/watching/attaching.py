"""A monitor on a real training that has all cores busy: its first curve, and what it costs the training."""

import itertools
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tests.benches import drawn_bench
from tests.benchmarks.steering import until
from tests.benchmarks.watching.streaming import monitor
from tests.benchmarks.watching.terminal import drawn
from workbench.monitoring.follow import Follower
from workbench.training.control import ask
from workbench.training.launcher import launch
from workbench.training.run import RunFolder
from workbench.training.start import prepare_run
from workbench.training.tail import parse_line

ROUNDS, SEGMENT_S = 8, 15.0
_SETTLE_S = 3.0
_FACES, _SIZE = 300, 64
_BEGIN_S = 60.0


@contextmanager
def trained(folder: Path) -> Iterator[RunFolder]:
    """A real run under way, which is stopped behind the block."""
    bench = drawn_bench(folder, _FACES, seed=4)
    settings = bench.settings("fast", ["training.epochs=10000", f"dataset.size={_SIZE}"])
    run = prepare_run(bench, settings, preset="fast")
    launch(run)
    follower = Follower(run)
    until(follower, lambda seen: seen.epoch > 1)
    try:
        yield run
    finally:
        ask(run, "stop")
        until(follower, lambda seen: seen.state.ended)


class Pace:
    """How fast a run trains, by its own log; what stands between epochs is left out.

    Args:
        run: The run.
    """

    def __init__(self, run: RunFolder) -> None:
        self._path = run.events
        self._at = 0

    def steps_per_second(self) -> float:
        """Since the last call."""
        with self._path.open("rb") as file:
            file.seek(self._at)
            lines = file.read().splitlines(keepends=True)
        self._at += sum(len(line) for line in lines if line.endswith(b"\n"))
        events = [event for line in lines if (event := parse_line(line)) and event["type"] == "batch"]
        steps = seconds = 0.0
        for before, after in itertools.pairwise(events):
            if before["epoch"] == after["epoch"]:
                steps += after["step"] - before["step"]
                seconds += after["mono"] - before["mono"]
        return steps / seconds


def attach(folder: Path, rounds: int = ROUNDS, segment_s: float = SEGMENT_S) -> dict[str, Any]:
    """Segments without and with a monitor in turns, in an order that takes slow drifts out."""
    rates: dict[bool, list[float]] = {False: [], True: []}
    first, used = [], []
    with trained(folder) as run:
        pace = Pace(run)
        for number in range(rounds):
            for watched in (False, True) if number % 2 else (True, False):
                if watched:
                    rate, curve, share = _watched(run, pace, segment_s)
                    first.append(curve)
                    used.append(share)
                else:
                    rate = _segment(pace, segment_s)
                rates[watched].append(rate)
    ratios = [1 - with_ / without for with_, without in zip(rates[True], rates[False], strict=True)]
    error = float(np.std(ratios, ddof=1) / len(ratios) ** 0.5)
    return {
        "first_curve_s": round(max(first), 2),
        "slowed_percent": round(100 * statistics.mean(ratios), 2),
        "slowed_standard_error_percent": round(100 * error, 2),
        "slowed_median_percent": round(100 * statistics.median(ratios), 2),
        "processor_percent": round(statistics.median(used), 1),
        "steps_per_second": round(statistics.median(rates[False]), 2),
        "rounds": rounds,
        "segment_s": segment_s,
    }


def _segment(pace: Pace, seconds: float) -> float:
    """Steps a second in the next seconds, but for the first ones."""
    time.sleep(_SETTLE_S)
    pace.steps_per_second()
    time.sleep(seconds)
    return pace.steps_per_second()


def _watched(run: RunFolder, pace: Pace, seconds: float) -> tuple[float, float, float]:
    """The same with a monitor; seconds to its first curve, and its share of a core in per cent."""
    with monitor(run) as app:
        curve = app.shown_at(drawn, _BEGIN_S)
        before, began = app.processor_seconds(), time.monotonic()
        rate = _segment(pace, seconds)
        share = 100 * (app.processor_seconds() - before) / (time.monotonic() - began)
        app.leave()
    return rate, _BEGIN_S if curve is None else curve, share
