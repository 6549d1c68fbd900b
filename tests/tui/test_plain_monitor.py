"""Following a run without a screen: what stands on the lines, when they come, and that it never hangs."""

import io
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import MakeBench
from tests.tui.run_folders import alive, begin, epoch, figures, finished_run, new_run
from workbench.monitoring.advice import Advice
from workbench.monitoring.marks import Mark
from workbench.monitoring.snapshot import RunSnapshot
from workbench.monitoring.source import RunSource
from workbench.training.events import EventLog
from workbench.training.run import RunFolder
from workbench.training.state import RunState
from workbench.tui import plain_monitor
from workbench.tui.plain_lines import new_items, remark_lines
from workbench.tui.plain_monitor import PlainMonitor, follow_plain


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


class Watch:
    """`follow_plain` in a thread, as another process would run it."""

    def __init__(self, run: RunFolder, stream: io.StringIO | None = None) -> None:
        self.stream = stream or io.StringIO()
        self.state: RunState | None = None
        self._run = run
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        self.state = follow_plain(RunSource(self._run), self.stream, poll_seconds=0.01)

    @property
    def over(self) -> bool:
        """Whether it has returned."""
        return self.state is not None

    def until(self, condition: Callable[[str], object], seconds: float = 10.0) -> str:
        """Wait until the text fulfils the condition."""
        deadline = time.monotonic() + seconds
        while not condition(self.stream.getvalue()):
            assert time.monotonic() < deadline, self.stream.getvalue()
            time.sleep(0.005)
        return self.stream.getvalue()

    def end(self) -> list[str]:
        """Wait until it returns; the lines."""
        self._thread.join(10)
        assert not self._thread.is_alive()
        return self.stream.getvalue().splitlines()


def test_an_ended_run_is_told_at_once(make_bench: MakeBench) -> None:
    stream = io.StringIO()
    run = finished_run(make_bench(1))
    begun = time.monotonic()
    assert follow_plain(RunSource(run), stream) is RunState.FINISHED
    assert time.monotonic() - begun < 5
    lines = stream.getvalue().splitlines()
    epochs = [line for line in lines if line.startswith("epoch ")]
    assert [line.split("  ")[0] for line in epochs] == ["epoch 1/3", "epoch 2/3", "epoch 3/3"]
    assert "loss 2.500  val loss 3.000  val accuracy: wrinkles 0.500, freckles 0.500" in epochs[0]
    assert epochs[-1].endswith("watched: val_loss 2 ★ best")
    assert lines.index("checkpoint of epoch 1 saved") == lines.index(epochs[0]) + 1
    assert lines[-2:] == ["run 0001-fast finished after epoch 3/3; best epoch 3", "finished: 3 epochs"]


def test_a_running_run_is_followed_to_its_end(make_bench: MakeBench) -> None:
    run = new_run(make_bench(1))
    with alive(run), begin(run) as log:
        watch = Watch(run)
        watch.until(lambda text: "data: 12/12" in text)
        epoch(log, 1)
        log.note("the learning rate falls to 0.001")
        text = watch.until(lambda text: "falls to 0.001" in text)
        assert "epoch 1/3  loss 2.500" in text
        assert not watch.over
        epoch(log, 2)
        log.emit("stopped", text="after epoch 2", epoch=2, best_epoch=2, seconds=4.0)
    lines = watch.end()
    assert watch.state is RunState.STOPPED
    assert [line.split("  ")[0] for line in lines if line.startswith("epoch ") and "val loss" in line] == [
        "epoch 1/3",
        "epoch 2/3",
    ]
    assert "run 0001-fast stopped after epoch 2/3; best epoch 2" in lines


def test_phases_have_a_line_but_not_those_that_alternate_in_every_epoch(make_bench: MakeBench) -> None:
    run = new_run(make_bench(1))
    with alive(run), EventLog(run.events) as log:
        run.log.touch()
        watch = Watch(run)
        for phase in ("starting", "building", "training"):
            log.phase(phase)
            watch.until(lambda text: phase in text.splitlines())  # noqa: B023
        epoch(log, 1)
        watch.until(lambda text: "checkpoint of epoch 1" in text)
        log.phase("evaluating")
        watch.until(lambda text: "evaluating" in text)
        log.emit("finished", text="", epoch=1, best_epoch=1, seconds=1.0)
    lines = watch.end()
    assert [one for one in lines if one in ("starting", "building", "training", "validating", "saving")] == [
        "starting",
        "building",
        "training",
    ]


