"""`workbench monitor` without a screen: what it finds, what it prints, how it ends."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MakeBench
from tests.tui.run_folders import alive, begin, finished_run, new_run
from workbench.bench import Bench
from workbench.cli.monitor import located
from workbench.errors import BenchError, InputError, RunRefused
from workbench.monitoring.source import RunSource


def workbench(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the program without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "workbench", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """A bench that nobody has trained on."""
    return make_bench(1)


def test_the_exit_code_says_how_the_run_ended(bench: Bench) -> None:
    finished = finished_run(bench)
    done = workbench("monitor", str(bench.root), "--plain")
    assert done.returncode == 0
    assert f"run {finished.name} finished" in done.stdout
    failed = new_run(bench)
    with begin(failed, 1) as log:
        log.emit("failed", cause="out of memory")
    done = workbench("monitor", str(bench.root), failed.name, "--plain")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert f"run {failed.name} failed after epoch 1/3; best epoch 1" in lines
    assert lines[-1] == f"go on with: workbench resume {bench.root} {failed.name}"
    document = workbench("monitor", str(bench.root), failed.name, "--json")
    assert document.returncode == 0, "it was asked for the state, and gave it"
    assert json.loads(document.stdout)["state"] == "failed"


def test_ctrl_c_ends_the_watching_and_not_the_run(bench: Bench) -> None:
    run = new_run(bench)
    with alive(run), begin(run, 1):
        before = run.events.read_bytes()
        watching = subprocess.Popen(
            [sys.executable, "-m", "workbench", "monitor", str(run.root), "--plain"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        assert watching.stdout is not None
        for line in watching.stdout:
            if line.startswith("checkpoint of epoch 1"):
                break
        watching.send_signal(signal.SIGINT)
        _, errors = watching.communicate(timeout=20)
        assert watching.returncode == 130
        assert errors.strip() == f"workbench: {run.name}: no longer watched; the run is not touched"
        assert run.events.read_bytes() == before
        assert not run.control.exists()


def test_a_reader_that_has_seen_enough_is_no_error(bench: Bench) -> None:
    finished_run(bench)
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "monitor", str(bench.root), "--plain"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_bench_a_run_of_it_and_a_folder_alone_are_found(bench: Bench, tmp_path: Path) -> None:
    assert located(bench.root) == (bench.runs_dir, None)
    run = finished_run(bench)
    for found in (located(bench.root, "1"), located(run.root)):
        assert found == (bench.runs_dir, RunSource(run))
    alone = tmp_path / "elsewhere"
    alone.mkdir()
    (alone / "events.jsonl").touch()
    runs_dir, source = located(alone)
    assert runs_dir is None
    assert source is not None
    assert source.name == "elsewhere"


def test_what_is_asked_for_wrongly_is_said_before_anything_is_drawn(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="neither a bench nor a run's folder"):
        located(tmp_path)
    with pytest.raises(BenchError, match="no such folder"):
        located(tmp_path / "nowhere")
    run = finished_run(bench)
    with pytest.raises(RunRefused, match=run.name):
        located(bench.root, "9")
    with pytest.raises(InputError, match="leave the run's name out"):
        located(run.root, "1")
    for arguments, words in (
        ([], "a bench, a run's folder or --csv FILE is needed"),
        ([str(bench.root), "--csv", "x.csv"], "give one of them"),
        ([str(bench.root), "1", "1"], "several runs take a screen"),
    ):
        done = workbench("monitor", *arguments)
        assert done.returncode == 2
        assert words in done.stderr
        assert len(done.stderr.splitlines()) == 1
