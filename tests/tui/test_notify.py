"""Being told of a run's end, failure and new best epoch: once, by the chosen ways, and harmlessly."""

import io
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import MakeBench
from tests.tui.simulated_run import SimulatedRun
from workbench.monitoring.advice import Advice
from workbench.monitoring.snapshot import RunSnapshot
from workbench.monitoring.source import RunSource
from workbench.settings.notify import NotifySettings
from workbench.training.state import RunState
from workbench.tui.notices import known_desktop, message, notice
from workbench.tui.notify import BEST_EVERY_S, Notifier, stream_notifier
from workbench.tui.notify_command import NotifyCommand
from workbench.tui.plain_monitor import follow_plain

KITTY = {"TERM": "xterm-kitty"}
PLAIN = {"TERM": "xterm-256color"}
RUN = RunSnapshot("0007-fast", RunState.RUNNING, best_epoch=2, log_path=Path("runs/0007-fast/worker.log"))
ENDED = replace(RUN, state=RunState.FINISHED)


class Told:
    """What reached the terminal, and a clock to turn."""

    def __init__(
        self, settings: NotifySettings | None = None, environment: Mapping[str, str] = PLAIN
    ) -> None:
        self.written: list[str] = []
        self.now = 0.0
        settings = settings or NotifySettings()
        self.notifier = Notifier(settings, self.written.append, environment, monotonic=lambda: self.now)

    def take(self, *snapshots: RunSnapshot) -> list[str]:
        """Show snapshots, and return what was written meanwhile."""
        before = len(self.written)
        for one in snapshots:
            self.notifier.take(one)
        return self.written[before:]


def test_the_end_rings_once() -> None:
    told = Told()
    assert told.take(RUN, RUN) == []
    assert told.take(ENDED) == ["\a"]
    assert told.take(ENDED, replace(ENDED, notes=("evaluated",))) == []


@pytest.mark.parametrize("state", [state for state in RunState if state.ended])
def test_a_run_that_had_ended_before_it_was_opened_is_no_news(state: RunState) -> None:
    assert Told().take(*[replace(RUN, state=state)] * 3) == []


def test_a_run_that_goes_on_and_ends_again_is_told_again() -> None:
    told = Told()
    paused, going_on = replace(RUN, state=RunState.PAUSED), replace(RUN, state=RunState.STARTING)
    assert told.take(RUN, paused, going_on, RUN) == ["\a"]
    assert told.take(ENDED) == ["\a"]


def test_another_run_that_is_shown_meanwhile_is_not_mixed_up_with_it() -> None:
    other = replace(ENDED, name="0006-fast", log_path=Path("runs/0006-fast/worker.log"))
    assert Told().take(RUN, other, ENDED) == []


def test_a_log_that_is_still_being_read_is_no_news() -> None:
    assert Told().take(replace(RUN, reading=0.2), replace(RUN, reading=0.9), ENDED) == []
    assert Told().take(RUN, replace(RUN, best_epoch=9, reading=0.5)) == []


def test_a_new_best_epoch_is_told_at_most_once_a_minute() -> None:
    told = Told()
    assert told.take(RUN, replace(RUN, best_epoch=3)) == ["\a"]
    assert told.take(replace(RUN, best_epoch=4)) == []
    told.now = BEST_EVERY_S
    assert told.take(replace(RUN, best_epoch=5)) == ["\a"]


def test_the_first_best_epoch_and_one_that_was_taken_back_are_no_news() -> None:
    first = replace(RUN, best_epoch=0)
    assert Told().take(first, replace(RUN, best_epoch=1)) == []
    assert Told().take(RUN, replace(RUN, best_epoch=1), replace(RUN, best_epoch=1)) == []


def test_only_what_was_asked_for_is_told() -> None:
    died = replace(RUN, state=RunState.DIED, failure="killed by signal 9")
    for event, snapshot in (("end", ENDED), ("failure", died), ("best", replace(RUN, best_epoch=3))):
        for on in ("end", "failure", "best"):
            settings = NotifySettings(on=(on,))
            assert Told(settings).take(RUN, snapshot) == (["\a"] if on == event else [])
    assert Told(NotifySettings(bell=False)).take(RUN, ENDED) == []


