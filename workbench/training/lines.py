"""Appending lines to a file, and reading the new lines of one that another process appends to."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

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


class LineReader:
    """Whole lines of a growing file, read from a byte offset; begins anew if the file was replaced or cut."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.skipped = 0
        self._forget()

    def _forget(self) -> None:
        self._offset, self._inode, self._anchor, self._rest, self._too_long = 0, -1, b"", b"", False

    def _replaced(self, descriptor: int, status: os.stat_result) -> bool:
        """Whether what was read before is no longer there."""
        if self._inode in (-1, status.st_ino) and status.st_size >= self._offset:
            return os.pread(descriptor, len(self._anchor), self._offset - len(self._anchor)) != self._anchor
        return True

    def lines(self, restart: Callable[[], None]) -> Iterator[bytes]:
        """The lines that are new; `restart` is called before the first one of a file that is another."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return
        try:
            status = os.fstat(descriptor)
            if self._replaced(descriptor, status):
                self._forget()
                self.skipped = 0
                restart()
            self._inode = status.st_ino
            while block := os.pread(descriptor, _BLOCK, self._offset):
                self._offset += len(block)
                self._anchor = (self._anchor + block)[-_ANCHOR:]
                yield from self._split(block)
        except OSError:
            return
        finally:
            os.close(descriptor)

    def _split(self, block: bytes) -> Iterator[bytes]:
        """Whole lines of the rest and this block; a line longer than 1 MiB is skipped up to its end."""
        *whole_lines, rest = (self._rest + block).split(b"\n")
        for line in whole_lines:
            if self._too_long:
                self._too_long = False
            elif len(line) > _MAX_LINE:
                self.skipped += 1
            else:
                yield line
        self._rest = rest
        if len(rest) > _MAX_LINE:
            self.skipped += not self._too_long
            self._too_long, self._rest = True, b""
