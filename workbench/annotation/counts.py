"""Everything that is counted while a person labels: done, left, today, and the pace."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from workbench.annotation.labels import PictureLabels
from workbench.annotation.progress import Pace, SessionProgress, Tally
from workbench.annotation.queue import PictureQueue
from workbench.annotation.selection import TO_LABEL, QueueChoice
from workbench.annotation.store import LabelStore
from workbench.schema import Schema


def local_time() -> datetime:
    """Now, with the time zone of this machine."""
    return datetime.now().astimezone()


@dataclass(frozen=True)
class QueueProgress:
    """How far a queue is worked off.

    Attributes:
        choice: The queue.
        done: Pictures of it with nothing left to do in this pass; of a queue that is only looked through,
            those before the present one.
        total: Its pictures.
        seconds_left: Estimate for the rest; None before the first picture.
    """

    choice: QueueChoice
    done: int
    total: int
    seconds_left: float | None

    @property
    def left(self) -> int:
        """Pictures that are not done."""
        return self.total - self.done


class Counts:
    """Tallies of all pictures and of those in the queue, kept right event by event.

    Args:
        schema: The heads.
        store: The labels.
        pictures: All pictures.
        pace: Keys and seconds.
        today: Gives the present time in the person's zone.
    """

    def __init__(
        self,
        schema: Schema,
        store: LabelStore,
        pictures: PictureQueue,
        pace: Pace,
        today: Callable[[], datetime] = local_time,
    ) -> None:
        self._schema, self._store, self._pictures, self._pace = schema, store, pictures, pace
        self._now, self._day, self._today = today, today().date(), 0
        self._all, self._revision = Tally(schema), -1
        self._queue, self._of_queue = pictures, self._all
        self._choice = QueueChoice()
        self._count_today()

    def take_queue(self, queue: PictureQueue, choice: QueueChoice) -> None:
        """Count another queue from now on."""
        self._queue, self._choice = queue, choice
        self._of_queue = self._all if choice.everything else Tally(self._schema)

    @property
    def progress(self) -> SessionProgress:
        """Done and left over all pictures, overall and for each head, with the pace."""
        self._catch_up()
        if self._now().date() != self._day:
            self._count_today()
        seconds = self._pace.seconds_per_picture
        total = len(self._pictures)
        left = None if seconds is None else seconds * (total - self._all.done)
        per_head, keys = dict(self._all.per_head), self._pace.keys_per_picture
        return SessionProgress(self._all.done, total, per_head, seconds, keys, left, self._today)

    def of_queue(self, position: int, passing: str) -> QueueProgress:
        """How far the queue is.

        Args:
            position: The cursor's place.
            passing: The head of a pass over one head; "" for all.
        """
        self._catch_up()
        total = len(self._queue)
        if self._choice.kind not in TO_LABEL:
            done = position
        else:
            head = passing or self._choice.head
            done = self._of_queue.per_head[head] if head else self._of_queue.done
        seconds = self._pace.seconds_per_picture
        return QueueProgress(self._choice, done, total, None if seconds is None else seconds * (total - done))

    def note(self, fingerprint: str, events: int = 1, answers: int = 1) -> None:
        """Take in events of ours on one picture; others' events make everything be counted anew.

        Args:
            fingerprint: The picture.
            events: How many changed a label.
            answers: How many answers that is more today.
        """
        self._today = max(0, self._today + answers)
        if self._store.revision != self._revision + events:
            return
        self._revision += events
        for tally, queue in self._tallies():
            place = queue.place(fingerprint)
            if place is not None and place < len(tally):
                tally.update(place, self._store.labels(fingerprint))

    def _catch_up(self) -> None:
        """Count pictures that are new; all, after an import or where another window changed labels."""
        if self._revision != self._store.revision:
            if self._revision >= 0:
                self._count_today()  # a sheet, or another window of the same person
            self._revision, shared = self._store.revision, self._of_queue is self._all
            self._all = Tally(self._schema)
            self._of_queue = self._all if shared else Tally(self._schema)
        for tally, queue in self._tallies():
            if len(tally) < len(queue):
                tally.append(map(self._labels_in(queue), range(len(tally), len(queue))))

    def _tallies(self) -> list[tuple[Tally, PictureQueue]]:
        """The tally of all pictures, and that of the queue where it leaves some out."""
        found = [(self._all, self._pictures)]
        return found if self._of_queue is self._all else [*found, (self._of_queue, self._queue)]

    def _labels_in(self, queue: PictureQueue) -> Callable[[int], PictureLabels]:
        """The labels of a place in a queue."""
        return lambda index: self._store.labels(queue[index].fingerprint)

    def _count_today(self) -> None:
        """Ask the store how many answers this person gave since midnight here."""
        now = self._now()
        self._day = now.date()
        self._today = self._store.answers_since(now.replace(hour=0, minute=0, second=0, microsecond=0))
