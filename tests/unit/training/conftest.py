"""A run's folder without a worker, and a lock that is really held."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.bench import Bench
from workbench.config import load_settings
from workbench.dataset.table import Table
from workbench.training.run import RunFolder

MakeRun = Callable[..., RunFolder]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench without pictures; no test here reads any."""
    (tmp_path / "faces").mkdir()
    return Bench.create(tmp_path / "bench", images=tmp_path / "faces")


@pytest.fixture
def make_run(bench: Bench) -> MakeRun:
    """A function that makes the folder of a new run on that bench."""
    codes = {head.name: np.array([0, 1], dtype=np.int16) for head in bench.schema.heads}
    table = Table(("a" * 32, "b" * 32), ("a.jpg", "b.jpg"), ("/a.jpg", "/b.jpg"), codes)
    divided = table.with_splits(np.array(["train", "validation"]))

    def make(*overrides: str, **options: Any) -> RunFolder:
        settings = load_settings("fast", overrides)
        return RunFolder.create(bench, settings, divided, "fast", command=["workbench"], **options)

    return make


@pytest.fixture
def run(make_run: MakeRun) -> RunFolder:
    """One run of ten epochs."""
    return make_run("training.epochs=10", about_data={"majority": {"glasses": 0.5, "nose": 0.9}})


@contextmanager
def worker_on(run: RunFolder) -> Iterator[None]:
    """The lock held as a worker holds it: the kernel asks the open file, not the process."""
    descriptor = os.open(run.lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    run.log.touch()
    try:
        yield
    finally:
        os.close(descriptor)


def write(run: RunFolder, *events: dict[str, Any] | str | bytes) -> None:
    """Append events, or lines as they are, to a run's log."""
    with run.events.open("ab") as file:
        for event in events:
            line = json.dumps(event) + "\n" if isinstance(event, dict) else event
            file.write(line.encode() if isinstance(line, str) else line)


def rewrite(run: RunFolder, **changed: Any) -> None:
    """Change entries of a run's run.json."""
    run.run_json.write_text(json.dumps({**json.loads(run.run_json.read_text()), **changed}))
