"""A person's own copy of the sample bench: drawn faces, partly labelled, so that no screen is empty."""

import os
import shutil
from pathlib import Path

import platformdirs

from workbench.annotation.store import LabelStore
from workbench.annotation.transfer import apply_import, plan_import
from workbench.bench import BENCH_FILE, Bench
from workbench.errors import BenchError
from workbench.files import file_error
from workbench.images.catalog import Catalog
from workbench.resources import resource

LABELLED_SHARE = 0.75
"""The rest is left for the person to try the keys on."""


def sample_bench_folder() -> Path:
    """Where the copy lies: `workbench/sample` in the user's data folder."""
    return Path(platformdirs.user_data_path("workbench")) / "sample"


def open_sample_bench(root: Path | None = None) -> Bench:
    """Open the sample bench, made anew where it is not there yet.

    Args:
        root: Another place than the user's data folder.

    Raises:
        BenchError: The folder cannot be written.
    """
    root = sample_bench_folder() if root is None else root
    if (root / BENCH_FILE).is_file():
        return Bench.open(root)
    making = root.with_name(
        f"{root.name}.{os.getpid()}.part"
    )  # renamed when whole, so a kill leaves no half bench
    try:
        shutil.copytree(resource("data") / "sample", making / "pictures")
        truth = (making / "pictures" / "labels.csv").read_text(encoding="utf-8")
        _label_a_part(Bench.create(making, images=making / "pictures"), truth)
        if not root.exists():
            making.rename(root)
    except OSError as error:
        problem = file_error(error, root)
        raise BenchError(problem.what, where=root, cure=problem.cure) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return Bench.open(root)


def _label_a_part(bench: Bench, truth: str) -> None:
    """Import the first part of the drawn faces' truth."""
    lines = truth.splitlines(keepends=True)
    part = bench.cache_dir / "labels.csv"
    catalog = Catalog(bench.images_root, bench.catalog_db)
    store = LabelStore(bench.labels_db, bench.schema, annotator="sample")
    try:
        catalog.scan()
        part.write_text("".join(lines[: 1 + round(LABELLED_SHARE * (len(lines) - 1))]), encoding="utf-8")
        apply_import(plan_import(part, bench.schema, catalog.pictures(), store), store)
        part.unlink()
    finally:
        store.close()
        catalog.close()
