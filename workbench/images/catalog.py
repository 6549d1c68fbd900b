"""The pictures of a bench: found once, fingerprinted by content, the damaged ones set aside by name.

A scan verifies each new file by decoding it, in a few threads, and commits as it goes: it may be interrupted
and goes on where it stopped. A scan with nothing new looks at names, sizes and times only.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import InputError, PictureError
from workbench.files import file_error
from workbench.images.decode import probe
from workbench.images.shelf import RETRY, Row, Shelf
from workbench.images.walk import Found, Listing, walk

_COMMIT_EVERY = 200
_REPORT_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class Picture:
    """A usable picture.

    Attributes:
        name: Path relative to the folder of pictures, with "/", exactly as on disk (surrogateescape).
        fingerprint: 32 hex digits, BLAKE2b of the file's bytes.
        width: Pixels, as it is shown.
        height: Pixels, as it is shown.
    """

    name: str
    fingerprint: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class SetAside:
    """A file that looks like a picture by its name and cannot be used."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """How far a scan is: picture files found, files done, and the last one's name."""

    found: int
    done: int
    name: str


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What a scan found.

    Attributes:
        pictures: Usable pictures in the catalog now.
        new: Files read for the first time, or again because they changed.
        unchanged: Files known from an earlier scan.
        moved: Files whose content was known under a name that is gone.
        set_aside: Files that cannot be used.
        duplicates: Files beyond the first of the same content.
        seconds: Duration.
        finished: False if it was cancelled; the next scan goes on from there.
    """

    pictures: int
    new: int
    unchanged: int
    moved: int
    set_aside: tuple[SetAside, ...]
    duplicates: int
    seconds: float
    finished: bool


class Catalog:
    """The list of pictures under a folder, kept in a cache file.

    Any thread may call any method; each call has a connection of its own.

    Args:
        images_root: The folder of the pictures; nothing in it is ever changed.
        database: The cache file. A damaged one, or one of another version, is made anew; where it cannot be
            written, the catalog works on a temporary copy.
    """

    def __init__(self, images_root: Path, database: Path) -> None:
        self.images_root = images_root
        self._shelf = Shelf(database)

    def scan(
        self,
        progress: Callable[[ScanProgress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> ScanReport:
        """Bring the catalog up to date with the folder.

        Args:
            progress: Told about twenty times a second at most, and at the end.
            cancelled: Asked after each file; what was read until then is kept.

        Raises:
            InputError: No such folder, or no picture in it; the catalog stays as it was.
            WorkbenchError: The cache cannot be written.
        """
        started = time.monotonic()
        listing = _listing(self.images_root)
        known = self._shelf.rows()
        gone = _gone(known, listing)
        todo = [file for file in listing.files if not _same(known.get(file.name), file)]
        unchanged = len(listing.files) - len(todo)
        moved, todo = _follow_moves(gone, todo)
        todo.sort(key=lambda file: file.name)  # the order in which they will be labelled
        tell = _Teller(progress, len(listing.files), len(listing.files) - len(todo))
        self._shelf.replace([*moved, *_closed_rows(listing)], remove=gone)
        vanished, read, carried = {row.fingerprint for row in gone.values()} - {None}, 0, 0
        for rows in self._read(todo, tell, cancelled or (lambda: False)):
            self._shelf.replace(rows)
            read += len(rows)
            carried += sum(row.fingerprint in vanished for row in rows)
        tell.finish()
        return ScanReport(
            pictures=self.count(),
            new=read - carried,
            unchanged=unchanged,
            moved=carried + len(moved),
            set_aside=self.set_aside(),
            duplicates=sum(len(names) - 1 for names in self.duplicates()),
            seconds=time.monotonic() - started,
            finished=read == len(todo),
        )

    def pictures(self) -> tuple[Picture, ...]:
        """The usable pictures, by name; files of the same content each count."""
        return tuple(
            Picture(os.fsdecode(name), fingerprint.hex(), width, height)
            for name, fingerprint, width, height in self._shelf.usable()
        )

    def set_aside(self) -> tuple[SetAside, ...]:
        """The files that cannot be used, by name, each with its reason."""
        return tuple(SetAside(os.fsdecode(name), reason) for name, reason in self._shelf.unusable())

    def duplicates(self) -> tuple[tuple[str, ...], ...]:
        """The names of files with the same content, group by group."""
        groups: dict[bytes, list[str]] = {}
        for fingerprint, name in self._shelf.repeated():
            groups.setdefault(fingerprint, []).append(os.fsdecode(name))
        return tuple(sorted(tuple(names) for names in groups.values()))

    def path(self, picture: Picture) -> Path:
        """Where the picture lies."""
        return self.images_root / picture.name

    def count(self) -> int:
        """How many usable pictures there are."""
        return self._shelf.count()

    def close(self) -> None:
        """Remove the temporary copy, if there is one."""
        self._shelf.close()

    def _read(
        self, todo: Sequence[Found], tell: "_Teller", cancelled: Callable[[], bool]
    ) -> Iterator[list[Row]]:
        """Read files in threads; yield their rows, a commit's worth at a time; end early when cancelled."""
        if not todo or cancelled():
            return
        with ThreadPoolExecutor(min(4, os.cpu_count() or 1), "workbench-scan") as pool:
            for start in range(0, len(todo), _COMMIT_EVERY):
                rows: list[Row] = []
                for row in pool.map(self._examine, todo[start : start + _COMMIT_EVERY]):
                    rows.append(row)
                    tell.one_more(row.name)
                    if stop := cancelled():
                        break
                yield rows
                if stop:
                    return

    def _examine(self, file: Found) -> Row:
        """Fingerprint and verify one file."""
        path = self.images_root / file.name
        try:
            with path.open("rb") as stream:
                fingerprint = _digest(stream.read)
                stream.seek(0)
                width, height = probe(stream, path)
            return Row(file.name, file.size, file.mtime, file.inode, fingerprint, width, height, None)
        except PictureError as error:
            return Row(file.name, file.size, file.mtime, file.inode, None, 0, 0, error.what)
        except OSError as error:
            # Permissions may be put right without the file's time changing: look again at every scan.
            reason = f"cannot be read: {file_error(error, path).what}"
            return Row(file.name, file.size, RETRY, file.inode, None, 0, 0, reason)


