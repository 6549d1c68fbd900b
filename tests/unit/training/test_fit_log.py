"""The log of a training that is not ours, without Keras: its events, its figures, its end."""

import json
import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Clock
from tests.unit.training.test_foreign import TWO
from workbench.errors import RunRefused
from workbench.monitoring.follow import Follower
from workbench.training.extend import extend
from workbench.training.failures import death
from workbench.training.fit_log import FitLog
from workbench.training.foreign import About, HeldLock, open_folder
from workbench.training.launcher import launch
from workbench.training.run import RunFolder, RunState

LOGS = {"loss": 2.0, "hair_colour_accuracy": 0.5, "age_accuracy": 1.0, "hair_colour_loss": 1.5}


@pytest.fixture
def begun(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., tuple[RunFolder, FitLog]]]:
    """Begins trainings in one folder, and ends what the test has left open."""
    open_ones: list[tuple[FitLog, HeldLock]] = []

    def begin(about: About = TWO) -> tuple[RunFolder, FitLog]:
        run, lock = open_folder(tmp_path / "runs" / "mine", about)
        open_ones.append((FitLog(run, about, clock), lock))
        return run, open_ones[-1][0]

    def release() -> None:
        for log, lock in open_ones:
            log.end("finished", "the test is over")
            lock.release()

    begin.release = release  # type: ignore[attr-defined]
    yield begin
    release()


def events(run: RunFolder, *kinds: str) -> list[dict[str, Any]]:
    lines = (json.loads(line) for line in run.events.read_text().splitlines())
    return [event for event in lines if not kinds or event["type"] in kinds]


def test_the_monitor_reads_it_as_any_run(begun: Any, clock: Clock) -> None:
    run, log = begun()
    log.started(0)
    for epoch in range(2):
        log.epoch_began()
        for batch in range(1, 5):
            clock.now += 0.2
            log.batch_ended(batch, LOGS)
        log.validating()
        log.epoch_ended({**LOGS, "val_loss": 3.0 - epoch, "val_age_accuracy": 0.75}, 0.01)
    found = Follower(run).poll()
    assert (found.state, found.epoch, found.epochs, found.batches) == (RunState.VALIDATING, 2, 3, 4)
    assert (found.best_epoch, found.metric, found.learning_rate) == (2, "val_loss", 0.01)
    assert found.curves["hair_colour", "accuracy", "train"].places.tolist() == [
        0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0,
    ]  # fmt: skip
    assert found.curves["age", "accuracy", "validation"].values.tolist() == [0.75, 0.75]
    assert found.curves["", "accuracy", "train_epoch"].values.tolist() == [0.75, 0.75]
    assert found.skipped_lines == 0
    log.end("finished", "all epochs done")
    assert Follower(run).poll().state is RunState.FINISHED


def test_at_most_ten_events_a_second_and_the_figures_between_them(begun: Any, clock: Clock) -> None:
    run, log = begun(About(epochs=1, batches=1000, batch_size=8))
    log.started(0)
    log.epoch_began()
    for batch in range(1, 1001):
        clock.now += 0.001
        log.batch_ended(batch, {"loss": float(batch)})  # the mean so far
    found = events(run, "batch")
    assert len(found) <= 11
    last, before = found[-1], found[-2]
    expected = (last["batch"] ** 2 - before["batch"] ** 2) / (last["batch"] - before["batch"])
    assert last["loss"] == pytest.approx(expected, rel=1e-5)
    assert last["images_per_second"] == pytest.approx(8000, rel=0.01)
    assert found[0]["images_per_second"] is None, "the first batch is compiled"


def test_batches_told_late_by_another_thread_are_passed_over(begun: Any, clock: Clock) -> None:
    run, log = begun()
    log.started(0)
    log.epoch_began()
    for batch in (2, 1, 4, 3):
        clock.now += 1
        log.batch_ended(batch, LOGS)
    assert [event["batch"] for event in events(run, "batch")] == [2, 4]


def test_a_length_that_is_not_known_is_told_after_the_first_epoch(begun: Any, clock: Clock) -> None:
    run, log = begun(About(epochs=2))
    log.started(0)
    for count in (4, 5):
        log.epoch_began()
        for batch in range(1, count + 1):
            clock.now += 1
            log.batch_ended(batch, LOGS)
        log.epoch_ended(LOGS, None)
    assert [(event["epoch"], event["batch"], event["batches"]) for event in events(run, "batch")] == [
        (2, 1, 4), (2, 2, 4), (2, 3, 4), (2, 4, 4),
    ]  # fmt: skip
    assert "not known" in events(run, "phase")[1]["text"]
    assert Follower(run).poll().skipped_lines == 0


def train(log: FitLog, epoch: int, *losses: float) -> None:
    """Begin after an epoch, and end one for each of these losses on validation."""
    log.started(epoch)
    for loss in losses:
        log.epoch_began()
        log.epoch_ended({"loss": 9.0, "val_loss": loss}, None)


def test_a_resumed_training_goes_on_and_a_new_one_begins_anew(begun: Any) -> None:
    run, log = begun()
    train(log, 0, 3.0, 1.0, 2.0)
    begun.release()
    _, log = begun()
    train(log, 2, 4.0)
    found = Follower(run).poll()
    assert found.curves["", "loss", "validation"].values.tolist() == [3.0, 1.0, 4.0]
    assert found.best_epoch == 2
    begun.release()
    _, log = begun()
    train(log, 0, 5.0)
    found = Follower(run).poll()
    assert found.curves["", "loss", "validation"].values.tolist() == [5.0]
    assert found.best_epoch == 1


def test_the_best_epoch_is_by_validation_even_where_that_is_rare(begun: Any) -> None:
    run, log = begun()
    log.started(0)
    for logs in (
        {"loss": 1.0},
        {"loss": 3.0, "val_loss": 3.0},
        {"loss": 0.5},
        {"loss": 4.0, "val_loss": 4.0},
    ):
        log.epoch_began()
        log.epoch_ended(logs, None)
    assert [event["metric"] for event in events(run, "epoch")] == ["loss", *["val_loss"] * 3]
    assert events(run, "epoch")[-1]["best_epoch"] == 2
    assert events(run, "epoch")[2]["value"] is None


def test_an_end_is_the_last_line(begun: Any) -> None:
    run, log = begun()
    log.end("failed", "it broke")
    log.end("finished", "all epochs done")
    log.phase("training")
    log.batch_ended(1, LOGS)
    last = events(run)[-1]
    assert (last["type"], last["cause"]) == ("failed", "it broke")
    assert Follower(run).poll().failure == "it broke"


def test_a_full_disk_is_warned_of_once_and_ends_no_training(begun: Any) -> None:
    _, log = begun()
    os.dup2(full := os.open("/dev/full", os.O_WRONLY), log._log._descriptor)
    os.close(full)
    with pytest.warns(UserWarning, match="the training goes on, but its log has gaps: .*disk is full"):
        log.started(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        log.epoch_began()
        log.epoch_ended(LOGS, None)


def test_one_that_was_killed_has_died_and_only_its_program_goes_on_with_it(tmp_path: Path) -> None:
    run, lock = open_folder(tmp_path / "mine", TWO)
    log = FitLog(run, TWO)
    log.started(0)
    log.epoch_began()
    assert Follower(run).poll().state is RunState.RUNNING
    log._beside.close()
    log._log.close()
    lock.release()
    found = Follower(run).poll()
    assert found.state is RunState.DIED
    assert "only the program that trained it" in death(run)
    for refused in (lambda: launch(run), lambda: extend(run, 3)):
        with pytest.raises(RunRefused, match="program"):
            refused()
