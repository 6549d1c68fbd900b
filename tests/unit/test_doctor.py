"""The doctor's checks that need no process of their own (the others stand in the engine tier)."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from workbench import doctor
from workbench.doctor import Finding, examine
from workbench.errors import WorkbenchError
from workbench.training.devices import Hardware


def only(monkeypatch: pytest.MonkeyPatch, output: str | Exception = "5.0") -> dict[str, Finding]:
    """Every finding, by name, where each process that is started prints this or fails like this."""

    def run(_: str) -> str:
        if isinstance(output, Exception):
            raise output
        return output

    monkeypatch.setattr(doctor, "_import", run)
    return {finding.name: finding for finding in examine()}


def test_everything_is_looked_at_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    found = only(monkeypatch)
    names = ["python", "packages", "terminal", "opencv", "augmentation", "training", "devices", "disk"]
    assert list(found) == [*names, "locks", "log out"]
    assert {finding.state for finding in found.values()} <= {"ok", "warning"}
    assert "keras" in found["packages"].detail


def test_a_check_that_breaks_is_a_finding_and_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    found = only(monkeypatch, RuntimeError("odd"))
    assert found["opencv"].state == found["tensorflow"].state == "problem"
    assert found["tensorflow"].detail == "RuntimeError: odd"
    assert "disk" in found


def test_a_library_that_is_missing_names_the_line_that_cures_it(monkeypatch: pytest.MonkeyPatch) -> None:
    error = WorkbenchError("ImportError: libGL.so.1: cannot open shared object file")
    found = only(monkeypatch, error)["opencv"]
    assert (found.state, "libGL.so.1" in found.detail) == ("problem", True)
    assert "workbench doctor --fix" in found.cure
    assert "apt-get install libgl1" in found.cure


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("numpy", "no-such-package-at-all"))
    found = only(monkeypatch)["packages"]
    assert (found.state, found.detail) == ("problem", "missing: no-such-package-at-all")
    assert found.cure


@pytest.mark.parametrize(("gpus", "seen", "state"), [(2, 0, "warning"), (2, 2, "ok"), (0, 0, "ok")])
def test_gpus_that_tensorflow_does_not_see(
    monkeypatch: pytest.MonkeyPatch, gpus: int, seen: int, state: str
) -> None:
    monkeypatch.setattr(doctor, "look", lambda: Hardware(gpus, bfloat16=True))
    found = only(monkeypatch, f"tensorflow 2.21.0, keras 3.15.1, GPUs: {seen}")
    assert found["training"].state == state
    assert ("tensorflow[and-cuda]" in found["training"].cure) is (state == "warning")
    assert found["devices"].detail.startswith(f"{gpus or 'no'} GPU")


@pytest.mark.parametrize(
    ("term", "colour", "size", "state", "said"),
    [
        ("xterm-256color", "truecolor", (120, 40), "ok", "true colour, 120×40"),
        ("xterm-256color", "", (120, 40), "warning", "256 colours"),
        ("xterm-256color", "truecolor", (79, 24), "warning", "79×24"),
        ("dumb", "truecolor", (120, 40), "problem", "TERM=dumb"),
        ("", "", (120, 40), "problem", "TERM=unset"),
    ],
)
def test_the_terminal(
    monkeypatch: pytest.MonkeyPatch, term: str, colour: str, size: tuple[int, int], state: str, said: str
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda _: os.terminal_size(size))
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLORTERM", colour)
    found = only(monkeypatch)["terminal"]
    assert (found.state, said in found.detail) == (state, True)
    assert bool(found.cure) is (state != "ok")


def test_without_a_terminal_it_is_only_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False, raising=False)
    assert only(monkeypatch)["terminal"].state == "warning"


@pytest.mark.parametrize(("free", "state"), [(2**29, "warning"), (2**35, "ok")])
def test_the_disk(monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": free}))
    assert only(monkeypatch)["disk"].state == state


@pytest.mark.parametrize(("warning", "state"), [("no locks; move it", "warning"), ("", "ok")])
def test_the_locks(monkeypatch: pytest.MonkeyPatch, warning: str, state: str) -> None:
    monkeypatch.setattr(doctor, "lock_warning", lambda _: warning)
    found = only(monkeypatch)["locks"]
    assert (found.state, found.cure) == (state, "move it" if warning else "")


@pytest.mark.parametrize(
    ("line", "state"),
    [("KillUserProcesses=yes", "warning"), ("#KillUserProcesses=yes", "ok"), ("KillUserProcesses=no", "ok")],
)
def test_whether_logging_out_ends_a_training(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str, state: str
) -> None:
    (tmp_path / "logind.conf").write_text(f"[Login]\n{line}\n")
    monkeypatch.setattr(doctor, "Path", lambda path: tmp_path / Path(path).name)
    monkeypatch.setattr(doctor, "_space", lambda: Finding("disk", "ok", ""))
    found = only(monkeypatch)["log out"]
    assert found.state == state
    assert ("linger" in found.cure) is (state == "warning")
