"""The monitor over a line of 200 ms and 5 kB/s: the state in time, keys that arrive, no pile of frames."""

import time
from pathlib import Path

from tests.benchmarks.watching.far import DELAY_S, LIVE, RATE, backlog, far_away, until_caught_up
from tests.benchmarks.watching.live import written
from tests.benchmarks.watching.made import make_run
from tests.benchmarks.watching.terminal import drawn
from tests.terminal.slow_line import SlowLine

STATE_S, CAUGHT_UP_S, WATCHED_S = 8.0, 20.0, 1.5


def test_the_line_carries_so_many_bytes_a_second_and_takes_its_time() -> None:
    line = SlowLine(0.1, 1000)
    line.put(bytes(500), now=10.0)
    assert line.arrived(10.1) == b""
    assert len(line.arrived(10.4)) in range(250, 310)
    assert line.tally.backlog == 500 - line.tally.delivered
    line.arrived(10.61)
    assert line.tally.backlog == 0
    assert line.tally.most_backlog == 500
    line.put(b"x", now=20.0)
    at = line.next_at()
    assert at is not None
    assert abs(at - 20.101) < 1e-9


def test_the_state_shows_keys_arrive_and_nothing_piles_up(tmp_path: Path) -> None:
    run, tally = make_run(tmp_path / "live", LIVE), tmp_path / "tally"
    with written(run, LIVE), far_away(run, tally, (80, 24)) as app:
        shown = app.shown_at(lambda text: "running" in text and "/40" in text, 2 * STATE_S)
        assert shown is not None, app.text
        assert shown < STATE_S
        assert app.shown_at(drawn, CAUGHT_UP_S) is not None, app.text
        assert until_caught_up(app, tally, CAUGHT_UP_S)
        began = time.perf_counter() - app.began
        app.press("l")
        arrived = app.shown_at(lambda text: "loss of heads" in text, 10)
        assert arrived is not None, app.text
        assert DELAY_S <= arrived - began < DELAY_S + 3.0
        end = time.monotonic() + WATCHED_S
        while time.monotonic() < end:
            app.read(0.25)
            waits = backlog(tally)
            assert waits < 2 * RATE, f"{waits} bytes wait: what is seen is more than two seconds old"
