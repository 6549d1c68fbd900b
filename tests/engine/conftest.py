"""Runs whose network was never trained: real enough to evaluate and predict with."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import MakeBench
from workbench.bench import Bench
from workbench.config import Settings, load_settings
from workbench.dataset.split import assign_splits
from workbench.dataset.table import Table
from workbench.images.catalog import Catalog
from workbench.schema import Schema
from workbench.training.run import RunFolder

MakeRun = Callable[..., RunFolder]


def labelled(bench: Bench) -> Table:
    """Every picture of a bench with labels that depend on its place; some are missing."""
    catalog = Catalog(bench.images_root, bench.catalog_db)
    catalog.scan()
    pictures = catalog.pictures()
    catalog.close()
    numbers = np.arange(len(pictures))
    codes = {
        head.name: np.where((numbers + place) % 7 == 0, -1, numbers % len(head.classes)).astype(np.int16)
        for place, head in enumerate(bench.schema.heads)
    }
    return Table(
        tuple(one.fingerprint for one in pictures),
        tuple(one.name for one in pictures),
        tuple(str(bench.images_root / one.name) for one in pictures),
        codes,
    )


def save_network(run: RunFolder, settings: Settings, schema: Schema) -> None:
    """Write a small network with random weights as the run's best."""
    import keras

    from workbench.model.registry import build

    keras.utils.set_random_seed(0)
    build(settings.model, schema, settings.dataset.size).save(run.model)


@pytest.fixture
def make_run(make_bench: MakeBench) -> MakeRun:
    """A function that makes a bench of `count` pictures and a run on them, with or without a network."""

    def make(count: int = 24, *, network: bool = True, schema: str = "face") -> RunFolder:
        bench = make_bench(count, schema)
        settings = load_settings(
            overrides=["dataset.size=32", "model.width=4", "model.depth=2", "model.dense=8"]
        )
        table = assign_splits(labelled(bench), bench.schema, settings.dataset.split, bench.splits_file)
        run = RunFolder.create(bench, settings, table, "fast")
        if network:
            save_network(run, settings, bench.schema)
        return run

    return make


@pytest.fixture(scope="session")
def images_of() -> Callable[[RunFolder], Path]:
    """The folder of pictures of a run's bench."""
    return lambda run: Bench.open(run.root.parent.parent).images_root
