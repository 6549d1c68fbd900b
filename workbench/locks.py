"""Whether a folder's file system keeps two programs from writing the same file at once.

The label file relies on that. Where locks are refused, or known to bind one machine only, a person is told so
in one line; everything else works.
"""

import errno
import fcntl
import os
import re
import struct
import tempfile
from pathlib import Path

from workbench.text import neutralise

_SHARED = frozenset(
    {"9p", "afs", "ceph", "cifs", "davfs", "glusterfs", "lustre", "nfs", "nfs4", "smb3", "smbfs", "vboxsf"}
)
"""File systems of several machines, on which SQLite's journal cannot be shared between them."""
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL)
_TAKEN = (errno.EAGAIN, errno.EACCES)
_MOUNTS = Path("/proc/self/mountinfo")
_CURE = "let one person label at a time, or move the bench to a local disk"


def lock_warning(folder: Path) -> str:
    """One line that warns where two programs on one bench may harm each other; "" where they cannot."""
    kind = file_system(folder)
    if kind in _SHARED or kind.startswith("fuse."):
        return f"the bench lies on {neutralise(kind)}, whose locks may not bind other machines; {_CURE}"
    if not _locks_hold(folder):
        return f"the bench's file system ({neutralise(kind) or 'unknown'}) has no locks; {_CURE}"
    return ""


def file_system(folder: Path, mounts: Path = _MOUNTS) -> str:
    """The type of file system that a folder lies on, such as "ext4"; "" where the system does not tell."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        wanted = folder.resolve()
    except OSError:
        return ""
    found, depth = "", -1
    for line in lines:
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) < 5 or not right:
            continue
        place = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4]))
        if len(place.parts) >= depth and wanted.is_relative_to(place):
            found, depth = right.split(" ", 1)[0], len(place.parts)
    return found


def _locks_hold(folder: Path) -> bool:
    """Whether a second lock on a locked file is refused; also true where nothing can be tried."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            again = os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDWR)
            try:
                _lock(file.fileno())
                return not _may_lock(again)
            finally:
                os.close(again)
    except OSError as error:
        return error.errno not in _NO_LOCKS


def _may_lock(descriptor: int) -> bool:
    """Try it."""
    try:
        _lock(descriptor)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise
    return True


def _lock(descriptor: int) -> None:
    """Lock as SQLite does, but bound to the open file, so that one process can try it against itself."""
    whole = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, whole)
