"""Every picture file under a folder, without reading any: names, sizes and times only."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.bench import BENCH_FILE
from workbench.errors import InputError
from workbench.files import file_error
from workbench.images.decode import SUFFIXES

_MADE_BY_US = ("cache", "runs")


@dataclass(frozen=True, slots=True)
class Found:
    """A file with a picture's suffix.

    Attributes:
        name: Path relative to the folder of pictures, with "/", exactly as on disk (surrogateescape).
        size: Bytes.
        mtime: Last change in nanoseconds.
        inode: The file's number in its file system.
    """

    name: str
    size: int
    mtime: int
    inode: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies under a folder: picture files, and folders that could not be opened with the reason."""

    files: tuple[Found, ...]
    closed: tuple[tuple[str, str], ...]


def walk(root: Path) -> Listing:
    """List the picture files under `root`, folders in depth, each real folder once.

    Hidden files and folders, and benches inside, are left out. Linked folders are followed after the real
    ones, so that a loop of links ends and a picture goes by its real name.

    Raises:
        InputError: No such folder, no folder, or no permission to open it.
    """
    files: list[Found] = []
    closed: list[tuple[str, str]] = []
    seen: set[tuple[int, int]] = set()
    waiting: list[tuple[str, str]] = [(str(root), "")]
    linked: list[tuple[str, str]] = []
    while waiting or linked:
        folder, prefix = waiting.pop() if waiting else linked.pop(0)
        try:
            info = os.stat(folder)  # noqa: PTH116 - names may be bytes that pathlib would normalise
            if (info.st_dev, info.st_ino) in seen:
                continue
            seen.add((info.st_dev, info.st_ino))
            entries = _entries(folder)
        except OSError as error:
            if not prefix:
                raise _no_folder(error, root) from error
            closed.append((prefix.rstrip("/"), f"folder cannot be opened: {file_error(error, folder).what}"))
            continue
        is_bench = any(entry.name == BENCH_FILE for entry in entries)
        if is_bench and prefix:
            continue
        for entry in entries:
            if _is_folder(entry):
                if not (is_bench and entry.name in _MADE_BY_US):
                    queue = linked if entry.is_symlink() else waiting
                    queue.append((entry.path, f"{prefix}{entry.name}/"))
            else:
                files.extend(_pictures(entry, prefix))
    return Listing(tuple(files), tuple(closed))


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """What is in a folder and not hidden, by name."""
    with os.scandir(folder) as entries:
        return sorted(
            (entry for entry in entries if not entry.name.startswith(".")), key=lambda one: one.name
        )


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether this is a folder or a link to one; a broken link is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _pictures(entry: os.DirEntry[str], prefix: str) -> Iterator[Found]:
    """The entry, if it is a regular file with a picture's suffix."""
    if os.path.splitext(entry.name)[1].lower() not in SUFFIXES:  # noqa: PTH122 - called 50,000 times
        return
    try:
        info = entry.stat()
    except OSError:
        return  # a broken link, or gone since the folder was read
    if stat.S_ISREG(info.st_mode):
        yield Found(prefix + entry.name, info.st_size, info.st_mtime_ns, info.st_ino)


def _no_folder(error: OSError, root: Path) -> InputError:
    """Why the folder of pictures cannot be opened, and what to do."""
    if isinstance(error, FileNotFoundError):
        cure = "check the path; if they were moved: workbench repoint BENCH --images DIR"
        return InputError("no such folder of pictures", where=root, cure=cure)
    if isinstance(error, NotADirectoryError):
        return InputError("is a file, not a folder of pictures", where=root, cure="name the folder it is in")
    problem = file_error(error, root)
    return InputError(problem.what, where=root, cure=problem.cure or "check the folder's permissions")
