"""The monitor, measured in a real terminal of 160×45: `python -m tests.benchmarks.monitor [ROW …] [--json]`.

Rows: `stream` (bytes, processor and memory while ten curves grow by five points a second), `keys` (from a
key to the first byte and to quiet meanwhile), `finished` (a run of 200,000 steps), `million` (one of
1,000,000, and its spike at each zoom), `spike` (that alone), `paint` (first paint), `attach` (to a training
that has all cores busy, and what that costs it), `kills` (monitors killed and hung up while a run is
written), `died` (workers killed while watched), `hurt` (200 hurt logs), `far` (over a line of 200 ms and
5 kB/s), `leet` (the nearest rival, `wandb leet`, if it installs), `all`.
Seconds count from the start of the program. See `tests.benchmarks.watching.terminal` for what quiet is.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.watching.attaching import attach
from tests.benchmarks.watching.far import far
from tests.benchmarks.watching.hurting import hurt
from tests.benchmarks.watching.killing import died, kills
from tests.benchmarks.watching.leet import leet
from tests.benchmarks.watching.opening import finished, million, paint, spike
from tests.benchmarks.watching.streaming import keys, stream

Row = Callable[[Path], dict[str, Any]]
ROWS: dict[str, Row] = {
    "stream": stream,
    "keys": keys,
    "finished": finished,
    "million": million,
    "paint": paint,
    "attach": attach,
    "kills": kills,
    "died": died,
    "hurt": hurt,
    "far": far,
    "leet": leet,
    "spike": spike,
}
_IN_MILLION = "spike"
_FIRST = {
    "stream": ("kilobytes_per_second",),
    "keys": ("key_p95_ms",),
    "million": ("million_events_first_curve_s", "million_events_rss_mb"),
}
"""Figures that the architecture names; they stand at the top."""


def measure(rows: Sequence[str]) -> dict[str, Any]:
    """The rows that are asked for, each in a folder of its own, with the load of the machine before it."""
    found: dict[str, Any] = {}
    for row in rows:
        with tempfile.TemporaryDirectory(prefix="workbench-monitor-", ignore_cleanup_errors=True) as folder:
            load = round(os.getloadavg()[0], 1)
            found[row] = {**ROWS[row](Path(folder) / row), "load_of_the_machine": load}
    top = {key: found[row][key] for row, keys in _FIRST.items() if row in found for key in keys}
    return {**top, **found}


def main() -> None:
    """Measure the rows asked for, or all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    choices = [*ROWS, "all", []]
    parser.add_argument("rows", nargs="*", choices=choices, metavar="ROW", help=", ".join([*ROWS, "all"]))
    parser.add_argument("--json", action="store_true", help="the same; for symmetry")
    options = parser.parse_args()
    everything = [row for row in ROWS if row != _IN_MILLION]
    rows = options.rows if options.rows and "all" not in options.rows else everything
    print(json.dumps(measure(rows), indent=1))


if __name__ == "__main__":
    main()
