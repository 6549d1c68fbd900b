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

from tests.benches import drawn_bench
from workbench.bench import Bench
from workbench.dataset.cache import PixelCache
from workbench.dataset.table import Table
from workbench.errors import PictureError, RunError
from workbench.evaluation.predict import Predictor
from workbench.model.averaging import estimate_statistics
from workbench.monitoring.follow import Follower
from workbench.training.checkpoint_file import read_checkpoint
from workbench.training.events import EventLog
from workbench.training.failures import cause_of
from workbench.training.figures import head_figures
from workbench.training.fit import Ended, fit
from workbench.training.run import RunFolder
from workbench.training.start import prepare_run

SMALL = (
    "dataset.size=32",
    "model.width=4",
    "model.depth=2",
    "model.dense=8",
    "training.epochs=4",
    "training.learning_rate=0.01",
    "training.batch_size=8",
    "training.warmup_epochs=0",
)
AUGMENTED = ("augment.flip.probability=0.5", "augment.rotate.probability=0.5")
NewRun = Callable[..., RunFolder]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Sixty drawn faces, all labelled."""
    return drawn_bench(tmp_path_factory.mktemp("fit"), 60, seed=5)


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
    """Every variable of the last checkpoint."""
    _, arrays = read_checkpoint(max(run.checkpoints.iterdir()))
    return [arrays[name] for name in sorted(arrays) if name.startswith("v")]


def pixels_of(run: RunFolder, bench: Bench, split: str) -> Any:
    """A split's pictures (N, S, S, 3), as they are."""
    table = Table.load(run.data, bench.schema)
    with closing(PixelCache(bench.cache_dir, run.settings().dataset)) as cache:
        return cache.read([table.fingerprints[row] for row in table.rows(split)])


def moving_means(network: keras.Model) -> list[Any]:
    """What its layers of batch normalisation answer with."""
    return [one.numpy() for one in network.variables if one.name == "moving_mean"]


@pytest.fixture(scope="module")
def whole(bench: Bench) -> RunFolder:
    """A run that nobody disturbed."""
    run = prepare_run(bench, bench.settings("fast", [*SMALL, *AUGMENTED]), preset="fast")
    ended = train(run)
    assert (ended.kind, ended.epoch) == ("finished", 4)
    assert ended.best_epoch == events(run, "epoch")[-1]["best_epoch"]
    return run


def test_a_training_learns_and_writes_everything_down(whole: RunFolder) -> None:
    rows = history(whole)
    assert len(rows) == 4
    assert float(rows[-1]["loss"]) < 0.9 * float(rows[0]["loss"])
    epochs = events(whole, "epoch")
    assert [event["epoch"] for event in epochs] == [1, 2, 3, 4]
    assert set(epochs[0]["validation"]["heads"]) == set(whole.schema().head_names)
    best = min(range(4), key=lambda index: epochs[index]["validation"]["loss"]) + 1
    assert epochs[-1]["best_epoch"] == best
    batches = events(whole, "started")[0]["batches"]
    assert max(event["batch"] for event in events(whole, "batch")) == batches
    snapshot = Follower(whole).poll()
    assert snapshot.curves["", "loss", "validation"].places.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert snapshot.curves["glasses", "accuracy", "train"].places[-1] == 4.0


def test_the_last_checkpoints_and_the_best_are_kept_and_nothing_half_written(whole: RunFolder) -> None:
    best = events(whole, "epoch")[-1]["best_epoch"]
    kept = {f"{epoch:05d}-000000.npz" for epoch in {best, 2, 3, 4}}
    assert {path.name for path in whole.checkpoints.iterdir()} == kept
    assert not [path.name for path in whole.root.iterdir() if path.name.startswith(".")]
    assert "a checkpoint is about" in " ".join(event["text"] for event in events(whole, "note"))


def test_the_kept_network_is_the_best_epochs(whole: RunFolder, bench: Bench) -> None:
    table = Table.load(whole.data, bench.schema)
    rows = table.rows("validation")
    answers = Predictor(whole).probabilities(pixels_of(whole, bench, "validation"))
    measured = sum(head_figures(table.codes[head][rows], answers[head]).loss for head in answers)
    told = min(event["validation"]["loss"] for event in events(whole, "epoch"))
    assert measured == pytest.approx(told, rel=1e-4)


def test_a_run_broken_off_anywhere_goes_on_as_if_nothing_had_happened(
    new_run: NewRun, whole: RunFolder
) -> None:
    broken = new_run(*AUGMENTED)
    first = train(broken, stop_after=10)  # in the middle of the second epoch
    assert first.kind == "stopped"
    place, _ = read_checkpoint(max(broken.checkpoints.iterdir()))
    epoch, batch = place["place"]
    assert epoch == 1
    assert batch > 0
    assert train(broken).kind == "finished"
    for mine, theirs in zip(weights(broken), weights(whole), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=2e-3, atol=2e-4)
    for name in ("loss", "val_loss"):
        figures = [[float(row[name]) for row in history(run)] for run in (broken, whole)]
        np.testing.assert_allclose(figures[0], figures[1], rtol=1e-2)
    snapshot = Follower(broken).poll()
    places = snapshot.curves["", "loss", "train"].places.tolist()
    assert places[-1] == 4.0
    assert places == sorted(set(places))
    assert events(broken, "started")[1]["resumed_batch"] == batch


