"""Many pictures: finding them is broken off with ctrl+c, and goes on where it was, in either way."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.benchmarks.many import known, write_many
from tests.terminal.pty_app import PtyApp

COUNT = 8000
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 8,000 small pictures."""
    folder = tmp_path_factory.mktemp("many") / "pictures"
    write_many(folder, COUNT)
    return folder


@pytest.fixture
def interrupted(pictures: Path, tmp_path: Path) -> tuple[Path, str]:
    """A bench whose `init` was interrupted, and the last line that it said."""
    bench = tmp_path / "bench"
    command = [sys.executable, "-m", "workbench", "init", str(bench), "--images", str(pictures)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
        deadline = time.monotonic() + 30
        while known(bench) < COUNT / 10 and time.monotonic() < deadline:
            os.sched_yield()
        process.send_signal(signal.SIGINT)
        try:
            _, said = process.communicate(timeout=30)
        finally:
            process.kill()
        assert process.returncode == 130, said
    return bench, said.strip().rpartition("\n")[2]


def test_ctrl_c_keeps_what_was_found_and_names_the_way_on(interrupted: tuple[Path, str]) -> None:
    bench, said = interrupted
    kept = known(bench)
    assert 0 < kept < COUNT
    assert said == (
        f"workbench: interrupted; {kept} pictures are found and kept, the bench is ready;"
        f" go on with: workbench {bench}"
    )


def test_the_screen_shows_the_first_face_and_finds_the_rest_meanwhile(interrupted: tuple[Path, str]) -> None:
    bench, _ = interrupted
    with PtyApp([str(bench), "--annotator", "ana"]) as app:
        app.wait_for(lambda text: "00000.jpg" in text and any(block in text for block in "▌▐▚▞▙▟"))
        app.wait_for(lambda text: f"0/{COUNT} done" in text, 60)
        assert app.leave() == 0
    assert known(bench) == COUNT


def test_leaving_the_screen_stops_the_search_and_keeps_its_part(interrupted: tuple[Path, str]) -> None:
    bench, _ = interrupted
    before = known(bench)
    with PtyApp([str(bench), "--annotator", "ana"]) as app:
        app.wait_for(lambda text: "00000.jpg" in text)
        assert app.leave() == 0
    assert known(bench) >= before
