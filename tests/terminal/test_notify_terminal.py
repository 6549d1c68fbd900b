"""Being told in a real terminal: the message leaves between two frames, on another tab, too."""

import re
from pathlib import Path

from tests.conftest import MakeBench
from tests.terminal.pty_app import PtyApp
from tests.tui.simulated_run import SimulatedRun

MESSAGE = re.compile(rb"\x1b\]777;notify;workbench;([^\x07]*)\x07\x07")
F6 = "\x1b[17~"


class Hearing(PtyApp):
    """A terminal that also keeps what it obeys without showing it."""

    heard = b""

    def _take(self, data: bytes) -> None:
        """Keep all bytes."""
        self.heard += data
        super()._take(data)


def test_the_end_of_a_watched_run_reaches_the_terminal_once(make_bench: MakeBench, tmp_path: Path) -> None:
    person = tmp_path / "workbench" / "config.toml"
    person.parent.mkdir()
    person.write_text("[notify]\non = ['end']\ndesktop = 'osc777'\nslow_line = 'no'\n")
    variables = {"XDG_CONFIG_HOME": str(tmp_path), "TMUX": "", "STY": ""}
    bench = make_bench(0)
    with SimulatedRun(bench) as run:
        run.start()
        run.epoch(1)
        with Hearing(["monitor", str(bench.root)], environment=variables) as app:
            app.wait_for(lambda text: "running" in text)
            app.press(F6)
            app.wait_for(lambda text: "preset" in text)
            run.finish()
            app.wait_for(lambda text: "finished" in text)
            app.wait_for(lambda _: MESSAGE.search(app.heard) is not None)
            assert app.leave() == 0
        assert MESSAGE.findall(app.heard) == [b"run 0001-fast finished: best epoch 4"]


def test_a_mistake_in_the_persons_settings_is_said_on_the_screen(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    person = tmp_path / "workbench" / "config.toml"
    person.parent.mkdir()
    person.write_text("[notify]\nbel = true\n")
    bench = make_bench(0)
    with SimulatedRun(bench) as run:
        run.start()
        run.batch(1, 1)
        with PtyApp(["monitor", str(bench.root)], environment={"XDG_CONFIG_HOME": str(tmp_path)}) as app:
            app.wait_for(lambda text: "unknown key 'notify.bel'" in " ".join(text.split()))
