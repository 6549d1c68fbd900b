"""What was read of a long log, kept beside it, so that the next monitor need not read it again.

`events.index` is a cache: it may be thrown away at any time, is written only where the folder can be, and is
never trusted against the log. It names the byte up to which the log was read and a digest of samples of the
log up to there; where these do not fit, or anything in it is not as it should be, the log is read instead.
"""

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError

from workbench.errors import WorkbenchError
from workbench.files import write_atomically
from workbench.monitoring.log import RunLog
from workbench.monitoring.log_state import LogState
from workbench.monitoring.track import Track
from workbench.training.lines import LineReader, open_log

INDEX_NAME = "events.index"
LEAST_BYTES = 4 << 20
"""A shorter log is read in a moment."""
_VERSION = 1
_MOST_BYTES = 256 << 20
_SAMPLE, _SAMPLES = 4096, 64


class Index:
    """The index of one run's log.

    Args:
        folder: The run's folder.
        heads: The heads whose curves were taken; an index of others is of no use.
    """

    def __init__(self, folder: Path, heads: tuple[str, ...]) -> None:
        self._log, self._path, self._heads = folder / "events.jsonl", folder / INDEX_NAME, heads
        self._saved = 0

    def load(self, reader: LineReader, log: RunLog) -> RunLog:
        """Fill a log that has read nothing, and move its reader, to where the index left off.

        Returns:
            The log: as it was, where there is no index that fits.
        """
        try:
            if self._path.stat().st_size > _MOST_BYTES:
                return log
            head, _, body = self._path.read_bytes().partition(b"\n")
            kept = json.loads(head)
            position = int(kept["position"])
            fits = kept["version"] == _VERSION and tuple(kept["heads"]) == self._heads
            if not fits or kept["digest"] != self._digest(position) or kept["body"] != _hash(body):
                return log
            state = TypeAdapter(LogState).validate_python(kept["state"])
            tracks: list[Track] = []
            for about in kept["tracks"]:
                track, body = Track.unpack(about, body)
                tracks.append(track)
            batches, epochs, system = tracks
            before, too_long = self._before(position), max(0, int(kept["too_long"]))
        except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError, ValidationError):
            return log
        log.restore(state, batches, epochs, system)
        reader.begin_at(position, before)
        reader.skipped = too_long
        self._saved = position
        return log

    def save(self, reader: LineReader, log: RunLog, *, ended: bool) -> None:
        """Keep what was read, if that was much since the last time; not where nothing can be written.

        Args:
            reader: How far the log was read.
            log: What was read.
            ended: Whether the run has ended, so that less is worth while.
        """
        position, grown = reader.position, reader.position - self._saved
        if position < LEAST_BYTES or grown < (LEAST_BYTES if ended else max(4 * LEAST_BYTES, position // 4)):
            return
        self._saved = position
        tracks = [track.pack() for track in (log.batches, log.epochs, log.system)]
        body = b"".join(raw for _, raw in tracks)
        kept = {
            "version": _VERSION,
            "position": position,
            "digest": self._digest(position),
            "heads": self._heads,
            "too_long": reader.skipped,
            "state": asdict(log.state),
            "tracks": [about for about, _ in tracks],
            "body": _hash(body),
        }
        with suppress(OSError, WorkbenchError):
            write_atomically(self._path, json.dumps(kept).encode() + b"\n" + body)

    def _before(self, position: int) -> bytes:
        """The log's last bytes before a position."""
        with open_log(self._log) as file:
            file.seek(max(0, position - _SAMPLE))
            return file.read(min(position, _SAMPLE))

    def _digest(self, position: int) -> str:
        """Of samples of the log up to a position: its beginning, its end, and places between.

        Raises:
            OSError: The log is shorter, or cannot be read.
        """
        found = hashlib.sha256(str(position).encode())
        with open_log(self._log) as file:
            if not 0 < position <= os.fstat(file.fileno()).st_size:
                raise OSError("the log is shorter than its index says")
            for at in np.linspace(0, max(0, position - _SAMPLE), _SAMPLES).astype(int).tolist():
                found.update(os.pread(file.fileno(), min(_SAMPLE, position - at), at))
        return found.hexdigest()


def _hash(body: bytes) -> str:
    """Of the arrays, so that a torn or damaged file is seen."""
    return hashlib.sha256(body).hexdigest()
