"""Evaluating a run: its own frozen table, its best network, every split; the result lies beside the run."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.bench import Bench
from workbench.dataset.batches import Batches
from workbench.dataset.cache import PixelCache
from workbench.dataset.table import SPLITS, Table
from workbench.errors import Cancelled, RunError, WorkbenchError
from workbench.evaluation.metrics import head_metrics, most_frequent
from workbench.evaluation.predict import Predictor
from workbench.evaluation.report import (
    Evaluation,
    SplitResult,
    model_digest,
    read_evaluation,
    write_evaluation,
)
from workbench.schema import Schema
from workbench.training.data import cache_folder
from workbench.training.run import RunFolder, RunState

_BATCH = 64


def evaluate_run(
    run: RunFolder,
    schema: Schema | None = None,
    splits: Sequence[str] = SPLITS,
    *,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Evaluation:
    """Measure the best network of a run on pictures as they were when the run was made.

    Args:
        run: The run.
        schema: The bench's schema now, to note how it differs; by default that of the bench around the run.
        splits: What to evaluate. Splits that were evaluated before with the same network are kept.
        progress: Called with (done, total) pictures.
        cancelled: Asked between batches.

    Returns:
        The evaluation, which is also written to `evaluation.json` (if the run's folder can be written).

    Raises:
        RunError: There is no network, it does not fit, or its answers are not numbers.
        InputError: Not one picture can be read.
        Cancelled: `cancelled` said so; nothing is written.
        WorkbenchError: The disk is full.
    """
    predictor = Predictor(run)
    now = schema or _schema_now(run)
    table = Table.load(run.data, predictor.schema)
    if table.splits is None:
        raise RunError("the run's table is not divided", where=run.data, cure="the file is damaged")
    cache = PixelCache(cache_folder(run), run.settings().dataset)
    try:
        wanted = table.select(np.flatnonzero(np.isin(table.splits, list(splits))))
        aside = cache.ensure(wanted, progress, cancelled)
        left = wanted.without({one.fingerprint for one in aside})
        teller = _Teller(len(left), progress, cancelled)
        found = {
            split: _split(predictor, left, split, cache, table, teller) for split in SPLITS if split in splits
        }
    finally:
        cache.close()
    notes = [] if now is None else list(schema_changes(predictor.schema, now))
    if run.state() is RunState.RUNNING:
        notes.append("the run is still training: these are the figures of its best epoch so far")
    evaluation = Evaluation(
        run.name, found, model_digest(run.model), {one.name: one.reason for one in aside}, tuple(notes)
    )
    return _save(run, evaluation)


class _Teller:
    """Tells how far predicting is, and hears whether to stop."""

    def __init__(
        self, total: int, tell: Callable[[int, int], None] | None, cancelled: Callable[[], bool] | None
    ) -> None:
        self._done, self._total, self._tell, self._cancelled = 0, total, tell, cancelled

    def add(self, count: int) -> None:
        """So many pictures more are done."""
        if self._cancelled and self._cancelled():
            raise Cancelled("interrupted")
        self._done += count
        if self._tell:
            self._tell(self._done, self._total)


def _split(
    predictor: Predictor, table: Table, split: str, cache: PixelCache, whole: Table, teller: _Teller
) -> SplitResult:
    """Measure one split; the majority class is that of the whole training split."""
    answers = _probabilities(predictor, table, split, cache, teller)
    rows, train = table.rows(split), whole.rows("train")
    heads = {}
    for head in predictor.schema.heads:
        try:
            heads[head.name] = head_metrics(
                table.codes[head.name][rows],
                answers[head.name],
                [one.name for one in head.classes],
                most_frequent(whole.codes[head.name][train]),
            )
        except ValueError as error:
            raise RunError(
                f"{error} for the head {head.name}: the training diverged",
                where=predictor.path,
                cure="train again with a lower learning rate",
            ) from error
    losses = [one.loss for one in heads.values() if one.loss is not None]
    return SplitResult(len(rows), sum(losses) if losses else None, heads)


def _probabilities(
    predictor: Predictor, table: Table, split: str, cache: PixelCache, teller: _Teller
) -> dict[str, NDArray[np.float32]]:
    """The network's answers for every picture of a split, in the table's order."""
    names = predictor.schema.head_names
    batches = Batches(table, split, cache, heads=names, batch_size=_BATCH, shuffle=False, seed=0)
    parts: dict[str, list[NDArray[np.float32]]] = {
        head.name: [np.empty((0, len(head.classes)), dtype=np.float32)] for head in predictor.schema.heads
    }
    for index in range(len(batches)):
        images, _ = batches.batch(0, index)
        for name, chances in predictor.probabilities(images).items():
            parts[name].append(chances)
        teller.add(len(images))
    return {name: np.concatenate(found) for name, found in parts.items()}


def _save(run: RunFolder, evaluation: Evaluation) -> Evaluation:
    """Join what is known of other splits of the same network, and write it down."""
    try:
        before = read_evaluation(run)
    except RunError:
        before = None
    whole = evaluation
    if before is not None and before.model == evaluation.model:
        splits = {**before.splits, **evaluation.splits}
        whole = replace(
            evaluation,
            splits={split: splits[split] for split in SPLITS if split in splits},
            set_aside={**before.set_aside, **evaluation.set_aside},
        )
    if not os.access(run.root, os.W_OK):
        return replace(evaluation, notes=(*evaluation.notes, "not saved: the run's folder is read-only"))
    write_evaluation(run, whole)
    return evaluation


def schema_changes(then: Schema, now: Schema) -> tuple[str, ...]:
    """In words, how a bench's schema differs from the one that a run was made with."""
    changes = []
    for head in then.heads:
        if head.name not in now.head_names:
            changes.append(f"the schema no longer has the head {head.name!r}")
            continue
        old, new = [one.name for one in head.classes], [one.name for one in now.head(head.name).classes]
        for name in old:
            if name not in new:
                changes.append(f"head {head.name!r} no longer has the class {name!r}")
        for name in new:
            if name not in old:
                changes.append(
                    f"head {head.name!r} has the new class {name!r}, which the network cannot answer"
                )
        if old != new and sorted(old) == sorted(new):
            changes.append(f"the classes of head {head.name!r} stand in another order")
    changes += [
        f"the schema has the new head {name!r}, which the network cannot answer"
        for name in now.head_names
        if name not in then.head_names
    ]
    return tuple(changes)


def _bench_root(run: RunFolder) -> Path:
    """The bench around a run's folder, wherever it was moved to."""
    return run.root.absolute().parent.parent


def _schema_now(run: RunFolder) -> Schema | None:
    """The schema of the bench around the run; None if there is no bench that can be opened."""
    try:
        return Bench.open(_bench_root(run)).schema
    except WorkbenchError:
        return None
