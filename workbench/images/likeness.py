"""Which pictures look alike: a difference hash of each, kept in the cache, and a walk from like to like.

The hash is dHash: the picture as 9 × 8 grey values, one bit a pair of neighbours, set where it becomes
brighter to the right (N. Krawetz, "Kind of Like That", 2013). Two pictures are alike where few bits differ.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workbench.errors import PictureError
from workbench.images.decode import DECODER_VERSION, thumbnail

NEAR = 6
"""Bits of 64 that two shots of one scene, or two sizes of one picture, mostly differ in at most."""
_SAVE_EVERY = 200
_MARK_BYTES = 16
_RECORD = np.dtype([("fingerprint", f"V{_MARK_BYTES}"), ("hash", "<u8")])


def difference_hash(pixels: NDArray[np.uint8]) -> int:
    """The dHash of a picture.

    Args:
        pixels: RGB, shape (height, width, 3).

    Returns:
        64 bits.
    """
    grey = Image.fromarray(pixels).convert("L").resize((9, 8), Image.Resampling.BOX)
    values = np.asarray(grey, dtype=np.int16)
    return int.from_bytes(np.packbits(values[:, 1:] > values[:, :-1]).tobytes(), "big")


class HashShelf:
    """The hashes that are known, by fingerprint; a file to which records are appended.

    Args:
        folder: The bench's cache. One that cannot be written costs time only: nothing is kept then.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"likeness-{DECODER_VERSION}.bin"
        self._known = self._read()

    def __len__(self) -> int:
        return len(self._known)

    def get(self, fingerprint: str) -> int | None:
        """The hash of a picture; None if it is not known yet."""
        return self._known.get(fingerprint)

    def add(self, hashes: dict[str, int]) -> None:
        """Keep further hashes."""
        self._known.update(hashes)
        rows = [(bytes.fromhex(mark), value) for mark, value in hashes.items()]
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                file.truncate(file.tell() // _RECORD.itemsize * _RECORD.itemsize)  # cut a torn record off
                file.write(np.array(rows, dtype=_RECORD).tobytes())

    def _read(self) -> dict[str, int]:
        """Whole records; the torn end of one is ignored."""
        try:
            data = self._path.read_bytes()
        except OSError:
            return {}
        rows = np.frombuffer(data[: len(data) // _RECORD.itemsize * _RECORD.itemsize], dtype=_RECORD)
        marks = [mark.tobytes().hex() for mark in rows["fingerprint"]]
        return dict(zip(marks, rows["hash"].tolist(), strict=True))


def hash_pictures(
    wanted: Iterable[tuple[str, Path]],
    shelf: HashShelf,
    told: Callable[[int], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> bool:
    """Hash the pictures that the shelf does not know.

    Args:
        wanted: Fingerprint and path of each.
        shelf: Takes the hashes; what is done stays done where this is interrupted.
        told: Called with the number of pictures done, after each.
        cancelled: Asked before each.

    Returns:
        Whether it came to the end. A picture that cannot be read has no hash.
    """
    new: dict[str, int] = {}
    finished = True
    for number, (fingerprint, path) in enumerate(wanted, 1):
        if cancelled():
            finished = False
            break
        if shelf.get(fingerprint) is None:
            try:
                new[fingerprint] = difference_hash(thumbnail(path, (36, 32)))
            except PictureError:
                continue
        if len(new) >= _SAVE_EVERY:
            shelf.add(new)
            new = {}
        told(number)
    if new:
        shelf.add(new)
    return finished


def chain(hashes: Sequence[int | None], cancelled: Callable[[], bool] = lambda: False) -> list[int] | None:
    """A walk that goes on from each picture to the one most like it, so that near-duplicates stand together.

    Args:
        hashes: Of each picture; None where it has none.
        cancelled: Asked now and then.

    Returns:
        Places in `hashes`: the walk from the first one, then those without a hash; None if cancelled. Equal
        distances go by place. 50,000 pictures take some seconds: each step looks at all that are left.
    """
    places = np.array([place for place, value in enumerate(hashes) if value is not None], dtype=np.int64)
    values = np.array([value for value in hashes if value is not None], dtype=np.uint64)
    free = np.ones(len(places), dtype=bool)
    walk: list[int] = []
    at = 0
    for step in range(len(places)):
        walk.append(int(places[at]))
        free[at] = False
        if step % 1000 == 0 and cancelled():
            return None
        here = values[at]
        if len(walk) % 256 == 0 or len(places) < 512:  # leave out those that are taken, now and then
            places, values = places[free], values[free]
            free = np.ones(len(places), dtype=bool)
        if not len(values):
            break
        distance = np.bitwise_count(values ^ here)
        distance[~free] = 255
        at = int(distance.argmin())
    return [*walk, *(place for place, value in enumerate(hashes) if value is None)]
