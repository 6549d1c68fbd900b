"""What a process and all that it has started use of the machine together, at next to no cost.

The kernel adds what an ended child has used to its parent's account of ended children, so the sum over the
tree never forgets it (proc(5): cutime, cstime). Who started whom is read from the few processes concerned:
psutil looks through every process of the machine for it, which takes 20 µs each.
"""

import os
import resource
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_MIB = 2**20
_UNTOLD = (psutil.Error, OSError, AttributeError, RuntimeError, ValueError)
"""How psutil says that this kernel, or this container, does not tell what a process reads and writes."""


@dataclass(frozen=True)
class _Used:
    """What the tree has used up to a moment; None where the kernel does not tell it."""

    moment: float
    processor: float
    memory: int
    disk: tuple[int, int] | None
    processes: int


class ProcessTree:
    """Measures a process and its descendants; belongs to one thread.

    Args:
        pid: The root; None for this process.

    Raises:
        psutil.NoSuchProcess: There is none.
    """

    def __init__(self, pid: int | None = None) -> None:
        self._root = psutil.Process(pid)
        self._own, self._peak = self._root.pid == os.getpid(), 0.0
        self._before = self._used()

    def figures(self) -> dict[str, float]:
        """What the tree uses: rates since the last call, or since this was made.

        Returns:
            `memory_mb` and `peak_mb` (resident, MiB; pages that processes share count for each of them),
            `processor_percent` (100 = one core), `disk_read_mb_s`, `disk_write_mb_s` (MiB/s that reached the
            disk; missing where the kernel does not tell), `processes`. Empty once the root is gone.
        """
        try:
            before, now = self._before, self._used()
        except _UNTOLD:
            return {}
        self._before = now
        seconds = max(now.moment - before.moment, 1e-3)
        busy = max(0.0, now.processor - before.processor) / seconds
        self._peak = max(self._peak, now.memory / _MIB, peak_memory_mb() if self._own else 0.0)
        figures = {
            "memory_mb": round(now.memory / _MIB, 1),
            "peak_mb": round(self._peak, 1),
            # What a child had used before it was adopted, or was missed as it ended, is not of this moment.
            "processor_percent": round(100 * min(busy, os.cpu_count() or 1), 1),
            "processes": now.processes,
        }
        if before.disk is not None and now.disk is not None:
            for name, old, new in zip(("read", "write"), before.disk, now.disk, strict=True):
                figures[f"disk_{name}_mb_s"] = round(max(0, new - old) / _MIB / seconds, 2)
        return figures

    def _used(self) -> _Used:
        """Add up the tree as it is; a process that ends meanwhile, or is another user's, is left out.

        Raises:
            psutil.Error: The root is gone.
        """
        memory, processor, disk = self._root.memory_info().rss, _processor(self._root), _disk(self._root)
        processes = 1
        for process in self._descendants():
            with suppress(psutil.Error, OSError):
                processor += _processor(process)
                memory += process.memory_info().rss
                processes += 1
                if disk is not None and (more := _disk(process)) is not None:
                    disk = disk[0] + more[0], disk[1] + more[1]
        return _Used(time.monotonic(), processor, memory, disk, processes)

    def _descendants(self) -> Iterator[psutil.Process]:
        """Children, their children, and so on."""
        if not Path(f"/proc/{self._root.pid}/task/{self._root.pid}/children").exists():
            yield from self._root.children(recursive=True)  # a kernel without CONFIG_PROC_CHILDREN
            return
        open_ends, seen = [self._root.pid], {self._root.pid}
        while open_ends:
            for pid in _children(open_ends.pop()):
                if pid not in seen:
                    seen.add(pid)
                    open_ends.append(pid)
                    with suppress(psutil.Error):
                        yield psutil.Process(pid)


def _children(pid: int) -> list[int]:
    """What the threads of a process have started, as the kernel lists it."""
    found: list[int] = []
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):  # it has ended meanwhile
                found += map(int, (thread / "children").read_bytes().split())
    return found


def _processor(process: psutil.Process) -> float:
    """Seconds of processor time of a process and of its children that have ended."""
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def _disk(process: psutil.Process) -> tuple[int, int] | None:
    """Bytes that a process had the disk read and write; None if that is not told."""
    try:
        counters = process.io_counters()
    except _UNTOLD:
        return None
    return counters.read_bytes, counters.write_bytes


def peak_memory_mb() -> float:
    """The most resident memory that this process ever had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux counts in KiB
