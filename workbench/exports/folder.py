"""The folder of an export: it appears whole, or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.errors import InputError
from workbench.files import file_error, sync_folder


def check_folder(folder: Path) -> None:
    """Refuse a place where an export cannot appear.

    Raises:
        InputError: Something is there already, or its parent is not there or cannot be written.
    """
    try:
        if folder.is_dir() and not folder.is_symlink():
            if any(folder.iterdir()):
                raise InputError(
                    "is not empty, and nothing is overwritten", where=folder, cure="name a new folder"
                )
        elif os.path.lexists(folder):
            raise InputError("is no folder", where=folder, cure="name a new folder")
        elif not folder.absolute().parent.is_dir():
            raise InputError("no such folder", where=folder.absolute().parent, cure="create it first")
    except OSError as error:
        raise file_error(error, folder) from error
    if not os.access(folder.absolute().parent, os.W_OK):
        raise InputError("no permission", where=folder.absolute().parent, cure="choose another folder")


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """An empty folder beside, which takes the place of `folder` when the block ends well.

    Args:
        folder: Not there, or empty.

    Raises:
        WorkbenchError: The disk is full, or something has appeared there meanwhile; nothing is left behind.
    """
    folder = folder.absolute()
    staged: Path | None = None
    try:
        staged = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name[:40]}."))
        yield staged
        mask = os.umask(0)
        os.umask(mask)
        staged.chmod(0o777 & ~mask)
        _sync(staged)
        staged.rename(folder)  # takes the place of an empty folder, refuses any other
        staged = None
        sync_folder(folder.parent)
    except OSError as error:
        raise file_error(error, folder) from error
    finally:
        if staged is not None:
            shutil.rmtree(staged, ignore_errors=True)


def _sync(folder: Path) -> None:
    """Flush every file to the disk."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        else:
            sync_folder(path)
    sync_folder(folder)


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return sum(one.stat().st_size for one in files)
