"""What a new run takes from its surroundings: versions, the machine, a number of its own."""

import fcntl
import json
import os
import platform
import re
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

_GIT_S = 5.0
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_PACKAGES = ("face-workbench", "tensorflow", "keras", "numpy", "opencv-python", "imgaug")
_NUMBERED = re.compile(r"(\d{4,})(?:-|$)")


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of what decides a result."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            found[package] = metadata.version(package)
    return found


@cache
def program() -> dict[str, Any]:
    """The state of the program's own source.

    Returns:
        `commit` and `dirty` (whether tracked files differ from it); both None where it was installed, or
        there is no git.
    """
    source = Path(__file__).resolve().parent
    # An environment may lie in somebody else's repository: ours is one that tracks this very file.
    if _git(source, "ls-files", "--error-unmatch", Path(__file__).name) is None:
        return {"commit": None, "dirty": None}
    changed = _git(source, "status", "--porcelain", "--untracked-files=no")
    return {"commit": _git(source, "rev-parse", "HEAD"), "dirty": None if changed is None else bool(changed)}


def _git(folder: Path, *arguments: str) -> str | None:
    """What git answers; None where it refuses, takes too long or is not there."""
    done = output_of(["git", "--no-optional-locks", *arguments], _GIT_S, folder)
    return None if done is None or done.returncode else done.stdout.strip()


def output_of(
    command: Sequence[str], wait_s: float, folder: Path | None = None
) -> "subprocess.CompletedProcess[str] | None":
    """What another program prints; None where it is not there or takes too long."""
    try:
        return subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=wait_s,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def host() -> dict[str, Any]:
    """The machine, as far as it explains a run's speed."""
    return {"name": socket.gethostname(), "system": platform.platform(), "cores": usable_cores()}


def machine() -> str:
    """This machine since it was started, in one line: its name, and what its kernel calls this start."""
    return f"{socket.gethostname()} {_boot()}".strip()


@cache
def _boot() -> str:
    """What the kernel calls its start; containers on one machine share it, and see each other's locks."""
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def other_machine(line: str) -> str:
    """The name of the machine that wrote a line (see `machine`); "" if it is this one, or none wrote it."""
    name, _, boot = line.strip().partition(" ")
    here = name == socket.gethostname() or (boot and boot == _boot())
    return "" if here else name


def usable_cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def numbering(runs_dir: Path) -> Iterator[None]:
    """Two processes that make a run at once get two numbers."""
    runs_dir.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(runs_dir, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def run_number(name: str) -> int:
    """The number at the beginning of a run's name; -1 where there is none."""
    found = _NUMBERED.match(name)
    return int(found[1]) if found else -1


def slugged(words: str) -> str:
    """Words as a part of a folder's name."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:40] or "run"


def as_json(value: object) -> str:
    """For people and programs: indented."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n"
