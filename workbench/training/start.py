"""From a bench and settings to a run's folder: what can be refused is refused here, before Keras."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any

from workbench.annotation.store import LabelStore
from workbench.bench import Bench
from workbench.dataset.split import assign_splits, split_report
from workbench.dataset.table import MASKED, SPLITS, Table, build_table, check_trainable
from workbench.errors import BenchError
from workbench.images.catalog import Catalog
from workbench.model.registry import begins_with, check_architecture
from workbench.schema import Schema
from workbench.settings import Settings
from workbench.training.contradictions import check_consistent
from workbench.training.devices import check_hardware, look
from workbench.training.figures import majority_shares
from workbench.training.heads import check_class_weights, check_heads
from workbench.training.metric_names import check_distinct, check_metric
from workbench.training.parent import Parent, check_parent, check_weights
from workbench.training.room import check_room
from workbench.training.run import RunFolder


def prepare_run(
    bench: Bench,
    settings: Settings,
    *,
    preset: str = "",
    parent: Parent | None = None,
    study: Mapping[str, Any] | None = None,
    command: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> RunFolder:
    """Freeze the labels of a bench into the folder of a new run; `launcher.launch` then starts its worker.

    Args:
        bench: The bench.
        settings: Complete settings.
        preset: Their preset's name, for people.
        parent: Whose weights it begins with.
        study: The study that it is a trial of, such as {"name": …, "trial": 3}.
        command: What the person typed; by default this process's arguments.
        progress: Called with (done, total) while new pictures are looked for.

    Raises:
        ConfigError: No such architecture or metric, or pictures too small for the network.
        InputError: There are too few labels to learn from; says which, and what would help. Or there is no
            room on the disk for a checkpoint.
        BenchError: The bench cannot be written.
        StoreError: The labels cannot be read.
    """
    check_settings(settings, bench.schema)
    if parent is not None:
        check_parent(parent, settings.model, bench.schema)
        check_weights(parent)
    table = divided_table(bench, settings, progress)
    return RunFolder.create(
        bench,
        settings,
        table,
        preset,
        slug=f"{study['name']} {study['trial']}" if study else "",
        parent=parent.run.name if parent is not None else "",
        start=parent.copy_to if parent is not None else None,
        study=study,
        command=command,
        about_data=about(table, bench.schema),
    )


def divided_table(
    bench: Bench, settings: Settings, progress: Callable[[int, int], None] | None = None
) -> Table:
    """Every labelled picture with its split, fit to be learned from.

    Args:
        bench: The bench, in whose `splits.csv` the division is written down.
        settings: Settings that `check_settings` let pass.
        progress: Called with (done, total) while new pictures are looked for.

    Raises:
        ConfigError: A class has a weight but no picture.
        InputError: There are too few labels to learn from; says which, and what would help. Or there is no
            room on the disk for a checkpoint.
        BenchError: The bench cannot be written.
        StoreError: The labels cannot be read.
    """
    if not bench.writable:
        raise BenchError(
            "the bench is read-only", where=bench.root, cure="make the folder writable, or copy it"
        )
    check_room(settings, bench.schema, bench.root)
    table = labelled_table(bench, progress)
    check_trainable(table, bench.schema)
    table = assign_splits(table, bench.schema, settings.dataset.split, bench.splits_file)
    check_trainable(table, bench.schema)
    check_class_weights(settings.training, bench.schema, table)
    return table


def in_words(run: RunFolder) -> tuple[str, ...]:
    """What a run begins with, a line each: how many pictures, what a split lacks, a backbone's weights."""
    data = run.read().get("data")
    data = data if isinstance(data, dict) else {}
    counts = ", ".join(f"{count} {split}" for split, count in data.get("splits", {}).items())
    lacking = (
        f"{head}: no picture of {name!r} is in {split}" for head, name, split in data.get("without", ())
    )
    weights = begins_with(run.settings().model)
    return (f"{data.get('pictures', 0)} pictures: {counts}", *lacking, *([weights] if weights else ()))


def check_settings(settings: Settings, schema: Schema) -> None:
    """Refuse what only this bench's heads, or a look at the registry, can tell to be wrong.

    Raises:
        ConfigError: No such architecture or metric, pictures too small for the network, or settings that
            contradict themselves.
    """
    check_hardware(settings, look())
    check_architecture(settings.model, settings.dataset.size)
    check_distinct(schema)
    check_metric(settings.training.checkpoint_metric, schema, "training.checkpoint_metric")
    check_metric(settings.training.early_stopping.metric, schema)
    if settings.training.plateau.metric:
        check_metric(settings.training.plateau.metric, schema, "training.plateau.metric")
    check_consistent(settings.training)
    check_heads(settings.training, schema)


def labelled_table(bench: Bench, progress: Callable[[int, int], None] | None = None) -> Table:
    """Every labelled picture of a bench, new and moved files found first."""
    with closing(Catalog(bench.images_root, bench.catalog_db)) as catalog:
        catalog.scan(None if progress is None else lambda at: progress(at.done, at.found))
        pictures = catalog.pictures()
    with LabelStore(bench.labels_db, bench.schema, read_only=True) as store:
        return build_table(pictures, store.all_labels(), bench.schema, bench.images_root)


def about(table: Table, schema: Schema) -> dict[str, Any]:
    """What `run.json` tells of the data.

    Returns:
        `pictures`; `splits`, pictures of each; `majority`, for each head the accuracy on validation of always
        answering its most frequent class; `classes`, how each fell into the splits; `without`, classes that a
        split lacks.
    """
    assert table.splits is not None
    validation = table.rows("validation")
    majority = majority_shares({head: codes[validation] for head, codes in table.codes.items()})
    report = split_report(table, schema)
    known = {head: int((codes != MASKED).sum()) for head, codes in table.codes.items()}
    counts = Counter(table.splits.tolist())
    return {
        "pictures": len(table),
        "labelled": known,
        "splits": {split: counts[split] for split in SPLITS},
        "majority": majority,
        "classes": report.to_dict()["heads"],
        "without": [list(lacking) for lacking in report.missing()],
    }
