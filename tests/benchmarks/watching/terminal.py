"""A terminal that keeps the time of every byte, and the figures that are made of them.

A thread takes what comes at once, and only notes when; what it looks like is found out afterwards, so that no
time is ours. `first_ms`: from the press of a key to the first byte. `quiet_ms`: to the last byte before a
silence of 80 ms, as `tui_probe` in ../shared has it, with which the rival's figures there were taken;
`long_quiet_ms`: of 150 ms, in which a run that is streamed brings bytes of its own. Keys are pressed at any
moment of the stream, so that its bytes are among both.
"""

import os
import random
import select
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import psutil

from tests.terminal.pty_app import ASKS_SYNC, HAS_SYNC, PtyApp

SIZE = (160, 45)
QUIET_S, LONG_QUIET_S = 0.08, 0.15
"""Silences."""
_ANY_MOMENT_S = 0.5
"""Longer than it takes until a stream brings something."""
_PATIENCE_S = 3.0
_BURST_S = 0.002
_BRAILLE = frozenset(map(chr, range(0x2801, 0x2900)))
_MARKS = _BRAILLE | frozenset("▀▄▌▐▘▝▖▗▛▜▙▟▚▞█")
_DRAWN = 30
"""So many cells of a curve are no legend."""


class Recorded(PtyApp):
    """A program on a terminal that keeps all that came, with its time.

    Args:
        arguments: Of the program.
        size: Columns and rows.
        frames: Whether only whole frames of synchronised output count; False for programs without.
        others: `environment` and `program` of `PtyApp`.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        size: tuple[int, int] = SIZE,
        frames: bool = True,
        **others: Any,
    ) -> None:
        self.arrivals: list[tuple[float, bytes]] = []
        self._frames, self._shown = frames, 0
        self._new, self._chance = threading.Event(), random.Random(5)
        self.began = time.perf_counter()
        super().__init__(arguments, size=size, **others)
        self.family = psutil.Process(self.process.pid)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._take_all, name="terminal", daemon=True)
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._stopped.set()
        self._thread.join()
        super().__exit__(kind, error, trace)

    def hang_up(self) -> None:
        """The line drops."""
        self._stopped.set()
        self._thread.join()
        super().hang_up()

    def _take_all(self) -> None:
        """In the thread."""
        while not self._stopped.is_set():
            if not select.select([self._master], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self._master, 1 << 20)
            except OSError:
                return
            if not data:
                return
            if ASKS_SYNC in data:
                os.write(self._master, HAS_SYNC)
            self.arrivals.append((time.perf_counter(), data))
            self._new.set()

    def _answer(self, words: bytes) -> None:
        """The thread has answered already."""

    def read(self, seconds: float) -> None:
        """Wait for something for so long at the most, and show what has come."""
        if self._shown == len(self.arrivals):
            self._new.wait(seconds)
        self._new.clear()
        while self._shown < len(self.arrivals):
            self._show_one()

    def _show_one(self) -> float:
        """Show the next piece; when it came."""
        at, data = self.arrivals[self._shown]
        self._shown += 1
        if self._frames:
            self._take(data)
        else:
            self._show(data)
        return at

    def shown_at(self, condition: Callable[[str], object], seconds: float) -> float | None:
        """Seconds from the start of the program to the bytes with which its screen first fulfils a condition.

        Returns:
            None if it does not within so many seconds.

        Raises:
            RuntimeError: The program has ended before.
        """
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            ended = self.process.poll() is not None
            while self._shown < len(self.arrivals):
                at = self._show_one()
                if condition(self.text):
                    return at - self.began
            if ended:
                raise RuntimeError(f"it ended with {self.process.returncode}: {self.last_bytes()!r}")
            self._new.wait(0.2)
            self._new.clear()
        return None

    def last_bytes(self) -> str:
        """The end of what it wrote."""
        return b"".join(data for _, data in self.arrivals[-20:])[-1500:].decode(errors="replace")

    def silence(self, quiet_s: float, patience_s: float = _PATIENCE_S) -> bool:
        """Wait until nothing has come for so long, from now on; False if that does not happen."""
        called = time.perf_counter()
        while (now := time.perf_counter()) < called + patience_s:
            last = max(called, self.arrivals[-1][0] if self.arrivals else self.began)
            if now - last >= quiet_s:
                return True
            time.sleep(max(0.0005, quiet_s - (now - last)))
        return False

    def reaction(self, key: str, patience_s: float = _PATIENCE_S) -> dict[str, Any]:
        """Press a key at any moment and time what comes: the first byte, the last one before each silence."""
        self.silence(QUIET_S, 1.0)
        time.sleep(self._chance.uniform(0, _ANY_MOMENT_S))
        start, began = len(self.arrivals), time.perf_counter()
        self.press(key)
        while len(self.arrivals) == start and time.perf_counter() - began < patience_s:
            time.sleep(0.0005)
        silent = len(self.arrivals) > start and self.silence(LONG_QUIET_S, patience_s)
        times = [1000 * (at - began) for at, _ in self.arrivals[start:]]
        return {
            "first_ms": times[0] if times else None,
            "quiet_ms": _quiet(times, 1000 * QUIET_S, silent=silent),
            "long_quiet_ms": _quiet(times, 1000 * LONG_QUIET_S, silent=silent),
            "bytes": sum(len(data) for _, data in self.arrivals[start:]),
        }

    def traffic(self, seconds: float) -> dict[str, float]:
        """What comes while nobody touches anything, and what that costs."""
        start, began, used = len(self.arrivals), time.perf_counter(), self.processor_seconds()
        time.sleep(seconds)
        span, used = time.perf_counter() - began, self.processor_seconds() - used
        pieces = self.arrivals[start:]
        line = zlib.compressobj(6)
        deflated = sum(len(line.compress(data)) + len(line.flush(zlib.Z_PARTIAL_FLUSH)) for _, data in pieces)
        gaps = np.diff([at for at, _ in pieces], prepend=0.0)
        return {
            "kilobytes_per_second": round(sum(len(data) for _, data in pieces) / span / 1000, 2),
            "deflated_kilobytes_per_second": round(deflated / span / 1000, 2),
            "bursts_per_second": round(float((gaps > _BURST_S).sum()) / span, 1),
            "processor_percent": round(100 * used / span, 1),
            "seconds": round(span, 1),
        }

    def processor_seconds(self) -> float:
        """What the program and its children have used so far."""
        times = [one.cpu_times() for one in (self.family, *self.family.children(recursive=True))]
        return float(sum(one.user + one.system for one in times))

    def memory(self) -> dict[str, float]:
        """In MB of 10^6 bytes: the most that was resident, and what is its own (shared pages in parts)."""
        family = [self.family, *self.family.children(recursive=True)]
        peak = sum(_status_kib(one.pid, "VmHWM") for one in family) * 1024 / 1e6
        own = sum(one.memory_full_info().pss for one in family) / 1e6
        return {"peak_rss_mb": round(peak, 1), "pss_mb": round(own, 1), "processes": len(family)}


def drawn(text: str) -> bool:
    """Whether a curve stands on a screen: more of its marks than a legend has."""
    return sum(one in _MARKS for one in text) >= _DRAWN


def summary(reactions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Percentiles of reactions; `never_quiet` is what the stream did not let come to rest: counted as 3 s."""
    heard = [one for one in reactions if one["first_ms"] is not None]

    def rank(what: str, share: float) -> float | None:
        values = [1000 * _PATIENCE_S if one[what] is None else one[what] for one in heard]
        return round(float(np.percentile(values, share)), 1) if values else None

    return {
        "key_p95_ms": rank("quiet_ms", 95),
        "first_byte_p50_ms": rank("first_ms", 50),
        "first_byte_p95_ms": rank("first_ms", 95),
        "quiet_p50_ms": rank("quiet_ms", 50),
        "quiet_p95_ms": rank("quiet_ms", 95),
        "long_quiet_p50_ms": rank("long_quiet_ms", 50),
        "long_quiet_p95_ms": rank("long_quiet_ms", 95),
        "bytes_p50": rank("bytes", 50),
        "keys": len(reactions),
        "without_effect": len(reactions) - len(heard),
        "never_quiet": sum(one["quiet_ms"] is None for one in heard),
    }


def _quiet(times: Sequence[float], silence_ms: float, *, silent: bool) -> float | None:
    """The last of these moments before the first silence of so long; `silent`: one follows the last."""
    for at, later in pairwise(times):
        if later - at >= silence_ms:
            return at
    return times[-1] if times and silent else None


def _status_kib(pid: int, name: str) -> int:
    """A figure of /proc/PID/status."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition(f"{name}:")[2].split()[0])
