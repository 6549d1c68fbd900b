"""A slow line between a program and a terminal, to try by hand and in tests what a person far away sees.

`python -m tests.terminal.slow_line --delay-ms 200 --bytes-per-second 5000 -- workbench monitor BENCH`

The delay is that of the way there and back, half of it each way. The line takes what the program writes at
once, as an SSH server does, up to a window; what it has taken and not delivered is the backlog, that a person
sees as a picture of the past. `--tally FILE` keeps the figures there, as JSON.
"""

import argparse
import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import tty
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_PIECES_PER_SECOND = 20
_WINDOW = 2 << 20
"""Bytes under way that OpenSSH allows a session."""
_TALLY_S = 0.25
_BLOCK = 1 << 16
Moment = tuple[float, bytes]


@dataclass
class Tally:
    """What a line has carried.

    Attributes:
        taken: Bytes that the program wrote.
        delivered: Bytes that reached the terminal.
        most_backlog: The most that waited at once.
    """

    taken: int = 0
    delivered: int = 0
    most_backlog: int = 0

    @property
    def backlog(self) -> int:
        """What waits."""
        return self.taken - self.delivered


class SlowLine:
    """What is under way in one direction.

    Args:
        delay_s: From one end to the other.
        bytes_per_second: What it carries; 0 for no limit.
    """

    def __init__(self, delay_s: float, bytes_per_second: float = 0.0) -> None:
        self._delay, self._rate = delay_s, bytes_per_second
        self._under_way: deque[Moment] = deque()
        self._free = 0.0
        self.tally = Tally()

    def put(self, data: bytes, now: float) -> None:
        """Take what is to be carried."""
        size = max(1, int(self._rate / _PIECES_PER_SECOND)) if self._rate else len(data)
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            self._free = max(self._free, now) + (len(piece) / self._rate if self._rate else 0.0)
            self._under_way.append((self._free + self._delay, piece))
        self.tally.taken += len(data)
        self.tally.most_backlog = max(self.tally.most_backlog, self.tally.backlog)

    def arrived(self, now: float) -> bytes:
        """What has come to the other end by now."""
        found = bytearray()
        while self._under_way and self._under_way[0][0] <= now:
            found += self._under_way.popleft()[1]
        self.tally.delivered += len(found)
        return bytes(found)

    def next_at(self) -> float | None:
        """When something arrives next; None if nothing is under way."""
        return self._under_way[0][0] if self._under_way else None


class SlowTerminal:
    """A program on a terminal of its own, behind a slow line.

    Args:
        command: The program.
        delay_s: There and back.
        bytes_per_second: What the line carries towards the terminal.
        tally: Where the figures are kept; None for nowhere.
    """

    def __init__(
        self, command: Sequence[str], delay_s: float, bytes_per_second: float, tally: Path | None = None
    ) -> None:
        self.out, self.back = SlowLine(delay_s / 2, bytes_per_second), SlowLine(delay_s / 2)
        self._tally_file, self._tally_at = tally, 0.0
        self._master, slave = pty.openpty()
        self.resize()
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)

    def resize(self, *_: object) -> None:
        """Give the program's terminal the size of ours."""
        with contextlib.suppress(OSError):
            size = fcntl.ioctl(sys.stdin.fileno(), termios.TIOCGWINSZ, bytes(8))
            if any(struct.unpack("HHHH", size)):
                fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    def carry(self, source: int, sink: int) -> int:
        """Carry keys from a descriptor to the program, and what it draws to another, until it has ended.

        Returns:
            The program's exit code.
        """
        reads = [source, self._master]
        while self._master in reads or self.out.next_at() is not None:
            ready = select.select(self._wanted(reads), [], [], self._pause())[0]
            now = time.monotonic()
            for descriptor in ready:
                data = _read(descriptor)
                if not data:
                    reads.remove(descriptor)
                elif descriptor == source:
                    self.back.put(data, now)
                else:
                    self.out.put(data, now)
            if not (source in reads or self.back.next_at()):
                break  # the terminal is gone: so is the program's, as soon as we are
            with contextlib.suppress(OSError):
                _write(self._master, self.back.arrived(now))
            _write(sink, self.out.arrived(now))
            self._keep(now)
        os.close(self._master)
        self._keep(float("inf"))
        return self.process.wait()

    def _wanted(self, reads: Sequence[int]) -> list[int]:
        """What is read from: a program whose window is full has to wait."""
        return [one for one in reads if one != self._master or self.out.tally.backlog < _WINDOW]

    def _pause(self) -> float:
        """Seconds until something arrives."""
        moments = [at for at in (self.out.next_at(), self.back.next_at()) if at is not None]
        return min(0.2, max(0.0, min(moments, default=float("inf")) - time.monotonic()))

    def _keep(self, now: float) -> None:
        """Write the figures down."""
        if self._tally_file is not None and now >= self._tally_at:
            beside = self._tally_file.with_suffix(".new")
            beside.write_text(json.dumps({**asdict(self.out.tally), "backlog": self.out.tally.backlog}))
            beside.rename(self._tally_file)
            self._tally_at = now + _TALLY_S


def _read(descriptor: int) -> bytes:
    """What is there; nothing where the other end is gone."""
    try:
        return os.read(descriptor, _BLOCK)
    except OSError:
        return b""


def _write(descriptor: int, data: bytes) -> None:
    """All of it."""
    while data:
        data = data[os.write(descriptor, data) :]


@contextlib.contextmanager
def _raw(descriptor: int) -> Iterator[None]:
    """Our own terminal hands each key on as it is pressed."""
    if not os.isatty(descriptor):
        yield
        return
    before = termios.tcgetattr(descriptor)
    try:
        tty.setraw(descriptor)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def main() -> int:
    """Run a program behind a slow line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--delay-ms", type=float, default=200.0, help="there and back")
    parser.add_argument("--bytes-per-second", type=float, default=5000.0)
    parser.add_argument("--tally", type=Path, help="a file for the figures")
    parser.add_argument("command", nargs="+", help="the program, after --")
    options = parser.parse_args()
    with _raw(sys.stdin.fileno()):
        line = SlowTerminal(options.command, options.delay_ms / 1000, options.bytes_per_second, options.tally)
        signal.signal(signal.SIGWINCH, line.resize)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        return line.carry(sys.stdin.fileno(), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
