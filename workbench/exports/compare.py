"""Asking a written network the pictures of a split, and holding its answers against the run's own."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.dataset.cache import PixelCache
from workbench.dataset.table import MASKED, Table
from workbench.exports.formats import Answerer, Tolerance

MARGIN = 0.05
_BATCH = 32
Probabilities = Mapping[str, NDArray[np.float32]]
"""(N, K) by head."""


@dataclass(frozen=True)
class HeadCheck:
    """How a file's answers for one head differ from the network's.

    Attributes:
        different: Pictures whose most probable class is another.
        overturned: Those of them where the network's own answer was surer than the file's by more than
            `MARGIN`: a choice between two classes that it holds for equal is nobody's mistake.
        equal_share: Share of the pictures whose most probable class is the same.
        largest: The largest difference of a probability.
        mean: The mean difference of the probabilities.
        accuracy: The file's accuracy on the labelled pictures; None if there are none.
    """

    different: int
    overturned: int
    equal_share: float
    largest: float
    mean: float
    accuracy: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def ask(
    answerer: Answerer,
    outputs: Mapping[str, str],
    pixels: PixelCache,
    table: Table,
    tell: Callable[[int], None],
) -> tuple[Probabilities, float]:
    """The answers for every picture of a table.

    Args:
        answerer: The network in some format.
        outputs: The output of each head.
        pixels: Where the pictures come from.
        table: Which pictures; at least one.
        tell: Called with the number of pictures of each batch.

    Returns:
        Probabilities by head, in the table's order; pictures a second, reading them not counted, in batches
        of 32.

    Raises:
        KeyError: The network lacks an output.
    """
    parts: dict[str, list[NDArray[np.float32]]] = {head: [] for head in outputs}
    seconds = 0.0
    for images in _batches(pixels, table):
        if not seconds:
            answerer(images)  # the first time, memory is laid out
        started = time.perf_counter()
        answers = answerer(images)
        seconds += time.perf_counter() - started
        for head, name in outputs.items():
            parts[head].append(np.array(answers[name], dtype=np.float32))
        tell(len(images))
    found = {head: np.concatenate(some) for head, some in parts.items()}
    return found, len(table) / max(seconds, 1e-9)


def _batches(pixels: PixelCache, table: Table) -> Iterator[NDArray[np.uint8]]:
    """The pictures, some at a time."""
    for start in range(0, len(table), _BATCH):
        yield pixels.read(table.fingerprints[start : start + _BATCH])


def compare(wanted: Probabilities, found: Probabilities, table: Table) -> dict[str, HeadCheck]:
    """Hold answers against the network's, head by head.

    Raises:
        ValueError: The answers have another shape, or are not numbers.
    """
    heads = {}
    for head, expected in wanted.items():
        answers = found[head]
        if answers.shape != expected.shape:
            raise ValueError(f"answers of the shape {answers.shape} for {head}, not {expected.shape}")
        if not np.isfinite(answers).all():
            raise ValueError(f"answers for {head} that are no numbers")
        gap = np.abs(answers.astype(np.float64) - expected)
        guesses, rows = answers.argmax(axis=1), np.arange(len(answers))
        margins = expected.max(axis=1) - expected[rows, guesses]
        codes = table.codes[head]
        known = codes != MASKED
        different = int((guesses != expected.argmax(axis=1)).sum())
        heads[head] = HeadCheck(
            different,
            int((margins > MARGIN).sum()),
            1 - different / len(answers),
            float(gap.max()),
            float(gap.mean()),
            float((guesses[known] == codes[known]).mean()) if known.any() else None,
        )
    return heads


def verdict(heads: Mapping[str, HeadCheck], tolerance: Tolerance, pictures: int) -> str:
    """Why the answers are not good enough; empty where they are."""
    allowed = max(1, int(tolerance.overturned * pictures))
    for head, one in heads.items():
        if tolerance.largest is not None and one.largest > tolerance.largest:
            return f"a probability of {head} differs by {one.largest:.2g}, more than {tolerance.largest:g}"
        if one.mean > tolerance.mean:
            gap = f"{one.mean:.2g} in the mean, more than {tolerance.mean:g}"
            return f"the probabilities of {head} differ by {gap}"
        if one.overturned > allowed:
            return f"{one.overturned} of {pictures} answers for {head} are overturned, more than {allowed}"
    return ""
