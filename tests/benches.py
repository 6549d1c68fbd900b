"""Benches whose pictures are all labelled, for real trainings."""

from contextlib import closing
from pathlib import Path

from tests.conftest import write_pictures
from tests.engine.test_start import answer
from workbench.annotation.store import LabelStore
from workbench.annotation.transfer import apply_import, plan_import
from workbench.bench import Bench
from workbench.images.catalog import Catalog
from workbench.images.sample import Balance, write_sample

ONE_HEAD = 'name = "one"\n[[heads]]\nname = "glasses"\nclasses = ["none", "some"]\n'


def drawn_bench(folder: Path, count: int, seed: int, balance: Balance = "even") -> Bench:
    """A bench of drawn faces with their labels."""
    write_sample(folder / "faces", count=count, seed=seed, balance=balance)
    bench = Bench.create(folder / "bench", images=folder / "faces")
    with (
        closing(Catalog(bench.images_root, bench.catalog_db)) as catalog,
        LabelStore(bench.labels_db, bench.schema) as store,
    ):
        catalog.scan()
        pictures = catalog.pictures()
        apply_import(plan_import(folder / "faces" / "labels.csv", bench.schema, pictures, store), store)
    return bench


def one_head_bench(folder: Path) -> Bench:
    """Forty pictures with one head, whose network is compiled in no time."""
    (folder / "one.toml").write_text(ONE_HEAD)
    write_pictures(folder / "pictures", 40)
    bench = Bench.create(folder / "bench", images=folder / "pictures", schema=folder / "one.toml")
    answer(bench)
    return bench
