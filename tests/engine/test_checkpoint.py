"""Checkpoints on disk: which are kept, which is gone on from, and what none is ever made of."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from workbench.config import load_settings
from workbench.errors import RunError, WorkbenchError
from workbench.training.checkpoint import Checkpoints, save_network
from workbench.training.checkpoint_file import read_checkpoint, write_checkpoint
from workbench.training.events import EventLog
from workbench.training.saver import Saver


class Counting:
    """A part of a training with a number and an array."""

    def __init__(self) -> None:
        self.count, self.sum = 0, np.zeros(3)

    def state(self) -> dict[str, Any]:
        return {"count": self.count, "sum": self.sum}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.count, self.sum = state["count"], state["sum"]


def network(units: int = 4) -> keras.Model:
    """A compiled network of two layers, one of which draws random numbers."""
    made = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dropout(0.5), keras.layers.Dense(units, name="answers")]
    )
    made.compile(keras.optimizers.Adam(0.1), loss="mse")
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run's folder of checkpoints."""
    (tmp_path / "checkpoints").mkdir()
    return tmp_path / "checkpoints"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_everything_comes_back_in_another_process_network(folder: Path) -> None:
    model, part = network(), Counting()
    images, truth = np.ones((2, 3)), np.ones((2, 4))
    model.train_on_batch(images, truth)
    part.count, part.sum = 7, np.array([1.0, 2.0, 3.0])
    assert Checkpoints(folder, model, {"part": part}).save((1, 2)) > Checkpoints(folder, model, {}).bytes
    other, empty = network(), Counting()
    assert Checkpoints(folder, other, {"part": empty}).restore(pytest.fail) == (1, 2)
    assert empty.count == 7
    np.testing.assert_array_equal(empty.sum, part.sum)
    for both in (model, other):  # the same random numbers and the same steps of the optimiser from here on
        both.train_on_batch(images, truth)
    for mine, theirs in zip(model.variables, other.variables, strict=True):
        np.testing.assert_array_equal(np.asarray(mine), np.asarray(theirs))


def test_the_last_epochs_the_best_one_and_the_newest_are_kept(folder: Path) -> None:
    checkpoints = Checkpoints(folder, network(), {}, keep=2)
    for epoch in range(1, 6):
        checkpoints.save((epoch - 1, 5), best_epoch=min(epoch - 1, 1))
        checkpoints.save((epoch, 0), best_epoch=1)
    checkpoints.save((5, 3), best_epoch=1)
    assert checkpoints.places() == [(1, 0), (4, 0), (5, 0), (5, 3)]
    checkpoints.save((5, 4), best_epoch=1)
    assert checkpoints.places() == [(1, 0), (4, 0), (5, 0), (5, 4)]


@pytest.mark.parametrize("damage", [b"", b"PK half a file", None])
def test_of_a_damaged_one_the_one_before_is_gone_on_from(folder: Path, damage: bytes | None) -> None:
    model, notes = network(), list[str]()
    checkpoints = Checkpoints(folder, model, {}, keep=3)
    checkpoints.save((1, 0))
    checkpoints.save((2, 0))
    newest = folder / "00002-000000.npz"
    newest.write_bytes(newest.read_bytes()[:-200] if damage is None else damage)
    assert checkpoints.restore(notes.append) == (1, 0)
    assert len(notes) == 1
    assert "damaged" in notes[0]
    assert "00002-000000.npz; looking for the one before" in notes[0]
    checkpoints.save((1, 3))
    assert checkpoints.places() == [(1, 0), (1, 3)], "the damaged one lies in a future that is made anew"


def test_when_all_are_damaged_it_says_what_to_do(folder: Path) -> None:
    checkpoints = Checkpoints(folder, network(), {})
    checkpoints.save((1, 0))
    (folder / "00001-000000.npz").write_bytes(b"")
    with pytest.raises(RunError, match=r"the checkpoint is damaged .*delete the folder checkpoints/"):
        checkpoints.restore(lambda _: None)


def test_one_of_another_network_is_refused_at_once(folder: Path) -> None:
    Checkpoints(folder, network(4), {}).save((1, 0))
    with pytest.raises(RunError, match="the checkpoint is of another network; delete"):
        Checkpoints(folder, network(5), {}).restore(pytest.fail)


def test_a_network_that_draws_its_random_numbers_elsewhere_goes_on_with_the_rest(folder: Path) -> None:
    model = network()
    model.train_on_batch(np.ones((2, 3)), np.ones((2, 4)))
    Checkpoints(folder, model, {}).save((1, 0))
    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, name="answers")])
    other.compile(keras.optimizers.Adam(0.1), loss="mse")
    noted: list[str] = []
    assert Checkpoints(folder, other, {}).restore(noted.append) == (1, 0)
    assert noted == ["random numbers begin anew: this machine computes the network in another way"]
    for mine, theirs in zip(other.weights, model.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(mine), np.asarray(theirs))
    assert int(other.optimizer.iterations) == 1


