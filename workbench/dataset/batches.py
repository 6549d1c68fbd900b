"""Batches of pictures and labels, the same for the same seed, epoch and index, in flat memory.

The pictures pass by in shuffled rounds: every picture once before any comes again, across epochs too,
however many pictures an epoch has; or a sampler draws each epoch. As in the reference system, a generator
batch is drawn and augmented at once and then cut into the batches of the training.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from workbench.dataset.sampling import BalancedSampler
from workbench.dataset.table import Table

Augment = Callable[[NDArray[np.uint8], int], NDArray[np.uint8]]
"""Changes pictures (N, S, S, 3) at random, the same way for the same step."""
Labels = dict[str, NDArray[np.int32]] | dict[str, NDArray[np.float32]]
"""For each head (B,) class indices, -1 where masked; or, of mixed pictures, what `mixing.Mixer` gives."""
Mix = Callable[[NDArray[np.uint8], dict[str, NDArray[np.int32]], int], tuple[NDArray[np.uint8], Labels]]
"""Mixes the pictures of a batch, the same way for the same step; `mixing.Mixer` is one."""
_KEPT_GENERATOR_BATCHES = 2  # a prefetching thread may be one ahead


class Pixels(Protocol):
    """Where pictures come from; `cache.PixelCache` is one."""

    def read(self, fingerprints: Sequence[str]) -> NDArray[np.uint8]:
        """The pictures of these fingerprints."""
        ...


class Batches:
    """The batches of one split.

    Args:
        table: A divided table.
        split: "train", "validation" or "test".
        pixels: Where the pictures come from.
        heads: Names of the heads whose labels are wanted.
        batch_size: Pictures a batch; the last one of a generator batch may be smaller.
        shuffle: Whether each round has another order.
        seed: Of the order.
        augmenter: Changes each generator batch; called with its number, counted through all epochs.
        generator_batch: Pictures drawn and augmented at once; 0 or None means `batch_size`.
        pictures_per_epoch: 0 means as many as the split has.
        sampler: Draws each epoch's pictures in place of the rounds.
        mixer: Mixes the pictures of a batch, after the augmentation; called with the batch's number, counted
            through all epochs.
    """

    def __init__(
        self,
        table: Table,
        split: str,
        pixels: Pixels,
        *,
        heads: Sequence[str],
        batch_size: int,
        shuffle: bool,
        seed: int,
        augmenter: Augment | None = None,
        generator_batch: int | None = None,
        pictures_per_epoch: int = 0,
        sampler: BalancedSampler | None = None,
        mixer: Mix | None = None,
    ) -> None:
        self._table, self._rows, self._pixels = table, table.rows(split), pixels
        self._heads, self._batch, self._augmenter = tuple(heads), batch_size, augmenter
        self._drawn = generator_batch or batch_size
        self._seed = seed if shuffle else None
        self._sampler, self._mixer = sampler, mixer
        self.pictures = (pictures_per_epoch or len(self._rows)) if len(self._rows) else 0
        self._recent: OrderedDict[int, NDArray[np.uint8]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Batches an epoch."""
        whole, rest = divmod(self.pictures, self._drawn)
        return whole * _pieces(self._drawn, self._batch) + _pieces(rest, self._batch)

    def rows(self, epoch: int, index: int) -> NDArray[np.intp]:
        """The table's rows in a batch.

        Raises:
            IndexError: The epoch has no such batch.
        """
        drawn, start = self._place(index)
        return self._drawn_rows(epoch, drawn)[start : start + self._batch]

    def batch(self, epoch: int, index: int) -> tuple[NDArray[np.uint8], Labels]:
        """One batch.

        Args:
            epoch: Counted from 0.
            index: 0 to `len(self) - 1`.

        Returns:
            Pictures, uint8 (B, S, S, 3), and each head's labels.

        Raises:
            IndexError: The epoch has no such batch.
        """
        rows = self.rows(epoch, index)
        drawn, start = self._place(index)
        if self._drawn == self._batch:
            images = self._draw(epoch, drawn)
        else:
            images = self._draw_once(epoch, drawn)[start : start + self._batch]
        labels = {head: self._table.codes[head][rows].astype(np.int32) for head in self._heads}
        if self._mixer is not None:
            return self._mixer(images, labels, epoch * len(self) + index)
        return images, labels

    def _place(self, index: int) -> tuple[int, int]:
        """The generator batch that a batch is cut from, and where it starts in it."""
        if not 0 <= index < len(self):
            raise IndexError(f"expected a batch from 0 to {len(self) - 1}; received {index}")
        drawn, piece = divmod(index, _pieces(self._drawn, self._batch))
        return drawn, piece * self._batch

    def _drawn_rows(self, epoch: int, drawn: int) -> NDArray[np.intp]:
        """The table's rows in a generator batch."""
        if self._sampler is not None:
            start = drawn * self._drawn
            return self._sampler.rows(epoch, self.pictures)[start : start + self._drawn]
        first = epoch * self.pictures + drawn * self._drawn
        last = min(first + self._drawn, (epoch + 1) * self.pictures)
        count = len(self._rows)
        rounds = [self._round(number) for number in range(first // count, (last - 1) // count + 1)]
        start = first - first // count * count
        return np.concatenate(rounds)[start : start + last - first]

    def _round(self, number: int) -> NDArray[np.intp]:
        """All rows of the split in the order of one round."""
        if self._seed is None:
            return self._rows
        return np.random.default_rng((self._seed, number)).permutation(self._rows)

    def _draw(self, epoch: int, drawn: int) -> NDArray[np.uint8]:
        """Read a generator batch and augment it."""
        names = self._table.fingerprints
        images = self._pixels.read([names[row] for row in self._drawn_rows(epoch, drawn)])
        if self._augmenter is None:
            return images
        return self._augmenter(images, epoch * _pieces(self.pictures, self._drawn) + drawn)

    def _draw_once(self, epoch: int, drawn: int) -> NDArray[np.uint8]:
        """The same, kept until the batches that are cut from it have gone by."""
        key = epoch * _pieces(self.pictures, self._drawn) + drawn
        with self._lock:
            if key not in self._recent:
                self._recent[key] = self._draw(epoch, drawn)
                while len(self._recent) > _KEPT_GENERATOR_BATCHES:
                    self._recent.popitem(last=False)
            return self._recent[key]


def _pieces(count: int, size: int) -> int:
    """How many pieces of `size` hold `count`."""
    return -(-count // size)
