"""One checkpoint in one file: arrays in NumPy's own format and a JSON text beside them, never a pickle.

Everything is in one file that is written beside, fsynced and renamed, so that no order of writing can be
wrong. A file that comes from elsewhere is not trusted: nothing in it is unpacked or run, and no array is made
before its size is known to be that of the bytes that are there.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import RunError
from workbench.files import replacing

Arrays = Mapping[str, NDArray[Any]]
Place = tuple[int, int]
"""Epochs done, and batches done of the next one."""
_NAME = re.compile(r"(\d{5,})-(\d{6,})\.npz")
_PLACE = "place"
_BROKEN = (OSError, EOFError, KeyError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile)


class Damaged(RunError):
    """A checkpoint that cannot be read; the one before it may be whole."""


def checkpoint_path(folder: Path, place: Place) -> Path:
    """The file of a checkpoint in a run's `checkpoints/`."""
    return folder / f"{place[0]:05d}-{place[1]:06d}.npz"


def checkpoint_places(folder: Path) -> list[Place]:
    """What checkpoints are there, the oldest first."""
    names = (_NAME.fullmatch(path.name) for path in folder.glob("*.npz"))
    return sorted((int(found[1]), int(found[2])) for found in names if found)


def write_checkpoint(path: Path, place: Mapping[str, Any], arrays: Arrays) -> int:
    """Write a checkpoint, whole or not at all.

    Args:
        path: Ends in `.npz`.
        place: Whatever JSON can hold.
        arrays: By name, no objects.

    Returns:
        Its size in bytes.

    Raises:
        WorkbenchError: The disk is full; what was there before is untouched.
    """
    text = json.dumps(place, allow_nan=False).encode()
    members = {_PLACE: np.frombuffer(text, np.uint8), **arrays}
    with replacing(path) as file:
        np.savez(file, **{name: np.asarray(value, order="C") for name, value in members.items()})  # type: ignore[arg-type]
    return path.stat().st_size


def read_checkpoint(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read what `write_checkpoint` wrote.

    Returns:
        `place` and the arrays.

    Raises:
        Damaged: It is cut off, changed, packed (a small file could then fill the memory), or holds pickles.
    """
    with _archive(path) as archive:
        arrays = {name.removesuffix(".npy"): _array(archive.read(name)) for name in archive.namelist()}
        place = json.loads(arrays.pop(_PLACE).tobytes())
        if not isinstance(place, dict):
            raise ValueError("its place is no JSON object")
        return place, arrays


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive, if it is no bomb; whatever is wrong with it inside the block is said in one line."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if any(one.compress_type != zipfile.ZIP_STORED for one in members):
                raise ValueError("it is packed, which this program never does")
            if sum(one.file_size for one in members) > path.stat().st_size:
                raise ValueError("it claims to be larger than it is")
            yield archive
    except _BROKEN as error:
        raise Damaged(f"the checkpoint is damaged ({error})", where=path) from error


def _array(raw: bytes) -> NDArray[Any]:
    """An array from the bytes of a member, whose checksum was right."""
    file = io.BytesIO(raw)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("it is of another NumPy format")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype.hasobject:
        raise ValueError("it holds pickled objects, which are code and never read")
    if fortran:
        raise ValueError("its arrays lie in another order")
    return np.frombuffer(raw, dtype, offset=file.tell()).reshape(shape)
