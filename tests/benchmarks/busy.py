"""A training run that keeps every core busy while something else is measured."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

_SPAN_S = 1.0
_ENDED = ("finished", "stopped", "failed", "died")
_PATIENCE_S = 180.0


def _workbench(*arguments: object) -> Any:
    """One command to its end; its JSON document."""
    done = subprocess.run(
        [sys.executable, "-m", "workbench", *map(str, arguments), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        check=True,
    )
    return json.loads(done.stdout)


@contextmanager
def training(folder: Path) -> Iterator[dict[str, float]]:
    """A real `workbench train` on drawn faces, under way while the block lasts.

    Yields:
        Per cent of all cores that were busy just before.
    """
    faces, bench = folder / "training-faces", folder / "training-bench"
    _workbench("sample", faces, "--count", 300, "--seed", 3)
    _workbench("init", bench, "--images", faces)
    _workbench("import", bench, faces / "labels.csv", "--apply")
    run = _workbench("train", bench, "--detach", "--config", "fast", "--set", "training.epochs=500")["run"]
    try:
        deadline = time.monotonic() + _PATIENCE_S
        while not _workbench("monitor", bench, run).get("epoch"):
            if time.monotonic() > deadline:
                raise SystemExit(f"the run did not begin: see {bench}")
            time.sleep(0.5)
        yield {"cores": os.cpu_count() or 1, "busy_percent": psutil.cpu_percent(_SPAN_S)}
    finally:
        _workbench("stop", bench, run)
        while _workbench("monitor", bench, run)["state"] not in _ENDED:
            time.sleep(0.5)
