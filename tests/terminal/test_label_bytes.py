"""What labelling sends over the line: little for an answer, a picture for a picture, nothing for nothing."""

from pathlib import Path

import pytest

from tests.terminal.pty_app import PtyApp
from workbench.bench import Bench
from workbench.images.sample import write_sample

ANSWER_BYTES = 1100
PICTURE_BYTES, PICTURE_DEFLATED = 45_000, 12_500


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Four drawn faces."""
    write_sample(tmp_path / "faces", count=4, seed=5)
    return Bench.create(tmp_path / "bench", images=tmp_path / "faces")


def test_an_answer_is_a_kilobyte_and_a_picture_forty(bench: Bench) -> None:
    with PtyApp([str(bench.root), "--annotator", "ana"]) as app:
        app.wait_for(lambda text: "0/4 done" in text and "looking" not in text and "▶" in text)
        app.settle(0.3)
        answers, moves = [], []
        for _ in range(2):
            answers += [app.react("1") for _ in bench.schema.heads[1:]]
            moves.append(app.react("1"))
        idle = app.react("\x1b[D", patience_s=1.0)  # goes back by one picture
        nothing = app.react("~", patience_s=0.5)
    assert all(
        one.first_ms is not None and 0 < one.first_ms <= (one.quiet_ms or 0) for one in answers + moves
    )
    assert max(one.bytes for one in answers) <= ANSWER_BYTES
    assert all(ANSWER_BYTES < one.bytes <= PICTURE_BYTES for one in [*moves, idle])
    assert all(0 < one.deflated <= PICTURE_DEFLATED for one in moves)
    assert (nothing.first_ms, nothing.quiet_ms, nothing.bytes) == (None, None, 0)


def test_what_stands_on_the_screen_is_what_was_sent(bench: Bench) -> None:
    with PtyApp([str(bench.root), "--annotator", "ana"], size=(80, 24)) as app:
        app.wait_for(lambda text: "0/4 done" in text and "looking" not in text and "▶ wrinkles" in text)
        app.react("2")
        app.react("1")
        lines = [line for line in app.text.splitlines() if "✓" in line]
        assert any("wrinkles" in line and "✓ yes" in line for line in lines), app.text
        assert any("freckles" in line and "✓ none" in line for line in lines), app.text
