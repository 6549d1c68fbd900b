"""A run's folder is made, found again and listed, and damage in one run never hides the others."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.unit.training.conftest import MakeRun, rewrite, worker_on, write
from workbench.bench import Bench
from workbench.config import load_settings
from workbench.dataset.table import Table
from workbench.errors import RunRefused, WorkbenchError
from workbench.monitoring.summary import list_runs
from workbench.training.run import RunFolder, RunState, find_run, run_folders


def test_a_new_run_holds_all_that_a_worker_needs(make_run: MakeRun, bench: Bench) -> None:
    run = make_run("training.epochs=3", parent="0000-old", about_data={"pictures": 2})
    assert run.name == "0001-fast"
    found = run.read()
    assert found["name"] == run.name
    assert found["command"] == ["workbench"]
    assert found["parent"] == "0000-old"
    assert found["data"]["pictures"] == 2
    assert found["places"]["images"] == str(bench.images_root)
    assert found["schema_fingerprint"] == bench.schema.fingerprint
    assert run.settings() == load_settings("fast", ["training.epochs=3"])
    assert run.schema() == bench.schema
    assert len(Table.load(run.data, run.schema())) == 2
    assert run.checkpoints.is_dir()
    assert run.state() is RunState.STARTING


def test_numbers_go_on_after_the_highest(make_run: MakeRun, bench: Bench) -> None:
    for name in ("0007-x", "0012-y", "notes", "123", "00200"):
        (bench.runs_dir / name).mkdir(parents=True)
    assert make_run(slug="My Words").name == "0201-my-words"
    assert make_run().name == "0202-fast"


def test_the_slug_is_the_presets_name_or_the_optimisers(bench: Bench, make_run: MakeRun) -> None:
    settings = load_settings(overrides=["training.optimizer=sgd"])
    table = Table.load(make_run().data, bench.schema)
    assert RunFolder.create(bench, settings, table).name == "0002-sgd"
    assert RunFolder.create(bench, settings, table, "dir/Über fast.toml").name == "0003-ber-fast"


def test_runs_made_at_once_get_different_numbers(make_run: MakeRun) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: make_run(), range(12)))
    assert sorted(run.name[:4] for run in made) == [f"{number:04d}" for number in range(1, 13)]


def test_a_bench_that_cannot_be_written_is_one_line(make_run: MakeRun, bench: Bench) -> None:
    bench.runs_dir.write_text("a file in its place")
    with pytest.raises(WorkbenchError, match="runs"):
        make_run()


@pytest.mark.parametrize("name", ["0002-fast", "2", "0002", "00002"])
def test_a_run_is_found_by_name_and_by_number(make_run: MakeRun, bench: Bench, name: str) -> None:
    runs = [make_run() for _ in range(3)]
    assert find_run(bench.runs_dir, name) == runs[1]


def test_without_a_name_the_newest_is_meant(make_run: MakeRun, bench: Bench) -> None:
    make_run()
    newest = make_run()
    assert find_run(bench.runs_dir) == newest


def test_the_newest_that_ended_well(make_run: MakeRun, bench: Bench) -> None:
    for end in ("finished", "stopped", "failed"):
        write(make_run(), {"type": end})
    make_run()
    assert find_run(bench.runs_dir, finished=True).name == "0002-fast"


def test_on_a_bench_without_runs_the_next_step_is_named(bench: Bench) -> None:
    for name in ("", "1"):
        with pytest.raises(RunRefused, match="start one: workbench train BENCH") as caught:
            find_run(bench.runs_dir, name)
        assert caught.value.exit_code == 2


def test_what_is_not_there_is_refused_with_what_is(make_run: MakeRun, bench: Bench) -> None:
    for number in range(7):
        make_run(slug=f"x\u202e{number}")
    for name in ("9", "0000", "0", "fast", "../0002-x-1", "²", "2-x"):
        with pytest.raises(RunRefused) as caught:
            find_run(bench.runs_dir, name)
        assert f"no run is named {name!r}" in str(caught.value)
        assert str(caught.value).endswith("runs: 0007-x-6, 0006-x-5, 0005-x-4, 0004-x-3, 0003-x-2")


def test_none_has_finished(make_run: MakeRun, bench: Bench) -> None:
    make_run()
    with pytest.raises(RunRefused, match="no finished run; runs: 0001-fast"):
        find_run(bench.runs_dir, finished=True)


DAMAGE: dict[str, bytes] = {
    "empty": b"",
    "torn": b'{"version": 1, "sett',
    "a list": b"[]",
    "no text": b"\xff\xfe\x00",
    "deep": b"[" * 100_000,
    "no version": b"{}",
    "newer": b'{"version": 2}',
    "a word": b'{"version": "1"}',
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_or_newer_run_is_one_line_and_does_not_hide_the_others(
    make_run: MakeRun, bench: Bench, damage: str
) -> None:
    good, bad = make_run(), make_run()
    bad.run_json.write_bytes(DAMAGE[damage])
    for read in (bad.read, bad.settings, bad.schema):
        with pytest.raises(RunRefused) as caught:
            read()
        assert str(caught.value).startswith(f"{bad.run_json}: ")
        assert "\n" not in str(caught.value)
        assert caught.value.exit_code == 2
    if damage == "newer":
        assert "the run has version 2; this program knows 1; update workbench" in str(caught.value)
    assert [one.name for one in list_runs(bench.runs_dir)] == [good.name]
    assert find_run(bench.runs_dir) == bad, "it is there, and says what is wrong when it is read"


@pytest.mark.parametrize("part", [None, 5, "words", [], ["a"], {"training": 5, "model": []}])
def test_parts_of_another_kind_are_one_line(run: RunFolder, part: Any) -> None:
    rewrite(run, settings=part, schema=part)
    for read in (run.settings, run.schema):
        with pytest.raises(WorkbenchError) as caught:
            read()
        assert str(run.run_json) in str(caught.value)
    [listed] = list_runs(run.root.parent)
    assert (listed.architecture, listed.epochs) == ("", 0)


@pytest.mark.parametrize("created", [None, "yesterday", float("nan"), float("inf"), -5, True, 10**400])
def test_an_absurd_time_can_still_be_listed(run: RunFolder, created: Any) -> None:
    rewrite(run, created=created)
    write(run, {"type": "note", "wall": 1e18})
    [listed] = list_runs(run.root.parent)
    json.dumps(listed.to_dict(), allow_nan=False)


def test_what_is_no_run_is_not_listed(run: RunFolder) -> None:
    runs_dir = run.root.parent
    (runs_dir / "0002-made-by-hand").mkdir()
    (runs_dir / "0003-folder" / "run.json").mkdir(parents=True)
    (runs_dir / "0004-file").touch()
    (runs_dir / "0005-nowhere").symlink_to(runs_dir / "gone")
    (runs_dir / "0006-odd").mkdir()
    (runs_dir / "0006-odd" / "run.json").symlink_to("x" * 300)
    assert run_folders(runs_dir) == [run]
    assert run_folders(runs_dir / "gone") == []


def test_a_run_that_was_renamed_comes_last(make_run: MakeRun, bench: Bench) -> None:
    make_run().root.rename(bench.runs_dir / "best so far")
    make_run()
    assert [run.name for run in run_folders(bench.runs_dir)] == ["0001-fast", "best so far"]
    assert find_run(bench.runs_dir, "best so far").read()["preset"] == "fast"


def test_order_is_that_of_numbers(make_run: MakeRun, bench: Bench) -> None:
    make_run().root.rename(bench.runs_dir / "9999-a")
    make_run()
    assert [run.name for run in run_folders(bench.runs_dir)] == ["10000-fast", "9999-a"]


def test_a_line_of_the_list(run: RunFolder) -> None:
    epoch = {"type": "epoch", "epoch": 2, "epochs": 10, "metric": "val_loss", "best_epoch": 1}
    begun = run.read()["created"]
    write(run, {"type": "phase", "name": "training"}, {**epoch, "best_value": 1.23456, "wall": begun + 30})
    with worker_on(run):
        [listed] = list_runs(run.root.parent)
    assert (listed.state, listed.preset, listed.architecture) == (RunState.RUNNING, "fast", "trunk")
    assert (listed.epochs_done, listed.epochs, listed.best_text) == (2, 10, "val_loss 1.235 (epoch 1)")
    assert listed.seconds == pytest.approx(30)
    [listed] = list_runs(run.root.parent)
    assert listed.state is RunState.DIED


def test_a_run_that_has_not_begun_has_nothing_best(run: RunFolder) -> None:
    [listed] = list_runs(run.root.parent)
    assert (listed.best_text, listed.epochs_done, listed.epochs, listed.seconds) == ("", 0, 10, 0.0)


def test_a_worker_that_is_gone_has_died_and_its_folder_may_be_anywhere(
    run: RunFolder, tmp_path: Path
) -> None:
    assert not run.alive()
    with worker_on(run):
        assert run.alive()
        assert run.state() is RunState.STARTING
    assert run.state() is RunState.DIED
    moved = RunFolder(run.root.rename(tmp_path / "elsewhere"))
    assert moved.settings().training.epochs == 10
