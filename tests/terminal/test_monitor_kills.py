"""Monitors that end badly do nothing to a run, and a worker that ends badly is soon seen to have died."""

from pathlib import Path

from tests.benchmarks.watching.killing import LIVE, WAYS, ended_by, names, until_died
from tests.benchmarks.watching.live import same_as_recorded, written
from tests.benchmarks.watching.made import make_run
from tests.benchmarks.watching.streaming import monitor
from workbench.monitoring.follow import Follower


def test_neither_kill_9_nor_a_hang_up_changes_a_byte_of_the_log(tmp_path: Path) -> None:
    run = make_run(tmp_path / "live", LIVE)
    with written(run, LIVE, rate=50) as writer:
        before = names(run)
        for way in WAYS:
            assert ended_by(run, way), f"a monitor outlives {way}"
        assert writer.poll() is None
        assert names(run) == before
    assert same_as_recorded(run)
    snapshot = Follower(run).poll()
    assert snapshot.state == "stopped"
    assert not snapshot.skipped


def test_a_killed_worker_is_called_dead_within_two_seconds(tmp_path: Path) -> None:
    run = make_run(tmp_path / "live", LIVE)
    with written(run, LIVE) as writer, monitor(run) as app:
        seconds = until_died(app, writer.pid)
        assert seconds is not None, app.text
        assert seconds < 2
