"""A sample on disk: JPEG files and `labels.csv` with the whole truth."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from workbench.errors import InputError
from workbench.files import file_error, write_atomically
from workbench.images.preprocess import load_cv2
from workbench.images.sample.classes import Balance, Classes, plan
from workbench.images.sample.face import SampleFace, draw_face
from workbench.schema import Schema, load_schema

LABELS = "labels.csv"
MAX_COUNT = 1_000_000
_QUALITY = 88
_CHUNK = 16
_FEW = 120  # fewer are drawn before other processes have started


def write_sample(
    folder: Path,
    *,
    count: int,
    seed: int,
    balance: Balance = "even",
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Draw faces into a folder; the same arguments give the same bytes.

    Args:
        folder: New, empty, or one that holds (a part of) this same sample already.
        count: Pictures, a few percent of them no human faces.
        seed: Another seed draws other faces.
        balance: See `classes.plan`; `progress` is told the pictures done and to do.

    Returns:
        The number of pictures written.

    Raises:
        InputError: Something else is in the folder, or an argument is out of range; nothing is written.
        WorkbenchError: The disk is full.
        MissingLibrary: OpenCV cannot be loaded.
    """
    _check_arguments(count, seed)
    load_cv2()
    classes = plan(count, seed, balance)
    names = [f"face_{index:05d}.jpg" for index in range(1, count + 1)]
    table = labels_csv(dict(zip(names, classes, strict=True)), load_schema("face"))
    _check_folder(folder, {*names, LABELS}, table)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / LABELS, table)  # first: it tells a later call which sample this is
        for done, (name, data) in enumerate(zip(names, _encoded(classes, seed), strict=True), 1):
            (folder / name).write_bytes(data)
            if progress is not None:
                progress(done, count)
    except OSError as error:
        raise file_error(error, folder) from error
    return count


def draw_sample_face(classes: Classes, seed: int, index: int) -> SampleFace:
    """Picture number `index` (from 0) of a sample, whatever else is drawn."""
    return draw_face(np.random.default_rng([seed, index]), classes)


def labels_csv(classes: Mapping[str, Classes], schema: Schema) -> str:
    """The truth as our own CSV.

    Args:
        classes: From file name to classes; empty classes for what is not human.
        schema: Gives columns and codes.

    Returns:
        Text with a header, a row for each file sorted by name, integer codes, "\\n" at the ends.
    """
    lines = [",".join(["file_name", *schema.head_names, schema.exclusion.name])]
    for name, row in sorted(classes.items()):
        cells = []
        for head in schema.heads:
            answer = head.by_name(row[head.name]) if row else None
            cells.append("" if answer is None else str(answer.code))
        lines.append(",".join([name, *cells, "0" if row else "1"]))
    return "\n".join(lines) + "\n"


def _check_arguments(count: int, seed: int) -> None:
    """Refuse what is out of range."""
    if not 1 <= count <= MAX_COUNT:
        raise InputError(f"expected a count from 1 to {MAX_COUNT:,}; received {count}", where="--count")
    if not 0 <= seed < 2**63:
        raise InputError(f"expected a seed of 0 or more; received {seed}", where="--seed")


def _check_folder(folder: Path, names: set[str], table: str) -> None:
    """Refuse to write between files that are not of this sample."""
    if not folder.exists():
        return
    cure = "name a new or empty folder"
    if not folder.is_dir():
        raise InputError("is a file, not a folder", where=folder, cure=cure)
    try:
        present = set(os.listdir(folder))  # noqa: PTH208 - names only
        same = (folder / LABELS).read_bytes() == table.encode() if LABELS in present else not present
    except OSError as error:
        raise file_error(error, folder) from error
    if not same or not present <= names:
        raise InputError("the folder holds other files than this sample's", where=folder, cure=cure)


def _encoded(classes: list[Classes], seed: int) -> Iterator[bytes]:
    """The pictures as JPEG, in order."""
    workers = min(8, os.cpu_count() or 1)
    jobs = [(classes[start : start + _CHUNK], seed, start) for start in range(0, len(classes), _CHUNK)]
    if workers == 1 or len(classes) < _FEW:
        for job in jobs:
            yield from _draw_chunk(job)
        return
    # Processes: a face is hundreds of short calls into OpenCV, so threads would wait for each other. Spawned
    # ones, since the caller may have threads. A few chunks ahead, so that a large sample needs little memory.
    with ProcessPoolExecutor(workers, get_context("spawn"), _one_thread) as pool:
        ahead = deque(pool.submit(_draw_chunk, job) for job in jobs[: 2 * workers])
        for job in jobs[2 * workers :]:
            yield from ahead.popleft().result()
            ahead.append(pool.submit(_draw_chunk, job))
        for future in ahead:
            yield from future.result()


def _draw_chunk(job: tuple[Sequence[Classes], int, int]) -> list[bytes]:
    """Some pictures in a row as JPEG."""
    cv2 = load_cv2()
    rows, seed, start = job
    options = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    drawn = (draw_sample_face(row, seed, index).image for index, row in enumerate(rows, start))
    return [
        bytes(cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)[1]) for image in drawn
    ]


def _one_thread() -> None:
    """Keep OpenCV's own threads out of the way of the other processes."""
    load_cv2().setNumThreads(1)