def batch(log: EventLog, number: int) -> None:
    """One batch of epoch 1."""
    log.emit(
        "batch",
        epoch=1,
        batch=number,
        batches=400,
        step=number,
        images_per_second=14.2,
        seconds_left=180,
        **figures(2.31, 0.5),
    )


def test_elsewhere_than_on_a_terminal_progress_comes_seldom(make_bench: MakeBench) -> None:
    run = new_run(make_bench(1))
    with alive(run), begin(run) as log:
        log.phase("training")
        watch = Watch(run)
        for number in range(1, 30):
            batch(log, number)
            log.note(f"batch {number} done")
            watch.until(lambda text: f"batch {number} done" in text)  # noqa: B023
        log.emit("finished", text="", epoch=1, best_epoch=0, seconds=1.0)
    progress = [line for line in watch.end() if "images/s" in line]
    assert len(progress) == 1
    assert re.fullmatch(r"epoch 1/3  batch \d+/400  14\.2 images/s  3 min left  loss 2\.31", progress[0])


def test_on_a_terminal_one_line_is_written_anew_and_wiped(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_monitor, "_EVERY_S", {True: 0.0, False: 10.0})
    run = new_run(make_bench(1))
    with alive(run), begin(run) as log:
        log.phase("training")
        watch = Watch(run, Terminal())
        for number in (1, 2, 3):
            batch(log, number)
            watch.until(lambda text: f"batch {number}/400" in text)  # noqa: B023
        log.emit("finished", text="all done", epoch=1, best_epoch=0, seconds=1.0)
    watch.end()
    text = watch.stream.getvalue()
    assert "\x1b" not in text
    assert text.count("\r") >= 4
    for line in text.split("\n"):
        *drawn, last = line.split("\r")
        assert all(len(part) <= 79 for part in drawn)
        assert "images/s" not in last
    assert text.endswith("finished: all done\n")


def test_a_failure_gives_cause_and_log(make_bench: MakeBench) -> None:
    run = new_run(make_bench(1))
    with begin(run, 1) as log:
        log.emit("failed", cause="the disk\x1b[2J is full", log=str(run.log))
    stream = io.StringIO()
    assert follow_plain(RunSource(run), stream) is RunState.FAILED
    lines = stream.getvalue().splitlines()
    assert lines[-4:] == [
        "run 0001-fast failed after epoch 1/3; best epoch 1",
        "the disk\\e[2J is full",
        f"log: {run.log}",
        f"go on with: workbench resume {run.root.parent.parent} {run.name}",
    ]


def test_a_worker_that_dies_is_told(make_bench: MakeBench) -> None:
    run = new_run(make_bench(1))
    with alive(run), begin(run, 1):
        watch = Watch(run)
        watch.until(lambda text: "checkpoint of epoch 1" in text)
    lines = watch.end()
    assert watch.state is RunState.DIED
    assert "ended without a word" in lines[-3]


def test_a_worker_that_has_not_begun_is_waited_for(make_bench: MakeBench) -> None:
    run = new_run(make_bench(1))
    run.log.touch()
    assert run.state() is RunState.DIED
    watch = Watch(run)
    with alive(run), begin(run, 1) as log:
        watch.until(lambda text: "epoch 1/3" in text)
        log.emit("finished", text="", epoch=1, best_epoch=1, seconds=1.0)
    watch.end()
    assert watch.state is RunState.FINISHED


