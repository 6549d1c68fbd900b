"""The monitor in a real terminal: its title, how it leaves, and whoever may only read."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MakeBench
from tests.terminal.pty_app import PtyApp
from tests.tui.simulated_run import SimulatedRun
from workbench.bench import Bench

_TITLE = re.compile(rb"\x1b\]0;([^\x07]*)\x07")
_LEAVES_SCREEN, _KEEPS, _GIVES_BACK = b"\x1b[?1049l", b"\x1b[22;0t", b"\x1b[23;0t"
_AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable)


class RecordingApp(PtyApp):
    """Keeps what came, as it came."""

    raw = b""

    def _take(self, data: bytes) -> None:
        self.raw += data
        super()._take(data)

    @property
    def titles(self) -> list[str]:
        """Every title that was set."""
        return [title.decode() for title in _TITLE.findall(self.raw)]


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """A bench without pictures."""
    return make_bench(0)


@pytest.mark.parametrize(("ends", "code"), [("q", 0), (signal.SIGTERM, 128 + signal.SIGTERM)])
def test_the_title_goes_with_the_run_and_is_given_back(
    bench: Bench, ends: str | signal.Signals, code: int
) -> None:
    with SimulatedRun(bench, "0007-fast") as run:
        run.start()
        run.epoch(1)
        with RecordingApp(["monitor", str(bench.root)], size=(80, 24)) as app:
            app.wait_for(lambda text: "epoch 1/4" in text)
            run.epoch(2)
            app.wait_for(lambda text: "epoch 2/4" in text)
            if isinstance(ends, str):
                assert app.leave() == code
            else:
                app.process.send_signal(ends)
                for _ in range(100):
                    app.read(0.05)
                    if app.process.poll() is not None:
                        break
                assert app.process.wait(1) == code
            app.read(0.2)
        assert app.titles == ["▶ 0007 1/4 · 1.213", "▶ 0007 2/4 · .736", ""]
        assert app.raw.count(_KEEPS) == app.raw.count(_GIVES_BACK) == 1
        assert app.raw.index(_KEEPS) < app.raw.index(_LEAVES_SCREEN) < app.raw.index(_GIVES_BACK)
        assert run.run.alive()


def test_a_setting_leaves_the_title_alone(bench: Bench) -> None:
    file = bench.root / "bench.toml"
    file.write_text(file.read_text() + "\n[settings.screen]\ntitle = false\n")
    SimulatedRun(bench).finish()
    with RecordingApp(["monitor", str(bench.root)]) as app:
        app.wait_for(lambda text: "finished" in text)
        assert app.leave() == 0
    assert app.titles == []
    assert _GIVES_BACK not in app.raw


def _can_be_nobody() -> bool:
    """Whether we are root, and the program's own files may be read by everybody."""
    if os.geteuid() or shutil.which("setpriv") is None:
        return False
    command = [*_AS_NOBODY, "-c", "import workbench"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _can_be_nobody(), reason="takes root, and a program that everybody may read")
def test_somebody_else_sees_everything_writes_nothing_and_steers_nothing(bench: Bench) -> None:
    for folder in (bench.root, *bench.root.parents):
        if "pytest" in str(folder):
            folder.chmod(0o755)
    with SimulatedRun(bench) as run:
        run.start()
        run.epoch(1)
        before = _names(bench.root)
        program, home = (*_AS_NOBODY, "-m", "workbench"), {"HOME": str(bench.root)}
        with PtyApp(["monitor", str(bench.root)], program=program, environment=home) as app:
            app.wait_for(lambda text: "▶ running · epoch 1/4" in text and "sign of life" in text)
            app.wait_for(lambda text: "all heads" in text)
            app.press("s")
            app.wait_for(lambda text: "you can watch it but not steer it" in text)
            assert app.leave() == 0
        assert _names(bench.root) == before
        assert not run.run.control.exists()


def _names(folder: Path) -> set[tuple[str, int]]:
    """Every file with its size."""
    return {(str(path), path.stat().st_size) for path in folder.rglob("*") if path.is_file()}
