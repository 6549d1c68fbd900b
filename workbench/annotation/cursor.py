"""Which picture and which head are in front of the person, kept over restarts."""

from collections.abc import Callable, Collection
from contextlib import suppress

from workbench.annotation.labels import PictureLabels
from workbench.annotation.queue import PictureQueue
from workbench.annotation.selection import QueueChoice
from workbench.annotation.store import LabelStore
from workbench.errors import StoreError
from workbench.images.catalog import Picture
from workbench.schema import Head, Schema

_PLACE = "place"


class Cursor:
    """A place in the queue and an active head.

    Args:
        schema: The heads.
        store: Where the place is kept, and which pictures were seen.
        queue: The pictures; may grow.
        choice: Which queue that is; each has a place of its own.

    Attributes:
        index: The place, counted from 0.
        head_index: The active head's.
        passing: The head of a pass over one head; "" for none.
        skipped: Heads that need not be gone to, because they are locked.
    """

    def __init__(
        self, schema: Schema, store: LabelStore, queue: PictureQueue, choice: QueueChoice | None = None
    ) -> None:
        self._schema, self._store = schema, store
        self.index = self.head_index = 0
        self.passing = ""
        self.skipped: Collection[str] = ()
        self.queue, self._choice = queue, choice or QueueChoice()
        self.start()

    def take_queue(self, queue: PictureQueue, choice: QueueChoice) -> None:
        """Leave this queue for another."""
        self.mark_seen()
        self.save()
        self.queue, self._choice = queue, choice
        self.start()

    def replace_queue(self, queue: PictureQueue) -> None:
        """The same pictures in another order; the one in front of the person stays."""
        picture, self.queue = self.picture, queue
        self.index = (queue.place(picture.fingerprint) if picture is not None else None) or 0
        self.save()

    def begin_pass(self, head: str) -> None:
        """Ask for one head only from now on."""
        self.passing = head
        self.to_head(self._schema.head_names.index(head))

    def end_pass(self) -> None:
        """Ask for all heads of a picture again."""
        self.passing = ""
        self.head_index = self.first_open_head()
        self.save()

    @property
    def picture(self) -> Picture | None:
        """The picture under the cursor; None while there is none."""
        return self.queue[self.index] if len(self.queue) else None

    @property
    def head(self) -> Head:
        """The active head."""
        return self._schema.heads[self.head_index]

    @property
    def labels(self) -> PictureLabels:
        """The labels of the picture under the cursor."""
        return self.labels_at(self.index) if len(self.queue) else PictureLabels()

    def labels_at(self, index: int) -> PictureLabels:
        """The labels of a place in the queue."""
        return self._store.labels(self.queue[index].fingerprint)

    def start(self) -> None:
        """Go to the saved place, else to the first picture with something left to do."""
        place = self._store.get_state(self._state_key)
        found = self.queue.place(str(place.get("fingerprint"))) if isinstance(place, dict) else None
        self.index = (self.next_open(-1) or 0) if found is None else found
        self.head_index = self.first_open_head()
        names = self._schema.head_names
        if self.passing:
            self.head_index = names.index(self.passing)
        elif found is not None and place.get("head") in names:
            self.head_index = names.index(place["head"])

    def first_open_head(self) -> int:
        """The first head of the picture without an answer, locked ones last; the first where none is."""
        answers, names = self.labels.answers, self._schema.head_names
        found = [index for index, name in enumerate(names) if name not in answers]
        return next((index for index in found if names[index] not in self.skipped), found[0] if found else 0)

    def following_head(self) -> int | None:
        """The next head that is not locked; None after the last."""
        names = self._schema.head_names
        later = range(self.head_index + 1, len(names))
        return next((index for index in later if names[index] not in self.skipped), None)

    def next_open_head(self) -> int:
        """The next head after the active one without an answer, going round; the next one where none is."""
        answers, names = self.labels.answers, self._schema.head_names
        order = [(self.head_index + 1 + step) % len(names) for step in range(len(names))]
        return next((index for index in order if names[index] not in answers), order[0])

    def next_open(self, after: int) -> int | None:
        """The next place with something left to do, going round; None where all is done."""
        return self.next_where(self._is_open, after)

    def next_where(self, wanted: Callable[[PictureLabels], bool], after: int | None = None) -> int | None:
        """The next place with such labels after the present one, going round; None where there is none."""
        total, first = len(self.queue), (self.index if after is None else after) + 1
        order = ((first + step) % total for step in range(total))
        return next((index for index in order if wanted(self.labels_at(index))), None)

    def _is_open(self, labels: PictureLabels) -> bool:
        """Whether something is left to do, in this pass."""
        if self.passing:
            return not labels.excluded and self.passing not in labels.answers
        return not labels.complete(self._schema)

    def arrive(self, index: int) -> None:
        """Leave this picture for another; its first open head becomes active, or that of the pass."""
        self.mark_seen()
        self.index = index
        self.head_index = self.first_open_head()
        if self.passing:
            self.head_index = self._schema.head_names.index(self.passing)
        self.save()

    def to_head(self, index: int) -> None:
        """Make a head active; counted round."""
        self.head_index = index % len(self._schema.heads)
        self.save()

    @property
    def _state_key(self) -> str:
        """Under which the place in this queue is kept."""
        return _PLACE if self._choice.plain else f"{_PLACE} {self._choice.mark}"

    def mark_seen(self) -> None:
        """Note that the picture was looked at; a label file that refuses must not stop the eye."""
        if self.picture is not None and not self._store.read_only:
            with suppress(StoreError):
                self._store.mark_seen(self.picture.fingerprint, self.picture.name)

    def save(self) -> None:
        """Note the place, so that the next session begins here; losing it costs arrow keys, no label."""
        if self.picture is not None and not self._store.read_only:
            with suppress(StoreError):
                place = {"fingerprint": self.picture.fingerprint, "head": self.head.name}
                self._store.set_state(self._state_key, place)
