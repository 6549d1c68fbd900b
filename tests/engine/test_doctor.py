"""The doctor on this machine, and on one where OpenCV lacks a library."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BROKEN = 'raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")\n'


@pytest.fixture
def without_libgl(tmp_path: Path) -> dict[str, str]:
    """An environment in which importing OpenCV fails as on a bare server."""
    (tmp_path / "cv2.py").write_text(BROKEN)
    return {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{REPOSITORY}"}


def workbench(environment: dict[str, str], *arguments: object) -> subprocess.CompletedProcess[str]:
    """One command."""
    return subprocess.run(
        [sys.executable, "-m", "workbench", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment,
        cwd=REPOSITORY,
        check=False,
    )


def states(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """What was found of each thing."""
    return {finding["name"]: finding["state"] for finding in json.loads(done.stdout)["findings"]}


def test_this_machine_has_what_it_needs() -> None:
    done = workbench(dict(os.environ), "doctor", "--json")
    assert done.returncode == 0, done.stdout
    assert {states(done)[name] for name in ("python", "packages", "opencv", "augmentation", "training")} == {
        "ok"
    }


def test_a_missing_library_is_found_with_its_cure(without_libgl: dict[str, str]) -> None:
    done = workbench(without_libgl, "doctor")
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line == "workbench: 2 problems found; see the lines above"
    assert "PROBLEM  opencv        ImportError: libGL.so.1" in done.stdout
    assert "→ workbench doctor --fix, or: apt-get install libgl1" in done.stdout
    assert "PROBLEM  augmentation" in done.stdout, "it needs the same library"


def test_a_command_that_needs_it_says_the_same_in_one_line(
    without_libgl: dict[str, str], tmp_path: Path
) -> None:
    done = workbench(without_libgl, "sample", tmp_path / "faces", "--count", 1)
    assert done.returncode != 0
    [line] = done.stderr.splitlines()
    assert "libGL.so.1" in line
    assert "workbench doctor --fix" in line
