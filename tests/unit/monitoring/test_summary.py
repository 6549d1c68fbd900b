"""A run's line in the list: the best epoch's figures wherever they stand, and damage that hides no other."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.unit.training.conftest import MakeRun, batch, epoch, maker, phase, rewrite, write
from workbench.errors import RunRefused
from workbench.monitoring.follow import Follower
from workbench.monitoring.remarks import write_note
from workbench.monitoring.summary import RunSummary, describe, list_runs, look_through
from workbench.training.changes import read_changes
from workbench.training.control import requests
from workbench.training.run import RunFolder, RunState
from workbench.tui.screens.runs_shelf import Shelf


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    return maker(tmp_path)


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    return tmp_path / "bench" / "runs"


def figures(loss: Any, accuracy: Any, macro_f1: Any) -> dict[str, Any]:
    """An epoch's figures on validation."""
    return {"validation": {"loss": loss, "accuracy": accuracy, "macro_f1": macro_f1}}


def listed(run: RunFolder) -> RunSummary:
    """Its line."""
    return next(one for one in list_runs(run.root.parent) if one.name == run.name)


def shown(run: RunFolder) -> tuple[float | None, ...]:
    """The figures of its best epoch."""
    one = listed(run)
    return one.loss, one.accuracy, one.macro_f1


def test_the_figures_are_those_of_the_best_epoch_not_of_the_last(make_run: MakeRun) -> None:
    run = make_run()
    assert shown(run) == (None, None, None)
    write(run, epoch(1, best=1, **figures(0.9, 0.5, 0.4)))
    write(run, epoch(2, best=2, **figures(0.5, 0.8, 0.7)))
    write(run, epoch(3, best=2, **figures(0.7, 0.6, None)))
    assert shown(run) == (0.5, 0.8, 0.7)


def test_a_best_epoch_far_up_the_log_is_read_from_the_history(make_run: MakeRun) -> None:
    run = make_run()
    run.history.write_text(
        "epoch,seconds,val_loss,val_accuracy,val_macro_f1\n"
        + "".join(f"{number},2,0.{number:02},0.9{number},\n" for number in range(1, 30))
    )
    write(run, epoch(2, best=2, **figures(1.0, 1.0, 1.0)), *[batch(3, 1) for _ in range(2000)])
    write(run, epoch(12, best=2, **figures(1.0, 1.0, 1.0)))
    assert shown(run) == (0.02, 0.92, None)


@pytest.mark.parametrize(
    "history",
    [
        b"",
        b"\n",
        b"epoch\n2",
        b"epoch,val_loss\n12,0.5\n",
        b"val_loss\n2,\xff\n",
        b"\0\n2,\0\n",
        b"epoch,val_loss\n2,nan\n",
        b"epoch,val_loss\n2," + b"9" * 200_000 + b"\n",
    ],
)
def test_a_damaged_history_only_leaves_figures_out(make_run: MakeRun, history: bytes) -> None:
    run = make_run()
    run.history.write_bytes(history)
    write(run, epoch(12, best=2, best_value=0.5))
    assert shown(run) == (None, None, None)
    assert listed(run).best == 0.5


def test_what_a_restarted_worker_takes_back_is_not_shown(make_run: MakeRun) -> None:
    run = make_run()
    write(run, epoch(1, best=1, **figures(0.9, 0.5, 0.4)), epoch(2, best=2, **figures(0.1, 0.9, 0.9)))
    write(run, {"type": "started", "resumed_epoch": 1, "best_epoch": 1, "best_value": 0.9})
    assert shown(run) == (None, None, None), "epoch 1 is the best again, and its figures are not at hand"
    write(run, epoch(2, best=2, **figures(0.3, 0.8, 0.8)))
    assert shown(run) == (0.3, 0.8, 0.8)


