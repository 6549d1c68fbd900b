"""A removed run lies whole in the trash, comes back whole, and a killed emptying is gone on with."""

import errno
import fcntl
import os
import shutil
import time
from pathlib import Path

import pytest

from tests.unit.training.conftest import MakeRun, batch, maker, phase, worker_on, write
from workbench.errors import InputError, RunRefused, WorkbenchError
from workbench.monitoring.holdings import holdings, size_of, size_words
from workbench.monitoring.trash import (
    Trashed,
    empty_trash,
    half_emptied,
    restore_run,
    trash_run,
    trashed_runs,
)
from workbench.training.run import RunFolder, find_run, run_folders


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    return maker(tmp_path)


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    return tmp_path / "bench" / "runs"


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but the lock, which is made where there was none."""
    found = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if name != "lock"}


def test_a_removed_run_is_listed_in_the_trash_alone_and_comes_back_whole(
    make_run: MakeRun, runs_dir: Path
) -> None:
    kept, run = make_run(), make_run()
    (run.checkpoints / "x.npz").write_bytes(b"x" * 5000)
    before, begun = contents(run.root), time.time()
    gone = trash_run(run)
    assert (gone.name, run.root.exists()) == (run.name, False)
    assert run_folders(runs_dir) == [kept]
    [listed] = trashed_runs(runs_dir)
    assert listed.name == run.name
    assert begun - 1 <= listed.removed <= time.time()
    assert listed.bytes == sum(map(len, before.values()))
    assert restore_run(runs_dir, run.name) == run
    assert contents(run.root) == before
    assert trashed_runs(runs_dir) == []
    assert not any((runs_dir / ".trash").iterdir()), "nothing is left of a removal that was taken back"


def test_a_run_at_work_is_never_removed(make_run: MakeRun, runs_dir: Path) -> None:
    run = make_run()
    with worker_on(run), pytest.raises(RunRefused, match=f"{run.name}: is at work; stop it first"):
        trash_run(run)
    assert run.run_json.exists()
    assert trashed_runs(runs_dir) == []


def test_no_worker_can_begin_while_it_is_moved(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run, seen = make_run(), list[bool]()
    rename = Path.rename

    def watched(path: Path, target: Path) -> Path:
        if path == run.root:
            seen.append(run.alive())
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", watched)
    trash_run(run)
    assert seen == [True]


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOTSUP])
def test_without_locks_the_log_says_whether_a_worker_may_be_at_work(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    young, old, ended = make_run(), make_run(), make_run()
    write(young, phase("training"), {**batch(1, 1), "wall": time.time() - 5})
    write(old, phase("training"), {**batch(1, 1), "wall": time.time() - 500})
    write(ended, phase("training"), {"type": "finished", "wall": time.time()})
    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(RunRefused, match="may be at work: its file system has no locks"):
        trash_run(young)
    for run in (old, ended):
        trash_run(run)
        assert not run.root.exists()


def test_a_run_that_is_gone_or_cannot_be_moved_is_one_line(
    make_run: MakeRun, runs_dir: Path, tmp_path: Path
) -> None:
    run = make_run()
    with pytest.raises(RunRefused, match="9-x: is not there any more"):
        trash_run(RunFolder(runs_dir / "9-x"))
    (runs_dir / ".trash").write_text("a file in its place")
    with pytest.raises(
        WorkbenchError, match=f"^{run.name}: cannot be moved to the trash: .*it stays as it is"
    ):
        trash_run(run)
    assert run.run_json.exists()
    assert trashed_runs(runs_dir) == []
    assert empty_trash(runs_dir) == 0


def test_two_of_one_name_are_told_apart(make_run: MakeRun, runs_dir: Path) -> None:
    first = make_run()
    first.log.write_text("first")
    trash_run(first)
    second = make_run()
    second.log.write_text("second")
    assert second.name == first.name, "the number is free again"
    trash_run(second)
    newer, older = trashed_runs(runs_dir)
    assert newer.key != older.key
    assert restore_run(runs_dir, first.name).log.read_text() == "second"
    with pytest.raises(RunRefused, match="a run has that name now; give it another: --restore") as caught:
        restore_run(runs_dir, first.name)
    assert f"{older.key} --as " in str(caught.value)
    assert restore_run(runs_dir, older.key, "0007-first").log.read_text() == "first"
    assert find_run(runs_dir, "7").name == "0007-first"


@pytest.mark.parametrize("name", ["../x", ".hidden", "a/b", "a\0b", "."])
def test_a_name_that_no_run_can_have_is_refused(make_run: MakeRun, runs_dir: Path, name: str) -> None:
    trash_run(make_run())
    with pytest.raises(InputError, match="cannot be a run's name"):
        restore_run(runs_dir, "1", name)
    assert len(trashed_runs(runs_dir)) == 1


def test_what_is_not_in_the_trash_is_refused_with_what_is(make_run: MakeRun, runs_dir: Path) -> None:
    with pytest.raises(RunRefused, match="no run 'x' is in the trash; the trash is empty"):
        restore_run(runs_dir, "x")
    run = make_run()
    trash_run(run)
    with pytest.raises(RunRefused, match=f"in it: {run.name}"):
        restore_run(runs_dir, "0002-other")


def test_an_emptying_that_is_ended_is_gone_on_with_and_nothing_half_comes_back(
    make_run: MakeRun, runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [make_run() for _ in range(3)]
    for run in runs:
        trash_run(run)
    rmtree = shutil.rmtree

    def killed(path: Path, **_: object) -> None:
        next(path.glob("*/run.json")).unlink()  # the first half
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        empty_trash(runs_dir)
    monkeypatch.setattr(shutil, "rmtree", rmtree)
    assert half_emptied(runs_dir) == 3
    assert trashed_runs(runs_dir) == []
    with pytest.raises(RunRefused):
        restore_run(runs_dir, runs[0].name)
    later = make_run()
    trash_run(later)
    told: list[tuple[int, int]] = []
    assert empty_trash(runs_dir, lambda done, of: told.append((done, of))) > 0
    assert told == [(number, 4) for number in range(1, 5)]
    assert half_emptied(runs_dir) == 0
    assert not (runs_dir / ".trash").exists()


def test_what_is_not_ours_in_the_trash_stays(make_run: MakeRun, runs_dir: Path, tmp_path: Path) -> None:
    trash_run(make_run())
    trash, outside = runs_dir / ".trash", tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").touch()
    for name in ("notes", "99999999T999999Z", "20261125T000000"):
        (trash / name).mkdir()
    (trash / "file.txt").touch()
    [place] = [path for path in trash.iterdir() if path.name.endswith("Z") and path.name[0] == "2"]
    (place / "link").symlink_to(outside)
    assert {one.name for one in trashed_runs(runs_dir)} == {"0001-fast", "link"}
    empty_trash(runs_dir)
    assert (outside / "precious").exists(), "a link is removed, never what it leads to"
    left = {path.name for path in trash.iterdir()}
    assert left == {"notes", "99999999T999999Z", "20261125T000000", "file.txt"}


def test_a_link_to_a_run_elsewhere_is_moved_and_what_it_leads_to_stays(
    make_run: MakeRun, runs_dir: Path, tmp_path: Path
) -> None:
    run = make_run()
    real = run.root.rename(tmp_path / "big-disk")
    run.root.symlink_to(real)
    assert holdings(run).words() == "a link; the folder that it leads to stays"
    trash_run(run)
    empty_trash(runs_dir)
    assert (real / "run.json").exists()


def test_what_would_be_lost_is_named(make_run: MakeRun) -> None:
    run = make_run()
    assert holdings(run).words().startswith("its log: ")
    run.model.write_bytes(b"x" * 2_000_000)
    run.evaluation.write_text("{}")
    for name in ("e0001-b00000.npz", "e0002-b00000.npz"):
        (run.checkpoints / name).touch()
    (run.root / "loop").symlink_to("loop")
    held = holdings(run)
    assert held.bytes == size_of(run.root) > 2_000_000
    words = held.words()
    assert words.startswith("its network, ")
    assert words.endswith(" log and evaluation: 2.0 MB")


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (99_449, "99.4 kB"),
        (999_600, "1.0 MB"),
        (2e12, "2.0 TB"),
    ],
)
def test_sizes_read_as_on_the_box_of_a_disk(size: float, words: str) -> None:
    assert size_words(size) == words


def test_a_removal_is_named_alone() -> None:
    assert Trashed("0001-a@b", "20261125T000000Z", 0.0).key == "0001-a@b@20261125T000000Z"
