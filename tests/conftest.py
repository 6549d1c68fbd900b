"""What tests of several rooms need: the schemas and a small bench of real pictures."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from PIL import Image

from workbench.bench import Bench
from workbench.schema import Schema, load_schema

MakeBench = Callable[..., Bench]
# The gate tries the same examples each time, so that a change is judged by what it changes.
hypothesis.settings.register_profile("gate", derandomize=True, database=None)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("gate")
SHARED = Path(__file__).resolve().parents[2] / "shared"


class Clock:
    """Seconds that a test turns on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Stands at 100 seconds."""
    return Clock()


@pytest.fixture(scope="session")
def face_schema() -> Schema:
    """The default schema."""
    return load_schema("face")


@pytest.fixture(scope="session")
def cartoon_faces() -> Path:
    """The folder of pictures that none of us drew; tests that need it are skipped without it."""
    folder = SHARED / "data" / "cartoon_faces"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there: the cartoon faces are not part of the repository")
    return folder


def write_pictures(folder: Path, count: int, size: int = 48, start: int = 0) -> list[Path]:
    """Write `count` small JPEGs, each different, named 0000.jpg and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for index in range(start, start + count):
        pixels = np.random.default_rng(index).integers(0, 255, (6, 6, 3), dtype=np.uint8)
        path = folder / f"{index:04d}.jpg"
        Image.fromarray(pixels).resize((size, size), Image.Resampling.BICUBIC).save(path, quality=85)
        paths.append(path)
    return paths


@pytest.fixture
def make_bench(tmp_path: Path) -> MakeBench:
    """A function that makes a bench of `count` small pictures under the default (or another) schema."""

    def make(count: int = 6, schema: str | Path = "face", name: str = "bench") -> Bench:
        images = tmp_path / f"{name}-images"
        write_pictures(images, count)
        return Bench.create(tmp_path / name, images=images, schema=schema)

    return make


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 6 MB; mounting one takes root."""
    from tests.benchmarks.kills import small_disk

    with small_disk(tmp_path / "disk") as mounted:
        if not mounted:
            pytest.skip("no small disk can be mounted here")
        yield tmp_path / "disk"
