"""The folder of a training that is not ours: what it says, and who may write into it."""

import math
import os
from pathlib import Path

import pytest

from tests.unit.training.conftest import MakeRun
from workbench.errors import InputError, RunRefused
from workbench.monitoring.source import RunSource
from workbench.training.foreign import About, open_folder

TWO = About(epochs=3, batches=4, batch_size=8, outputs=("hair_colour", "age"), learning_rate=0.01)


def test_a_folder_says_what_is_known_and_nothing_that_is_not(tmp_path: Path) -> None:
    run, lock = open_folder(tmp_path / "deep" / "mine", TWO)
    lock.release()
    described = run.read()
    assert (described["name"], described["outputs"]) == ("mine", ["hair_colour", "age"])
    assert described["settings"] == {"training": {"epochs": 3, "batch_size": 8, "learning_rate": 0.01}}
    assert run.settings().training.epochs == 3
    assert run.foreign
    with pytest.raises(RunRefused, match="not ours has no schema"):
        run.schema()
    assert RunSource(run).heads() == (("hair_colour", "hair colour"), ("age", "age"))


def test_what_our_settings_cannot_hold_is_left_out(tmp_path: Path) -> None:
    about = About(epochs=10**6, batch_size=0, optimizer="lion", learning_rate=math.nan)
    run, lock = open_folder(tmp_path / "mine", about)
    lock.release()
    assert run.read()["settings"] == {"training": {}}


def test_one_folder_is_for_one_training_at_a_time(tmp_path: Path) -> None:
    _, lock = open_folder(tmp_path / "mine", TWO)
    with pytest.raises(RunRefused, match="another training writes into this folder"):
        open_folder(tmp_path / "mine", TWO)
    lock.release()
    run, lock = open_folder(tmp_path / "mine", About(epochs=9))
    lock.release()
    assert run.settings().training.epochs == 9


def test_a_run_of_ours_is_not_written_into(make_run: MakeRun) -> None:
    run = make_run()
    before = run.run_json.read_bytes()
    with pytest.raises(RunRefused, match="the workbench's own"):
        open_folder(run.root, TWO)
    assert run.run_json.read_bytes() == before
    assert not run.foreign


def test_a_folder_that_cannot_be_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="part of the path is a file"):
        open_folder(tmp_path / "file" / "mine", TWO)


def test_processes_that_read_data_ahead_do_not_keep_the_lock(tmp_path: Path) -> None:
    run, lock = open_folder(tmp_path / "mine", TWO)
    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        os.write(ready[1], b"1")
        os.read(done[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    assert run.alive(), "the parent still has it"
    lock.release()
    assert not run.alive()
    os.write(done[1], b"1")
    os.waitpid(child, 0)
