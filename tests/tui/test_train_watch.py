"""The thread that reads a run: it tells what changed, only then, and ends when it is told to."""

import queue
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import MakeBench
from tests.tui.simulated_run import BATCHES, SimulatedRun
from workbench.errors import Cancelled, WorkbenchError
from workbench.monitoring.follow import Follower, RunSnapshot
from workbench.training.control import Request
from workbench.training.run import RunFolder
from workbench.training.state import RunState
from workbench.tui.run_start import read_log, run_to_show, start_run
from workbench.tui.screens.train_watch import RunNews, RunWatcher, differs
from workbench.tui.times import clock
from workbench.tui.widgets.chart_grid import ChartChoice
from workbench.tui.widgets.run_text import event_lines, figures, log_page, news, request_words, status_lines

ASKED = Request("a", "stop", "asked", 100.0)
TAKEN = replace(ASKED, stage="taken", taken_wall=100.5)
DONE = replace(TAKEN, stage="done", ended_wall=102.0)


def snapshot(**changes: object) -> RunSnapshot:
    """A run that trains."""
    return replace(RunSnapshot("0001-fast", RunState.RUNNING, log_path=Path("worker.log")), **changes)  # type: ignore[arg-type]


def test_news_come_with_each_change_and_the_newest_replaces_the_rest(make_bench: MakeBench) -> None:
    heard: queue.Queue[RunNews] = queue.Queue()
    with SimulatedRun(make_bench(0)) as run:
        run.start()
        watcher = RunWatcher(run.run, heard.put)
        try:
            first = heard.get(timeout=10)
            assert [name for name, _ in first.heads] == list(run.heads)
            run.batch(1, 1)
            watcher.look()
            second = heard.get(timeout=10)
            assert second.snapshot.batch == 1
            assert second.can_replace(first)
        finally:
            watcher.stop()
        assert run.run.alive()


def test_a_watcher_that_was_stopped_says_nothing_more(make_bench: MakeBench) -> None:
    heard: queue.Queue[RunNews] = queue.Queue()
    with SimulatedRun(make_bench(0)) as run:
        watcher = RunWatcher(run.run, heard.put)
        heard.get(timeout=10)
        watcher.stop()
        watcher.thread.join(5)
        assert not watcher.thread.is_alive()
        run.start()
        watcher.look()
        assert heard.empty()


def test_curves_that_did_not_grow_are_no_change(make_bench: MakeBench) -> None:
    with SimulatedRun(make_bench(0)) as run:
        run.start()
        run.epoch(1)
        follower = Follower(run.run)
        before, same = follower.poll(), follower.poll()
        assert not differs(before, same)
        run.batch(2, 1)
        after = follower.poll()
        assert differs(before, after)
        assert len(after.series["", "loss", "train"].x) == BATCHES + 1


def test_silence_is_a_change_only_once_it_is_worth_a_word() -> None:
    assert not differs(snapshot(age_seconds=1), snapshot(age_seconds=19))
    assert differs(snapshot(age_seconds=19), snapshot(age_seconds=21))
    assert not differs(snapshot(age_seconds=21), snapshot(age_seconds=24))
    ended = RunState.FINISHED
    assert not differs(snapshot(state=ended, age_seconds=1), snapshot(state=ended, age_seconds=900))
    assert differs(snapshot(asked=ASKED), snapshot(asked=TAKEN))
    assert differs(snapshot(asked=ASKED, untaken_seconds=4), snapshot(asked=ASKED, untaken_seconds=5))


