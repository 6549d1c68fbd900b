"""A training that is not ours: a real `model.fit` with our callback, and what the monitor then says of it."""

import json
import math
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np
import pytest

from workbench.errors import RunRefused
from workbench.monitoring.csv_log import CsvFollower
from workbench.monitoring.follow import Follower
from workbench.monitoring.snapshot import RunSnapshot
from workbench.training import callbacks, fit_log
from workbench.training.callbacks import WorkbenchLog
from workbench.training.control import Action, Request, ask, requests
from workbench.training.foreign import About, open_folder
from workbench.training.run import RunFolder, RunState

Fitted = tuple[RunFolder, Mapping[str, list[float]]]
Split = Literal["train_epoch", "validation"]
HEADS = {"glasses": 2, "hair_colour": 3}
PICTURES, BATCHES, BATCH_SIZE = 32, 4, 8
BOTH: tuple[tuple[Split, str], ...] = (("train_epoch", ""), ("validation", "val_"))


@pytest.fixture(scope="module", autouse=True)
def no_waiting() -> Iterator[None]:
    """Every batch is told of and may be stopped at, however quick it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(callbacks, "_LOOK_EVERY_S", 0.0)
        patch.setattr(fit_log, "_EVENT_EVERY_S", 0.0)
        yield


def network(heads: Mapping[str, int]) -> keras.Model:
    """A network of one layer, with an output for each head."""
    keras.utils.set_random_seed(0)
    picture = keras.Input((3,))
    outputs = {
        head: keras.layers.Dense(classes, activation="softmax", name=head)(picture)
        for head, classes in heads.items()
    }
    model = keras.Model(picture, outputs if len(heads) > 1 else list(outputs.values()))
    metrics: Any = dict.fromkeys(heads, "accuracy") if len(heads) > 1 else ["accuracy"]
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=metrics, jit_compile=False)
    return model


def fitted(
    model: keras.Model,
    *called: keras.callbacks.Callback,
    epochs: int = 2,
    pixel: float | None = None,
    **options: Any,
) -> Mapping[str, list[float]]:
    """Train on random numbers, or on always the same one; what Keras itself remembers of it."""
    chance = np.random.default_rng(0)
    x = chance.random((PICTURES, 3), np.float32) if pixel is None else np.full((PICTURES, 3), pixel)
    codes = {head: chance.integers(0, HEADS[head], PICTURES) for head in model.output_names}
    y = codes if len(codes) > 1 else next(iter(codes.values()))
    options |= {"batch_size": BATCH_SIZE, "validation_data": (x, y), "verbose": 0, "callbacks": [*called]}
    history: dict[str, list[float]] = model.fit(x, y, epochs=epochs, **options).history
    return history


class At(keras.callbacks.Callback):  # type: ignore[misc]
    """A callback of the person's own that does something after a batch, both counted from 1."""

    def __init__(self, epoch: int, batch: int, do: Callable[[], object]) -> None:
        super().__init__()
        self._place, self._do = (epoch, batch), do

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        self._epoch = epoch + 1

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        if (self._epoch, batch + 1) == self._place:
            self._do()


def events(run: RunFolder, *kinds: str) -> list[dict[str, Any]]:
    """What stands in the log, of some types."""
    lines = (json.loads(line) for line in run.events.read_text().splitlines())
    return [event for event in lines if event["type"] in kinds]


def values(found: RunSnapshot, head: str, figure: str, split: str) -> list[float]:
    """The points of a curve."""
    points: list[float] = found.curves[head, figure, split].values.tolist()
    return points


def until_it_is_noticed() -> None:
    """Wait for the threads that look whether a call of `fit` still stands."""
    for thread in threading.enumerate():
        if thread.name == "watch model.fit":
            thread.join(20)
            assert not thread.is_alive()


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    """A training of one output."""
    folder = tmp_path_factory.mktemp("single") / "mine"
    return RunFolder(folder), fitted(network({"glasses": 2}), WorkbenchLog(folder))


