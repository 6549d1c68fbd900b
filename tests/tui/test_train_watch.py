"""The thread that reads a run: it tells what changed, only then, and ends when it is told to."""

import queue
from dataclasses import replace
from pathlib import Path

import pytest
from rich.style import Style

from tests.conftest import MakeBench
from tests.tui.simulated_run import BATCHES, SimulatedRun
from workbench.errors import Cancelled, WorkbenchError
from workbench.monitoring.advice import Advice
from workbench.monitoring.follow import Follower
from workbench.monitoring.snapshot import RunSnapshot
from workbench.monitoring.source import RunSource
from workbench.training.control import Request
from workbench.training.run import RunFolder
from workbench.training.state import RunState
from workbench.tui.run_start import read_log, run_to_show, start_run
from workbench.tui.screens.train_watch import DetailWish, RunNews, RunWatcher, differs
from workbench.tui.times import clock
from workbench.tui.widgets.request_text import already_asked, requests_words
from workbench.tui.widgets.run_text import (
    Looks,
    event_lines,
    figures,
    life_words,
    log_page,
    news,
    note_page,
    skipped_words,
    state_words,
    status_lines,
    title_words,
)

ASKED = Request("a", "stop", "asked", 100.0)
TAKEN = replace(ASKED, stage="taken", taken_wall=100.5)
DONE = replace(TAKEN, stage="done", ended_wall=102.0)


RATE = Request("b", "rate", "asked", 101.0, 0.001)
NOW = 102.5
LOOKS: Looks = {"title": Style(), "muted": Style(), "error": Style()}


def snapshot(**changes: object) -> RunSnapshot:
    """A run that trains."""
    return replace(RunSnapshot("0001-fast", RunState.RUNNING, log_path=Path("worker.log")), **changes)  # type: ignore[arg-type]


def test_news_come_with_each_change_and_the_newest_replaces_the_rest(make_bench: MakeBench) -> None:
    heard: queue.Queue[RunNews] = queue.Queue()
    with SimulatedRun(make_bench(0)) as run:
        run.start()
        watcher = RunWatcher(RunSource(run.run), heard.put)
        try:
            first = heard.get(timeout=10)
            assert [name for name, _ in first.heads] == list(run.heads)
            run.batch(1, 1)
            watcher.look()
            second = heard.get(timeout=10)
            assert second.snapshot is not None
            assert second.snapshot.batch == 1
            assert second.can_replace(first)
        finally:
            watcher.stop()
        assert run.run.alive()


def test_a_watcher_that_was_stopped_says_nothing_more(make_bench: MakeBench) -> None:
    heard: queue.Queue[RunNews] = queue.Queue()
    with SimulatedRun(make_bench(0)) as run:
        watcher = RunWatcher(RunSource(run.run), heard.put)
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
        assert len(after.curves["", "loss", "train"]) == BATCHES + 1


def test_what_grows_by_itself_is_no_change() -> None:
    """The screen counts the seconds on; a message for each would be one every quarter of a second."""
    assert not differs(snapshot(sign_age=1, data_age=3), snapshot(sign_age=2, data_age=4))
    assert differs(snapshot(sign_wall=1), snapshot(sign_wall=2))
    assert not differs(snapshot(reading=0.101), snapshot(reading=0.102))
    assert differs(snapshot(reading=0.10), snapshot(reading=0.12))
    assert differs(snapshot(reading=0.99), snapshot(reading=None))
    assert differs(snapshot(requests=(ASKED,)), snapshot(requests=(TAKEN,)))


class _Failing:
    """A source that cannot be read the first time."""

    name = "0001-fast"

    def __init__(self, run: RunFolder) -> None:
        self.run, self.followed = run, 0

    def heads(self) -> tuple[tuple[str, str], ...]:
        """None."""
        return ()

    def follow(self) -> Follower:
        """Fails once, as a disk does."""
        self.followed += 1
        if self.followed == 1:
            raise OSError(5, "Input/output error\x1b[2J")
        return Follower(self.run)


