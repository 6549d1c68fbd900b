"""What a machine needs so that every room works, checked one by one, each with the line that cures it."""

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import MissingLibrary, WorkbenchError
from workbench.locks import file_system, lock_warning
from workbench.training.devices import look

PACKAGES = (
    "textual",
    "plotext",
    "tensorflow",
    "keras",
    "opencv-python",
    "imgaug",
    "pandas",
    "numpy",
    "pillow",
)
_TIMEOUT_S = 180
_GIB = 2**30


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Attributes:
        name: What was looked at.
        state: "ok", "warning" or "problem".
        detail: What was found.
        cure: What to do about it, or empty.
    """

    name: str
    state: str
    detail: str
    cure: str = ""


def examine() -> Iterator[Finding]:
    """Run every check; each is given out as soon as it is known."""
    checks: tuple[Callable[[], Finding], ...] = (
        _python,
        _packages,
        _terminal,
        _opencv,
        _augmentation,
        _tensorflow,
        _devices,
        _space,
        _locks,
        _sessions,
    )
    for check in checks:
        try:
            yield check()
        except Exception as error:  # a check that breaks is a finding, not the end of the others
            yield Finding(check.__name__.strip("_"), "problem", f"{type(error).__name__}: {error}")


def _python() -> Finding:
    return Finding("python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}")


def _packages() -> Finding:
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("packages", "problem", f"missing: {', '.join(missing)}", "install workbench again")
    return Finding("packages", "ok", ", ".join(found))


def _terminal() -> Finding:
    term, size = os.environ.get("TERM", ""), shutil.get_terminal_size((0, 0))
    if not sys.stdout.isatty():
        return Finding(
            "terminal", "warning", "stdout is no terminal", "run workbench in one to see the screens"
        )
    if term in ("", "dumb"):
        return Finding("terminal", "problem", f"TERM={term or 'unset'}", "export TERM=xterm-256color")
    if size.columns < 80 or size.lines < 24:
        return Finding("terminal", "warning", f"{size.columns}×{size.lines}", "enlarge it to 80×24 or more")
    colour = os.environ.get("COLORTERM", "")
    if colour not in ("truecolor", "24bit"):
        return Finding(
            "terminal", "warning", f"{term}, 256 colours", "export COLORTERM=truecolor if it can show them"
        )
    return Finding("terminal", "ok", f"{term}, true colour, {size.columns}×{size.lines}")


def _import(code: str) -> str:
    """Run code in a process of its own, as native libraries may end it."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_TIMEOUT_S,
        stdin=subprocess.DEVNULL,
        check=False,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise WorkbenchError(lines[-1] if lines else f"ended with status {done.returncode}")
    return done.stdout.strip()


def _opencv() -> Finding:
    try:
        return Finding("opencv", "ok", _import("import cv2; print(cv2.__version__)"))
    except WorkbenchError as error:
        cure = "workbench doctor --fix, or: apt-get install libgl1 libglib2.0-0"
        return Finding("opencv", "problem", str(error), cure)


def _augmentation() -> Finding:
    code = (
        "import numpy as np; from workbench.config import load_settings;"
        "from workbench.images.augment import Augmenter;"
        "Augmenter(load_settings('fast').augment, 0)(np.zeros((1, 32, 32, 3), np.uint8), 0);"
        "print('imgaug works on this NumPy')"
    )
    try:
        return Finding("augmentation", "ok", _import(code))
    except WorkbenchError as error:
        return Finding("augmentation", "problem", str(error).partition(": ")[2] or str(error))


def _tensorflow() -> Finding:
    code = (
        "import tensorflow as tf, keras; gpus = len(tf.config.list_physical_devices('GPU'));"
        "print(f'tensorflow {tf.__version__}, keras {keras.__version__}, GPUs: {gpus}')"
    )
    found = _import(code)
    if found.endswith("GPUs: 0") and (gpus := look().gpus):
        cure = "pip install 'tensorflow[and-cuda]', or a newer driver"
        return Finding("training", "warning", f"{found}, of {gpus} that this process may use", cure)
    return Finding("training", "ok", found)


def _devices() -> Finding:
    """What there is to compute with, whether or not TensorFlow can use it."""
    return Finding("devices", "ok", look().in_words())


def _space() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free / _GIB
    if free < 1:
        return Finding("disk", "warning", f"{free:.1f} GiB free here", "free some space before a training")
    return Finding("disk", "ok", f"{free:.0f} GiB free here")


def _locks() -> Finding:
    """Whether two programs on a bench in this folder are kept from harming each other."""
    warning = lock_warning(Path.cwd())
    if warning:
        what, _, cure = warning.partition("; ")
        return Finding("locks", "warning", what, cure)
    return Finding("locks", "ok", f"files can be locked here ({file_system(Path.cwd()) or 'unknown'})")


def _sessions() -> Finding:
    """Whether systemd ends what a person started when they log out."""
    for file in (Path("/etc/systemd/logind.conf"), *Path("/etc/systemd/logind.conf.d").glob("*.conf")):
        try:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        if any(line.strip().lower().replace(" ", "") == "killuserprocesses=yes" for line in lines):
            return Finding(
                "log out",
                "warning",
                f"{file} ends your processes when you log out, a training too",
                "loginctl enable-linger, or: systemd-run --user --scope workbench train …",
            )
    return Finding("log out", "ok", "a training goes on after you log out")


def fix() -> str:
    """Put the build of OpenCV that needs no libGL in the place of the other, where that one cannot be loaded.

    Returns:
        One line that says what was done.

    Raises:
        MissingLibrary: It did not help.
    """
    if _opencv().state == "ok":
        return "OpenCV works; nothing to mend"
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--force-reinstall",
        "--no-deps",
        _headless(),
    ]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False)
    found = _opencv()
    if done.returncode or found.state != "ok":
        raise MissingLibrary(found.detail, where="opencv", cure="apt-get install libgl1 libglib2.0-0")
    return f"opencv-python-headless {found.detail} is in the place of opencv-python"


def _headless() -> str:
    """The headless package of the same version."""
    return f"opencv-python-headless=={importlib.metadata.version('opencv-python')}"
