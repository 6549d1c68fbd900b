"""A run's folder without a worker, and a lock that is really held."""

import fcntl
import json
import os
import shutil
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


def maker(folder: Path) -> MakeRun:
    """A function that makes the folder of a new run on a bench without pictures; nothing here reads any."""
    (folder / "faces").mkdir()
    bench = Bench.create(folder / "bench", images=folder / "faces")
    codes = {head.name: np.array([0, 1], dtype=np.int16) for head in bench.schema.heads}
    table = Table(("a" * 32, "b" * 32), ("a.jpg", "b.jpg"), ("/a.jpg", "/b.jpg"), codes)
    divided = table.with_splits(np.array(["train", "validation"]))

    def make(*overrides: str, **options: Any) -> RunFolder:
        settings = load_settings("fast", overrides)
        return RunFolder.create(bench, settings, divided, "fast", command=["workbench"], **options)

    return make


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """A function that makes the folder of a new run."""
    return maker(tmp_path)


@pytest.fixture
def bench(tmp_path: Path, make_run: MakeRun) -> Bench:
    """The bench on which `make_run` makes runs."""
    return Bench.open(tmp_path / "bench")


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run to copy: that is ten times quicker than making one."""
    make = maker(tmp_path_factory.mktemp("made-once"))
    return make("training.epochs=10", about_data={"majority": {"glasses": 0.5, "nose": 0.9}})


@pytest.fixture
def run(made_once: RunFolder, tmp_path: Path) -> RunFolder:
    """One run of ten epochs."""
    return RunFolder(shutil.copytree(made_once.root, tmp_path / "runs" / made_once.name))


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


def phase(name: str, text: str = "") -> dict[str, Any]:
    """An event: what the worker does from now on."""
    return {"type": "phase", "name": name, "text": text}


def batch(epoch: int, number: int, loss: Any = 1.0, **more: Any) -> dict[str, Any]:
    """An event: one of four batches."""
    heads = {"glasses": {"loss": loss, "accuracy": 0.5}}
    return {
        "type": "batch",
        "epoch": epoch,
        "batch": number,
        "batches": 4,
        "loss": loss,
        "heads": heads,
    } | more


def epoch(number: int, value: Any = 1.0, best: int = 1, **more: Any) -> dict[str, Any]:
    """An event: one of ten epochs."""
    figures = {"loss": value, "accuracy": 0.5, "heads": {"glasses": {"loss": value, "macro_f1": 0.25}}}
    return {
        "type": "epoch",
        "epoch": number,
        "epochs": 10,
        "learning_rate": 0.01,
        "train": figures,
        "validation": figures,
        "metric": "val_loss",
        "value": value,
        "best_epoch": best,
    } | more
