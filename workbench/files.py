"""Writing files so that a crash, a full disk or a second reader never sees half of one."""

import errno
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from workbench.errors import InputError, WorkbenchError

_CAUSES = {
    errno.ENOSPC: ("the disk is full", "free some space and try again"),
    errno.EDQUOT: ("the disk quota is used up", "free some space and try again"),
    errno.EROFS: ("the file system is read-only", "choose another folder, or make it writable"),
    errno.EACCES: ("no permission", "choose another folder, or change its permissions"),
    errno.EPERM: ("no permission", "choose another folder, or change its permissions"),
    errno.ENOENT: ("no such folder", "create it first"),
    errno.ENOTDIR: ("a part of the path is a file", "choose another path"),
    errno.EISDIR: ("it is a folder", "name a file in it"),
}


def file_error(error: OSError, path: Path | str) -> WorkbenchError:
    """Turn the operating system's refusal into a line that says what to do."""
    what, cure = _CAUSES.get(error.errno or 0, (error.strerror or str(error), ""))
    return (InputError if error.errno in _CAUSES else WorkbenchError)(what, where=path, cure=cure)


def write_atomically(path: Path, data: bytes | str) -> None:
    """Write `data` beside `path`, flush it to the disk and rename it over `path`.

    Args:
        path: The file to make or replace; its folder must exist.
        data: Bytes, or text that is encoded as UTF-8 (lone surrogates as the bytes that they stand for).

    Raises:
        WorkbenchError: The disk is full or the place cannot be written; `path` is as it was before.
    """
    with replacing(path) as file:
        file.write(data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data)


@contextmanager
def replacing(path: Path, suffix: str = "") -> Iterator[BinaryIO]:
    """A new file beside `path`, open for writing, that takes its place when the block ends well.

    Args:
        path: The file to make or replace; its folder must exist.
        suffix: How the name of the new file ends meanwhile, for writers that look at it.

    Raises:
        WorkbenchError: The disk is full or the place cannot be written; `path` is as it was before.
    """
    temporary = ""
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=suffix)
        os.close(descriptor)
        with Path(temporary).open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(0o666 & ~mask)
        Path(temporary).replace(path)
        temporary = ""
        sync_folder(path.parent)
    except OSError as error:
        raise file_error(error, path) from error
    finally:
        if temporary:
            with suppress(OSError):
                Path(temporary).unlink()


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut; quietly nothing where folders cannot be synced."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read_json(path: Path) -> dict[str, Any]:
    """Read one JSON object.

    Raises:
        InputError: The file is not there, is not JSON, or holds something else than an object.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise file_error(error, path) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"expected JSON; {error}", where=path, cure="the file is damaged") from error
    if not isinstance(found, dict):
        raise InputError("expected a JSON object", where=path, cure="the file is damaged")
    return found
