"""Running a learning-rate range test from outside: a process of its own, which ends with the block."""

import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from workbench.bench import Bench
from workbench.dataset.table import Table
from workbench.errors import InputError, RunError
from workbench.settings import Settings
from workbench.text import neutralise
from workbench.training.launcher import worker_environment
from workbench.training.rate_range import RangeResult, RangeTest, for_range_test, result_of
from workbench.training.rate_worker import PICTURES, REQUEST

WORKER = "workbench.training.rate_worker"
_LOOK_S = 0.2
_LEAVE_S = 5.0
_CHUNK = 1 << 16
Progress = Callable[[int, int], None]


class RateFinder:
    """A range test on a bench; nothing of it stays but the cache of pictures.

    Args:
        bench: The bench.
        settings: Complete settings that `start.check_settings` let pass.
        table: Its divided pictures.
        test: The rates to go through.
    """

    def __init__(self, bench: Bench, settings: Settings, table: Table, test: RangeTest) -> None:
        self._bench, self._settings, self._table, self._test = bench, settings, table, test

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="workbench-rate-")
        folder = Path(self._folder.name)
        write_request(folder, self._bench, self._settings, self._table, self._test)
        self._log = folder / "output.log"
        with self._log.open("wb") as log:
            # -P: the current folder is no place to import from; a session of its own: ctrl+c is for us
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", WORKER, self._folder.name],
                cwd="/",
                env=worker_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        self._told = self._messages()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(_LEAVE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._folder.cleanup()

    def read_pictures(self, progress: Progress) -> None:
        """Wait until every picture is in the cache.

        Args:
            progress: Called with (done, total); again and again while nothing happens, so that it may raise
                what is to break the test off.

        Raises:
            InputError: Not one picture can be read.
            RunError: The process failed; says why.
        """
        done = total = 0
        for message in self._told:
            match message:
                case {"type": "pictures"}:
                    done, total = message["done"], message["total"]
                case {"type": "ready"}:
                    return
            progress(done, total)

    def run(self, progress: Progress) -> RangeResult:
        """Wait for the end of the test.

        Args:
            progress: As of `read_pictures`, but of steps.

        Raises:
            RunError: The process failed; says why.
        """
        progress(0, self._test.steps)
        for message in self._told:
            if message.get("type") == "step":
                self._test.take(message["loss"])
            progress(len(self._test.losses), self._test.steps)
        return result_of(self._test)

    def _messages(self) -> Iterator[dict[str, Any]]:
        """What the process tells; an empty message each time that it was silent for a moment.

        Raises:
            InputError: Not one picture can be read.
            RunError: The process failed; says why.
        """
        assert self._process.stdout is not None
        pipe, rest = self._process.stdout.fileno(), b""
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while True:
                if not selector.select(_LOOK_S):
                    yield {}
                    continue
                if not (chunk := os.read(pipe, _CHUNK)):
                    break
                *lines, rest = (rest + chunk).split(b"\n")
                yield from filter(None, map(_parsed, lines))
        if code := self._process.wait():
            raise RunError(self._cause(code), where="find-rate", cure="try a smaller training.batch_size")

    def _cause(self, code: int) -> str:
        """Why the process failed, in a line."""
        if code < 0:
            return f"the test was killed by signal {-code}, which for 9 mostly means: out of memory"
        said = self._log.read_text(errors="replace").strip().splitlines()
        return f"the test failed: {neutralise(said[-1] if said else 'nothing was said', 300)}"


def write_request(folder: Path, bench: Bench, settings: Settings, table: Table, test: RangeTest) -> None:
    """Write down what the process needs; see `RateFinder`."""
    table.save(folder / PICTURES, bench.schema)
    request = {
        "settings": for_range_test(settings).to_dict(),
        "schema": bench.schema.to_dict(),
        "cache": str(bench.cache_dir),
        "lowest": test.lowest,
        "highest": test.highest,
        "steps": test.steps,
    }
    (folder / REQUEST).write_text(json.dumps(request))


def _parsed(line: bytes) -> dict[str, Any] | None:
    """A message, or None: a library may print there as well.

    Raises:
        InputError, RunError: It is one of an error.
    """
    try:
        message = json.loads(line)
    except ValueError:
        return None
    if not isinstance(message, dict):
        return None
    if message.get("type") == "error":
        kind = InputError if message["code"] == InputError.exit_code else RunError
        raise kind(message["what"], where=message["where"], cure=message["cure"])
    return message
