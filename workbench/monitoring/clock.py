"""The time of a run's events, which never goes back: a machine's clock may be set while a run trains.

Within one worker the monotonic clock tells how much time has passed; where the next worker's time lies is
told by its first event's wall clock.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from workbench.monitoring.curves import Numbers

_LATEST = 1e11
"""Unix seconds beyond which a time is none: the year 5138."""
JUMP_S = 60.0
"""Seconds by which wall and monotonic clock may part before it is worth a word."""


@dataclass
class Clock:
    """Turns the times of events, in the order of the log, into one time that never falls.

    Attributes:
        last: Unix seconds of the last event; 0 before there is one.
        jump: By how many seconds the wall clock was set, or the machine slept, since `told`; 0 for none.
    """

    last: float = 0.0
    jump: float = 0.0
    anchor_wall: float = math.nan
    anchor_mono: float = math.nan
    last_mono: float = -math.inf
    told: float = 0.0

    def restart(self) -> None:
        """What comes is of another worker, whose monotonic clock may be another machine's."""
        self.anchor_wall = self.anchor_mono = math.nan
        self.last_mono, self.told = -math.inf, 0.0

    def time(self, wall: float, mono: float) -> float:
        """Unix seconds of one event."""
        return float(self.times(np.array([wall]), np.array([mono]))[0])

    def times(self, walls: Numbers, monos: Numbers) -> Numbers:
        """Unix seconds of consecutive events.

        Args:
            walls: Shape (n,). Unix seconds as the events have them; NaN where they have none.
            monos: Shape (n,). Their monotonic seconds.

        Returns:
            Shape (n,). Times that never fall; an event without any time has that of the one before.
        """
        walls = np.where((walls > 0) & (walls < _LATEST), walls, math.nan)
        monos = np.where(np.isfinite(monos), monos, math.nan)
        found = np.empty(len(walls))
        falls = np.flatnonzero(np.diff(monos, prepend=self.last_mono) < 0)
        starts = [0, *falls.tolist(), len(walls)]
        for index, (start, end) in enumerate(pairwise(starts)):
            if index:
                self.restart()
            if start < end:
                found[start:end] = self._of_one_worker(walls[start:end], monos[start:end])
        return found

    def _of_one_worker(self, walls: Numbers, monos: Numbers) -> Numbers:
        """Times of events whose monotonic clock is one and the same."""
        timed = np.flatnonzero(np.isfinite(walls) & np.isfinite(monos))
        if math.isnan(self.anchor_wall) and timed.size:
            # A worker cannot begin before the one whose checkpoint it goes on from.
            self.anchor_wall = max(float(walls[timed[0]]), self.last)
            self.anchor_mono = float(monos[timed[0]])
        if timed.size:
            self.last_mono = float(monos[timed[-1]])
            self._look_for_jump(float(walls[timed[-1]]))
        since = self.anchor_wall + (monos - self.anchor_mono)
        times = np.where(np.isfinite(since), since, walls)
        # fmax passes over what has no time at all
        risen = np.fmax.accumulate(np.append(self.last, times))[1:]
        self.last = float(risen[-1])
        return risen

    def _look_for_jump(self, wall: float) -> None:
        """Compare what the two clocks say of the time since the worker began."""
        apart = (wall - self.anchor_wall) - (self.last_mono - self.anchor_mono)
        if abs(apart - self.told) > JUMP_S:
            self.jump, self.told = apart - self.told, apart

    def take_jump(self) -> float:
        """The jump that was not yet told of; 0 for none."""
        jump, self.jump = self.jump, 0.0
        return jump