def test_the_message_says_run_state_and_cause() -> None:
    died = replace(RUN, state=RunState.DIED, failure="out of memory; try training.batch_size=16")
    (said,) = Told(NotifySettings(), KITTY).take(RUN, died)
    assert said == "\x1b]9;run 0007-fast died: out of memory, try training.batch_size=16\a\a"


def test_a_best_epoch_is_told_with_its_figure() -> None:
    advice = Advice("best", "", 3.0, 30.0, 0.0, "epoch 3 is the best so far: val_loss 0.41")
    best = replace(RUN, best_epoch=3, advice=(advice,))
    (said,) = Told(NotifySettings(bell=False), KITTY).take(RUN, best)
    assert said == "\x1b]9;run 0007-fast: epoch 3 is the best so far: val_loss 0.41\a"


@pytest.mark.parametrize("variable", ["SSH_CONNECTION", "SSH_TTY"])
def test_over_a_slow_line_only_the_command_is_left(variable: str) -> None:
    far = {**KITTY, variable: "x"}
    assert Told(NotifySettings(), far).take(RUN, ENDED) == []
    assert Told(NotifySettings(slow_line="no"), far).take(RUN, ENDED) != []
    assert Told(NotifySettings(slow_line="yes"), KITTY).take(RUN, ENDED) == []


@pytest.mark.parametrize(
    ("environment", "kind"),
    [
        (KITTY, "osc9"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "osc9"),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "osc9"),
        ({"TERM": "foot"}, "osc777"),
        ({"TERM": "rxvt-unicode-256color"}, "osc777"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "osc777"),
        (PLAIN, "none"),
        ({"TERM": "linux"}, "none"),
        ({}, "none"),
        ({"TERM": "tmux-256color", "VTE_VERSION": "7600"}, "none"),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/tmux-0/default,1,0"}, "none"),
    ],
)
def test_the_kind_of_message_is_the_one_that_the_terminal_is_known_to_have(
    environment: Mapping[str, str], kind: str
) -> None:
    assert known_desktop(environment) == kind


def test_tmux_and_screen_get_no_message_that_they_would_swallow() -> None:
    inside = {"TERM": "tmux-256color", "TMUX": "/nowhere,1,0"}
    assert message("x", "osc9", inside) == ""
    assert message("x", "osc9", {"TERM": "screen", "STY": "1.x"}) == ""


