"""Pictures that are the same to the eye though not byte for byte: saved again, resized, brightened a little.

Two pictures are near-duplicates where few bits of their difference hashes differ and their colours, as 8 × 8
patches, are nearly equal. The hash alone is not enough: faces that are cropped alike have like hashes (among
1,225 cartoon faces, 23,000 pairs within 8 bits; 2 of them with like colours). Measured on copies of those
faces at half the size and JPEG quality 30: at most 6 bits and 2.0 of 255 apart.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from os import cpu_count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workbench.errors import PictureError
from workbench.images.catalog import fingerprint
from workbench.images.decode import thumbnail
from workbench.images.likeness import difference_hash

MOST_BITS = 8
MOST_COLOUR = 3.0
_SIZE = (36, 32)
_PATCHES = (8, 8)
_AT_ONCE = 256
_BLOCK = 512
_PAIRS_AT_ONCE = 1 << 16


@dataclass(frozen=True)
class Look:
    """A picture as it was found now.

    Attributes:
        fingerprint: Of the file's content.
        hash: Its difference hash, 64 bits.
        colours: Mean colours of 8 × 8 patches, RGB, 192 bytes.
        reason: Why it cannot be read; the rest says nothing then.
    """

    fingerprint: str = ""
    hash: int = 0
    colours: bytes = bytes(192)
    reason: str = ""


def look(path: Path) -> Look:
    """Read and decode a picture; what is wrong with it is in the look."""
    try:
        pixels = thumbnail(path, _SIZE)
        patches = Image.fromarray(pixels).resize(_PATCHES, Image.Resampling.BOX)
        return Look(fingerprint(path), difference_hash(pixels), patches.tobytes())
    except PictureError as error:
        return Look(reason=error.what)


def look_at_all(paths: Sequence[Path], told: Callable[[int, int], None] = lambda *_: None) -> list[Look]:
    """Look at pictures in threads.

    Args:
        paths: The pictures.
        told: Called with the numbers done and in all.
    """
    looks: list[Look] = []
    with ThreadPoolExecutor(min(4, cpu_count() or 1), "workbench-look") as pool:
        waiting: Iterator[Path] = iter(paths)
        while some := list(islice(waiting, _AT_ONCE)):
            looks.extend(pool.map(look, some))
            told(len(looks), len(paths))
    return looks


def near_pairs(looks: Sequence[Look]) -> list[tuple[int, int]]:
    """The near-duplicates, as pairs of places; all pairs of a group, the smaller place first.

    Pictures are compared in the order of their mean colour, for those of like colours have like means: 50,000
    take seconds instead of a minute.
    """
    usable = np.array([at for at, one in enumerate(looks) if not one.reason], dtype=np.int64)
    if len(usable) < 2:
        return []
    colours = np.array([np.frombuffer(looks[at].colours, np.uint8) for at in usable], dtype=np.int16)
    order = np.argsort(colours.mean(axis=1), kind="stable")
    usable, colours = usable[order], colours[order]
    means = colours.mean(axis=1)
    quarters = colours.reshape(-1, 2, 4, 2, 4, 3).mean(axis=(2, 4), dtype=np.float32).reshape(-1, 12)
    hashes = np.array([looks[at].hash for at in usable], dtype=np.uint64)
    found: list[tuple[int, int]] = []
    for start in range(0, len(usable), _BLOCK):
        stop = min(start + _BLOCK, len(usable))
        end = int(np.searchsorted(means, means[stop - 1] + MOST_COLOUR, side="right"))
        for one, other in _like_hashes(hashes, start, stop, end):
            for values in (quarters, colours):  # means of quarters are no further apart than what they are of
                near = np.abs(values[one] - values[other]).mean(axis=1) <= MOST_COLOUR
                one, other = one[near], other[near]
            found += zip(one.tolist(), other.tolist(), strict=True)
    pairs = ((int(usable[one]), int(usable[other])) for one, other in found)
    return sorted((min(pair), max(pair)) for pair in pairs)


def _like_hashes(
    hashes: NDArray[np.uint64], start: int, stop: int, end: int
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """The pairs with like hashes of which the first is in start:stop and the other after it, before `end`."""
    bits = np.bitwise_count(hashes[start:stop, None] ^ hashes[None, start:end])
    ones, others = np.nonzero(bits <= MOST_BITS)
    later = others > ones
    ones, others = ones[later] + start, others[later] + start
    for at in range(0, len(ones), _PAIRS_AT_ONCE):
        yield ones[at : at + _PAIRS_AT_ONCE], others[at : at + _PAIRS_AT_ONCE]
