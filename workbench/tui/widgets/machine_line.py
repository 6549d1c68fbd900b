"""What the worker uses of its machine, in one line or two: numbers that stay in their place, and sparklines.

A cell of a sparkline is a quarter of a minute by the clock, not since now: between two of them only the
newest cell changes. Their scale begins at 0 and ends at a round number, so that it seldom changes either.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from rich.text import Text

from workbench.monitoring.curves import Curve, Numbers
from workbench.monitoring.snapshot import RunSnapshot
from workbench.tui.sparkline import spark

if TYPE_CHECKING:
    from workbench.tui.widgets.run_text import Looks

CELL_S = 15.0
"""Seconds that a cell of a sparkline stands for."""
_CELLS = (16, 12, 8, 4, 0)
_MIB_A_GIB = 1024
_SCARCE_GB = 2.0
_ABSURD = 1e6
_ROUND = (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
_BETWEEN = "  "


@dataclass(frozen=True)
class _Part:
    """One figure.

    Attributes:
        number: Its value, always as wide.
        unit: What is counted.
        label: What stands before it; a figure without belongs to the one before.
        values: Its last minutes, a value a cell of the widest sparkline; None for no sparkline.
        full: What the highest block stands for.
        bad: Whether it is cause for concern.
    """

    number: str
    unit: str
    label: str = ""
    values: Numbers | None = None
    full: float = 0.0
    bad: bool = False

    def text(self, cells: int, looks: "Looks") -> Text:
        """The figure, with a sparkline of so many cells behind it."""
        text = Text(no_wrap=True)
        if self.label:
            text.append(f"{self.label} ", looks["muted"])
        text.append(f"{self.number} {self.unit}", looks["error"] if self.bad else "")
        if self.values is not None and cells:
            drawn = spark(self.values[-cells:], cells, low=0.0, high=self.full)
            text.append(f" {_since_the_start(drawn)}", looks["muted"])
        return text


def machine_lines(snapshot: RunSnapshot, width: int, looks: "Looks", rows: int = 1) -> list[Text]:
    """What the worker uses: images/s, processor, memory, GPU, disk.

    Args:
        snapshot: The run.
        width: Cells of a line; sparklines become shorter where it ends, then figures are left out from the
            right.
        looks: Styles of numbers that are cause for concern, and of what is no number.
        rows: With two, GPUs have a line of their own.

    Returns:
        At most `rows` lines; none if nothing is known. Without a GPU nothing is said of one.
    """
    seen = _Seen(snapshot)
    first, disk, gpus = [*_speed(seen), *_processes(seen)], _disk(seen), _gpus(seen)
    groups = [[*first, *disk], gpus] if rows > 1 else [[*first, *gpus, *disk]]
    return [_line(parts, width, looks) for parts in groups if parts]


class _Seen:
    """The machine's curves of a snapshot."""

    def __init__(self, snapshot: RunSnapshot) -> None:
        self._curves = snapshot.curves
        found = [curve for (_, _, split), curve in self._curves.items() if split == "system" and len(curve)]
        newest = max((float(curve.walls[-1]) for curve in found), default=0.0)
        if speed := self.curve("images_per_second", split="train"):
            newest = max(newest, float(speed.walls[-1]))
        self._end = (math.floor(newest / CELL_S) + 1) * CELL_S
        devices = {device for device, _, split in self._curves if split == "system" and device}
        self.gpus = sorted(devices)

    def curve(self, name: str, device: str = "", split: str = "system") -> Curve | None:
        """A curve that has points."""
        curve = self._curves.get((device, name, split))
        return curve if curve is not None and len(curve) else None

    def newest(self, name: str, device: str = "", split: str = "system") -> float | None:
        """Its newest value, NaN if that is no number; None without a curve."""
        curve = self.curve(name, device, split)
        return None if curve is None else curve.newest

    def minutes(self, name: str, device: str = "", split: str = "system") -> Numbers:
        """Shape (_CELLS[0],). The mean of each cell of the last minutes; NaN where nothing is known."""
        curve = self.curve(name, device, split)
        cells = np.full(_CELLS[0], math.nan)
        if curve is None:
            return cells
        edges = self._end - CELL_S * np.arange(_CELLS[0], -1, -1)
        bounds = np.searchsorted(curve.walls, edges).tolist()
        for cell, (start, end) in enumerate(pairwise(bounds)):
            if start == end and _spans(curve, end):
                end += 1
            count = int(curve.counts[start:end].sum())
            if count:
                cells[cell] = float(curve.sums[start:end].sum()) / count
        return cells


def _spans(curve: Curve, bucket: int) -> bool:
    """Whether a bucket of merged points, as a long run has them, may be longer than a cell."""
    return 0 < bucket < len(curve) and int(curve.counts[bucket] + curve.gaps[bucket]) > 1


def _speed(seen: _Seen) -> list[_Part]:
    """Pictures a second."""
    newest = seen.newest("images_per_second", split="train")
    if newest is None:
        return []
    values = seen.minutes("images_per_second", split="train")
    return [_Part(_short(newest), "images/s", values=values, full=_ceiling(values))]


