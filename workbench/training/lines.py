"""Appending lines to a file, and reading the new lines of one that another process appends to."""

import errno
import math
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_BLOCK = 1 << 20
_MAX_LINE = 1 << 20
_ANCHOR = 64


def append(descriptor: int, line: bytes) -> None:
    """Write a whole line at the end of a file opened with O_APPEND.

    Raises:
        OSError: Such as a full disk, which may have taken a part of the line.
    """
    while line:
        line = line[os.write(descriptor, line) :]


def open_log(path: Path) -> BinaryIO:
    """Open a file to which another process writes.

    Raises:
        OSError: It is not there, or is no file.
    """
    # A pipe in the file's place would hold up whoever opens it, or reads it, for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "is no file", str(path))
    return os.fdopen(descriptor, "rb")


def last_bytes(path: Path, most: int) -> tuple[int, bytes]:
    """The end of a file to which another process writes.

    Args:
        path: The file.
        most: How many bytes are wanted.

    Returns:
        The place in the file at which they begin, and the bytes.

    Raises:
        OSError: It is not there, or is no file.
    """
    with open_log(path) as file:
        start = file.seek(max(0, file.seek(0, os.SEEK_END) - most))
        return start, file.read(most)


class LineReader:
    """Whole lines of a growing file, read from a byte offset; begins anew if the file was replaced or cut.

    Args:
        path: The file.
        rewritten: Whether it may be replaced by another one with the same beginning, which is gone on with.

    Attributes:
        skipped: Lines longer than 1 MiB, which are skipped up to their end.
        gone: Whether the file was there once and is no more.
        size: Its bytes at the last look.
    """

    def __init__(self, path: Path, *, rewritten: bool = False) -> None:
        self._path, self._rewritten = path, rewritten
        self.skipped = self.size = 0
        self.gone = False
        self._forget()

    def _forget(self) -> None:
        self._offset, self._inode, self._anchor, self._rest, self._too_long = 0, -1, b"", b"", False

    @property
    def position(self) -> int:
        """The byte behind the last whole line that was given."""
        return self._offset - len(self._rest)

    def begin_at(self, position: int, before: bytes) -> None:
        """Read from the byte behind a whole line, nothing having been read yet.

        Args:
            position: Where.
            before: The last bytes before it, by which the file is known.
        """
        self._forget()
        self._offset, self._anchor = position, before[-_ANCHOR:]

    def _replaced(self, descriptor: int, status: os.stat_result) -> bool:
        """Whether what was read before is no longer there."""
        known = self._rewritten or self._inode in (-1, status.st_ino)
        if known and status.st_size >= self._offset:
            return os.pread(descriptor, len(self._anchor), self._offset - len(self._anchor)) != self._anchor
        return True

    def lines(self, restart: Callable[[], None]) -> Iterator[bytes]:
        """The lines that are new; `restart` is called before the first one of a file that is another."""
        for block in self.blocks(restart):
            for _, line in block:
                yield line

    def hand_on(
        self,
        take: Callable[[list[tuple[int, bytes]]], None],
        restart: Callable[[], None],
        seconds: float | None = None,
    ) -> float | None:
        """Give the new lines to `take`, for about so many seconds; None for as long as there are any.

        Returns:
            The share of the file that is read now, None once all of it is; what is left comes next time.
        """
        until = math.inf if seconds is None else time.monotonic() + seconds
        for block in self.blocks(restart):
            take(block)
            if time.monotonic() >= until:
                return self.position / self.size if block and self.position < self.size else None
        return None

    def blocks(self, restart: Callable[[], None]) -> Iterator[list[tuple[int, bytes]]]:
        """The new lines, each with its byte offset, a mebibyte at a time; whoever stops goes on next time."""
        try:
            file = open_log(self._path)
        except OSError:
            self.gone = self._offset > 0
            return
        with file, suppress(OSError):
            descriptor = file.fileno()
            status = os.fstat(descriptor)
            self.gone, self.size = False, status.st_size
            if self._replaced(descriptor, status):
                self._forget()
                self.skipped = 0
                restart()
            self._inode = status.st_ino
            while block := os.pread(descriptor, _BLOCK, self._offset):
                start = self.position
                self._offset += len(block)
                self._anchor = (self._anchor + block)[-_ANCHOR:]
                yield self._split(start, block)

    def _split(self, start: int, block: bytes) -> list[tuple[int, bytes]]:
        """Whole lines of the rest and this block."""
        *whole_lines, rest = (self._rest + block).split(b"\n")
        found = []
        for line in whole_lines:
            if self._too_long:
                self._too_long = False
            elif len(line) > _MAX_LINE:
                self.skipped += 1
            else:
                found.append((start, line))
            start += len(line) + 1
        self._rest = rest
        if len(rest) > _MAX_LINE:
            self.skipped += not self._too_long
            self._too_long, self._rest = True, b""
        return found


def lines_between(path: Path, start: int, end: int) -> list[tuple[int, bytes]]:
    """The lines in a part of a file, each with its byte offset; none where it cannot be read.

    Args:
        path: The file.
        start: Where the first one begins.
        end: Where the last one ends.
    """
    try:
        with open_log(path) as file:
            file.seek(start)
            raw = file.read(max(0, end - start))
    except OSError:
        return []
    found = []
    for line in raw[: raw.rfind(b"\n") + 1].split(b"\n")[:-1]:
        found.append((start, line))
        start += len(line) + 1
    return found
