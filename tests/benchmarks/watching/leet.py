"""The nearest rival, `wandb leet`, watched in the same way on runs of the same curves.

It is installed into an environment of its own in a temporary folder; None and the reason where that fails.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.watching.terminal import Recorded, drawn, summary

TRAFFIC_S = 30.0
STEPS = 200_000
_KEYS = ("n", "N", "w", "s", "/", "\x1b", "n", "N", "]", "]")
_ROUNDS = 6
_WRITER = """
import math, random, sys, time
import wandb
count, rate = int(sys.argv[1]), float(sys.argv[2])
how = wandb.Settings(x_disable_stats=True, x_disable_meta=True, console="off", mode="offline", silent=True)
run = wandb.init(project="watched", dir=sys.argv[3], settings=how)
began = time.monotonic()
for step in range(1, count + 1):
    left = math.exp(-3 * step / max(count, 4000))
    figures = {f"loss{at}": 0.3 + 2 * left + random.gauss(0, 0.05) for at in range(5)}
    figures |= {f"accuracy{at}": 0.95 - 0.45 * left + random.gauss(0, 0.03) for at in range(5)}
    run.log(figures)
    if rate:
        time.sleep(max(0.0, began + step / rate - time.monotonic()))
run.finish()
"""
_INSTALL_S = 300.0
_OPEN_S = 120.0


def leet(folder: Path, steps: int = STEPS) -> dict[str, Any]:
    """Its figures; `version` None where it does not install or start."""
    try:
        python = _installed(folder / "environment")
        with _live(python, folder / "live") as path:
            live = _live_figures(python, path)
        return {"version": _version(python), **live, **_finished(python, folder / "finished", steps)}
    except (OSError, subprocess.SubprocessError, RuntimeError) as error:
        return {"version": None, "reason": str(error)[-500:]}


def _installed(environment: Path) -> Path:
    """The Python of an environment that has it."""
    python = environment / "bin" / "python"
    for command in (
        [sys.executable, "-m", "venv", str(environment)],
        [str(python), "-m", "pip", "install", "--quiet", "wandb"],
    ):
        subprocess.run(command, check=True, capture_output=True, timeout=_INSTALL_S)
    return python


def _version(python: Path) -> str:
    """Which it is."""
    command = [str(python), "-c", "import wandb; print(wandb.__version__)"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _writer(python: Path, count: int, rate: float, folder: Path) -> "subprocess.Popen[bytes]":
    """A process that logs ten figures a step; as fast as it can with a rate of 0."""
    folder.mkdir()
    command = [str(python), "-c", _WRITER, str(count), str(rate), str(folder)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _run_in(folder: Path) -> Path:
    """The file of the run in a folder."""
    return next(folder.rglob("*.wandb"))


@contextmanager
def _live(python: Path, folder: Path) -> Iterator[Path]:
    """A run that grows by five points a second."""
    process = _writer(python, 100_000, 5.0, folder)
    try:
        deadline = time.monotonic() + 60
        while not any(one.stat().st_size > 4096 for one in folder.rglob("*.wandb")):
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError("its writer does not write")
            time.sleep(0.1)
        yield _run_in(folder)
    finally:
        process.kill()
        process.wait()


def _opened(python: Path, path: Path) -> Recorded:
    """The program on one run."""
    program = [str(python.with_name("wandb")), "leet", "run"]
    return Recorded([str(path)], frames=False, program=program)


def _live_figures(python: Path, path: Path) -> dict[str, Any]:
    """First paint, traffic, keys."""
    with _opened(python, path) as app:
        paint = app.shown_at(str.strip, _OPEN_S)
        curve = app.shown_at(drawn, _OPEN_S)
        if curve is None:
            raise RuntimeError(f"it draws no curve: {app.text.strip()[-300:]}")
        time.sleep(8)
        found = {"first_paint_s": paint, "first_curve_s": curve, **app.traffic(TRAFFIC_S), **app.memory()}
        return {**found, "keys": summary([app.reaction(key) for key in _KEYS * _ROUNDS])}


def _finished(python: Path, folder: Path, steps: int) -> dict[str, Any]:
    """Opening a long finished run: until nothing on the screen changes any more."""
    if _writer(python, steps, 0.0, folder).wait(600):
        raise RuntimeError("its writer failed")
    with _opened(python, _run_in(folder)) as app:
        curve = app.shown_at(drawn, _OPEN_S)
        quiet = app.silence(3.0, _OPEN_S)
        complete = app.arrivals[-1][0] - app.began if quiet else None
        rounded = None if complete is None else round(complete, 2)
        peak = app.memory()["peak_rss_mb"]
    return {"finished_first_curve_s": curve, "finished_complete_s": rounded, "finished_peak_rss_mb": peak}
