"""How far the labelling is, and how long the rest will take."""

import statistics
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from workbench.annotation.labels import PictureLabels
from workbench.schema import Schema

PAUSE_S = 60.0
"""A longer gap between two keys is a pause and does not count as work."""
RECENT = 50
"""Pictures from which the pace is taken."""


@dataclass(frozen=True)
class SessionProgress:
    """What the status line shows.

    Attributes:
        done: Pictures with nothing left to do; an excluded one is done.
        total: Pictures, each content once.
        per_head: Pictures on which each head needs no answer any more: answered, "cannot tell", or excluded.
        seconds_per_picture: Median of the recent pictures, pauses left out; None before the first.
        keys_per_picture: Mean key presses of the recent pictures; None before the first.
        seconds_left: Estimate for the pictures that are not done; None before the first.
        today: Answers that this person gave since midnight.
    """

    done: int
    total: int
    per_head: dict[str, int]
    seconds_per_picture: float | None
    keys_per_picture: float | None
    seconds_left: float | None
    today: int = 0

    @property
    def left(self) -> int:
        """Pictures that are not done."""
        return self.total - self.done


class Tally:
    """Counts of done pictures, changed with each answer and not counted anew.

    Args:
        schema: The heads.
    """

    def __init__(self, schema: Schema) -> None:
        self._heads = schema.head_names
        self._all = (1 << len(self._heads)) - 1
        self._done_heads: list[int] = []  # of each picture, a bit for each head that needs no answer any more
        self.done = 0
        self.per_head = dict.fromkeys(self._heads, 0)

    def __len__(self) -> int:
        return len(self._done_heads)

    def append(self, labels: Iterable[PictureLabels]) -> None:
        """Count further pictures."""
        for one in labels:
            self._done_heads.append(0)
            self.update(len(self._done_heads) - 1, one)

    def update(self, index: int, labels: PictureLabels) -> None:
        """Count a picture as it is now."""
        answers = labels.answers
        now = self._all
        if not labels.excluded:
            now = sum(1 << bit for bit, head in enumerate(self._heads) if head in answers) if answers else 0
        before = self._done_heads[index]
        if now == before:
            return
        self._done_heads[index] = now
        self.done += (now == self._all) - (before == self._all)
        for bit, head in enumerate(self._heads):
            self.per_head[head] += (now >> bit & 1) - (before >> bit & 1)


class Pace:
    """Time and keys that recent pictures took.

    Args:
        clock: Seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = clock()
        self._pictures: deque[tuple[float, int]] = deque(maxlen=RECENT)
        self._seconds, self._keys, self._answers = 0.0, 0, 0

    def press(self, *, answer: bool = False) -> float:
        """Note a key press.

        Args:
            answer: Whether the key answered something.

        Returns:
            Seconds since the key before, or since the picture came.
        """
        now = self._clock()
        elapsed, self._last = max(0.0, now - self._last), now
        if elapsed <= PAUSE_S:
            self._seconds += elapsed
        self._keys += 1
        self._answers += answer
        return elapsed

    def leave(self) -> None:
        """Note that the picture is left; it counts if something on it was answered."""
        if self._answers:
            self._pictures.append((self._seconds, self._keys))
        self._seconds, self._keys, self._answers = 0.0, 0, 0

    def begin_anew(self) -> None:
        """Forget the pictures so far: those to come will take other times, as in a pass over one head."""
        self._pictures.clear()
        self._seconds, self._keys, self._answers = 0.0, 0, 0

    @property
    def seconds_per_picture(self) -> float | None:
        """Median of the recent pictures; None before the first."""
        return statistics.median(seconds for seconds, _ in self._pictures) if self._pictures else None

    @property
    def keys_per_picture(self) -> float | None:
        """Mean of the recent pictures; None before the first."""
        return statistics.mean(keys for _, keys in self._pictures) if self._pictures else None