def test_a_worker_that_never_begins_is_not_waited_for_for_ever(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run(make_bench(1))
    run.log.touch()
    monkeypatch.setattr(plain_monitor, "GRACE_S", 0.2)
    watch = Watch(run)
    lines = watch.end()
    assert watch.state is RunState.DIED
    assert lines[0] == "run 0001-fast died"


def test_a_worker_that_died_long_ago_without_a_word_is_told_at_once(make_bench: MakeBench) -> None:
    run = new_run(make_bench(1))
    run.log.touch()
    os.utime(run.log, (time.time() - 3600, time.time() - 3600))
    begun = time.monotonic()
    assert follow_plain(RunSource(run), io.StringIO()) is RunState.DIED
    assert time.monotonic() - begun < 5


def test_a_run_that_was_never_started_is_said(make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_monitor, "GRACE_S", 0.1)
    stream = io.StringIO()
    assert follow_plain(RunSource(new_run(make_bench(1))), stream, poll_seconds=0.01) is RunState.STARTING
    assert stream.getvalue() == "run 0001-fast has not begun: no worker was ever started on it\n"


def test_an_interruption_passes_through_and_following_goes_on(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run(make_bench(1))
    stream = io.StringIO()
    monitor = PlainMonitor(RunSource(run), stream)

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    with alive(run), begin(run, 2) as log:
        with monkeypatch.context() as patched:
            patched.setattr("workbench.tui.plain_monitor.time.sleep", interrupted)
            with pytest.raises(KeyboardInterrupt):
                monitor.follow()
        assert stream.getvalue().endswith("\n")
        log.emit("stopped", text="", epoch=2, best_epoch=2, seconds=1.0)
    assert monitor.follow() is RunState.STOPPED
    assert stream.getvalue().count("epoch 1/3  loss") == 1


def test_epochs_that_are_done_again_after_a_crash_are_told_again(make_bench: MakeBench) -> None:
    run = new_run(make_bench(1))
    with alive(run), begin(run, 2) as log:
        watch = Watch(run)
        watch.until(lambda text: "checkpoint of epoch 2" in text)
        log.emit("started", epochs=3, batches=2, batch_size=2, pictures=12, resumed_epoch=1)
        log.note("going on after epoch 1")
        watch.until(lambda text: "going on after" in text)
        epoch(log, 2)
        log.emit("finished", text="", epoch=2, best_epoch=2, seconds=1.0)
    lines = watch.end()
    assert [line[:9] for line in lines if "val loss" in line] == ["epoch 1/3", "epoch 2/3", "epoch 2/3"]


@pytest.mark.parametrize(
    ("before", "now", "new"),
    [
        ("", "ab", "ab"),
        ("ab", "abc", "c"),
        ("ab", "ab", ""),
        ("abc", "bcd", "d"),
        ("aa", "aaa", "a"),
        ("ab", "xy", "xy"),
        ("ab", "", ""),
    ],
)
def test_of_notes_those_that_are_new_are_found(before: str, now: str, new: str) -> None:
    assert "".join(new_items(tuple(before), tuple(now))) == new


def test_no_screen_library_is_loaded() -> None:
    code = "import sys, workbench.tui.plain_monitor; print('textual' in sys.modules)"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"


def test_advice_restarts_and_what_is_skipped_have_a_line_each_once(make_bench: MakeBench) -> None:
    run = new_run(make_bench(1))
    with alive(run), begin(run, 1) as log:
        watch = Watch(run)
        watch.until(lambda text: "epoch 1/3" in text)
        with run.events.open("ab") as file:
            file.write(b"garbage\n{torn\n")
        watch.until(lambda text: "some lines of the log are skipped" in text)
        log.emit("started", epochs=3, batches=2, resumed_epoch=0)
        epoch(log, 1)
        log.emit("paused", text="after epoch 1", epoch=1, best_epoch=1, seconds=1.0)
    lines = watch.end()
    assert watch.state is RunState.PAUSED
    assert len([line for line in lines if line.startswith("a worker went on from here")]) == 1
    assert len([line for line in lines if "are skipped" in line]) == 1
    assert lines[-2:] == [
        "2 lines of the log could not be read",
        f"go on with: workbench resume {run.root.parent.parent} {run.name}",
    ]


def test_advice_names_its_place() -> None:
    advice = (
        Advice("best", "", 2.0, 4.0, 0.0, "epoch 2 is the best so far"),
        Advice("plateau", "hair", 7.0, 14.0, 0.0, "hair: flat since epoch 3"),
    )
    marks = (Mark("restart", 4.5, 9.0, 0.0, "a worker went on from here (epoch 4.5)"),)
    told = RunSnapshot("0001-fast", RunState.RUNNING, advice=advice, marks=marks)
    assert remark_lines(told) == [marks[0].text, "advice at epoch 7: hair: flat since epoch 3"]
