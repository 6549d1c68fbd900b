"""Real trainings, small: they learn, stop after any batch, and go on as if they had not been stopped."""

import csv
import json
import math
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from workbench.annotation.store import LabelStore
from workbench.annotation.transfer import apply_import, plan_import
from workbench.bench import Bench
from workbench.dataset.table import Table
from workbench.errors import RunError
from workbench.evaluation.predict import Predictor
from workbench.images.catalog import Catalog
from workbench.images.sample import write_sample
from workbench.training.events import EventLog
from workbench.training.fit import Ended, fit
from workbench.training.follow import Follower
from workbench.training.run import RunFolder
from workbench.training.start import prepare_run

SMALL = (
    "dataset.size=32",
    "model.width=4",
    "model.depth=3",
    "model.dense=16",
    "training.epochs=3",
    "training.batch_size=8",
    "training.warmup_epochs=0",
)
NewRun = Callable[..., RunFolder]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Sixty drawn faces, all labelled."""
    folder = tmp_path_factory.mktemp("fit")
    write_sample(folder / "faces", count=60, seed=5)
    made = Bench.create(folder / "bench", images=folder / "faces")
    with closing(Catalog(made.images_root, made.catalog_db)) as catalog:
        catalog.scan()
        with LabelStore(made.labels_db, made.schema) as store:
            apply_import(
                plan_import(folder / "faces" / "labels.csv", made.schema, catalog.pictures(), store), store
            )
    return made


@pytest.fixture
def new_run(bench: Bench) -> NewRun:
    """A function that prepares a small run."""
    return lambda *overrides: prepare_run(bench, bench.settings("fast", [*SMALL, *overrides]), preset="fast")


def train(run: RunFolder, stop_after: int = 10**9) -> Ended:
    """Train until the end, or until this many batches were looked at."""
    looked = 0

    def stop_asked() -> bool:
        nonlocal looked
        looked += run.history.exists() or any(run.checkpoints.iterdir()) or started(run)
        return looked > stop_after

    with EventLog(run.events) as log:
        return fit(run, log, stop_asked)


def started(run: RunFolder) -> bool:
    """Whether the first batch is about to be trained: questions before it are about reading pictures."""
    return b'"type":"started"' in run.events.read_bytes()


def events(run: RunFolder, kind: str) -> list[dict[str, Any]]:
    """The events of a kind."""
    lines = map(json.loads, run.events.read_text().splitlines())
    return [event for event in lines if event["type"] == kind]


def history(run: RunFolder) -> list[dict[str, str]]:
    """The rows of history.csv."""
    return list(csv.DictReader(run.history.read_text().splitlines()))


def weights(run: RunFolder) -> list[Any]:
    """Every array of the last checkpoint."""
    name = json.loads((run.checkpoints / "last.json").read_text())["arrays"]
    with np.load(run.checkpoints / name, allow_pickle=False) as found:
        return [found[key] for key in sorted(found.files)]


def test_a_training_learns_and_writes_everything_down(new_run: NewRun) -> None:
    run = new_run("training.epochs=8", "training.learning_rate=0.01")
    ended = train(run)
    assert (ended.kind, ended.epoch) == ("finished", 8)
    rows = history(run)
    assert len(rows) == 8
    assert float(rows[-1]["loss"]) < 0.8 * float(rows[0]["loss"])
    epochs = events(run, "epoch")
    assert [event["epoch"] for event in epochs] == list(range(1, 9))
    assert set(epochs[0]["validation"]["heads"]) == set(run.schema().head_names)
    best = min(range(8), key=lambda index: epochs[index]["validation"]["loss"]) + 1
    assert ended.best_epoch == epochs[-1]["best_epoch"] == best
    batches = events(run, "started")[0]["batches"]
    assert max(event["batch"] for event in events(run, "batch")) == batches
    snapshot = Follower(run).poll()
    assert snapshot.series["", "loss", "validation"].x == tuple(float(epoch) for epoch in range(1, 9))
    assert snapshot.series["glasses", "accuracy", "train"].x[-1] == 8.0


def test_the_kept_network_is_the_best_epochs(new_run: NewRun, bench: Bench) -> None:
    run = new_run("training.epochs=4", "training.learning_rate=0.05")
    train(run)
    table = Table.load(run.data, bench.schema)
    from workbench.dataset.cache import PixelCache

    with closing(PixelCache(bench.cache_dir, run.settings().dataset)) as cache:
        rows = table.rows("validation")
        pixels = cache.read([table.fingerprints[row] for row in rows])
    answers = Predictor(run).probabilities(pixels)
    from workbench.training.figures import head_figures

    measured = sum(head_figures(table.codes[head][rows], answers[head]).loss for head in answers)
    told = min(event["validation"]["loss"] for event in events(run, "epoch"))
    assert measured == pytest.approx(told, rel=1e-4)


def test_a_run_broken_off_anywhere_goes_on_as_if_nothing_had_happened(new_run: NewRun) -> None:
    augmented = ("augment.flip.probability=0.5", "augment.rotate.probability=0.5")
    whole, broken = new_run(*augmented), new_run(*augmented)
    train(whole)
    first = train(broken, stop_after=7)  # in the middle of the second epoch
    assert first.kind == "stopped"
    place = json.loads((broken.checkpoints / "last.json").read_text())
    assert place["epoch"] == 1
    assert place["batch"] > 0
    assert train(broken).kind == "finished"
    for mine, theirs in zip(weights(broken), weights(whole), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=2e-3, atol=2e-4)
    for name in ("loss", "val_loss"):
        figures = [[float(row[name]) for row in history(run)] for run in (broken, whole)]
        np.testing.assert_allclose(figures[0], figures[1], rtol=1e-2)
    snapshot = Follower(broken).poll()
    x = snapshot.series["", "loss", "train"].x
    assert x[-1] == 3.0
    assert list(x) == sorted(set(x))
    assert events(broken, "started")[1]["resumed_batch"] == place["batch"]


def test_a_stop_before_the_first_epochs_end_leaves_a_network(new_run: NewRun) -> None:
    run = new_run()
    ended = train(run, stop_after=2)
    assert (ended.kind, ended.epoch, ended.best_epoch) == ("stopped", 0, 0)
    assert Predictor(run).schema == run.schema()


def test_a_stop_while_pictures_are_read_is_a_stop(new_run: NewRun) -> None:
    run = new_run("dataset.size=40")  # nothing of this size is cached yet
    with EventLog(run.events) as log:
        ended = fit(run, log, lambda: True)
    assert (ended.kind, ended.text) == ("stopped", "before the first batch")
    assert not run.model.exists()


def test_early_stopping_names_its_metric(new_run: NewRun) -> None:
    run = new_run(
        "training.epochs=50",
        "training.early_stopping.metric=val_glasses_macro_f1",
        "training.early_stopping.patience=1",
        "training.learning_rate=1e-7",
        "training.schedule=constant",
    )
    ended = train(run)
    assert ended.epoch < 50
    assert ended.kind == "finished"
    assert "stopped early: val_glasses_macro_f1 did not improve" in ended.text


def test_a_loss_that_is_no_number_ends_the_training_and_says_what_to_do(new_run: NewRun) -> None:
    run = new_run("training.learning_rate=0.5")
    train(run, stop_after=2)
    place = json.loads((run.checkpoints / "last.json").read_text())
    arrays = weights(run)
    arrays[place["variables"].index("head0_softmax/bias")][:] = np.nan
    np.savez(run.checkpoints / place["arrays"], **{f"v{index:04d}": one for index, one in enumerate(arrays)})
    message = "the loss of wrinkles is nan in epoch 1: the training diverged; train again with .* below 0.5"
    with pytest.raises(RunError, match=message):
        train(run)


@pytest.mark.parametrize(
    "overrides",
    [
        ("training.optimizer=sgd", "training.momentum=0.5", "training.schedule=step"),
        ("training.optimizer=rmsprop", "training.generator_batch=24", "training.pictures_per_epoch=50"),
        ("training.optimizer=adam", "training.class_weights=effective", "dataset.cache=false"),
        ("model.architecture=reference", "dataset.blur_sigma=1"),
    ],
)
def test_every_setting_trains(new_run: NewRun, overrides: tuple[str, ...]) -> None:
    run = new_run("training.epochs=1", *overrides)
    ended = train(run)
    assert (ended.kind, ended.best_epoch) == ("finished", 1)
    assert math.isfinite(events(run, "epoch")[0]["validation"]["loss"])


def test_averaged_weights_are_what_is_kept_and_the_raw_ones_go_on(new_run: NewRun) -> None:
    run = new_run("training.average_weights=0.9", "training.epochs=1")
    train(run)
    kept = keras.saving.load_model(run.model, compile=False)
    last = weights(run)
    raw = [np.asarray(weight) for weight in kept.trainable_variables]
    assert any(not np.allclose(mine, theirs) for mine, theirs in zip(raw, last, strict=False))


def test_a_picture_that_vanished_is_left_out_by_name(bench: Bench, new_run: NewRun, tmp_path: Path) -> None:
    run = new_run("dataset.size=36")
    victim = bench.images_root / Table.load(run.data, bench.schema).names[0]
    hidden = tmp_path / "hidden"
    victim.rename(hidden)
    try:
        train(run)
    finally:
        hidden.rename(victim)
    notes = [event["text"] for event in events(run, "note")]
    assert f"left out: {victim.name}: the file is no longer there" in notes


def test_a_damaged_checkpoint_is_one_line(new_run: NewRun) -> None:
    run = new_run("training.epochs=1")
    train(run, stop_after=2)
    arrays = next(run.checkpoints.glob("*.npz"))
    arrays.write_bytes(arrays.read_bytes()[:100])
    with pytest.raises(RunError, match="the checkpoint is damaged; delete the folder checkpoints"):
        train(run)


def test_a_checkpoint_of_another_network_is_refused(new_run: NewRun) -> None:
    run = new_run("training.epochs=1")
    train(run, stop_after=2)
    described = json.loads(run.run_json.read_text())
    described["settings"]["model"]["dense"] = 24
    run.run_json.write_text(json.dumps(described))
    with pytest.raises(RunError, match="of another network"):
        train(run)


def test_one_checkpoint_is_kept_and_nothing_half_written(new_run: NewRun) -> None:
    run = new_run()
    train(run)
    assert sorted(path.name for path in run.checkpoints.iterdir()) == ["last-00003-000000.npz", "last.json"]
    assert not [path.name for path in run.root.iterdir() if path.name.startswith(".")]


def test_a_changed_rate_is_gone_on_with(new_run: NewRun) -> None:
    run = new_run("training.schedule=constant", "training.learning_rate=0.01")
    train(run, stop_after=2)
    pointer = run.checkpoints / "last.json"
    place = json.loads(pointer.read_text())
    assert place["rate_factor"] == 1.0
    pointer.write_text(json.dumps({**place, "rate_factor": 0.5}))
    train(run)
    assert {float(row["learning_rate"]) for row in history(run)} == {0.005}
    assert json.loads(pointer.read_text())["rate_factor"] == 0.5
