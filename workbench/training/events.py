"""Writing a run's log: one JSON object a line, only ever appended.

Every event has `seq` (goes on over restarts), `wall` (Unix seconds), `mono` (monotonic seconds of that
process) and `type`. Values that are no finite number are written as null, because JSON has no NaN, and are
drawn as a gap. The types:

  phase       name (starting, data, building, training, validating, saving, profiling, evaluating,
              pausing, stopping), text
  progress    done, total: of the phase
  started     epochs, batches, batch_size, pictures, parameters; device, replicas (how many devices share a
              batch), precision; resumed_epoch, resumed_batch, best_epoch, best_value: what a checkpoint had
              behind it already. Batches, epochs and checkpoints further up that lie after that place are
              taken back: a killed worker had written them, and this one does them again
  batch       epoch (from 1), batch (from 1), batches, step, images_per_second, seconds_left, loss, accuracy,
              heads {head: {loss, accuracy}}: of the batches since the last such event, at most ten a second
  epoch       epoch, epochs, seconds, learning_rate, train and validation {loss, accuracy, macro_f1,
              heads {head: {loss, accuracy, macro_f1}}}, metric, value, best_value, best_epoch
  checkpoint  epoch, batch (behind it, of the next epoch), best, megabytes
  rate        epoch (from 1), batch (behind it), from, to: a person changed the learning rate
  epochs      epoch, batch, from, to: a person added epochs
  system      of the worker and the processes that it has started: memory_mb, peak_mb (resident), processes,
              processor_percent (100 = one core), disk_read_mb_s, disk_write_mb_s; disk_free_gb of the run's
              disk; gpus [{index, name, utilisation_percent, memory_mb, memory_total_mb, power_w,
              temperature_c}]: those that it may use. What nothing tells is left out, `gpus` without a GPU
  note        text
  profile     where the time of this worker went, if it was asked to measure: whole, seconds {part: seconds},
              times {part: how often}, pictures, settled (those without the first steps'), of_a_step
              {part: seconds of one step}, batch (its pictures), advice; the parts stand in `training.profile`
  finished, stopped, paused: text, epoch, best_epoch (null where it ended before they were known), seconds
  failed      cause, log
"""

import json
import math
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from workbench.files import file_error
from workbench.training.lines import append
from workbench.training.tail import parse_line, whole

_TAIL_BYTES = 64 * 1024


class EventLog:
    """Appends events; safe for several threads. A line is handed to the kernel at once, whole.

    Nothing is fsynced but the end and each epoch: a killed process loses nothing, a power cut some batches.

    Attributes:
        listeners: Called with the type and the fields of each event behind it, in the thread that tells it.
    """

    def __init__(self, path: Path) -> None:
        """Open (or go on with) a log; a torn last line of a killed worker is closed.

        Raises:
            WorkbenchError: The file cannot be written.
        """
        self._path = path
        self._mutex = threading.Lock()
        self._torn = False
        self.listeners: list[Callable[[str, Mapping[str, Any]], None]] = []
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
            self._seq = self._last_seq()
        except OSError as error:
            raise file_error(error, path) from error

    def _last_seq(self) -> int:
        """The last sequence number in the file; ends a torn line, so that the next event stands alone."""
        size = os.fstat(self._descriptor).st_size
        if not size:
            return 0
        raw = os.pread(self._descriptor, _TAIL_BYTES, max(0, size - _TAIL_BYTES))
        if not raw.endswith(b"\n"):
            os.write(self._descriptor, b"\n")
        events = (parse_line(line) for line in reversed(raw.splitlines()))
        return next((whole(event.get("seq")) for event in events if event is not None), 0)

    def emit(self, kind: str, *, durable: bool = False, **fields: Any) -> None:
        """Append one event.

        Args:
            kind: Its `type`.
            durable: Whether to wait until it is on the disk.
            fields: The rest of it; anything that JSON can hold, NumPy's numbers too.

        Raises:
            WorkbenchError: The disk is full or gone.
        """
        plain = {name: _plain(value) for name, value in fields.items()}
        with self._mutex:
            self._seq += 1
            event = {
                "seq": self._seq,
                "wall": round(time.time(), 3),
                "mono": round(time.monotonic(), 3),
                "type": kind,
                **plain,
            }
            line = json.dumps(event, ensure_ascii=True, separators=(",", ":"), allow_nan=False) + "\n"
            torn, self._torn = self._torn, True
            try:
                append(self._descriptor, b"\n" * torn + line.encode())
                self._torn = False
                if durable:
                    os.fsync(self._descriptor)
            except OSError as error:
                raise file_error(error, self._path) from error
        for listener in self.listeners:
            listener(kind, fields)

    def phase(self, name: str, text: str = "") -> None:
        """What the worker does from now on: starting, data, building, training, validating, saving, …"""
        self.emit("phase", name=name, text=text)

    def note(self, text: str) -> None:
        """A line for people."""
        self.emit("note", text=text)

    def close(self) -> None:
        """Close the file; the log can be opened again."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _plain(value: Any) -> Any:
    """The value as JSON can hold it, floats cut to six significant digits."""
    if isinstance(value, str | bool | int) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    if not math.isfinite(number):
        return None
    return int(number) if hasattr(value, "dtype") and value.dtype.kind in "iu" else float(f"{number:.6g}")