@pytest.mark.parametrize(
    ("changes", "words", "bad"),
    [
        ({"age_seconds": 95.0}, "no sign of life for 2 min", False),
        ({"asked": ASKED}, f"stop: asked at {clock(100.0)}; waits for the end of the batch", False),
        (
            {"asked": ASKED, "untaken_seconds": 7},
            f"stop: asked at {clock(100.0)}; nobody took it for 7 s",
            False,
        ),
        ({"asked": TAKEN}, "stop: asked → taken after 0.5 s; saves", False),
        (
            {"asked": DONE, "state": RunState.STOPPED},
            "stop: asked → taken after 0.5 s → done after 2.0 s",
            False,
        ),
        (
            {"asked": replace(DONE, action="rate", value=0.01, stage="refused", reason="it is 0 here")},
            "rate 0.01: asked → taken after 0.5 s → refused after 2.0 s: it is 0 here",
            False,
        ),
        ({"state": RunState.PAUSED}, "paused, its memory is free; space goes on", False),
        (
            {"state": RunState.FAILED, "failure": "no space\x1b[1m"},
            "no space\\e[1m; its log: worker.log",
            True,
        ),
        ({}, "the first batches are on their way", False),
        ({"state": RunState.FINISHED}, "no batch was trained", False),
    ],
)
def test_the_one_thing_to_know_now(changes: dict[str, object], words: str, bad: bool) -> None:
    said, is_bad = news(snapshot(**changes), "")
    assert said.startswith(words)
    assert is_bad is bad


def test_what_is_not_known_is_left_out() -> None:
    assert figures(snapshot()) == []
    assert figures(
        snapshot(epochs=10, epoch=6, batches=40, batch=21, images_per_second=14.23, seconds_left=180)
    ) == [
        "epoch 6/10",
        "batch 21/40",
        "14.2 images/s",
        "3 min left",
    ]
    assert request_words(snapshot(asked=None)) == ""


@pytest.mark.parametrize("width", [80, 120])
def test_the_status_fits_whatever_a_run_is_called(width: int) -> None:
    looks = dict.fromkeys(("title", "muted", "error"), "")
    busy = snapshot(
        name="0001-\x1b[31m" + "long" * 30,
        epochs=1000,
        epoch=999,
        batches=40_000,
        batch=39_999,
        images_per_second=1234.5,
        seconds_left=90_000,
        best_epoch=998,
        memory_mb=20_480,
        learning_rate=0.00012345,
        phase="evaluating: " + "x" * 200,
    )
    lines = status_lines(busy, ChartChoice(), "run 3 of 12", "", width, looks)  # type: ignore[arg-type]
    assert all(line.cell_len <= width for line in lines)
    assert "\x1b" not in "".join(line.plain for line in lines)
    assert "epoch 999/1000" in lines[0].plain


def test_events_show_the_newest_at_the_bottom() -> None:
    lines = event_lines(("one", "two", "three\x1b[0m"), 80, 2, "")  # type: ignore[arg-type]
    assert [line.plain.strip() for line in lines] == ["events  two", "three\\e[0m"]
    assert event_lines((), 80, 2, "")[0].plain.strip() == "events  nothing yet"  # type: ignore[arg-type]


def test_a_log_is_shown_harmless_and_its_lack_is_said(make_bench: MakeBench) -> None:
    with SimulatedRun(make_bench(0)) as run:
        run.run.log.write_bytes(b"x" * 200_000 + b"\nfirst \x1b[2J\xff\nlast\n")
        shown = [line.plain for line in log_page(read_log(run.run), 60)]
        assert shown[-1] == "last"
        assert shown[-2].startswith("first \\e[2J")
        assert all(len(line) <= 60 for line in shown)
        run.run.log.unlink()
        with pytest.raises(WorkbenchError, match="no worker was started"):
            read_log(run.run)
    assert log_page(b"", 60)[0].plain == "the log is empty"


def test_the_run_to_show(make_bench: MakeBench) -> None:
    bench = make_bench(0)
    assert run_to_show(bench) == ([], None)
    with SimulatedRun(bench, "0001-a") as alive:
        SimulatedRun(bench, "0002-b").finish()
        runs, shown = run_to_show(bench)
        assert [run.name for run in runs] == ["0002-b", "0001-a"]
        assert shown == alive.run
        assert run_to_show(bench, "0002-b")[1] == RunFolder(bench.runs_dir / "0002-b")
        assert run_to_show(bench, "0009-gone")[1] == alive.run


def test_leaving_while_a_run_is_prepared_starts_nothing(make_bench: MakeBench) -> None:
    bench = make_bench(6)
    settings = bench.settings("fast")
    with pytest.raises(Cancelled):
        start_run(bench, settings, "fast", lambda done, total: None, lambda: True)
    assert not bench.runs_dir.exists()
