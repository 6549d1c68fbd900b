"""Opening ended runs, however long: until a curve is drawn, until all of it is; memory; the first paint."""

import math
import re
import statistics
from pathlib import Path
from typing import Any

from tests.benchmarks.watching.history import SPIKE, spike_step, write_history
from tests.benchmarks.watching.made import Shape
from tests.benchmarks.watching.streaming import monitor
from tests.benchmarks.watching.terminal import drawn
from workbench.training.run import RunFolder

FINISHED, MILLION = 200_000, 1_000_000
_OPEN_S = 120.0
_PAINTS = 7
_MOST_ZOOMS, _NEARLY = 30, 0.97
_AXIS = re.compile(r"^ *([0-9.]+)┤", re.MULTILINE)
_INDEX_S = 5.0
"""In which what was read is kept for the next time."""


def finished(folder: Path, count: int = FINISHED) -> dict[str, Any]:
    """A finished run of 200,000 steps, opened twice: the second time there is an index beside its log."""
    run = write_history(folder, count)
    return {"steps": count, "megabytes": round(run.events.stat().st_size / 1e6), **opened_twice(run, count)}


def opened_twice(run: RunFolder, count: int) -> dict[str, Any]:
    """Figures of the first opening, and `again_…` of the second."""
    first = opened(run, count)
    beside = sorted(path.name for path in run.root.iterdir())
    again = {f"again_{name}": value for name, value in opened(run, count).items()}
    return {**first, **again, "files": beside}


def opened(run: RunFolder, count: int) -> dict[str, Any]:
    """Seconds from the start of the program: a curve, all of it (nothing is said to be read any more)."""
    with monitor(run) as app:
        curve = app.shown_at(drawn, _OPEN_S)
        complete = app.shown_at(lambda text: whole(text, run, count), _OPEN_S)
        app.silence(1.0, _INDEX_S)
        peak = app.memory()["peak_rss_mb"]
        app.leave()
    return {"first_curve_s": _hundredths(curve), "all_s": _hundredths(complete), "peak_rss_mb": peak}


def whole(text: str, run: RunFolder, count: int) -> bool:
    """Whether a screen shows all of a finished run: its state, its last epoch, its curves, and no reading."""
    epochs = Shape(epochs=count // Shape.batches).epochs
    said = ("finished", f"{epochs}/{epochs}", run.name)
    return all(words in text for words in said) and "reading" not in text and drawn(text)


def _hundredths(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)


def million(folder: Path, count: int = MILLION) -> dict[str, Any]:
    """A finished run of 1,000,000 steps: figures under the names of the architecture, and its spike."""
    run = write_history(folder, count)
    found = opened_twice(run, count)
    peak = max(found["peak_rss_mb"], found["again_peak_rss_mb"])
    size = round(run.events.stat().st_size / 1e6)
    return {
        "million_events_first_curve_s": found["first_curve_s"],
        "million_events_rss_mb": peak,
        "events": count,
        "megabytes": size,
        **found,
        "spike": spike_seen(run, count),
    }


def spike(folder: Path, count: int = MILLION) -> dict[str, Any]:
    """The spike alone."""
    return spike_seen(write_history(folder, count), count)


def spike_seen(run: RunFolder, count: int) -> dict[str, Any]:
    """At how many of the zooms, each half as wide up to the newest step, the spike is seen.

    Returns:
        `seen_at` should be `zooms_that_hold_it`: the narrower ones lie behind the spike.
    """
    seen, zooms, last = 0, 0, ""
    with monitor(run) as app:
        app.shown_at(lambda text: whole(text, run, count), _OPEN_S)
        app.silence(0.3)
        for _ in range(_MOST_ZOOMS):
            app.read(0.0)
            charts = app.text.partition("all heads")[2]  # what stands above tells the time
            if charts == last:
                break
            last, zooms = charts, zooms + 1
            seen += top_of_axis(charts) >= _NEARLY * SPIKE
            app.press("+")
            app.silence(0.3, 3.0)
        app.leave()
    step = spike_step(count)
    held = 1 + math.floor(math.log2(count / (count - step)))
    return {"step": step, "zooms": zooms, "zooms_that_hold_it": held, "seen_at": seen}


def top_of_axis(charts: str) -> float:
    """The highest number beside the axis of the first chart; the axis ends where its curves do."""
    found = _AXIS.search(charts)
    return float(found[1]) if found else math.nan


def paint(folder: Path) -> dict[str, Any]:
    """From the start of the program to the first character, and to the name of a short run; medians."""
    run = write_history(folder, 2000)
    first, named = [], []
    for _ in range(_PAINTS):
        with monitor(run) as app:
            first.append(app.shown_at(str.strip, _OPEN_S) or _OPEN_S)
            named.append(app.shown_at(lambda text: run.name in text, _OPEN_S) or _OPEN_S)
            app.leave()
    return {
        "first_paint_s": _hundredths(statistics.median(first)),
        "first_paint_spread_s": [_hundredths(min(first)), _hundredths(max(first))],
        "name_shown_s": _hundredths(statistics.median(named)),
    }