def test_a_reader_that_fails_is_said_in_a_line_and_tried_again(make_bench: MakeBench) -> None:
    heard: queue.Queue[RunNews] = queue.Queue()
    with SimulatedRun(make_bench(0)) as run:
        watcher = RunWatcher(_Failing(run.run), heard.put)
        try:
            first = heard.get(timeout=10)
            assert first.snapshot is None
            assert "Input/output error\\e[2J" in first.trouble
            assert "looking again" in first.trouble
            watcher.look()
            second = heard.get(timeout=10)
            assert second.snapshot is not None
            assert second.trouble == ""
        finally:
            watcher.stop()


def test_a_window_is_read_point_by_point_for_whoever_wishes_it(make_bench: MakeBench) -> None:
    heard: queue.Queue[RunNews] = queue.Queue()
    found: queue.Queue[object] = queue.Queue()
    with SimulatedRun(make_bench(0)) as run:
        run.start()
        run.epoch(1)
        watcher = RunWatcher(RunSource(run.run), heard.put)
        try:
            heard.get(timeout=10)
            watcher.detail(DetailWish("epoch", 0.15, 0.35, found.put))
            curves = found.get(timeout=10)
            assert isinstance(curves, dict)
            assert {0.2, 0.3} <= set(curves["", "loss", "train"].places.tolist())
        finally:
            watcher.stop()


@pytest.mark.parametrize(
    ("changes", "words", "bad"),
    [
        ({"sign_wall": 5.0, "sign_age": 95.0}, "silent: a long batch", False),
        ({"requests": (ASKED,)}, f"stop: asked at {clock(100.0)}; waits for the end of the batch", False),
        ({"requests": (TAKEN,)}, "stop: asked → taken after 0.5 s; saves", False),
        (
            {"requests": (DONE,), "state": RunState.STOPPED},
            "stop: asked → taken after 0.5 s → done after 2.0 s",
            False,
        ),
        (
            {"requests": (replace(DONE, action="rate", value=0.01, stage="refused", reason="it is 0 here"),)},
            "rate 0.01: asked → taken after 0.5 s → refused after 2.0 s: it is 0 here",
            False,
        ),
        ({"requests": (DONE, RATE)}, f"rate 0.001: asked at {clock(101.0)}; waits", False),
        (
            {"state": RunState.PAUSED, "log_path": Path("/b 1/runs/0007-fast/worker.log")},
            "paused, its memory is free; space goes on, or: workbench resume '/b 1' 0007-fast",
            False,
        ),
        (
            {"state": RunState.FAILED, "failure": "no space\x1b[1m"},
            "no space\\e[1m; its log: worker.log (w shows it); space goes on",
            True,
        ),
        ({"gone": True}, "its log has vanished", True),
        ({"skipped": {"no JSON": 3}}, "3 lines of its log skipped: 3 no JSON", False),
        ({}, "the first batches are on their way", False),
        ({"state": RunState.FINISHED}, "no batch was trained", False),
    ],
)
def test_the_one_thing_to_know_now(changes: dict[str, object], words: str, bad: bool) -> None:
    said, is_bad = news(snapshot(**changes), "", NOW)
    assert said.startswith(words)
    assert is_bad is bad


def test_what_nobody_takes_says_so_and_what_to_do() -> None:
    def said(**changes: object) -> str:
        return requests_words(snapshot(requests=(ASKED,), **changes), 104.0)

    assert "nobody took it for 4 s: it works on; taken after the batch" in said()
    assert "it validates; taken after that" in said(state=RunState.VALIDATING)
    assert "the worker is silent too" in said(sign_age=30.0)


def test_several_requests_are_shown_at_once_and_old_ones_go() -> None:
    both = snapshot(requests=(DONE, RATE))
    assert requests_words(both, 103.0).count("asked") == 2
    assert requests_words(both, 140.0).count("asked") == 1  # what was done half a minute ago is no news
    assert requests_words(snapshot(), 103.0) == ""


@pytest.mark.parametrize(
    ("action", "stands"),
    [("stop", "stop was asked 2 s ago and is under way; A ends"), ("pause", "stop was asked 2 s ago"),
     ("abort", ""), ("checkpoint", ""), ("rate", "")],
)  # fmt: skip
def test_nothing_is_asked_twice(action: str, stands: str) -> None:
    said = already_asked(snapshot(requests=(ASKED,)), action, 102.0)
    assert said.startswith(stands)
    assert bool(said) is bool(stands)
    assert already_asked(snapshot(requests=(DONE,)), action, 102.0) == ""


