"""Monitors that are killed, hung up and closed while a run is written; workers that are killed meanwhile."""

import os
import signal
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.watching.live import same_as_recorded, written
from tests.benchmarks.watching.made import Shape, make_run
from tests.benchmarks.watching.streaming import monitor
from tests.benchmarks.watching.terminal import Recorded, drawn
from workbench.training.run import RunFolder

ROUNDS, DEATHS = 20, 5
LIVE = Shape(epochs=1000, batches=40)
WAYS = ("kill -9", "SIGHUP", "closed terminal")
_RATE = 50.0
_PATIENCE_S = 30.0


def kills(folder: Path, rounds: int = ROUNDS) -> dict[str, Any]:
    """End monitors of a live run in each way in turns; the log must be what its writer wrote, to the byte.

    Returns:
        `log_equal`, and what else somebody wrote into the run's folder.
    """
    run = make_run(folder, LIVE)
    with written(run, LIVE, _RATE) as writer:
        before, left = names(run), 0
        for number in range(rounds):
            left += not ended_by(run, WAYS[number % len(WAYS)])
        alive = writer.poll() is None
    return {
        "kills": rounds,
        "log_equal": same_as_recorded(run),
        "writer_alive": alive,
        "monitors_left": left,
        "files_added": sorted(names(run) - before),
        "lines": run.events.read_bytes().count(b"\n"),
    }


def ended_by(run: RunFolder, way: str) -> bool:
    """End a monitor that has drawn a curve; whether its process is gone within seconds."""
    with monitor(run) as app:
        if app.shown_at(drawn, _PATIENCE_S) is None:
            raise RuntimeError(f"no curve is drawn:\n{app.text}")
        app.press("+")
        if way == "closed terminal":
            app.hang_up()
        else:
            app.process.send_signal(signal.SIGKILL if way == "kill -9" else signal.SIGHUP)
        deadline = time.monotonic() + 5
        while app.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        return app.process.poll() is not None


def names(run: RunFolder) -> set[str]:
    """What lies in a run's folder."""
    return set(os.listdir(run.root))  # noqa: PTH208 - names, not paths


def died(folder: Path, rounds: int = DEATHS) -> dict[str, Any]:
    """Kill the worker of a run that is watched; seconds until the screen says that it died."""
    seconds = []
    for number in range(rounds):
        run = make_run(folder / str(number), LIVE)
        with written(run, LIVE) as writer, monitor(run) as app:
            seconds.append(until_died(app, writer.pid))
    known = [one for one in seconds if one is not None]
    return {
        "died_s": round(max(known), 2) if len(known) == len(seconds) else None,
        "each": [None if one is None else round(one, 2) for one in seconds],
    }


def until_died(app: Recorded, worker: int) -> float | None:
    """Kill a worker once its run is drawn; seconds until "died" stands on the screen."""
    if app.shown_at(lambda text: drawn(text) and "running" in text, _PATIENCE_S) is None:
        raise RuntimeError(f"the run is not shown:\n{app.text}")
    killed = time.perf_counter() - app.began
    os.kill(worker, signal.SIGKILL)
    shown = app.shown_at(lambda text: "died" in text, _PATIENCE_S)
    return None if shown is None else shown - killed