def test_pictures_a_second_are_the_median_of_the_last_batches(make_run: MakeRun) -> None:
    run = make_run()
    assert listed(run).images_per_second is None
    for pace in (*[1.0] * 60, *[14.0] * 30, 900.0, *[15.0] * 19):
        write(run, batch(1, 1, images_per_second=pace))
    assert listed(run).images_per_second == 14.0
    write(run, b'{"type":"batch","images_per_second":1e999}\n{"images_per_second":12.3.4}\n{"images_per_sec')
    assert listed(run).images_per_second == 14.0


def test_batches_between_do_not_change_what_the_end_says(make_run: MakeRun) -> None:
    run = make_run()
    write(run, *['{"type":"batch","epoch":4,"batch":7,"epochs":9}\n'] * 2000)
    assert (listed(run).epochs_done, listed(run).epochs) == (3, 9)


def test_what_cannot_be_listed_is_named_with_the_reason(
    make_run: MakeRun, runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, damaged, newer, huge, closed = (make_run() for _ in range(5))
    damaged.run_json.write_text("{")
    rewrite(newer, version=99)
    os.truncate(huge.run_json, 100 << 20)
    stat = Path.stat

    def refusing(path: Path, **options: Any) -> os.stat_result:
        if closed.root in path.parents:
            raise PermissionError(13, "Permission denied")
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", refusing)  # root, as here, may look everywhere
    monkeypatch.setattr(os.path, "isfile", lambda path: closed.root not in path.parents and path.is_file())
    runs, hurt = look_through(runs_dir)
    assert [one.name for one in runs] == [good.name]
    assert {one.name: one.why for one in hurt} == {
        damaged.name: "expected JSON",
        newer.name: "the run has version 99",
        huge.name: "100 MB are no run's",
        closed.name: "no permission",
    }
    with pytest.raises(RunRefused, match="100 MB are no run's; it is damaged"):
        describe(huge)


def test_what_is_no_run_is_passed_over(make_run: MakeRun, runs_dir: Path) -> None:
    run = make_run()
    (runs_dir / "0002-empty").mkdir()
    (runs_dir / "0003-file").touch()
    (runs_dir / "0004-loop").symlink_to("0004-loop")
    (runs_dir / "0005-folder" / "run.json").mkdir(parents=True)
    os.mkfifo(runs_dir / "0006-pipe")
    (runs_dir / "0007-inner").mkdir()
    (runs_dir / "0007-inner" / "run.json").symlink_to("run.json")
    assert look_through(runs_dir) == ([listed(run)], [])
    assert look_through(runs_dir / "gone") == ([], [])


def test_pipes_in_the_place_of_its_files_hold_up_nobody(make_run: MakeRun, runs_dir: Path) -> None:
    run = make_run()
    for path in (run.events, run.control, run.changes, run.lock, run.log, run.history):
        os.mkfifo(path)
    assert look_through(runs_dir) == ([listed(run)], [])
    assert Follower(run).poll().state is run.state() is RunState.DIED
    assert requests(run) == ()
    assert read_changes(run).more == ()


def test_only_what_changed_is_read_again(make_run: MakeRun, runs_dir: Path) -> None:
    runs = [make_run() for _ in range(3)]
    for run in runs:
        write(run, phase("training"), {"type": "finished"})
    shelf = Shelf(runs_dir)
    first = shelf.look(now=True)
    assert shelf.look(now=True) is first
    write_note(runs[1], "the one to beat")
    second = shelf.look(now=True)
    assert [one.note for one in second.runs] == ["", "the one to beat", ""]
    assert second.runs[0] is first.runs[0], "the others were not read again"
    runs[0].root.rename(runs_dir / "elsewhere")
    assert [run.name[:4] for run in shelf.look(now=True).runs] == ["0003", "0002", "else"]
    runs[2].run_json.write_text("{")
    listing = shelf.look(now=True)
    assert [one.why for one in listing.unreadable] == ["expected JSON"]
    assert shelf.look(now=True) is listing