def test_tmux_that_passes_on_gets_the_message_wrapped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "tmux"
    program.write_text("#!/bin/sh\necho on\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    inside = {"TERM": "tmux-256color", "TMUX": "/nowhere,1,0"}
    assert message("x", "osc777", inside) == "\x1bPtmux;\x1b\x1b]777;notify;workbench;x\a\x1b\\"


@given(st.text(), st.sampled_from(["osc9", "osc777"]))
def test_no_name_and_no_cause_can_end_the_sequence_or_add_a_field(text: str, kind: str) -> None:
    said = notice(text, NotifySettings(desktop=kind, bell=False), PLAIN)
    start = "\x1b]9;" if kind == "osc9" else "\x1b]777;notify;workbench;"
    assert said.startswith(start)
    assert said.endswith("\a")
    inside = said[len(start) : -1]
    assert not set(inside) & {chr(code) for code in (*range(32), 127, *range(0x80, 0xA0))}
    assert ";" not in inside
    assert len(inside) <= 200


# -- the person's command ------------------------------------------------------------------------------

_WRITES = (
    "import os, sys; given = {k: v for k, v in os.environ.items() if k.startswith('WORKBENCH_')}; "
    "open(sys.argv[1], 'w').write(repr((sys.argv[2:], given)))"
)


def started(
    tmp_path: Path, arguments: Sequence[str], run: str, text: str
) -> tuple[list[str], dict[str, str]]:
    """What a program was given."""
    out = tmp_path / "given"
    complaints: list[str] = []
    program = [sys.executable, "-c", _WRITES, str(out), *arguments]
    command = NotifyCommand(program, {"PATH": "/usr/bin:/bin"}, complaints.append)
    command.start("end", run=run, state="finished", text=text)
    command.settle()
    assert complaints == []
    found: tuple[list[str], dict[str, str]] = eval(out.read_text())
    return found


def test_the_command_gets_run_state_and_text_as_arguments_and_variables(tmp_path: Path) -> None:
    hostile = "a; touch x $(touch y) `z` {run} 'q\""
    arguments, variables = started(tmp_path, ["--title", "{run}", "{state}", "{text}"], "0007", hostile)
    assert arguments == ["--title", "0007", "finished", hostile]
    assert variables == {
        "WORKBENCH_RUN": "0007",
        "WORKBENCH_STATE": "finished",
        "WORKBENCH_TEXT": hostile,
        "WORKBENCH_EVENT": "end",
    }


def test_a_run_named_like_an_option_is_none(tmp_path: Path) -> None:
    assert started(tmp_path, ["{run}"], "--config=/etc/x", "t")[0] == ["_--config=/etc/x"]


def test_a_notifier_starts_the_command_also_over_a_slow_line(tmp_path: Path) -> None:
    out = tmp_path / "given"
    command = f'{sys.executable} -c "{_WRITES}" {out} {{run}} {{text}}'
    notifier = Notifier(NotifySettings(command=command), None, {"SSH_TTY": "/dev/pts/1"})
    notifier.take(replace(RUN, name="\x1b]0;x\a"))
    notifier.take(replace(ENDED, name="\x1b]0;x\a"))
    notifier.settle()
    arguments, _ = eval(out.read_text())
    assert arguments == ["\\e]0;x\\x07", "run \\e]0;x\\x07 finished: best epoch 2"]


def test_a_command_that_hangs_holds_nobody_up_and_is_ended(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    command = NotifyCommand(
        ["sh", "-c", f"sleep 600 > {alive}"], {"PATH": "/usr/bin:/bin"}, print, limit_s=0.2
    )
    closed = threading.Event()

    def read() -> None:
        """Ends when the last process that holds the pipe has ended."""
        alive.read_bytes()
        closed.set()

    threading.Thread(target=read, daemon=True).start()
    command.start("end", run="r", state="finished", text="t")
    command.settle()
    assert closed.wait(10)


def test_a_command_that_is_not_there_is_complained_of_once() -> None:
    complaints: list[str] = []
    command = NotifyCommand(["/no/such/program"], {}, complaints.append)
    for _ in range(2):
        command.start("end", run="r", state="finished", text="t")
        command.settle()
    assert complaints == ["notify.command: '/no/such/program' cannot be started: No such file or directory"]


# -- plain lines -----------------------------------------------------------------------------------------


class Stream(io.StringIO):
    """A stream that calls somebody when something was written.

    Args:
        wrote: Called with all that was written.
        terminal: Whether it says that it is a terminal.
    """

    def __init__(self, wrote: Callable[[str], object], terminal: bool) -> None:
        super().__init__()
        self._wrote, self._terminal = wrote, terminal

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._terminal

    def write(self, text: str) -> int:
        """Write, and call."""
        written = super().write(text)
        self._wrote(self.getvalue())
        return written


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The settings file of a person at a terminal that is near."""
    for name in ("SSH_CONNECTION", "SSH_TTY", "TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "person"))
    file = tmp_path / "person" / "workbench" / "config.toml"
    file.parent.mkdir(parents=True)
    return file


@pytest.mark.parametrize("terminal", [True, False])
def test_whoever_follows_with_plain_lines_is_told_of_the_end(
    make_bench: MakeBench, person: Path, tmp_path: Path, terminal: bool
) -> None:
    out = tmp_path / "given"
    person.write_text(f"[notify]\non = ['end']\ncommand = 'touch {out}'\n")
    with SimulatedRun(make_bench(0)) as run:

        def end(text: str) -> None:
            """The run ends as soon as its first epoch is told."""
            if "epoch 1/4" in text and run.run.alive():
                run.finish()

        run.start()
        run.epoch(1)
        stream = Stream(end, terminal)
        source, notifier = RunSource(run.run), stream_notifier(stream, print)
        state = follow_plain(source, stream, poll_seconds=0.01, notifier=notifier)
    assert state is RunState.FINISHED
    assert stream.getvalue().endswith("\a") is terminal
    assert out.exists()
