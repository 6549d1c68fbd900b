"""Watching a live run over a line of 200 ms and 5 kB/s: the state, keys, and how old is what one sees."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.watching.live import written
from tests.benchmarks.watching.made import Shape, bench_of, make_run
from tests.benchmarks.watching.terminal import Recorded, drawn
from workbench.training.run import RunFolder

DELAY_S, RATE = 0.2, 5000
LIVE = Shape(epochs=40, batches=50)
SIZES = ((160, 45), (80, 24))
_STREAM_S = 30.0
_PATIENCE_S = 60.0
_AFTER_L = ("loss", "macro-F1", "accuracy", "loss")
"""What the heads' charts show after each press of the key for another figure."""


@contextmanager
def far_away(run: RunFolder, tally: Path, size: tuple[int, int]) -> Iterator[Recorded]:
    """A monitor behind a slow line, which keeps its figures in a file."""
    line = [sys.executable, "-m", "tests.terminal.slow_line", "--delay-ms", f"{1000 * DELAY_S:.0f}"]
    line += ["--bytes-per-second", str(RATE), "--tally", str(tally), "--"]
    monitor = [sys.executable, "-m", "workbench", "monitor", str(bench_of(run)), run.name]
    with Recorded(monitor, size=size, program=line) as app:
        yield app


def backlog(tally: Path) -> int:
    """Bytes that were written and have not arrived."""
    return int(json.loads(tally.read_text())["backlog"])


def until_caught_up(app: Recorded, tally: Path, seconds: float = _PATIENCE_S) -> bool:
    """Wait until what is seen is less than half a second old; False if that does not happen."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        app.read(0.1)
        if tally.exists() and backlog(tally) < RATE / 2:
            return True
    return False


def far(folder: Path) -> dict[str, Any]:
    """Figures for each size of the terminal."""
    found = {}
    for size in SIZES:
        name = f"{size[0]}x{size[1]}"
        run, tally = make_run(folder / name, LIVE), folder / f"{name}.tally"
        with written(run, LIVE), far_away(run, tally, size) as app:
            found[name] = _figures(app, tally)
    return found


def _figures(app: Recorded, tally: Path) -> dict[str, Any]:
    state = app.shown_at(lambda text: "running" in text or "validating" in text, _PATIENCE_S)
    curve = app.shown_at(drawn, _PATIENCE_S)
    caught_up = until_caught_up(app, tally)
    seconds = time.perf_counter() - app.began
    waiting, end = [], time.monotonic() + _STREAM_S
    while time.monotonic() < end:
        app.read(0.25)
        waiting.append(backlog(tally))
    return {
        "state_s": state and round(state, 2),
        "first_curve_s": curve and round(curve, 2),
        "caught_up_s": round(seconds, 2) if caught_up else None,
        "most_backlog_while_streaming": max(waiting),
        "backlog_after_30_s": waiting[-1],
        "key_effect_s": [_effect(app, words) for words in _AFTER_L],
    }


def _effect(app: Recorded, words: str) -> float | None:
    """Press the key for another figure; seconds until it is named."""
    began = time.perf_counter() - app.began
    app.press("l")
    shown = app.shown_at(lambda text: f"{words} of heads" in text, _PATIENCE_S)
    return None if shown is None else round(shown - began, 2)
