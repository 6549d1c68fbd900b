"""What a process and its children use: real ones that take memory, burn a core, write, end."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from workbench.training import process_tree
from workbench.training.process_tree import ProcessTree, peak_memory_mb

Start = Callable[..., subprocess.Popen[str]]
PATIENCE_S = 20.0
BURN = "while True: pass"
HOLD = "held = bytearray(96 << 20); print('held', flush=True); input()"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLD!r}])"
WRITE = """
import os
with open(sys.argv[1], "wb") as file:
    for _ in range(64):
        file.write(bytes(1 << 20))
    os.fsync(file.fileno())
print("written", flush=True)
input()
"""


@pytest.fixture
def start() -> Iterator[Start]:
    """A function that starts a child of this process, which ends with the test."""
    children: list[subprocess.Popen[str]] = []

    def begin(code: str, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", f"import sys\n{code}", *map(str, arguments)]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        children.append(child)
        return child

    yield begin
    for child in children:
        if child.poll() is None:
            for grandchild in psutil.Process(child.pid).children():
                grandchild.kill()
            child.kill()
        child.communicate()


def until(reached: Callable[[], bool]) -> None:
    """Wait for it."""
    deadline = time.monotonic() + PATIENCE_S
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def said(child: subprocess.Popen[str]) -> str:
    """The next line that a child prints."""
    assert child.stdout is not None
    return child.stdout.readline().strip()


def test_the_memory_of_children_and_of_their_children_counts(start: Start) -> None:
    tree = ProcessTree()
    alone = tree.figures()
    assert said(start(PARENT)) == "held"
    held = tree.figures()
    assert held["processes"] == alone["processes"] + 2
    assert held["memory_mb"] > alone["memory_mb"] + 96
    assert held["peak_mb"] >= held["memory_mb"]


def test_the_peak_stays_when_the_memory_is_given_back(start: Start) -> None:
    tree = ProcessTree()
    child = start(HOLD)
    assert said(child) == "held"
    held = tree.figures()
    child.communicate("\n")
    after = tree.figures()
    assert after["memory_mb"] < held["memory_mb"] - 90
    assert after["peak_mb"] >= held["memory_mb"]
    assert peak_memory_mb() * 2**20 > psutil.Process().memory_info().rss / 2


def test_a_child_that_burns_a_core_is_seen(start: Start) -> None:
    tree = ProcessTree()
    child = psutil.Process(start(BURN).pid)
    until(lambda: child.cpu_times().user > 0.3)
    figures = tree.figures()
    assert figures["processor_percent"] > 20
    assert figures["processor_percent"] <= 100 * (os.cpu_count() or 1)


def test_what_a_child_did_before_it_ended_in_between_counts(start: Start) -> None:
    tree = ProcessTree()
    started = time.monotonic()
    child = start("import time\nwhile time.process_time() < 0.4: pass")
    child.wait()
    seconds = time.monotonic() - started
    told = tree.figures()
    assert told["processor_percent"] > 60 * 0.4 / seconds
    until(lambda: tree.figures()["processor_percent"] < 50)


def test_what_a_child_writes_counts_as_it_reaches_the_disk(start: Start, tmp_path: Path) -> None:
    tree = ProcessTree()
    if "disk_write_mb_s" not in tree.figures():
        pytest.skip("this kernel does not tell what a process writes")
    started = time.monotonic()
    assert said(start(WRITE, tmp_path / "written")) == "written"
    seconds = time.monotonic() - started
    assert tree.figures()["disk_write_mb_s"] == pytest.approx(64 / seconds, rel=0.5)


def test_children_that_end_all_the_time_end_nothing_else(start: Start) -> None:
    tree = ProcessTree()
    parent = start("import subprocess\nwhile True: subprocess.run(['true'])")
    until(lambda: tree.figures()["processes"] > 2)
    told = [tree.figures() for _ in range(200)]
    assert all(figures["processes"] >= 2 for figures in told)
    assert all(0 <= figures["processor_percent"] <= 100 * (os.cpu_count() or 1) for figures in told)
    assert parent.poll() is None


def test_of_a_root_that_is_gone_nothing_is_told(start: Start) -> None:
    child = start(HOLD)
    assert said(child) == "held"
    tree = ProcessTree(child.pid)
    assert tree.figures()["memory_mb"] > 96
    child.communicate("\n")
    assert tree.figures() == {}
    with pytest.raises(psutil.NoSuchProcess):
        ProcessTree(child.pid)


@pytest.mark.parametrize(
    "error", [psutil.AccessDenied(1), NotImplementedError(), RuntimeError("io file was empty"), ValueError()]
)
def test_a_container_that_hides_io_leaves_the_disk_out(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(_: psutil.Process) -> None:
        raise error

    monkeypatch.setattr(psutil.Process, "io_counters", refuse)
    figures = ProcessTree().figures()
    assert set(figures) == {"memory_mb", "peak_mb", "processor_percent", "processes"}


def test_without_the_kernels_list_of_children_psutil_finds_them(
    monkeypatch: pytest.MonkeyPatch, start: Start
) -> None:
    assert said(start(PARENT)) == "held"
    listed = ProcessTree().figures()["processes"]
    monkeypatch.setattr(process_tree, "Path", lambda _: Path("/nowhere"))
    assert ProcessTree().figures()["processes"] == listed >= 3


def test_a_thread_s_children_are_its_process_s(start: Start) -> None:
    code = (
        "import subprocess, threading\n"
        "threading.Thread(target=lambda: subprocess.run(['sleep', '60'])).start()\n"
        "print('begun', flush=True)\ninput()"
    )
    child = start(code)
    assert said(child) == "begun"
    tree = ProcessTree(child.pid)
    until(lambda: tree.figures()["processes"] == 2)