@pytest.fixture(scope="module")
def double(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    """A training of two outputs, beside whose folder Keras' own table lies."""
    folder = tmp_path_factory.mktemp("double") / "mine"
    table = keras.callbacks.CSVLogger(folder.with_name("log.csv"))
    return RunFolder(folder), fitted(network(HEADS), WorkbenchLog(folder), table)


def test_one_output_is_told_of_as_keras_reports_it(single: Fitted) -> None:
    run, history = single
    found = Follower(run).poll()
    assert (found.state, found.epoch, found.epochs, found.batches) == (RunState.FINISHED, 2, 2, BATCHES)
    assert found.notes[-1] == "finished: all epochs done"
    assert (found.skipped_lines, run.alive()) == (0, False)
    assert found.learning_rate == pytest.approx(0.01)
    assert found.metric == "val_loss"
    assert found.best_epoch == 1 + int(np.argmin(history["val_loss"]))
    for split, prefix in BOTH:
        for figure in ("loss", "accuracy"):
            assert values(found, "", figure, split) == pytest.approx(history[prefix + figure], rel=1e-4)
    assert not any(head for head, _, _ in found.curves)


def test_each_batch_has_its_own_loss_and_not_the_mean_so_far(single: Fitted) -> None:
    run, history = single
    told = events(run, "batch")
    assert [(event["epoch"], event["batch"]) for event in told] == [
        (epoch, batch) for epoch in (1, 2) for batch in range(1, BATCHES + 1)
    ]
    for epoch, loss in enumerate(history["loss"]):
        of_epoch = [event["loss"] for event in told[epoch * BATCHES : (epoch + 1) * BATCHES]]
        assert np.mean(of_epoch) == pytest.approx(loss, rel=1e-4)
        assert len(set(of_epoch)) == BATCHES
    assert told[-1]["images_per_second"] > 0


def test_what_the_model_and_the_call_say_stands_in_the_folder(single: Fitted) -> None:
    run, _ = single
    training = run.settings().training
    assert (training.epochs, training.batch_size, training.optimizer) == (2, BATCH_SIZE, "sgd")
    [started] = events(run, "started")
    assert (started["parameters"], started["batches"]) == (8, BATCHES)
    assert run.foreign


def test_two_outputs_are_two_heads(double: Fitted) -> None:
    run, history = double
    assert run.read()["outputs"] == list(HEADS)
    found = Follower(run).poll()
    assert found.state is RunState.FINISHED
    for split, prefix in BOTH:
        for head in HEADS:
            for figure in ("loss", "accuracy"):
                reported = history[f"{prefix}{head}_{figure}"]
                assert values(found, head, figure, split) == pytest.approx(reported, rel=1e-4)
        accuracies = [history[f"{prefix}{head}_accuracy"] for head in HEADS]
        assert values(found, "", "accuracy", split) == pytest.approx(np.mean(accuracies, axis=0), rel=1e-4)
        assert values(found, "", "loss", split) == pytest.approx(history[prefix + "loss"], rel=1e-4)
    for head in HEADS:
        assert len(values(found, head, "loss", "train")) == 2 * BATCHES


def test_the_table_of_keras_itself_says_the_same(double: Fitted) -> None:
    run, _ = double
    ours, theirs = Follower(run).poll(), CsvFollower(run.root.with_name("log.csv")).poll()
    assert theirs.skipped_lines == 0
    assert (theirs.epoch, theirs.best_epoch, theirs.metric) == (2, ours.best_epoch, "val_loss")
    expected = {
        (head, figure, split)
        for head in HEADS
        for figure in ("loss", "accuracy")
        for split in ("train_epoch", "validation")
    } | {("", "loss", "train_epoch"), ("", "loss", "validation")}
    assert set(theirs.curves) == expected
    for key in expected:
        assert values(theirs, *key) == pytest.approx(values(ours, *key), rel=1e-4)
        assert theirs.curves[key].places.tolist() == ours.curves[key].places.tolist() == [1, 2]


def test_a_loss_that_is_no_number_is_a_gap_and_ends_nothing(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "mine")
    history = fitted(network({"glasses": 2}), WorkbenchLog(run.root), pixel=math.nan)
    assert np.isnan(history["loss"]).all()
    found = Follower(run).poll()
    assert (found.state, found.epoch, found.best_epoch) == (RunState.FINISHED, 2, 0)
    assert found.curves["", "loss", "validation"].gaps.tolist() == [1, 1]
    assert found.curves["", "loss", "train"].gaps.tolist() == [1] * 2 * BATCHES
    assert "nan" in {one.kind for one in found.advice}
    assert found.skipped_lines == 0


def test_a_stop_that_is_asked_in_the_middle_is_taken_and_done(tmp_path: Path) -> None:
    run, seen = RunFolder(tmp_path / "mine"), list[tuple[Request, ...]]()
    asks, looks = At(2, 2, lambda: ask(run, "stop")), At(2, 3, lambda: seen.append(requests(run)))
    history = fitted(network({"glasses": 2}), WorkbenchLog(run.root), asks, looks, epochs=9)
    assert len(history["loss"]) == 2
    assert [one.stage for one in seen[0]] == ["taken"]
    [request] = requests(run)
    assert (request.stage, request.reason) == ("done", "")
    [*_, last_batch] = events(run, "batch")
    assert (last_batch["epoch"], last_batch["batch"]) == (2, 3), "the batch under way was the last"
    found = Follower(run).poll()
    assert (found.state, found.epoch) == (RunState.STOPPED, 2)
    assert found.notes[-1] == "stopped: asked to stop after batch 2 of epoch 2"
    assert not run.alive()


def test_a_rate_is_changed_and_what_cannot_be_done_is_refused(tmp_path: Path) -> None:
    run, model = RunFolder(tmp_path / "mine"), network({"glasses": 2})
    actions: list[tuple[Action, float | None]] = [("rate", 0.5), ("pause", None), ("epochs", 3)]

    def ask_all() -> None:
        for action, value in actions:
            ask(run, action, value)

    fitted(model, WorkbenchLog(run.root), At(1, 2, ask_all))
    assert float(model.optimizer.learning_rate) == 0.5
    assert [(one.action, one.stage) for one in requests(run)] == [
        ("rate", "done"), ("pause", "refused"), ("epochs", "refused"),
    ]  # fmt: skip
    assert "only the program that trains it" in requests(run)[1].reason
    found = Follower(run).poll()
    assert (found.state, found.learning_rate) == (RunState.FINISHED, 0.5)
    [change] = found.rate_changes
    assert change == pytest.approx((0.5, 0.01, 0.5))


def test_an_exception_is_noticed_and_the_folder_is_free_again(tmp_path: Path) -> None:
    def fail() -> None:
        raise ValueError("bad data")

    run, model = RunFolder(tmp_path / "mine"), network({"glasses": 2})
    with pytest.raises(ValueError, match="bad data"):
        fitted(model, WorkbenchLog(run.root), At(2, 3, fail))
    until_it_is_noticed()
    assert not run.alive()
    found = Follower(run).poll()
    assert (found.state, found.epoch, found.batch) == (RunState.FAILED, 2, 3)
    assert "left by an exception after batch 3 of epoch 2" in found.failure
    fitted(model, WorkbenchLog(run.root), epochs=1)
    assert Follower(run).poll().state is RunState.FINISHED


def test_a_later_call_goes_on_in_the_same_log(tmp_path: Path) -> None:
    run, model = RunFolder(tmp_path / "mine"), network({"glasses": 2})
    losses = [*fitted(model, WorkbenchLog(run.root))["val_loss"]]
    later = WorkbenchLog(run.root)
    losses += fitted(model, later, initial_epoch=2, epochs=4)["val_loss"]
    found = Follower(run).poll()
    assert (found.state, found.epoch, found.epochs) == (RunState.FINISHED, 4, 4)
    losses += fitted(model, later, epochs=1)["val_loss"]
    found = Follower(run).poll()
    assert (found.state, found.epoch, found.epochs) == (RunState.FINISHED, 5, 5)
    assert values(found, "", "loss", "validation") == pytest.approx(losses, rel=1e-4)
    assert found.curves["", "loss", "validation"].places.tolist() == [1, 2, 3, 4, 5]
    assert [event["resumed_epoch"] for event in events(run, "started")] == [0, 2, 4]
    assert found.best_epoch == 1 + int(np.argmin(losses))


def test_a_folder_that_another_training_holds_is_refused_before_the_first_batch(tmp_path: Path) -> None:
    run, lock = open_folder(tmp_path / "mine", About(epochs=1))
    model = network({"glasses": 2})
    before = [weight.tolist() for weight in model.get_weights()]
    with pytest.raises(RunRefused, match="another training writes into this folder"):
        fitted(model, WorkbenchLog(run.root))
    lock.release()
    assert [weight.tolist() for weight in model.get_weights()] == before
    until_it_is_noticed()
    assert not run.events.exists(), "the other training's log is its own"