def _processes(seen: _Seen) -> list[_Part]:
    """Processor and memory of the worker and its children."""
    parts = []
    if (busy := seen.newest("processor_percent")) is not None:
        values = seen.minutes("processor_percent")
        parts.append(_Part(_whole(busy, 4), "%", "CPU", values, _ceiling(values)))
    if (memory := seen.newest("memory_mb")) is not None:
        values = seen.minutes("memory_mb")
        parts.append(_Part(_tenths(memory / _MIB_A_GIB), "GB", "memory", values, _ceiling(values)))
    return parts


def _disk(seen: _Seen) -> list[_Part]:
    """What is read and written, and what is free where that is little."""
    rates = [seen.newest(f"disk_{way}_mb_s") for way in ("read", "write")]
    known = [rate for rate in rates if rate is not None]
    parts = [_Part(_tenths(sum(known)), "MB/s", "disk")] if known else []
    free = seen.newest("disk_free_gb")
    if free is not None and free < _SCARCE_GB:
        parts.append(_Part(_tenths(free), "GB free", "" if parts else "disk", bad=True))
    return parts


def _gpus(seen: _Seen) -> list[_Part]:
    """One GPU's figures; of several the range of utilisation, all power, the hottest, all memory."""
    label = "GPU" if len(seen.gpus) == 1 else f"{len(seen.gpus)} GPUs"

    def newest(name: str) -> list[float]:
        found = [value for gpu in seen.gpus if (value := seen.newest(name, gpu)) is not None]
        return [value for value in found if math.isfinite(value)] or found[:1]

    parts: list[_Part] = []
    if busy := newest("utilisation_percent"):
        values = _mean([seen.minutes("utilisation_percent", gpu) for gpu in seen.gpus])
        ends = f"{_whole(min(busy), 1)}–{_whole(max(busy), 1)}".rjust(7)
        number = _whole(busy[0], 3) if len(seen.gpus) == 1 else ends
        parts.append(_Part(number, "%", label, values, 100.0))
    if power := newest("power_w"):
        parts.append(_Part(_whole(sum(power), 3 if len(seen.gpus) == 1 else 4), "W"))
    if degrees := newest("temperature_c"):
        parts.append(_Part(_whole(max(degrees), 2), "°C"))
    if memory := newest("memory_mb"):
        total = sum(newest("memory_total_mb"))
        of_all = f"/{total / _MIB_A_GIB:.0f}" if total > 0 else ""
        parts.append(_Part(f"{_tenths(sum(memory) / _MIB_A_GIB)}{of_all}", "GB"))
    if parts and not parts[0].label:
        parts[0] = replace(parts[0], label=label)
    return parts


def _line(parts: Sequence[_Part], width: int, looks: "Looks") -> Text:
    """The figures beside each other, with the longest sparklines that fit; those that do not are left out."""
    for cells in _CELLS:
        line = _joined(parts, cells, looks)
        if line.cell_len <= width:
            return line
    while parts and line.cell_len > width:
        parts = parts[:-1]
        line = _joined(parts, 0, looks)
    return line


def _joined(parts: Sequence[_Part], cells: int, looks: "Looks") -> Text:
    """The figures beside each other; what has no label is closer to what it belongs to."""
    line = Text(no_wrap=True)
    for place, part in enumerate(parts):
        line.append(_BETWEEN if place and part.label else " ").append_text(part.text(cells, looks))
    return line


def _mean(rows: Sequence[Numbers]) -> Numbers:
    """The mean of each cell over the rows that know it."""
    table = np.vstack(rows)
    known = ~np.isnan(table)
    count = known.sum(axis=0)
    mean = np.full(table.shape[1], math.nan)
    np.divide(np.where(known, table, 0.0).sum(axis=0), count, out=mean, where=count > 0)
    return mean


def _ceiling(values: Numbers) -> float:
    """The next round number above all values; 0 if there are none."""
    known = values[np.isfinite(values)]
    most = float(known.max()) if known.size else 0.0
    if most <= 0:
        return 0.0
    scale = 10.0 ** math.floor(math.log10(most))
    return next((scale * step for step in _ROUND if scale * step >= most), most)


def _since_the_start(drawn: str) -> str:
    """Nothing instead of gaps in front: there was no run yet."""
    known = drawn.lstrip("·")
    return known.rjust(len(drawn))


def _short(value: float) -> str:
    """Three digits, four cells: "1.23", "12.3", " 123", "1234"."""
    return _number(value, 4, 2 if value < 9.995 else 1 if value < 99.95 else 0)


def _tenths(value: float) -> str:
    """ " 1.2" or " 123", four cells."""
    return _number(value, 4, 1 if value < 99.95 else 0)


def _whole(value: float, cells: int) -> str:
    """No decimals."""
    return _number(value, cells, 0)


def _number(value: float, cells: int, decimals: int) -> str:
    """A number at the right of its cells; a dash for what is not told any more, few cells for the absurd."""
    if not math.isfinite(value):
        return "–".rjust(cells)
    return f"{value:{cells}.{decimals}f}" if abs(value) < _ABSURD else f"{value:.0e}"