@pytest.mark.parametrize(
    ("changes", "words", "stands_out"),
    [
        ({}, "no sign of life yet", False),
        ({"sign_wall": 9.0, "sign_age": 0.4}, "sign of life now", False),
        (
            {"sign_wall": 9.0, "sign_age": 3.0, "data_wall": 5.0, "data_age": 65.2},
            "sign of life 3 s ago · data 65 s",
            False,
        ),
        ({"sign_wall": 9.0, "sign_age": 40.0}, "no sign of life for 40 s", True),
        ({"sign_wall": 9.0, "sign_age": 400.0, "state": RunState.DIED}, "ended 7 min ago", False),
        ({"sign_wall": 9.0, "sign_age": 3e5, "state": RunState.FINISHED}, "ended 3 d ago", False),
    ],
)
def test_the_last_sign_of_life_is_in_view(changes: dict[str, object], words: str, stands_out: bool) -> None:
    assert life_words(snapshot(**changes)) == (words, stands_out)


@pytest.mark.parametrize(
    ("phase", "state", "words"),
    [
        ("starting: importing TensorFlow", RunState.STARTING, "starting: importing TensorFlow"),
        ("starting", RunState.STARTING, "starting"),
        ("data: 12/400", RunState.STARTING, "starting: data: 12/400"),
        ("building: trunk\x1b[2J", RunState.STARTING, "starting: building: trunk\\e[2J"),
        ("training", RunState.RUNNING, "running"),
        ("", RunState.DIED, "died"),
    ],
)
def test_a_beginning_says_with_what(phase: str, state: RunState, words: str) -> None:
    assert state_words(snapshot(phase=phase, state=state)) == words


def test_the_title_says_state_and_progress(make_bench: MakeBench) -> None:
    with SimulatedRun(make_bench(0), "0007-fast") as run:
        run.start()
        assert title_words(Follower(run.run).poll()) == "▶ 0007 0/4"
        run.epoch(1)
        assert title_words(Follower(run.run).poll()) == "▶ 0007 1/4 · 1.213"
        run.finish()
    assert title_words(snapshot(name="my\x1b]0;run", state=RunState.DIED)) == "✗ my\\e]0;run"


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
    assert figures(snapshot(reading=0.342)) == ["reading 34 %"]


def test_what_was_skipped_is_counted_by_reason() -> None:
    assert skipped_words(snapshot()) == ""
    many = {"no JSON": 1, "no event": 5, "no place": 2, "longer than 1 MiB": 1}
    words = skipped_words(snapshot(skipped=many))
    assert words == "9 lines of its log skipped: 5 no event, 2 no place, 1 no JSON, 1 others"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_status_fits_whatever_a_run_is_called(width: int) -> None:
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
        sign_wall=1.0,
    )
    lines = status_lines(busy, ("accuracy of heads",), "", width, LOOKS, held="HELD")
    assert all(line.cell_len <= width for line in lines)
    assert "\x1b" not in "".join(line.plain for line in lines)
    assert "▶ running" in lines[0].plain
    assert "sign of life now · HELD" in lines[1].plain
    if width > 60:
        assert "epoch 999/1000" in lines[0].plain


def test_events_show_the_newest_at_the_bottom_and_advice_above() -> None:
    told = snapshot(notes=("one", "two", "three\x1b[0m"))
    lines = event_lines(told, 80, 2, LOOKS)
    assert [line.plain.strip() for line in lines] == ["events  two", "three\\e[0m"]
    advised = replace(told, advice=(Advice("plateau", "hair", 7.0, 70.0, 0.0, "hair: flat since 3"),))
    lines = event_lines(advised, 80, 2, LOOKS)
    assert [line.plain.strip() for line in lines] == [
        "advice  epoch 7: hair: flat since 3",
        "events  three\\e[0m",
    ]
    assert event_lines(advised, 80, 1, LOOKS)[0].plain.strip() == "events  three\\e[0m"
    assert event_lines(snapshot(), 80, 2, LOOKS)[0].plain.strip() == "events  nothing yet"
    page = "\n".join(line.plain for line in note_page(replace(advised, skipped={"no JSON": 2}), 60))
    assert page.index("epoch 7: hair") < page.index("three") < page.index("one") < page.index("2 no JSON")


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
