"""How long a key takes, from the press to the frame that shows what it did, in a real terminal.

`python -m tests.benchmarks.labelling [--pictures N] [--json]`. Keys: `answer_p95_ms` (an answer is committed
and the next head is active), `next_picture_p95_ms` (the last answer of a picture: the next face is drawn).
The person presses the next key as soon as the last one has had its effect.
"""

import argparse
import json
import os
import select
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.many import leave
from tests.terminal.pty_app import PtyApp
from workbench.annotation.store import LabelStore
from workbench.bench import Bench
from workbench.images.catalog import Catalog
from workbench.images.sample import write_sample

_BLOCKS = frozenset("▌▐▚▞▙▟▛▜▀▄█▖▗▘▝")
_FACE_COLUMNS = 56
_PATIENCE_S = 20.0


class TimedApp(PtyApp):
    """A terminal that knows when the bytes came that had an effect, not when they were understood."""

    def seconds_until(self, keys: str, shown: Callable[[], bool]) -> float:
        """Press keys and take what comes until a condition holds."""
        started = time.perf_counter()
        self.press(keys)
        while (passed := time.perf_counter() - started) < _PATIENCE_S:
            if not select.select([self._master], [], [], _PATIENCE_S - passed)[0]:
                break
            data = os.read(self._master, 1 << 20)
            arrived = time.perf_counter() - started
            self._take(data)
            if shown():
                return arrived
        raise SystemExit(f"{keys!r} had no effect within {_PATIENCE_S:.0f} s:\n{self.text}")

    def face(self) -> str:
        """The part of the screen in which the picture stands."""
        return "\n".join(line[:_FACE_COLUMNS] for line in self.screen.display[1:31])


def measure_labelling(folder: Path, pictures: int) -> dict[str, Any]:
    """Label drawn faces to the end, head by head."""
    write_sample(folder / "faces", count=pictures, seed=5)
    bench = Bench.create(folder / "bench", images=folder / "faces")
    catalog = Catalog(bench.images_root, bench.catalog_db)
    catalog.scan()
    catalog.close()
    heads = [head.title for head in bench.schema.heads]
    answers, moves = [], []
    with TimedApp([str(bench.root), "--annotator", "ana"]) as app:
        app.wait_for(lambda text: ".jpg" in text and len(_BLOCKS & set(text)) > 1 and "looking" not in text)
        for _ in range(pictures - 1):
            for title in heads[1:]:
                answers.append(app.seconds_until("1", partial(_is_active, app, title)))
            before = app.face()
            moves.append(app.seconds_until("1", partial(_moved, app, before, heads[0])))
        leave(app)
    with LabelStore(bench.labels_db, bench.schema, annotator="ana", read_only=True) as store:
        saved = store.progress().complete
    return {
        "answer_p95_ms": _milliseconds(answers, 95),
        "next_picture_p95_ms": _milliseconds(moves, 95),
        "answer_median_ms": _milliseconds(answers, 50),
        "next_picture_median_ms": _milliseconds(moves, 50),
        "slowest_ms": _milliseconds(answers + moves, 100),
        "answers": len(answers) + len(moves),
        "pictures_saved": saved,
    }


def _is_active(app: TimedApp, head: str) -> bool:
    """Whether this head is the one that a digit answers."""
    return f"▶ {head}" in app.text


def _moved(app: TimedApp, before: str, first_head: str) -> bool:
    """Whether another face is drawn and its first head is active."""
    face = app.face()
    return face != before and len(_BLOCKS & set(face)) > 1 and _is_active(app, first_head)


def _milliseconds(seconds: list[float], percentile: int) -> float:
    """A percentile."""
    return round(float(np.percentile(seconds, percentile)) * 1000, 1)


def main() -> None:
    """Measure in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=150)
    parser.add_argument("--json", action="store_true", help="the same; for symmetry")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workbench-labelling-") as folder:
        print(json.dumps(measure_labelling(Path(folder), options.pictures), indent=1))


if __name__ == "__main__":
    main()
