"""Why a training ended badly, in one line that says what to do next.

What raises an exception is told by the worker itself. What ends it without a word (a signal, the kernel when
memory runs out) is told by whoever started it and waits for its end, in `worker.exit`; if nobody does, the
readers of the run say that it died.
"""

import json
import signal
import time
from contextlib import suppress
from pathlib import Path

from workbench.errors import PictureError, RunError, WorkbenchError
from workbench.files import read_json, write_atomically
from workbench.settings import Settings
from workbench.text import neutralise
from workbench.training.lines import last_bytes
from workbench.training.run import RunFolder

_MOST = 2000
_MEMORY_TYPES = ("MemoryError", "ResourceExhaustedError")
# The last: what TensorFlow says of a GPU whose memory is too full to copy a batch to.
_MEMORY_WORDS = (
    "out of memory",
    "OOM when",
    "OUT_OF_MEMORY",
    "bad_alloc",
    "failed to allocate",
    "Dst tensor is not",
)
_GPU_WORDS = ("GPU", "CUDA", "cuda", "Dst tensor is not")
_LOG_TAIL = 4096
_RAISED = 1.001
"""Over the settings' rate: no rounding of float32 comes near it."""
UNKNOWN = "the worker ended without a word: killed, out of memory, or the machine went down"
RESUME = "it goes on with: workbench resume"
_ITS_OWN = "only the program that trained it can go on with it"


def cause_of(error: BaseException, settings: Settings | None) -> str:
    """What the `failed` event says of an exception.

    Args:
        error: What ended the training.
        settings: The run's, for what to try instead; None if they could not be read.
    """
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, PictureError):
        line = f"{error}; put it back, then {RESUME} (dataset.cache=true would have kept its pixels)"
    elif isinstance(error, WorkbenchError):
        line = str(error)
    elif type(error).__name__ in _MEMORY_TYPES or any(word in text for word in _MEMORY_WORDS):
        line = out_of_memory("GPU" if any(word in text for word in _GPU_WORDS) else "machine", settings)
    else:
        line = text.partition("\n")[0]
    return neutralise(line)[:_MOST]


def out_of_memory(whose: str, settings: Settings | None) -> str:
    """The line for a batch that was too large."""
    if settings is None:
        return f"the {whose} is out of memory"
    batch, size = settings.training.batch_size, settings.dataset.size
    smaller = _smaller(batch)
    less = f"training.batch_size={smaller}" if smaller < batch else f"dataset.size={size * 3 // 4}"
    return (
        f"the {whose} is out of memory with batches of {batch} pictures of {size}×{size}; "
        f"train again with --set {less}, or end what else uses its memory and resume the run"
    )


def _smaller(batch: int) -> int:
    """The next smaller power of two; 1 at least."""
    return max(1, 1 << ((batch - 1).bit_length() - 1)) if batch > 1 else 1


def kills_for_memory() -> int:
    """How many processes the kernel has ended since the machine started because memory ran out."""
    with suppress(OSError, ValueError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0


def write_exit(run: RunFolder, code: int, *, for_memory: bool) -> None:
    """Leave word of how a worker ended; nothing if the run's folder cannot be written.

    Args:
        run: Its run.
        code: As `subprocess` gives it: minus the number of the signal that ended it.
        for_memory: Whether the kernel ended a process for want of memory meanwhile.
    """
    with suppress(WorkbenchError):
        write_atomically(
            run.exit, json.dumps({"code": code, "for_memory": for_memory, "wall": time.time()}) + "\n"
        )


def death(run: RunFolder) -> str:
    """Why a run died, as far as anyone knows; see `RunState.DIED`."""
    try:
        found = read_json(run.exit)
        code = int(found["code"])
    except (WorkbenchError, KeyError, TypeError, ValueError):
        return f"{UNKNOWN}; {_ITS_OWN if run.foreign else RESUME}"
    if code >= 0:
        return neutralise(f"the worker ended with code {code}: {_last_line(run.log) or 'it said nothing'}")
    name = _signal_name(-code)
    said = _tail(run.log)
    if any(word in said for word in _MEMORY_WORDS) or (-code == signal.SIGKILL and found.get("for_memory")):
        return f"{out_of_memory('machine', _settings(run))} (the worker was ended by {name})"
    if -code in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE):
        return f"the worker crashed in a library ({name}), its log says where; {RESUME}"
    return f"the worker was killed by {name}, which somebody or a limit of the machine sent; {RESUME}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _settings(run: RunFolder) -> Settings | None:
    try:
        return run.settings()
    except WorkbenchError:
        return None


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in _tail(log).splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _tail(log: Path) -> str:
    """The end of what the worker printed."""
    try:
        return last_bytes(log, _LOG_TAIL)[1].decode(errors="replace")
    except OSError:
        return ""


def diverged(
    head: str,
    loss: float,
    place: tuple[int, int, int],
    last: tuple[int, int] | None,
    rate: float,
    now: float = 0.0,
) -> RunError:
    """The error of a loss that is no number any more.

    Args:
        head: Whose.
        loss: What it is.
        place: Epoch and batch, both from 1, and the step from 1.
        last: The last checkpoint (epochs done, batches of the next one), in which all is well.
        rate: The learning rate of the settings.
        now: That of the step.
    """
    epoch, batch, step = place
    return RunError(
        f"the loss of {head} is {loss} in epoch {epoch}, batch {batch} (step {step}): the training diverged",
        cure=after_divergence(last, rate, now),
    )


def after_divergence(last: tuple[int, int] | None, rate: float, now: float = 0.0) -> str:
    """What to do then: the last good checkpoint, and another learning rate; see `diverged`."""
    good = "no checkpoint was made before"
    if last is not None:
        done, batch = last
        at = f"after batch {batch} of epoch {done + 1}" if batch else f"after epoch {done}"
        good = f"the last good checkpoint is the one {at}"
    if now > rate * _RAISED:  # a resume makes the change again, but what is asked of it first outweighs that
        return f"{good}; a person raised the rate to {now:.3g}: resume, and ask at once for a lower one"
    return f"{good}; train again with training.learning_rate below {rate:g}"
