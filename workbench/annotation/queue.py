"""The order in which pictures come, each content once, however many files hold it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from workbench.annotation.labels import PictureLabels
from workbench.images.catalog import Picture
from workbench.schema import Schema


class PictureQueue:
    """Pictures in the order given; files of the same content are one entry, under the first name.

    Args:
        pictures: May hold several pictures of one fingerprint.
    """

    def __init__(self, pictures: Iterable[Picture] = ()) -> None:
        self._pictures: list[Picture] = []
        self._places: dict[str, int] = {}
        self._copied: set[str] = set()
        self.extend(pictures)

    def __len__(self) -> int:
        return len(self._pictures)

    def __getitem__(self, index: int) -> Picture:
        return self._pictures[index]

    def __iter__(self) -> Iterator[Picture]:
        return iter(self._pictures)

    def extend(self, pictures: Iterable[Picture]) -> list[Picture]:
        """Append the pictures whose content is new; known ones may come again, perhaps under another name.

        Returns:
            Those that were appended.
        """
        batch = list(pictures)
        names = {picture.name for picture in batch}
        added = []
        for picture in batch:
            at = self._places.setdefault(picture.fingerprint, len(self._pictures))
            if at == len(self._pictures):
                self._pictures.append(picture)
                added.append(picture)
            elif self._pictures[at].name != picture.name:
                self._copied.add(picture.fingerprint)
                if self._pictures[at].name not in names:  # renamed while we look at it
                    self._pictures[at] = picture
        return added

    def place(self, fingerprint: str) -> int | None:
        """Where a picture stands, counted from 0; None if it is not in the queue."""
        return self._places.get(fingerprint)

    def has_copies(self, fingerprint: str) -> bool:
        """Whether several files hold this content."""
        return fingerprint in self._copied


def unlabelled(
    pictures: Sequence[Picture], labels: Mapping[str, PictureLabels], schema: Schema
) -> tuple[Picture, ...]:
    """The pictures with something left to do, in their order, each content once."""
    nothing = PictureLabels()
    queue = PictureQueue(pictures)
    return tuple(
        queue[index]
        for index in range(len(queue))
        if not labels.get(queue[index].fingerprint, nothing).complete(schema)
    )
