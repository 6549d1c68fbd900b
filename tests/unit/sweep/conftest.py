"""Spaces written as a person would, and studies of them in a bench."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import MakeBench
from workbench.bench import Bench
from workbench.sweep.place import place_of
from workbench.sweep.plan import Plan, make_plan
from workbench.sweep.space import Space, read_space
from workbench.sweep.study import Study, begin_study

GRID = """
sampler = "grid"
pruner = "none"
[settings.training]
epochs = 4
[parameters.training]
optimizer = ["sgd", "adam"]
learning_rate = [0.1, 0.01, 0.001]
"""
RANGES = """
[settings.training]
epochs = 10
[parameters]
"model.width" = { low = 8, high = 32, step = 8 }
training.learning_rate = { low = 1e-4, high = 0.1, log = true }
training.schedule = ["constant", "cosine"]
"""
WriteSpace = Callable[[str], Space]
Begin = Callable[..., Study]


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where there is one: a study waits for the disk at every single write."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as name:
        yield Path(name)


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """A bench whose labels nobody reads here."""
    return make_bench(1)


@pytest.fixture
def write_space(tmp_path: Path) -> WriteSpace:
    """A function that writes a study's file and reads it."""

    def write(text: str) -> Space:
        (tmp_path / "mine.toml").write_text(text)
        return read_space(tmp_path / "mine.toml")

    return write


@pytest.fixture
def plan(bench: Bench, write_space: WriteSpace) -> Plan:
    """Two optimisers at three learning rates."""
    return make_plan(bench, "mine", write_space(GRID))


@pytest.fixture
def begin(bench: Bench, write_space: WriteSpace) -> Iterator[Begin]:
    """A function that begins a study of a file's text, or goes on with it."""
    opened: list[Study] = []

    def make(text: str = GRID, name: str = "mine", **asked: str) -> Study:
        plan = make_plan(bench, name, write_space(text), **asked)
        opened.append(begin_study(place_of(bench, name), plan))
        return opened[-1]

    yield make
    for study in opened:
        study.close()
