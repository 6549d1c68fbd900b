"""Run the installed program as processes of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SMALL = [
    part
    for setting in ("dataset.size=48", "model.width=8", "model.depth=3", "training.epochs=2")
    for part in ("--set", setting)
]
"""Settings of a training of seconds."""
Program = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the steps of a walk, which build on each other."""
    return tmp_path_factory.mktemp("walk")


@pytest.fixture(scope="module")
def program(folder: Path) -> Program:
    """A function that runs `workbench ARGUMENTS…` in that folder."""

    def run(*arguments: object, timeout: float = 300, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "workbench", *map(str, arguments)],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "XDG_DATA_HOME": str(folder / "data-home")},
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


def document(done: subprocess.CompletedProcess[str]) -> Any:
    """The one JSON document that a command printed."""
    return json.loads(done.stdout)
