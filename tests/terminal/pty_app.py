"""The workbench in a real pseudo-terminal, its screen kept by pyte as a terminal would keep it."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

ASKS_SYNC, HAS_SYNC = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
_FRAME_END = b"\x1b[?2026l"
_FOREIGN = re.compile(rb"\x1b\[[<=>][\d;]*[a-zA-Z]")
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Reaction:
    """What a program did about a key.

    Attributes:
        first_ms: From the press to its first byte; None where none came.
        quiet_ms: From the press to its last byte before it was quiet; None where none came.
        bytes: What it wrote.
        deflated: What a compressing line would have carried of that.
    """

    first_ms: float | None
    quiet_ms: float | None
    bytes: int
    deflated: int


class PtyApp:
    """A program on a terminal of its own.

    Only whole frames reach the screen (the terminal answers that it knows synchronised output), so that a
    kill in the middle of one cannot be misread.

    Args:
        arguments: Of the program.
        size: Columns and rows.
        environment: Variables on top of ours.
        program: What the arguments are for.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        size: tuple[int, int] = (120, 40),
        environment: dict[str, str] | None = None,
        program: Sequence[str] = (sys.executable, "-m", "workbench"),
    ) -> None:
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self._pending = b""
        self._line = zlib.compressobj(6)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        variables = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(environment or {})}
        for name in ("COLUMNS", "LINES", "NO_COLOR"):
            variables.pop(name, None)
        self.process = subprocess.Popen(
            [*program, *arguments],
            cwd=_ROOT,
            env=variables,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        with contextlib.suppress(OSError):
            os.close(self._master)

    def kill(self) -> None:
        """SIGKILL."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def leave(self, seconds: float = 30.0) -> int:
        """Quit, and take what is still drawn meanwhile: a terminal that does not read holds programs up."""
        self.press("q")
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read(0.05)
        return self.process.wait(1)

    def hang_up(self) -> None:
        """The line drops."""
        os.close(self._master)

    def press(self, keys: str) -> None:
        """Send characters."""
        os.write(self._master, keys.encode())

    def read(self, seconds: float) -> None:
        """Take what comes within so much time, and show its whole frames."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([self._master], [], [], left)[0]:
                return
            try:
                data = os.read(self._master, 1 << 16)
            except OSError:
                return
            if not data:
                return
            self._take(data)

    def react(self, keys: str, *, quiet_s: float = 0.08, patience_s: float = 3.0) -> Reaction:
        """Press keys once the screen is quiet, and time what comes until it is quiet again.

        What comes is understood afterwards, so that the time is the program's own.
        """
        self.settle(quiet_s, patience_s)
        started = time.perf_counter()
        self.press(keys)
        arrivals: list[float] = []
        data = b""
        while select.select([self._master], [], [], quiet_s if arrivals else patience_s)[0]:
            try:
                part = os.read(self._master, 1 << 20)
            except OSError:
                break
            if not part or time.perf_counter() - started > patience_s:
                break
            arrivals.append(1000 * (time.perf_counter() - started))
            data += part
        deflated = len(self._line.compress(data)) + len(self._line.flush(zlib.Z_PARTIAL_FLUSH))
        self._take(data)
        if not arrivals:
            return Reaction(None, None, 0, 0)
        return Reaction(arrivals[0], arrivals[-1], len(data), deflated)

    def drain(self, quiet_s: float, patience_s: float = 3.0) -> int:
        """Take what comes until nothing came for so long, understanding nothing of it; returns the bytes."""
        count, waits = 0, patience_s
        while select.select([self._master], [], [], waits)[0]:
            try:
                count += len(os.read(self._master, 1 << 20))
            except OSError:
                break
            waits = quiet_s
        return count

    def settle(self, quiet_s: float = 0.08, patience_s: float = 3.0) -> None:
        """Take what comes until nothing came for so long."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline and select.select([self._master], [], [], quiet_s)[0]:
            self.read(0.001)

    def _take(self, data: bytes) -> None:
        """Answer the question about synchronised output; show what is whole."""
        self._pending += data
        if ASKS_SYNC in self._pending:
            before, _, after = self._pending.partition(ASKS_SYNC)
            self._pending = before + after
            self._answer(HAS_SYNC)
        end = self._pending.rfind(_FRAME_END)
        if end >= 0:
            whole, self._pending = (
                self._pending[: end + len(_FRAME_END)],
                self._pending[end + len(_FRAME_END) :],
            )
            self._show(whole)

    def _answer(self, words: bytes) -> None:
        """Say what a terminal says of itself."""
        os.write(self._master, words)

    def _show(self, data: bytes) -> None:
        """Put it on the screen, without what asks for keys in another form."""
        self._stream.feed(_FOREIGN.sub(b"", data))

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(self.screen.display)

    def wait_for(self, shown: Callable[[str], object], seconds: float = 20.0) -> None:
        """Read until the screen's text fulfils a condition."""
        deadline = time.monotonic() + seconds
        while not shown(self.text):
            assert time.monotonic() < deadline, f"not shown within {seconds} s:\n{self.text}"
            assert self.process.poll() is None, f"it ended:\n{self.text}\n{self._pending!r}"
            self.read(0.05)
