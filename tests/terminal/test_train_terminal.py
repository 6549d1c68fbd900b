"""Training in a real terminal: killing the screen, and dropping its line, does nothing to the run."""

import time
from pathlib import Path

import pytest

from tests.benches import drawn_bench
from tests.terminal.pty_app import PtyApp
from workbench.bench import Bench
from workbench.monitoring.follow import Follower, RunSnapshot
from workbench.training.run import RunState, run_folders

F4 = "\x1bOS"
FACES = 100


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Drawn faces, labelled: so many that a run outlasts a screen that is opened again on a busy machine."""
    return drawn_bench(tmp_path, FACES, seed=2)


def opened(bench: Bench) -> PtyApp:
    """The workbench on its Train screen."""
    app = PtyApp([str(bench.root), "--annotator", "ana"])
    app.wait_for(lambda text: f"/{FACES}" in text)
    app.press(F4)
    return app


def snapshot(bench: Bench) -> RunSnapshot:
    """Where the only run stands."""
    (run,) = run_folders(bench.runs_dir)
    return Follower(run).poll()


def test_neither_kill_9_nor_a_hang_up_touches_the_run(bench: Bench) -> None:
    with opened(bench) as app:
        app.wait_for(lambda text: "g start" in text)
        app.press("g")
        app.wait_for(lambda text: "epoch 2/" in text, 90)
        app.kill()
    killed_at = snapshot(bench)
    assert killed_at.state.live
    with opened(bench) as app:
        app.wait_for(lambda text: "running" in text and "epoch " in text)
        assert snapshot(bench).epoch >= killed_at.epoch
        app.hang_up()
        app.process.wait(10)
    assert snapshot(bench).state.live
    deadline = time.monotonic() + 180
    while (ended := snapshot(bench)).state.live:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert ended.state is RunState.FINISHED
    assert ended.curves["", "loss", "validation"].places.tolist() == [
        float(epoch) for epoch in range(1, ended.epochs + 1)
    ]
    assert ended.skipped_lines == 0
    with opened(bench) as app:
        app.wait_for(lambda text: "finished" in text and f"epoch {ended.epochs}/{ended.epochs}" in text)
