"""Watching a live run: bytes, processor, memory and keys at 160×45, ten curves at five points a second."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.watching.live import written
from tests.benchmarks.watching.made import Shape, bench_of, make_run
from tests.benchmarks.watching.terminal import Recorded, drawn, summary
from workbench.training.run import RunFolder

TRAFFIC_S = 30.0
_RIGHT, _LEFT, _TAB = "\x1b[C", "\x1b[D", "\t"
KEYS = ("l", "m", "x", _TAB, "+", "+", _LEFT, _LEFT, _RIGHT, "-", "-", "f")
"""Another figure, smoothing, axis and chart; in, back and forth, out; follow."""
ROUNDS = 6
_BEGIN_S = 30.0
_WARM_S = 8.0
_LIVE = Shape(epochs=40, batches=100)


def monitor(run: RunFolder, **others: Any) -> Recorded:
    """`workbench monitor` on a run."""
    return Recorded(["monitor", str(bench_of(run)), run.name], **others)


def stream(folder: Path, shape: Shape = _LIVE) -> dict[str, Any]:
    """What a person sees who does nothing."""
    with _Watched(folder, shape) as (app, _run):
        found = app.traffic(TRAFFIC_S)
        return {**found, **app.memory(), "charts_drawn": drawn(app_text(app))}


def keys(folder: Path, shape: Shape = _LIVE) -> dict[str, Any]:
    """What a person waits who presses keys."""
    with _Watched(folder, shape) as (app, _run):
        return pressed(app, KEYS * ROUNDS)


def pressed(app: Recorded, names: Sequence[str]) -> dict[str, Any]:
    """Press keys, each after a short silence; the summary, and p50 of each key."""
    each: dict[str, list[dict[str, Any]]] = {}
    for name in names:
        each.setdefault(name, []).append(app.reaction(name))
    everything = [one for reactions in each.values() for one in reactions]
    by_key = {repr(name): summary(found)["quiet_p95_ms"] for name, found in each.items()}
    return {**summary(everything), "quiet_p95_ms_by_key": by_key}


def app_text(app: Recorded) -> str:
    """What stands on the screen now."""
    app.read(0.0)
    return app.text


class _Watched:
    """A monitor on a live run, once its curves are drawn and it has settled."""

    def __init__(self, folder: Path, shape: Shape) -> None:
        self._run = make_run(folder, shape)
        self._writer = written(self._run, shape)

    def __enter__(self) -> tuple[Recorded, RunFolder]:
        self._writer.__enter__()
        self._app = monitor(self._run)
        if self._app.shown_at(drawn, _BEGIN_S) is None:
            raise RuntimeError(f"no curve is drawn:\n{self._app.text}")
        time.sleep(_WARM_S)
        return self._app, self._run

    def __exit__(self, *error: Any) -> None:
        self._app.__exit__(*error)
        self._writer.__exit__(*error)
