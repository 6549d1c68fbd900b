"""`workbench evaluate` as a process: Keras and pandas may not be imported where the screen is drawn."""

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from workbench.errors import RunError, WorkbenchError
from workbench.text import neutralise

_PROGRESS = "pictures "
_ERROR = "workbench: "
_LINE_LIMIT = 1 << 20


async def evaluate_output(
    bench: Path, run: str, options: Sequence[str], told: Callable[[str], None]
) -> bytes:
    """Run `workbench evaluate BENCH RUN` and give what it prints; cancelling ends the process.

    Args:
        bench: The bench's folder.
        run: The run's name.
        options: Such as "--json".
        told: Called with each progress line, such as "pictures 32/600".

    Raises:
        WorkbenchError: It failed; the line is its own.
    """
    # It stays in our session and process group, so that a terminal that is closed ends it as well.
    command = [
        sys.executable,
        "-P",
        "-m",
        "workbench",
        "evaluate",
        *options,
        "--",
        str(bench.absolute()),
        run,
    ]
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
            limit=_LINE_LIMIT,
        )
    except OSError as error:
        raise WorkbenchError(f"the evaluation cannot be started ({error})") from error
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        output, last = await asyncio.gather(process.stdout.read(), _listen(process.stderr, told))
        code = await process.wait()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
    if code:
        raise RunError(last or _ended(code), where="" if last else run, cure="" if last else "try again: a")
    return output


async def _listen(stream: asyncio.StreamReader, told: Callable[[str], None]) -> str:
    """Pass progress on; give the error line, if there is one."""
    last = ""
    while True:
        try:
            line = (await stream.readline()).decode(errors="replace")
        except ValueError:  # a line longer than any of ours; it was dropped
            continue
        if not line:
            return last
        if line.startswith(_PROGRESS):
            told(neutralise(line.strip()))
        elif line.startswith(_ERROR):
            last = line.removeprefix(_ERROR).strip()


def _ended(code: int) -> str:
    """What there is to say of a process that said nothing."""
    how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
    return f"the evaluation {how} without a word; perhaps there is too little memory"