def test_one_that_lies_about_a_shape_is_damaged_and_changes_nothing(folder: Path) -> None:
    model = network()
    checkpoints = Checkpoints(folder, model, {})
    checkpoints.save((1, 0))
    before = [np.asarray(one) for one in model.variables]
    place, arrays = read_checkpoint(folder / "00001-000000.npz")
    write_checkpoint(folder / "00001-000000.npz", place, {**arrays, "v0001": np.ones(99)})
    with pytest.raises(RunError, match="lacks a variable"):
        checkpoints.restore(lambda _: None)
    for mine, was in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(np.asarray(mine), was)


def test_nothing_saved_is_a_beginning_and_an_old_format_is_none(folder: Path) -> None:
    checkpoints = Checkpoints(folder, network(), {})
    assert checkpoints.restore(pytest.fail) is None
    (folder / "last.json").write_text("{}")
    with pytest.raises(RunError, match="older version of workbench; delete"):
        checkpoints.restore(pytest.fail)


def test_a_folder_that_was_deleted_is_made_anew_and_what_a_kill_left_is_removed(folder: Path) -> None:
    folder.rmdir()  # as the cure of a damaged checkpoint says
    Checkpoints(folder, network(), {}).save((1, 0))
    (folder / ".00002-000000.npz.k1ll3d").write_bytes(b"half a checkpoint")
    assert Checkpoints(folder, network(), {}).restore(pytest.fail) == (1, 0)
    assert names(folder) == ["00001-000000.npz"]
    (folder / ".model.keras.k1ll3d.keras").write_bytes(b"half a network")
    save_network(network(), folder / "model.keras")
    assert names(folder) == ["00001-000000.npz", "model.keras"]


def test_no_checkpoint_is_made_of_what_is_no_number(folder: Path) -> None:
    model = network()
    checkpoints = Checkpoints(folder, model, {})
    checkpoints.save((1, 0))
    model.get_layer("answers").bias.assign([0.0, np.nan, 0.0, 0.0])
    with pytest.raises(RunError, match="answers/bias is no finite number any more: the training diverged"):
        checkpoints.save((2, 0))
    assert names(folder) == ["00001-000000.npz"]


def told(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_the_size_is_told_before_and_each_checkpoint_after(folder: Path, tmp_path: Path) -> None:
    clock = [0.0]
    settings = load_settings(overrides=["training.keep_checkpoints=2", "training.checkpoint_minutes=1"])
    with EventLog(tmp_path / "events.jsonl") as log:
        saver = Saver(Checkpoints(folder, network(), {}), log, settings.training, lambda: clock[0])
        assert (saver.restore(), saver.last) == ((0, 0), None)
        saver.announce(folder)
        for clock[0], due in ((59, False), (60, True)):
            assert saver.due is due
        saver.save((1, 2), best_epoch=1)
        assert saver.due is not due
        assert saver.last == (1, 2)
        assert saver.restore() == (1, 2)
    first, second, third = told(tmp_path / "events.jsonl")
    assert first["text"] == "a checkpoint is about 0.0 MB; the last 2 epochs and the best are kept"
    assert (second["type"], second["epoch"], second["batch"], second["best"]) == ("checkpoint", 1, 2, False)
    assert second["megabytes"] > 0
    assert third["text"] == "goes on after epoch 1, batch 2"


def test_zero_minutes_are_never(folder: Path, tmp_path: Path) -> None:
    settings = load_settings(overrides=["training.checkpoint_minutes=0"])
    with EventLog(tmp_path / "events.jsonl") as log:
        saver = Saver(Checkpoints(folder, network(), {}), log, settings.training, iter((0.0, 1e9)).__next__)
        assert not saver.due


def test_a_disk_without_room_is_refused_before_the_first_step(tiny_disk: Path, tmp_path: Path) -> None:
    with EventLog(tmp_path / "events.jsonl") as log:
        saver = Saver(Checkpoints(tiny_disk, network(300_000), {}), log, load_settings().training)
        with pytest.raises(RunError, match="of the disk are free; free some space, then resume"):
            saver.announce(tiny_disk)


def test_a_disk_with_little_room_is_warned_of_and_when_full_the_checkpoint_before_stays(
    tiny_disk: Path, tmp_path: Path
) -> None:
    checkpoints = Checkpoints(tiny_disk, network(100_000), {})
    with EventLog(tmp_path / "events.jsonl") as log:
        saver = Saver(checkpoints, log, load_settings().training)
        saver.announce(tiny_disk)
        saver.save((1, 0), best_epoch=1)
        with pytest.raises(WorkbenchError, match="the disk is full; free some space"):
            saver.save((2, 0), best_epoch=1)
    assert "the disk may become full" in told(tmp_path / "events.jsonl")[1]["text"]
    assert names(tiny_disk) == ["00001-000000.npz"], "and nothing half written beside it"
    assert checkpoints.restore(pytest.fail) == (1, 0)
