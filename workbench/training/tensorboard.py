"""Files for TensorBoard, written from the events of a run while they are told: `training.tensorboard`.

TensorFlow itself is needed for the format, records with checksums of its own messages. Keras has it only in a
callback of `fit`, which is not used here, and `tf.summary.scalar` wants the package tensorboard installed
where the training runs; the messages themselves do not.

Every scalar stands at the training step, so that what a worker does again after a kill can be taken back: its
file begins with a START message, from whose step on a reader forgets what came before (`purge_step` of other
writers; `EventAccumulator` in tensorboard/backend/event_processing).
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import tensorflow as tf  # noqa: TID251 - see above

from workbench.training.events import EventLog
from workbench.training.metric_names import MONITORED
from workbench.training.run import RunFolder

_EVERY_S = 1.0
_NAME = "events.out.tfevents"
_VERSION = "brain.Event:2"
"""Of the format; older ones have no START message."""
_messages = tf.compat.v1
Scalars = dict[str, float]


@contextmanager
def written_for_tensorboard(run: RunFolder, log: EventLog, wanted: bool) -> Iterator[None]:
    """Inside, what a log is told of batches and epochs is written for TensorBoard too, if that is wanted."""
    if not wanted:
        yield
        return
    board = Board(run.tensorboard, log)
    log.listeners.append(board.hear)
    try:
        yield
    finally:
        log.listeners.remove(board.hear)
        board.close()


class Board:
    """Writes what it hears; whoever trains goes on without it if that fails.

    Args:
        folder: Of the folders "train" and "validation".
        log: Is told of a failure.
        every: The least seconds between batches that are written.
    """

    def __init__(self, folder: Path, log: EventLog, every: float = _EVERY_S) -> None:
        self._folder, self._log, self._every = folder, log, every
        self._files: dict[str, tf.io.TFRecordWriter] = {}
        self._batches, self._told = 0, 0.0

    def hear(self, kind: str, fields: Mapping[str, Any]) -> None:
        """Write what an event tells; the first one of interest is `started`."""
        try:
            if kind == "started":
                self._begin(fields)
            elif kind == "batch" and self._files:
                self._batch(fields)
            elif kind == "epoch" and self._files:
                self._epoch(fields)
        except (OSError, tf.errors.OpError) as error:
            self._files.clear()
            self._log.note(f"nothing more is written for TensorBoard: {str(error).splitlines()[0]}")

    def _begin(self, fields: Mapping[str, Any]) -> None:
        """Open a file a split, behind which nothing counts that an earlier worker wrote of later steps."""
        self._batches = fields["batches"]
        step = fields["resumed_epoch"] * self._batches + fields["resumed_batch"] + 1
        for split in ("train", "validation"):
            self._files[split] = tf.io.TFRecordWriter(str(_new_file(self._folder / split)))
            self._write(split, 0, file_version=_VERSION)
            start = _messages.SessionLog(status=_messages.SessionLog.START)
            self._write(split, step, session_log=start)
            self._files[split].flush()

    def _batch(self, fields: Mapping[str, Any]) -> None:
        """Write the batches since the last event, at most one event a second."""
        if time.monotonic() - self._told < self._every:
            return
        self._told = time.monotonic()
        scalars = _scalars("batch", fields)
        scalars |= {
            name: fields[name]
            for name in ("images_per_second", "learning_rate")
            if fields.get(name) is not None
        }
        self._scalars("train", fields["step"], scalars)

    def _epoch(self, fields: Mapping[str, Any]) -> None:
        """Write an epoch at its last step."""
        step = fields["epoch"] * self._batches
        train = _scalars("epoch", fields["train"])
        self._scalars("train", step, {**train, "learning_rate": fields["learning_rate"]})
        self._scalars("validation", step, _scalars("epoch", fields["validation"]))

    def _scalars(self, split: str, step: int, scalars: Scalars) -> None:
        """Write values, and hand them to the kernel at once: a killed worker loses none."""
        value = _messages.Summary.Value
        values = [value(tag=tag, simple_value=float(number)) for tag, number in scalars.items()]
        self._write(split, step, summary=_messages.Summary(value=values))
        self._files[split].flush()

    def _write(self, split: str, step: int, **content: Any) -> None:
        """Write one message."""
        message = _messages.Event(wall_time=time.time(), step=step, **content)
        self._files[split].write(message.SerializeToString())

    def close(self) -> None:
        """Close the files."""
        with suppress(tf.errors.OpError):  # such as on a full disk, of which the log tells
            for file in self._files.values():
                file.close()
        self._files.clear()


def _new_file(folder: Path) -> Path:
    """A file behind all others: readers go through them by name, and clocks jump."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = [int(path.suffix[1:]) for path in folder.glob(f"{_NAME}.*") if path.suffix[1:].isdecimal()]
    return folder / f"{_NAME}.{max(numbers, default=0) + 1:06}"


def _scalars(group: str, figures: Mapping[str, Any]) -> Scalars:
    """The known figures of all heads together, then of each, by tags such as "epoch/glasses/loss"."""
    heads = figures.get("heads", {})
    parts = {group: figures, **{f"{group}/{head}": told for head, told in heads.items()}}
    return {
        f"{tag}/{name}": told[name]
        for tag, told in parts.items()
        for name in MONITORED
        if told.get(name) is not None
    }
