"""What TensorBoard shows of a run: read by its own reader, after kills and going on too."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf

from tests.benches import drawn_bench
from workbench.settings import TrainingSettings
from workbench.training.events import EventLog
from workbench.training.fit import fit
from workbench.training.run import RunFolder
from workbench.training.start import prepare_run
from workbench.training.tensorboard import Board, written_for_tensorboard

Points = dict[str, list[tuple[int, float]]]
SMALL = ("dataset.size=32", "model.width=4", "model.depth=2", "model.dense=8", "training.batch_size=16")
BATCHES = 10


def shown(folder: Path) -> Points:
    """(step, value) of every scalar that TensorBoard shows of a split, by tag."""
    reason = "the package tensorboard is not installed: its own reader is what is asked here"
    pytest.importorskip("tensorboard.backend.event_processing.event_accumulator", reason=reason)
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    reader = EventAccumulator(str(folder), size_guidance={"scalars": 0}).Reload()
    return {tag: [(one.step, one.value) for one in reader.Scalars(tag)] for tag in reader.Tags()["scalars"]}


def started(epoch: int = 0, batch: int = 0) -> dict[str, Any]:
    """The event of a worker that goes on from there."""
    return {"batches": BATCHES, "resumed_epoch": epoch, "resumed_batch": batch}


def batch(step: int, value: float = 0.0) -> dict[str, Any]:
    """An event of a batch."""
    heads = {"nose": {"loss": value / 2, "accuracy": None}}
    return {"step": step, "images_per_second": 12.5, "loss": value, "accuracy": 0.5, "heads": heads}


def epoch(number: int, value: float = 0.0) -> dict[str, Any]:
    """An event of an epoch."""
    figures = {"loss": value, "accuracy": 0.5, "heads": {"nose": {"loss": value, "macro_f1": 0.25}}}
    return {"epoch": number, "learning_rate": 0.1, "train": figures, "validation": figures}


@pytest.fixture
def log(tmp_path: Path) -> EventLog:
    """A log to which nothing listens."""
    return EventLog(tmp_path / "events.jsonl")


@pytest.fixture
def board(tmp_path: Path, log: EventLog) -> Callable[[], Board]:
    """A function that makes what another worker of the same run writes, each event of it."""
    return lambda: Board(tmp_path / "tensorboard", log, every=0)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run of two epochs."""
    bench = drawn_bench(tmp_path_factory.mktemp("board"), 40, seed=5)
    settings = bench.settings("fast", [*SMALL, "training.epochs=2", "training.tensorboard=true"])
    run = prepare_run(bench, settings, preset="fast")
    with EventLog(run.events) as log:
        fit(run, log, lambda: False)
        assert log.listeners == []
    return run


def test_a_run_shows_its_epochs_for_both_splits_and_its_batches(trained: RunFolder) -> None:
    train, validation = (shown(trained.tensorboard / split) for split in ("train", "validation"))
    steps = [step for step, _ in train["epoch/loss"]]
    assert steps == [steps[0], 2 * steps[0]]
    for points in (train["learning_rate"], validation["epoch/loss"]):
        assert [step for step, _ in points] == steps
    heads = trained.schema().head_names
    assert {f"epoch/{head}/macro_f1" for head in heads} <= set(validation)
    assert {f"epoch/{head}/loss" for head in heads} <= set(train) & set(validation)
    assert {"batch/loss", "images_per_second"} <= set(train)
    assert not any(tag.startswith("batch") for tag in validation)


def test_the_values_are_those_of_the_history(trained: RunFolder) -> None:
    rows = trained.history.read_text().splitlines()
    column = rows[0].split(",").index("val_loss")
    expected = [float(row.split(",")[column]) for row in rows[1:]]
    told = shown(trained.tensorboard / "validation")["epoch/loss"]
    assert [value for _, value in told] == pytest.approx(expected, rel=1e-4)


def test_without_the_setting_nothing_is_written_or_listened_to(tmp_path: Path, log: EventLog) -> None:
    assert TrainingSettings().tensorboard is False
    run = RunFolder(tmp_path)
    with written_for_tensorboard(run, log, wanted=False):
        assert log.listeners == []
        log.emit("started", **started())
    assert not run.tensorboard.exists()


