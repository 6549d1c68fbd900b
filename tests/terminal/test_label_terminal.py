"""Labelling in a real terminal: what the screen called saved survives kill -9 and a dropped line."""

import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MakeBench
from tests.terminal.pty_app import PtyApp
from workbench.annotation.store import LabelStore
from workbench.bench import Bench

_COUNT = re.compile(r"(\d+)/\d+ *$")


def said(screen: str, bench: Bench) -> dict[str, int]:
    """How many answers of each head the screen calls saved."""
    counts = {}
    for line in screen.splitlines():
        for head in bench.schema.heads:
            if re.search(rf"\b{re.escape(head.title)}\b +[✓?·]", line) and (found := _COUNT.search(line)):
                counts[head.name] = int(found[1])
    return counts


def stored(bench: Bench) -> dict[str, int]:
    """How many answers of each head are on the disk."""
    with LabelStore(bench.labels_db, bench.schema, annotator="ana") as store:
        return store.progress().per_head


def open_bench(bench: Bench, size: tuple[int, int] = (120, 40)) -> PtyApp:
    """The workbench as a person starts it."""
    return PtyApp([str(bench.root), "--annotator", "ana"], size=size)


def test_after_kill_9_every_answer_that_was_called_saved_is_there(make_bench: MakeBench) -> None:
    bench = make_bench(60)
    chance = random.Random(2024)
    seen_before = 0
    for _ in range(10):
        with open_bench(bench) as app:
            app.wait_for(lambda text: "/60 done" in text and "▶" in text)
            for _ in range(chance.randint(1, 25)):
                app.press(chance.choice("12"))
                app.read(chance.random() * 0.03)
            app.read(chance.random() * 0.05)
            app.kill()
            app.read(0.2)
            called_saved = said(app.text, bench)
        found = stored(bench)
        assert called_saved
        for head, count in called_saved.items():
            assert found[head] >= count, f"{head}: {count} were called saved, {found[head]} are there"
        assert sum(found.values()) >= seen_before
        seen_before = sum(found.values())
    assert seen_before > 20


def test_a_dropped_line_ends_the_process_and_keeps_the_answers(make_bench: MakeBench) -> None:
    bench = make_bench(3)
    with open_bench(bench) as app:
        app.wait_for(lambda text: "/3 done" in text and "▶" in text)
        app.press("2")
        app.wait_for(lambda text: "saved ✓" in text)
        app.hang_up()
        app.process.wait(5)
    assert stored(bench)["wrinkles"] == 1


def test_quitting_leaves_the_terminal_as_it_was(make_bench: MakeBench) -> None:
    with open_bench(make_bench(2)) as app:
        app.wait_for(lambda text: "/2 done" in text)
        assert app.leave() == 0


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
def test_the_first_face_is_there_at_every_size(make_bench: MakeBench, size: tuple[int, int]) -> None:
    with open_bench(make_bench(4), size) as app:
        app.wait_for(lambda text: "0/4 done" in text and any(block in text for block in "▌▐▚▞▙▟"))
        assert "▶ wrinkles" in app.text
        assert "F1 help" in app.text


def test_a_small_terminal_says_so(make_bench: MakeBench) -> None:
    with open_bench(make_bench(1), (60, 20)) as app:
        app.wait_for(lambda text: "terminal too small: 80x24 needed, 60x20 here" in text)


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_cannot_draw_is_refused_in_one_line(make_bench: MakeBench, term: str) -> None:
    bench = make_bench(1)
    with PtyApp([str(bench.root)], environment={"TERM": term}) as app:
        app.process.wait(20)
        assert app.process.returncode == 2


def test_without_a_terminal_it_is_refused_in_one_line(make_bench: MakeBench) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workbench", str(make_bench(1).root)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
        check=False,
    )
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "terminal" in done.stderr
