"""Where the time of a training goes: seconds of its parts, added up while it runs. Plain numbers, no Keras.

A part within a part counts for itself only, so the parts of one thread never overlap: what the worker's own
thread does adds up to the time that passed. The thread that makes batches works beside it; its parts have
sums of their own. What is measured costs two looks at the clock; where nothing is measured, a call.
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from workbench.dataset.batches import Pixels
from workbench.training.tail import number, whole

P = ParamSpec("P")
R = TypeVar("R")
Numbered = tuple[int, tuple[Any, Any]]
"""The number of a batch, its pictures and its labels."""
STARTING, DATA, BUILDING = "starting", "data", "building"
WAITING, FIRST_STEPS, STEP, TELLING = "waiting", "first_steps", "step", "telling"
VALIDATING, SAVING, PROFILING, EVALUATING = "validating", "saving", "profiling", "evaluating"
READING, AUGMENTING, MIXING, MOVING = "reading", "augmenting", "mixing", "moving"
LOOP = (WAITING, FIRST_STEPS, STEP, TELLING, VALIDATING, SAVING)
"""From the first batch to the last checkpoint."""
ONE_AFTER_THE_OTHER = (STARTING, DATA, BUILDING, *LOOP, PROFILING, EVALUATING)
BESIDE = (READING, AUGMENTING, MIXING, MOVING)
"""Of the thread that makes batches."""
COPY, FORWARD, BACKWARD, OPTIMISER, PYTHON = "copy", "forward", "backward", "optimiser", "python"
OF_A_STEP = (COPY, FORWARD, BACKWARD, OPTIMISER, PYTHON)
CROWD = "crowd"
"""What steps take longer than one does alone: the pipeline and other programs are at work too."""


class Unprofiled:
    """Measures nothing."""

    def part(self, _name: str) -> AbstractContextManager[None]:
        """Inside, time counts for this part."""
        return nullcontext()

    def step(self, _pictures: int) -> AbstractContextManager[None]:
        """Inside is a step over so many pictures."""
        return nullcontext()

    def waits(self, feed: Iterable[Numbered]) -> Iterable[Numbered]:
        """The same numbered batches; what passes until each is there counts as waiting."""
        return feed

    def timed(self, _name: str, function: Callable[P, R]) -> Callable[P, R]:
        """The same function; its calls count for this part."""
        return function

    def timed_pixels(self, pixels: Pixels) -> Pixels:
        """The same pictures; what passes until they are there counts as reading."""
        return pixels


UNPROFILED = Unprofiled()


class Profile(Unprofiled):
    """Adds up; safe for several threads.

    Args:
        clock: Seconds that only ever rise.

    Attributes:
        of_a_step: Seconds of the parts of one step, where one was taken apart.
        batch: The last of the largest batches, pictures and labels; None before the first.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._began = clock, clock()
        self._seconds: dict[str, float] = {}
        self._times: Counter[str] = Counter()
        self._pictures, self._settled, self._sizes = 0, 0, set[int]()
        self._mutex, self._open = threading.Lock(), threading.local()
        self.of_a_step: dict[str, float] = {}
        self.batch: tuple[Any, Any] | None = None

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Inside, time counts for this part, but for what is inside another part within it."""
        within: list[float] = self._open.__dict__.setdefault("within", [])
        within.append(0.0)
        began = self._clock()
        try:
            yield
        finally:
            spent = self._clock() - began
            own = spent - within.pop()
            if within:
                within[-1] += spent
            with self._mutex:
                self._seconds[name] = self._seconds.get(name, 0.0) + own
                self._times[name] += 1

    def step(self, pictures: int) -> AbstractContextManager[None]:
        """Inside is a step; the first one of each size of a batch compiles mostly: a part of its own."""
        first = pictures not in self._sizes
        self._sizes.add(pictures)
        self._pictures += pictures
        self._settled += 0 if first else pictures
        return self.part(FIRST_STEPS if first else STEP)

    def waits(self, feed: Iterable[Numbered]) -> Iterator[Numbered]:
        """The same numbered batches; what passes until each is there counts as waiting."""
        batches = iter(feed)
        while True:
            with self.part(WAITING):
                found = next(batches, None)
            if found is None:
                return
            self._keep(found[1])
            yield found

    def _keep(self, batch: tuple[Any, Any]) -> None:
        """Keep a batch that is not smaller than the one that is kept."""
        if self.batch is None or len(batch[0]) >= len(self.batch[0]):
            self.batch = batch

    def timed(self, name: str, function: Callable[P, R]) -> Callable[P, R]:
        """The same function; its calls count for this part."""

        def measured(*values: P.args, **named: P.kwargs) -> R:
            with self.part(name):
                return function(*values, **named)

        return measured

    def timed_pixels(self, pixels: Pixels) -> Pixels:
        """The same pictures; what passes until they are there counts as reading."""
        return _TimedPixels(self, pixels)

    def report(self) -> "Report":
        """What was added up by now."""
        with self._mutex:
            seconds, times = dict(self._seconds), dict(self._times)
        whole = self._clock() - self._began
        kept = len(self.batch[0]) if self.batch else 0
        return Report(whole, seconds, times, self._pictures, self._settled, dict(self.of_a_step), kept)


@dataclass(frozen=True)
class _TimedPixels:
    """Pictures whose reading is measured."""

    profile: Profile
    pixels: Pixels

    def read(self, fingerprints: Sequence[str]) -> NDArray[np.uint8]:
        with self.profile.part(READING):
            return self.pixels.read(fingerprints)


@dataclass(frozen=True)
class Report:
    """Where the time of a worker went.

    Attributes:
        whole: Seconds of all of it.
        seconds: Of each part that there was.
        times: How often each was entered.
        pictures: That all steps went over.
        settled: That the steps went over without the first ones, which compile.
        of_a_step: Seconds of the parts of one step, taken apart at the end; empty if it was not.
        batch: Pictures of that step.
    """

    whole: float
    seconds: Mapping[str, float] = field(default_factory=dict)
    times: Mapping[str, int] = field(default_factory=dict)
    pictures: int = 0
    settled: int = 0
    of_a_step: Mapping[str, float] = field(default_factory=dict)
    batch: int = 0

    @property
    def rest(self) -> float:
        """Seconds that the worker's own thread spent in none of the parts."""
        return max(0.0, self.whole - sum(self.seconds.get(part, 0.0) for part in ONE_AFTER_THE_OTHER))

    @property
    def of_the_steps(self) -> dict[str, float]:
        """Seconds of the parts of all steps but the first ones; empty where none was taken apart.

        Each picture counts as in the one step; `CROWD` is what the steps took longer.
        """
        steps, alone = self.seconds.get(STEP, 0.0), sum(self.of_a_step.values())
        if not (steps and alone and self.batch and self.settled):
            return {}
        like_it = min(self.settled / self.batch, steps / alone)
        parts = {part: seconds * like_it for part, seconds in self.of_a_step.items()}
        return {**parts, CROWD: steps - alone * like_it}

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as the event `profile` has them."""
        return {**vars(self)}

    @classmethod
    def from_dict(cls, event: Mapping[str, Any]) -> "Report":
        """From an event, which may hold anything; unknown parts are left out, values that are none are 0."""
        return cls(
            _seconds(event.get("whole")),
            _known(event.get("seconds"), (*ONE_AFTER_THE_OTHER, *BESIDE)),
            {part: round(times) for part, times in _known(event.get("times"), ONE_AFTER_THE_OTHER).items()},
            max(0, whole(event.get("pictures"))),
            max(0, whole(event.get("settled"))),
            _known(event.get("of_a_step"), OF_A_STEP),
            max(0, whole(event.get("batch"))),
        )


def _known(values: object, parts: Sequence[str]) -> dict[str, float]:
    """The values of the parts that are there."""
    found = values if isinstance(values, Mapping) else {}
    return {part: _seconds(found[part]) for part in parts if part in found}


def _seconds(value: object) -> float:
    """A time from a log; 0 for what is none."""
    found = number(value)
    return found if math.isfinite(found) and found >= 0 else 0.0
