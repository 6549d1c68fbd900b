"""Axes: round limits that seldom change, and round places to mark, of numbers, powers of ten and times."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.monitoring.drawn import nice_step

LABEL = 6
"""Cells that a word at the y axis has."""
_LEAST_SPAN = 1e-280
"""A smaller one cannot be parted into steps: floating point ends there."""
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_TIMES = (
    1, 2, 5, 10, 15, 30,
    *(_MINUTE * one for one in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * one for one in (1, 2, 3, 6, 12)),
    *(_DAY * one for one in (1, 2, 5)),
)  # fmt: skip
_HORIZONS = (
    10, 15, 20, 30, 45,
    *(_MINUTE * one for one in (1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 20, 30, 45)),
    *(_HOUR * one for one in (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20)),
    *(_DAY * one for one in (1, 1.5, 2, 3, 4, 5, 7)),
)  # fmt: skip
_LATEST = 1e11
"""Unix seconds: what lies later is no time of a run, but may stand in a log."""


@dataclass(frozen=True)
class Scale:
    """The limits of an axis and what is marked on it.

    Attributes:
        low: The lower limit.
        high: The upper one.
        at: Where the marks stand.
        words: What stands beside each.
    """

    low: float
    high: float
    at: tuple[float, ...]
    words: tuple[str, ...]


def ticks(low: float, high: float, most: int) -> tuple[list[float], list[str]]:
    """Round numbers from `low` to `high`, at most so many steps apart, with their words."""
    step = nice_step(high - low, most)
    first = math.ceil(low / step - 1e-6)
    found = [first * step]
    while found[-1] + step <= high + step * 1e-6:
        found.append((first + len(found)) * step)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    words = [f"{one:.{decimals}f}" for one in found]
    return found, words if max(map(len, words)) <= LABEL else [short_number(one) for one in found]


def y_range(reaches: Sequence[tuple[float, float]], bounds: tuple[float | None, float | None]) -> Scale:
    """Round limits around everything, without marks.

    Args:
        reaches: (least, greatest) value of each curve.
        bounds: What y can be at all; None where nothing limits it.
    """
    low = min((least for least, _ in reaches), default=0.0)
    high = max((greatest for _, greatest in reaches), default=1.0)
    if high - low <= max(1e-9 * max(abs(low), abs(high)), _LEAST_SPAN):
        pad = max(abs(low), abs(high)) * 0.1
        pad = pad if pad > _LEAST_SPAN else 0.5
        low, high = low - pad, high + pad
    step = nice_step(high - low, 4)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    least, most = bounds
    return Scale(low if least is None else max(low, least), high if most is None else min(high, most), (), ())


def y_scale(
    reaches: Sequence[tuple[float, float]], bounds: tuple[float | None, float | None], most: int
) -> Scale:
    """Round limits around everything, and at most so many steps between marks; otherwise as `y_range`."""
    scale = y_range(reaches, bounds)
    at, words = ticks(scale.low, scale.high, most)
    return Scale(scale.low, scale.high, tuple(at), tuple(words))


def log_scale(reaches: Sequence[tuple[float, float]], most: int) -> Scale:
    """Limits and marks at 1, 2 and 5 times powers of ten, or at some powers; all in logarithms to base 10.

    Args:
        reaches: (least, greatest) logarithm of each curve.
        most: The most steps between marks.
    """
    low = min((least for least, _ in reaches), default=-1.0)
    high = max((greatest for _, greatest in reaches), default=0.0)
    known = [power + math.log10(factor) for power in range(math.floor(low) - 1, math.ceil(high) + 2)
             for factor in (1, 2, 5)]  # fmt: skip
    low = max(one for one in known if one < low - 1e-9 or (one <= low and low < high))
    high = min(one for one in known if one >= high and one > low)
    inside = [one for one in known if low - 1e-9 <= one <= high + 1e-9]
    if len(inside) > most + 1:
        first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
        apart = max(1, math.ceil((last - first) / most))
        inside = [float(power) for power in range(first, last + 1) if not power % apart] or [inside[0]]
    return Scale(low, high, tuple(inside), tuple(short_number(10.0**one) for one in inside))


def short_number(value: float) -> str:
    """A number in six cells at most: "0.005", "1e6", "-1e299"; one that none can say is about 0."""
    written = (short_exponent(f"{value:{form}}") for form in (".4g", ".3g", ".2g", ".0e"))
    return next((word for word in written if len(word) <= LABEL), "≈0")


def short_exponent(word: str) -> str:
    """A written number without what its exponent does not need: "1e6" for "1e+06"."""
    return word.replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def x_scale(kind: str, left: float, right: float, width: int) -> Scale:
    """Marks of an x axis.

    Args:
        kind: "epoch", "step", "relative" or "wall", as in `monitoring.curves.AXES`.
        left: The left edge.
        right: The right edge.
        width: Cells of the whole chart.
    """
    if kind in ("epoch", "step") or not 0.0 <= left < right <= _LATEST:
        at, words = ticks(left, right, max(1, min(8, width // 8)))
        return Scale(left, right, tuple(at), tuple(words))
    step = time_step(right - left, max(1, min(8, width // 11)))
    if step < 1:
        at, words = ticks(left, right, max(1, width // 16))
        return Scale(
            left, right, tuple(at), tuple(f"{word} s" for word in words) if kind == "relative" else ()
        )
    start = _midnight(left) if kind == "wall" else 0.0
    first, last = math.ceil((left - start) / step - 1e-6), math.floor((right - start) / step + 1e-6)
    at = [start + number * step for number in range(first, last + 1)]
    words = [clock_word(one, step) if kind == "wall" else span_word(one, step) for one in at]
    return Scale(left, right, tuple(at), tuple(words))


def time_step(seconds: float, most: int) -> float:
    """The least step that people count time in of which `most` cover so many seconds."""
    raw = seconds / most
    if raw <= _TIMES[0]:
        return nice_step(seconds, most)
    if raw > _TIMES[-1]:
        return nice_step(seconds / _DAY, most) * _DAY
    return float(next(one for one in _TIMES if one >= raw * (1 - 1e-9)))


def time_horizon(seconds: float) -> float:
    """A round time that is longer, by up to a half, so that it seldom changes while a run goes on."""
    found = next((one for one in _HORIZONS if one >= seconds), None)
    return nice_step(seconds / _DAY, 1) * _DAY if found is None else float(found)


def _midnight(moment: float) -> float:
    """The start of the day, local time, so that hours are marked where a clock has them."""
    local = time.localtime(moment)
    return moment - (local.tm_hour * _HOUR + local.tm_min * _MINUTE + local.tm_sec) - moment % 1


def clock_word(moment: float, step: float) -> str:
    """ "14:05", "14:05:20" where seconds matter, "26 Nov" where days do."""
    local = time.localtime(moment + 1e-3)
    if step >= _DAY or (step >= _HOUR and not local.tm_hour):
        return f"{local.tm_mday} {time.strftime('%b', local)}"
    return time.strftime("%H:%M" if step >= _MINUTE else "%H:%M:%S", local)


def span_word(seconds: float, step: float = 1.0) -> str:
    """ "45 s", "2:05", "25 min", "3 h", "3 h 20" or "2 d": as exact as the step asks for."""
    whole = round(seconds)
    if whole < _MINUTE and step < _MINUTE:
        return f"{whole} s"
    if step < _MINUTE:
        return f"{whole // _MINUTE}:{whole % _MINUTE:02}"
    if step >= _DAY:
        return f"{seconds / _DAY:g} d"
    hours, minutes = divmod(whole // _MINUTE, 60)
    if not hours:
        return f"{minutes} min" if minutes else "0"
    return f"{hours} h {minutes:02}" if minutes else f"{hours} h"