def test_a_stop_before_the_first_epochs_end_leaves_a_network_and_a_vanished_picture_a_note(
    bench: Bench, new_run: NewRun, tmp_path: Path
) -> None:
    run = new_run("dataset.size=36")  # nothing of this size is cached yet
    victim = bench.images_root / Table.load(run.data, bench.schema).names[0]
    hidden = tmp_path / "hidden"
    victim.rename(hidden)
    try:
        ended = train(run, stop_after=2)
    finally:
        hidden.rename(victim)
    notes = [event["text"] for event in events(run, "note")]
    assert f"left out: {victim.name}: the file is no longer there" in notes
    assert (ended.kind, ended.epoch, ended.best_epoch) == ("stopped", 0, 0)
    assert Predictor(run).schema == run.schema()


def test_a_picture_that_vanishes_while_nothing_is_kept_is_named(
    bench: Bench, new_run: NewRun, tmp_path: Path
) -> None:
    run = new_run("dataset.cache=false", "training.epochs=9")
    names = Table.load(run.data, bench.schema).names
    looked = 0

    def vanish() -> bool:
        nonlocal looked
        looked += started(run)
        if looked == 2:
            bench.images_root.rename(tmp_path / "away")
        return False

    try:
        with EventLog(run.events) as log, pytest.raises(PictureError) as refused:
            fit(run, log, vanish)
    finally:
        (tmp_path / "away").rename(bench.images_root)
    line = cause_of(refused.value, run.settings())
    assert "the file is no longer there; put it back, then it goes on with: workbench resume" in line
    assert Path(refused.value.where).name in names


def test_a_training_that_diverges_says_where_and_what_is_still_good(new_run: NewRun) -> None:
    run = new_run("training.learning_rate=1e9", "training.optimizer=sgd", "training.schedule=constant")
    where = (
        r"(the loss of \w+ is (nan|inf) in epoch 1, batch \d \(step \d\)|\S+ is no finite number any more)"
    )
    said = where + r": the training diverged; no checkpoint was made before; train again with .* below 1e\+09"
    with pytest.raises(RunError, match=said):
        train(run)
    assert not list(run.checkpoints.glob("*.npz"))


@pytest.mark.parametrize(
    "overrides",
    [
        (
            "training.optimizer=sgd",
            "training.momentum=0.5",
            "training.schedule=step",
            "training.class_weights=effective",
        ),
        (
            "training.optimizer=rmsprop",
            "training.generator_batch=24",
            "training.pictures_per_epoch=50",
            "dataset.cache=false",
        ),
        ("model.architecture=reference", "dataset.blur_sigma=1"),
    ],
)
def test_every_setting_trains(new_run: NewRun, overrides: tuple[str, ...]) -> None:
    run = new_run("training.epochs=1", *overrides)
    ended = train(run)
    assert (ended.kind, ended.best_epoch) == ("finished", 1)
    assert math.isfinite(events(run, "epoch")[0]["validation"]["loss"])


def test_averaged_weights_are_what_is_kept_and_the_raw_ones_go_on(new_run: NewRun, bench: Bench) -> None:
    run = new_run("training.average_weights=0.9", "training.epochs=1", "training.optimizer=adam")
    train(run)
    kept = keras.saving.load_model(run.model, compile=False)
    last = weights(run)
    raw = [np.asarray(weight) for weight in kept.trainable_variables]
    assert any(not np.allclose(mine, theirs) for mine, theirs in zip(raw, last, strict=False))
    means = moving_means(kept)
    estimate_statistics(kept, [pixels_of(run, bench, "train")])
    for mine, own in zip(means, moving_means(kept), strict=True):
        np.testing.assert_allclose(mine, own, rtol=1e-3, atol=1e-3, err_msg="not of the averaged weights")


def test_a_stop_while_pictures_are_read_is_a_stop(new_run: NewRun) -> None:
    run = new_run("dataset.size=40")  # nothing of this size is cached yet
    with EventLog(run.events) as log:
        ended = fit(run, log, lambda: True)
    assert (ended.kind, ended.text) == ("stopped", "before the first batch")
    assert (ended.epoch, ended.best_epoch) == (None, None), "what an earlier worker did was not looked at"
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
    assert ended.epoch is not None
    assert ended.epoch < 50
    assert ended.kind == "finished"
    assert "stopped early: val_glasses_macro_f1 did not improve" in ended.text
