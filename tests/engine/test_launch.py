"""Starting a worker for real, with a small program in its place: what it gets, and what others see of it."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.unit.training.conftest import MakeRun, maker
from workbench.errors import RunRefused
from workbench.training import launcher
from workbench.training.launcher import launch
from workbench.training.run import RunFolder
from workbench.training.state import RunState

PROGRAM = """
import json, os, sys, time
print(json.dumps({
    "arguments": sys.argv[1:], "folder": os.getcwd(), "session": os.getsid(0), "process": os.getpid(),
    "keras": os.environ["KERAS_BACKEND"], "input": os.readlink("/proc/self/fd/0"),
    "path": sys.path[0], "lock": os.readlink(f"/proc/self/fd/{sys.argv[3]}"),
}))
print("a warning", file=sys.stderr)
while not os.path.exists(sys.argv[1] + "/go"):
    time.sleep(0.01)
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunFolder]:
    """A run whose worker reports what it was given, then waits for a file named `go`."""
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "standin.py").write_text(PROGRAM)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "programs"))
    monkeypatch.setattr(launcher, "WORKER", "standin")
    monkeypatch.setattr(launcher, "LOOK_S", 0.05)
    make: MakeRun = maker(tmp_path)
    made = make()
    yield made
    (made.root / "go").touch()
    until(lambda: not made.alive())


def until(condition: Callable[[], object]) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def told(run: RunFolder) -> list[dict[str, Any]]:
    """What the workers of a run reported about themselves, once both of its streams are in the log."""
    until(lambda: "a warning" in run.log.read_text().rpartition("{")[2])
    return [json.loads(line) for line in run.log.read_text().splitlines() if line.startswith("{")]


def test_the_worker_has_its_folder_the_lock_and_nothing_of_our_terminal(run: RunFolder) -> None:
    assert run.state() is RunState.STARTING
    launch(run)
    assert run.alive(), "from this moment, without a gap"
    [report] = told(run)
    assert report["arguments"][0] == str(run.root)
    assert report["arguments"][1] == "--lock"
    assert report["lock"] == str(run.lock)
    assert (report["folder"], report["input"], report["keras"]) == ("/", "/dev/null", "tensorflow")
    assert report["session"] == report["process"] != os.getsid(0)
    assert report["path"] != "/", "nothing is imported from the folder it happens to be in"


def test_while_it_works_no_second_one_starts_and_when_it_ends_the_next_may(run: RunFolder) -> None:
    launch(run)
    told(run)
    with pytest.raises(RunRefused, match="a worker is at work on it already"):
        launch(run)
    assert len(told(run)) == 1
    (run.root / "go").touch()
    until(lambda: not run.alive())
    (run.root / "go").unlink()
    launch(run)
    until(lambda: run.log.read_text().count("a warning") == 2)
    first, second = told(run)
    assert first["process"] != second["process"], "the log goes on where the first worker's ended"


def test_kill_9_frees_the_run_at_once_and_leaves_no_zombie(run: RunFolder) -> None:
    launch(run)
    [report] = told(run)
    os.kill(report["process"], signal.SIGKILL)
    until(lambda: not run.alive())
    assert run.state() is RunState.DIED
    until(lambda: not psutil.pid_exists(report["process"]))


def test_the_launcher_may_be_told_to_forget_its_folder(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A run that is named relative to the current folder reaches the worker by its whole path."""
    monkeypatch.chdir(run.root.parent)
    launch(RunFolder(Path(run.name)))
    [report] = told(run)
    assert report["arguments"][0] == str(run.root)
