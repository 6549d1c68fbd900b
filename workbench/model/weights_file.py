"""Is a file one of weights that Keras could load? Looked at without Keras, before a worker starts.

Weights come from outside and are never more than arrays: an HDF5 file, or the one in a `.keras` archive, of
which the description of the network (which can hold code) is not even read.
"""

import stat
import zipfile
import zlib
from pathlib import Path
from typing import IO

from workbench.errors import ConfigError
from workbench.files import file_error
from workbench.model.backbones import BACKBONES, how_to_bring

_ENDINGS = (".h5", ".hdf5", ".keras")
_MAGIC = b"\x89HDF\r\n\x1a\n"
_LENGTH_AT = {0: 40, 1: 44, 2: 28, 3: 28}
"""Where a superblock of each version holds the length of the file (HDF5 file format 3.0, II.A)."""
_HALF = 2
"""Bytes of the smallest number that weights are saved as."""
_MEMBER = "model.weights.h5"
_NO_ARCHIVE = (zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError, KeyError, zlib.error)


def check_weights_file(path: Path, backbone: str) -> None:
    """Refuse what cannot be the weights of a backbone.

    Args:
        path: Absolute.
        backbone: A name in `BACKBONES`.

    Raises:
        ConfigError: It is not there, no regular file, unreadable, no HDF5, cut off, or too small; says how to
            bring the right one.
    """
    cure = how_to_bring(backbone)
    if not path.name.endswith(_ENDINGS):
        raise ConfigError(
            f"a file of weights ends in .weights.h5, {', '.join(_ENDINGS)}", where=path, cure=cure
        )
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise ConfigError("expected a file of weights; found no regular file", where=path, cure=cure)
        with path.open("rb") as file:
            size = _archived(file, path, cure) if path.suffix == ".keras" else _whole(file, found.st_size)
    except OSError as error:
        raise ConfigError(
            file_error(error, path).what.replace("folder", "file"), where=path, cure=cure
        ) from error
    except ValueError as error:  # a path with a null character, or what `_whole` says
        raise ConfigError(str(error), where=path, cure=cure) from error
    least = BACKBONES[backbone].parameters * _HALF
    if size < least:
        raise ConfigError(
            f"too small for {backbone}: {size:,} bytes, and its {BACKBONES[backbone].parameters:,} parameters"
            f" need {least:,}",
            where=path,
            cure=cure,
        )


def _archived(file: IO[bytes], path: Path, cure: str) -> int:
    """The size of the weights in a `.keras` archive."""
    try:
        with zipfile.ZipFile(file) as archive, archive.open(_MEMBER) as member:
            return _whole(member, archive.getinfo(_MEMBER).file_size)
    except _NO_ARCHIVE as error:
        raise ConfigError(
            f"no .keras archive with {_MEMBER} in it, or a damaged one", where=path, cure=cure
        ) from error


def _whole(file: IO[bytes], size: int) -> int:
    """The size of an HDF5 file that is as long as it says.

    Raises:
        ValueError: It is none, or was cut off.
    """
    head = file.read(64)
    if not head.startswith(_MAGIC):
        raise ValueError("no HDF5 file, which weights come in")
    at = _LENGTH_AT.get(head[8] if len(head) > 8 else -1)
    if at is None or len(head) < at + 8:
        raise ValueError("a damaged HDF5 file")
    length = int.from_bytes(head[at : at + 8], "little")
    if length > size:
        raise ValueError(f"cut off: {size:,} bytes of {length:,}")
    return size
