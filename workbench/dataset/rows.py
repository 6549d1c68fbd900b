"""Pictures of one size in a file, found by fingerprint: the store under `cache.PixelCache`.

Two files grow together: NAME.bin holds rows of raw pixels, NAME.idx a header and one record a row. A record
is written after its pixels are on the disk, so whatever a kill or a power cut leaves behind is a tail
without records, or half a record; both are dropped. Writers take turns with flock; rows once written never
move, so readers need no lock. Rows are read with preadv into the caller's array: nothing is mapped, and
memory stays flat.
"""

import fcntl
import os
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from workbench.errors import WorkbenchError
from workbench.files import file_error

_HEADER = struct.Struct("<8sII")
_MAGIC = b"wbpixel1"
_RECORD = struct.Struct("<16sII")  # fingerprint, checksum of the pixels, checksum of the twenty bytes before


class RowFile:
    """Rows of uint8 pixels, keyed by fingerprint.

    Args:
        stem: The files' path without suffix; the folder must exist.
        size: Height and width of a row's picture in pixels.

    Raises:
        OSError: The files cannot be made or written.
    """

    def __init__(self, stem: Path, size: int) -> None:
        self.size, self.row_bytes = size, size * size * 3
        self.path = stem.with_name(stem.name + ".bin")
        self._rows: dict[bytes, int] = {}
        self._sums: list[int] = []
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        self._data = os.open(self.path, flags, 0o666)
        self._index = os.open(stem.with_name(stem.name + ".idx"), flags, 0o666)
        with self._turn():
            self._check_header()
        self.refresh()

    def __contains__(self, fingerprint: str) -> bool:
        """Whether the picture's pixels are there."""
        return _key(fingerprint) in self._rows

    def __len__(self) -> int:
        """The number of pictures."""
        return len(self._rows)

    def close(self) -> None:
        """Let go of the files."""
        for name in ("_data", "_index"):
            if (descriptor := getattr(self, name, -1)) >= 0:
                os.close(descriptor)
                setattr(self, name, -1)

    def refresh(self) -> None:
        """Read the records that were added since, by whomever."""
        start = len(self._sums)
        whole = os.fstat(self._data).st_size // self.row_bytes
        raw = _read_all(self._index, _HEADER.size + start * _RECORD.size)
        for at in range(0, len(raw) - _RECORD.size + 1, _RECORD.size):
            key, pixels, own = _RECORD.unpack_from(raw, at)
            if own != zlib.crc32(raw[at : at + 20]) or len(self._sums) >= whole:
                break
            self._rows[key] = len(self._sums)
            self._sums.append(pixels)

    def append(self, fingerprints: Sequence[str], pixels: NDArray[np.uint8]) -> None:
        """Add pictures (N, size, size, 3); those that another process added meanwhile are skipped.

        Raises:
            OSError: The disk is full; what was there before is untouched.
        """
        with self._turn():
            self.refresh()
            new = [at for at, one in enumerate(fingerprints) if one not in self]
            if not new:
                return
            start = len(self._sums)
            records = []
            for offset, at in enumerate(new):
                row = np.ascontiguousarray(pixels[at]).tobytes()
                _write_all(self._data, row, (start + offset) * self.row_bytes)
                head = struct.pack("<16sI", _key(fingerprints[at]), zlib.crc32(row))
                records.append(head + struct.pack("<I", zlib.crc32(head)))
            os.fdatasync(self._data)
            place = _HEADER.size + start * _RECORD.size
            os.ftruncate(self._index, place)  # half a record, or records without pixels, end here
            _write_all(self._index, b"".join(records), place)
            self.refresh()

    def read_into(self, fingerprint: str, target: NDArray[np.uint8]) -> None:
        """Read one picture into a contiguous array (size, size, 3).

        Raises:
            KeyError: It is not there.
            WorkbenchError: The file was damaged from outside.
        """
        row = self._rows[_key(fingerprint)]
        view = target.data.cast("B")
        done = 0
        while done < self.row_bytes:
            count = os.preadv(self._data, [view[done:]], row * self.row_bytes + done)
            if not count:
                break
            done += count
        if done < self.row_bytes or zlib.crc32(view) != self._sums[row]:
            raise WorkbenchError(
                "the cached pixels are damaged", where=self.path, cure="delete this file; it is made anew"
            )

    def _check_header(self) -> None:
        """Begin anew unless the index is one of this size and version."""
        wanted = _HEADER.pack(_MAGIC, self.size, self.row_bytes)
        if os.pread(self._index, _HEADER.size, 0) != wanted:
            os.ftruncate(self._index, 0)
            os.ftruncate(self._data, 0)
            _write_all(self._index, wanted, 0)

    def _turn(self) -> "_Turn":
        """A writer's turn."""
        return _Turn(self._index)


class _Turn:
    """Holds the exclusive lock of a file; where files cannot be locked, nothing."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __enter__(self) -> Self:
        _lock(self._descriptor, fcntl.LOCK_EX)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _lock(self._descriptor, fcntl.LOCK_UN)


def _lock(descriptor: int, operation: int) -> None:
    """Call flock; some network file systems know none."""
    try:
        fcntl.flock(descriptor, operation)
    except OSError as error:
        if error.errno not in (37, 38, 95):  # ENOLCK, ENOSYS, EOPNOTSUPP
            raise file_error(error, "cache") from error


def _key(fingerprint: str) -> bytes:
    """16 bytes of a fingerprint of 32 hex digits."""
    return bytes.fromhex(fingerprint)


def _read_all(descriptor: int, offset: int) -> bytes:
    """The file from `offset` to its end."""
    parts = []
    while part := os.pread(descriptor, 1 << 20, offset):
        parts.append(part)
        offset += len(part)
    return b"".join(parts)


def _write_all(descriptor: int, data: bytes, offset: int) -> None:
    """Write every byte, or raise OSError."""
    view = memoryview(data)
    while view:
        count = os.pwrite(descriptor, view, offset)
        view, offset = view[count:], offset + count


def damaged_rows(path: Path) -> int:
    """How many rows of a pixel file do not have the pixels that were written; read from the disk, not mapped.

    Args:
        path: NAME.bin; its index stands beside it. A tail without records is no damage.

    Raises:
        WorkbenchError: They cannot be read.
    """
    try:
        index = path.with_suffix(".idx").read_bytes()
        if len(index) < _HEADER.size or index[:8] != _MAGIC:
            return 0  # of another version: it is begun anew
        _, _, row_bytes = _HEADER.unpack_from(index)
        damaged = 0
        with path.open("rb") as file:
            for at in range(_HEADER.size, len(index) - _RECORD.size + 1, _RECORD.size):
                _, pixels, own = _RECORD.unpack_from(index, at)
                if own != zlib.crc32(index[at : at + 20]):
                    break
                damaged += zlib.crc32(file.read(row_bytes)) != pixels
        return damaged
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise file_error(error, path) from error
