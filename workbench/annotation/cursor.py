"""Which picture and which head are in front of the person, kept over restarts."""

from contextlib import suppress

from workbench.annotation.labels import PictureLabels
from workbench.annotation.queue import PictureQueue
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
    """

    def __init__(self, schema: Schema, store: LabelStore, queue: PictureQueue) -> None:
        self._schema, self._store, self._queue = schema, store, queue
        self.index = self.head_index = 0
        self.start()

    @property
    def picture(self) -> Picture | None:
        """The picture under the cursor; None while there is none."""
        return self._queue[self.index] if len(self._queue) else None

    @property
    def head(self) -> Head:
        """The active head."""
        return self._schema.heads[self.head_index]

    @property
    def labels(self) -> PictureLabels:
        """The labels of the picture under the cursor."""
        return self.labels_at(self.index) if len(self._queue) else PictureLabels()

    def labels_at(self, index: int) -> PictureLabels:
        """The labels of a place in the queue."""
        return self._store.labels(self._queue[index].fingerprint)

    def start(self) -> None:
        """Go to the saved place, else to the first picture with something left to do."""
        place = self._store.get_state(_PLACE)
        found = self._queue.place(str(place.get("fingerprint"))) if isinstance(place, dict) else None
        self.index = (self.next_open(-1) or 0) if found is None else found
        self.head_index = self.first_open_head()
        names = self._schema.head_names
        if found is not None and place.get("head") in names:
            self.head_index = names.index(place["head"])

    def first_open_head(self) -> int:
        """The first head of the picture without an answer, else the first."""
        answers = self.labels.answers
        return next((i for i, name in enumerate(self._schema.head_names) if name not in answers), 0)

    def next_open_head(self) -> int:
        """The next head after the active one without an answer, going round; the next one where none is."""
        answers, names = self.labels.answers, self._schema.head_names
        order = [(self.head_index + 1 + step) % len(names) for step in range(len(names))]
        return next((index for index in order if names[index] not in answers), order[0])

    def next_open(self, after: int) -> int | None:
        """The next place with something left to do, going round; None where all is done."""
        total = len(self._queue)
        order = ((after + 1 + step) % total for step in range(total))
        return next((index for index in order if not self.labels_at(index).complete(self._schema)), None)

    def arrive(self, index: int) -> None:
        """Leave this picture for another; its first open head becomes active."""
        self.mark_seen()
        self.index = index
        self.head_index = self.first_open_head()
        self.save()

    def to_head(self, index: int) -> None:
        """Make a head active; counted round."""
        self.head_index = index % len(self._schema.heads)
        self.save()

    def mark_seen(self) -> None:
        """Note that the picture was looked at; a label file that refuses must not stop the eye."""
        if self.picture is not None and not self._store.read_only:
            with suppress(StoreError):
                self._store.mark_seen(self.picture.fingerprint, self.picture.name)

    def save(self) -> None:
        """Note the place, so that the next session begins here; losing it costs arrow keys, no label."""
        if self.picture is not None and not self._store.read_only:
            with suppress(StoreError):
                self._store.set_state(
                    _PLACE, {"fingerprint": self.picture.fingerprint, "head": self.head.name}
                )