def test_what_a_killed_worker_had_done_beyond_its_checkpoint_is_shown_once(
    board: Callable[[], Board], tmp_path: Path
) -> None:
    killed = board()
    killed.hear("started", started())
    for step in range(1, 18):
        killed.hear("batch", batch(step, 1.0))
        if step == BATCHES:
            killed.hear("epoch", epoch(1, 1.0))
    train = tmp_path / "tensorboard" / "train"
    with next(train.iterdir()).open("ab") as file:  # as if in the midst of a record
        file.write(b"\x18\x00\x00")
    after = board()
    after.hear("started", started(1, 3))
    for step in range(14, 21):
        after.hear("batch", batch(step, 2.0))
    after.hear("epoch", epoch(2, 2.0))
    after.close()
    assert shown(train)["batch/loss"] == [(step, 1.0 if step <= 13 else 2.0) for step in range(1, 21)]
    assert shown(train)["epoch/nose/loss"] == [(10, 1.0), (20, 2.0)]
    assert shown(tmp_path / "tensorboard" / "validation")["epoch/loss"] == [(10, 1.0), (20, 2.0)]


def test_a_worker_that_begins_anew_takes_everything_back(board: Callable[[], Board], tmp_path: Path) -> None:
    for value in (1.0, 2.0, 3.0):
        one = board()
        one.hear("started", started())
        one.hear("batch", batch(5, value))
        one.hear("epoch", epoch(1, value))
        one.close()
    train = shown(tmp_path / "tensorboard" / "train")
    assert (train["batch/loss"], train["epoch/loss"]) == ([(5, 3.0)], [(10, 3.0)])


def test_at_most_one_batch_event_a_second(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, log: EventLog
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    one = Board(tmp_path / "tensorboard", log)
    one.hear("started", started())
    for step in range(1, 36):
        one.hear("batch", batch(step))
        now += 0.1
    one.close()
    assert len(shown(tmp_path / "tensorboard" / "train")["batch/loss"]) == 4


def test_values_that_are_unknown_are_left_out_and_no_numbers_stay(
    board: Callable[[], Board], tmp_path: Path
) -> None:
    one = board()
    one.hear("started", started())
    one.hear("batch", batch(1, math.nan))
    one.close()
    told = shown(tmp_path / "tensorboard" / "train")
    assert set(told) == {"batch/loss", "batch/accuracy", "batch/nose/loss", "images_per_second"}
    assert math.isnan(told["batch/loss"][0][1])


def test_a_folder_that_cannot_be_written_is_said_once_and_the_training_goes_on(
    tmp_path: Path, log: EventLog
) -> None:
    (tmp_path / "tensorboard").write_text("in the way")
    log.listeners.append(Board(tmp_path / "tensorboard", log).hear)
    log.emit("started", **started())
    log.emit("batch", **batch(1))
    log.emit("epoch", **epoch(1))
    lines = (tmp_path / "events.jsonl").read_text().splitlines()
    [note] = [line for line in lines if '"type":"note"' in line]
    assert "nothing more is written for TensorBoard" in note
    assert len(lines) == 4


def test_the_files_are_records_of_tensorflow_with_a_start(board: Callable[[], Board], tmp_path: Path) -> None:
    one = board()
    one.hear("started", started(2, 4))
    one.hear("batch", batch(25, 1.5))
    [path] = (tmp_path / "tensorboard" / "train").iterdir()
    records = tf.data.TFRecordDataset(str(path)).as_numpy_iterator()
    version, start, scalars = (tf.compat.v1.Event.FromString(record) for record in records)
    one.close()
    assert version.file_version == "brain.Event:2"
    assert (start.step, start.session_log.status) == (25, tf.compat.v1.SessionLog.START)
    assert scalars.step == 25, "on the disk as soon as it was told"
    assert {value.tag: value.simple_value for value in scalars.summary.value}["batch/loss"] == 1.5
