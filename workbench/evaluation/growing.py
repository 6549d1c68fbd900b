"""A file that grows row by row, and bears its name only when it is whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from workbench.errors import Cancelled
from workbench.files import file_error, sync_folder

PART = ".part"


@contextmanager
def growing(path: Path) -> Iterator[IO[str]]:
    """A text file `NAME.part` beside, which takes the place of `path` when the block ends well.

    An interruption, and even a kill, leaves the `.part` with what was written so far; the next time begins it
    anew. Any other failure removes it.

    Args:
        path: The file to make or replace; its folder must exist.

    Raises:
        WorkbenchError: The disk is full or the place cannot be written; `path` is as it was before.
    """
    part = path.with_name(path.name + PART)
    try:
        with part.open("w", 1, encoding="utf-8", errors="surrogateescape", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except (Cancelled, KeyboardInterrupt):
        raise
    except OSError as error:
        _remove(part)
        raise file_error(error, path) from error
    except BaseException:
        _remove(part)
        raise


def _remove(part: Path) -> None:
    """Whatever is in it is not what was asked for."""
    with suppress(OSError):
        part.unlink()