class _Teller:
    """Passes progress on, not more often than a screen can show."""

    def __init__(self, tell: Callable[[ScanProgress], None] | None, found: int, done: int) -> None:
        self._tell, self._found, self._done, self._name = tell, found, done, ""
        self._next = 0.0

    def one_more(self, name: str) -> None:
        """Count a file."""
        self._done, self._name = self._done + 1, name
        if self._tell is not None and time.monotonic() >= self._next:
            self._tell(ScanProgress(self._found, self._done, name))
            self._next = time.monotonic() + _REPORT_EVERY

    def finish(self) -> None:
        """Tell the last state."""
        if self._tell is not None:
            self._tell(ScanProgress(self._found, self._done, self._name))


def fingerprint(path: Path) -> str:
    """The fingerprint of a file's content, as in `Picture`.

    Raises:
        PictureError: The file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return _digest(stream.read).hex()
    except OSError as error:
        raise PictureError(f"cannot be read: {file_error(error, path).what}", where=path) from error


def _digest(read: Callable[[int], bytes]) -> bytes:
    """BLAKE2b, 16 bytes, a megabyte at a time."""
    digest = hashlib.blake2b(digest_size=16)
    while block := read(1 << 20):
        digest.update(block)
    return digest.digest()


def _same(row: Row | None, file: Found) -> bool:
    """Whether a file is the one that was read, by size, time and inode."""
    return row is not None and (row.size, row.mtime, row.inode) == (file.size, file.mtime, file.inode)


def _gone(known: dict[str, Row], listing: Listing) -> dict[str, Row]:
    """What was known and is not there any more."""
    present = {file.name for file in listing.files}
    return {name: row for name, row in known.items() if name not in present}


def _follow_moves(gone: dict[str, Row], todo: list[Found]) -> tuple[list[Row], list[Found]]:
    """Files that only have another name now (same inode, size and time) as rows, and those left to read."""
    by_identity = {
        (row.size, row.mtime, row.inode): row for row in gone.values() if row.inode and row.fingerprint
    }
    moved, rest = [], []
    for file in todo:
        row = by_identity.pop((file.size, file.mtime, file.inode), None)
        if row is None:
            rest.append(file)
        else:
            moved.append(row._replace(name=file.name))
    return moved, rest


def _closed_rows(listing: Listing) -> list[Row]:
    """Folders that could not be opened, as rows that say so."""
    return [Row(name, 0, RETRY, 0, None, 0, 0, reason) for name, reason in listing.closed]


def _listing(root: Path) -> Listing:
    """The files of the folder; refuses one that holds nothing to label."""
    listing = walk(root)
    if listing.files:
        return listing
    if listing.closed:
        name, reason = listing.closed[0]
        raise InputError(f"no pictures, and the {reason}", where=root / name, cure="check its permissions")
    raise InputError(
        "no pictures in this folder",
        where=root,
        cure="JPEG, PNG, WebP, BMP, TIFF and GIF files are looked for, in folders below too",
    )
