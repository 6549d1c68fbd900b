"""A bench opened for one command: pictures looked for, labels read, everything closed again."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import typer

from workbench.cli.output import Progress, hint
from workbench.errors import BenchError

BENCH = typer.Argument(help="The bench's folder.")
JSON = typer.Option(False, "--json", help="Print one JSON document instead of text.")
_BUSY_S = 10.0


def with_bench(
    root: Path, work: Callable[[Any, Any, Any], None], *, write: bool = False, rescan: bool = True
) -> None:
    """Open bench, catalogue and store; close them whatever happens.

    Args:
        root: The bench's folder.
        work: Gets the three.
        write: Whether labels will be written; it waits for another program, and says so.
        rescan: Whether to look for new pictures first.

    Raises:
        BenchError: It is read-only, and `write` is asked for.
        StoreError: Another program held the labels for 10 seconds.
    """
    from workbench.annotation.store import LabelStore
    from workbench.bench import Bench
    from workbench.images.catalog import Catalog

    bench = Bench.open(root)
    if write and not bench.writable:
        raise BenchError(
            "the bench is read-only", where=bench.root, cure="make the folder writable, or copy it"
        )
    with closing(Catalog(bench.images_root, bench.catalog_db)) as catalog:
        if rescan and bench.writable:
            with Progress("pictures") as bar:
                catalog.scan(lambda at: bar.update(at.done, at.found))
        store = LabelStore(
            bench.labels_db, bench.schema, read_only=not write, busy_timeout=_BUSY_S, waiting=_Waiting()
        )
        with closing(store):
            work(bench, catalog, store)


class _Waiting:
    """Says once that another program is writing."""

    def __init__(self) -> None:
        self._said = False

    def __call__(self, _seconds: float) -> None:
        if not self._said:
            self._said = True
            hint(f"another program is writing the labels; waiting up to {_BUSY_S:.0f} seconds for it")
