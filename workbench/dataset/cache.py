"""Pictures as the network sees them, resized and blurred once and kept in the bench's cache folder.

A row is found by the picture's content, so renamed and duplicate files share it and the cache never goes
stale; the file's name holds a hash of what else the pixels depend on (size, blur, version of the decoding),
so another setting is another file. The folder may be thrown away at any time.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.config import DatasetSettings
from workbench.dataset.rows import RowFile
from workbench.dataset.table import Table
from workbench.errors import Cancelled, InputError, PictureError, WorkbenchError
from workbench.files import file_error
from workbench.images.catalog import fingerprint as content
from workbench.images.decode import DECODER_VERSION, decode
from workbench.images.preprocess import preprocess

PREPROCESS_VERSION = 1
"""Raised whenever resizing or blurring gives other pixels than before."""
_CHUNK_BYTES = 8 << 20
_READ_ONLY = (1, 13, 30)  # EPERM, EACCES, EROFS


@dataclass(frozen=True)
class Unusable:
    """A labelled picture that can no longer be read; `reason` says why."""

    fingerprint: str
    name: str
    reason: str


_Decoded = tuple[str, NDArray[np.uint8]]


@dataclass(frozen=True)
class _Job:
    """A picture to decode."""

    fingerprint: str
    name: str
    path: str


class PixelCache:
    """Decoded pictures, uint8 (size, size, 3), RGB.

    Args:
        folder: The bench's cache folder; made if it is not there.
        settings: Size and blur; with `cache = false`, or in a folder that cannot be written, pictures are
            decoded for every batch.

    Raises:
        WorkbenchError: The folder cannot be used.
    """

    def __init__(self, folder: Path, settings: DatasetSettings) -> None:
        self.size, self.blur_sigma = settings.size, settings.blur_sigma
        # Small enough that the pixels fit in memory and that an interruption loses little.
        self._chunk = max(2, min(64, _CHUNK_BYTES // (3 * self.size**2)))
        self._paths: dict[str, str] = {}
        self._file: RowFile | None = None
        if settings.cache:
            basis = f"{DECODER_VERSION}|{PREPROCESS_VERSION}|{self.size}|{float(self.blur_sigma)!r}"
            name = f"pixels-{self.size}-{hashlib.blake2b(basis.encode(), digest_size=4).hexdigest()}"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                self._file = RowFile(folder / name, self.size)
            except OSError as error:
                if error.errno not in _READ_ONLY:
                    raise file_error(error, folder) from error

    @property
    def path(self) -> Path | None:
        """The file of pixels; None where nothing is kept."""
        return self._file.path if self._file else None

    def __contains__(self, fingerprint: str) -> bool:
        """Whether the picture's pixels are kept."""
        return self._file is not None and fingerprint in self._file

    def close(self) -> None:
        """Let go of the files."""
        if self._file:
            self._file.close()

    def ensure(
        self,
        table: Table,
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        workers: int = 2,
    ) -> tuple[Unusable, ...]:
        """Decode the pictures that are not there yet.

        Args:
            table: The pictures.
            progress: Called with (done, total).
            cancelled: Asked between pictures.
            workers: Threads that decode.

        Returns:
            The pictures that have vanished, changed or broken; leave them out with `Table.without`. Pictures
            that are in the cache need their file no more.

        Raises:
            InputError: Not one picture can be read.
            Cancelled: `cancelled` said so; what was decoded is kept.
            WorkbenchError: The disk is full.
        """
        jobs = [_Job(*row) for row in zip(table.fingerprints, table.names, table.paths, strict=True)]
        self._paths.update((job.fingerprint, job.path) for job in jobs)
        missing = [job for job in jobs if job.fingerprint not in self]
        unusable: list[Unusable] = []
        done = len(jobs) - len(missing)
        with ThreadPoolExecutor(workers, thread_name_prefix="decode") as pool:
            for chunk in _chunks(missing, self._chunk):
                good: list[_Decoded] = []
                try:
                    for result in pool.map(lambda job: self._try(job, cancelled), chunk):
                        if isinstance(result, Unusable):
                            unusable.append(result)
                        else:
                            good.append(result)
                        done += 1
                        if progress:
                            progress(done, len(jobs))
                        _obey(cancelled)  # here too: the threads are ahead, perhaps at their end
                finally:
                    self._keep(good)
        if jobs and len(unusable) == len(jobs):
            raise InputError(
                f"none of the {len(jobs)} labelled pictures can be read; the first: {unusable[0].reason}",
                where=unusable[0].name,
                cure="check the folder of pictures in bench.toml",
            )
        return tuple(unusable)

    def read(self, fingerprints: Sequence[str]) -> NDArray[np.uint8]:
        """The pictures (N, size, size, 3), in this order; `ensure` must have seen them.

        Raises:
            PictureError: Nothing is kept and a file has vanished since.
            WorkbenchError: The cache was damaged from outside.
        """
        images = np.empty((len(fingerprints), self.size, self.size, 3), dtype=np.uint8)
        for row, fingerprint in enumerate(fingerprints):
            if self._file is not None and fingerprint in self._file:
                self._file.read_into(fingerprint, images[row])
            else:
                images[row] = self._decode(fingerprint, self._paths[fingerprint])
        return images

    def _try(self, job: _Job, cancelled: Callable[[], bool] | None) -> "_Decoded | Unusable":
        """Decode one picture, or say why not."""
        _obey(cancelled)
        try:
            return job.fingerprint, self._decode(job.fingerprint, job.path)
        except PictureError as error:
            return Unusable(job.fingerprint, job.name, error.what)

    def _decode(self, fingerprint: str, path: str) -> NDArray[np.uint8]:
        """A picture's pixels, if the file still has the content that was labelled."""
        place = Path(path)
        try:
            if content(place) != fingerprint:
                raise PictureError("the file has changed since it was labelled", where=path)
            return preprocess(decode(place), self.size, self.blur_sigma)
        except PictureError as error:
            if place.exists():
                raise
            raise PictureError("the file is no longer there", where=path) from error

    def _keep(self, decoded: list[_Decoded]) -> None:
        """Write decoded pictures down."""
        if self._file is None or not decoded:
            return
        try:
            self._file.append([one for one, _ in decoded], np.stack([pixels for _, pixels in decoded]))
        except OSError as error:
            problem = file_error(error, self._file.path)
            raise WorkbenchError(problem.what, where=self._file.path, cure=problem.cure) from error


def _obey(cancelled: Callable[[], bool] | None) -> None:
    """Stop if that was asked for."""
    if cancelled and cancelled():
        raise Cancelled("interrupted", cure="what was decoded is kept")


def _chunks(jobs: Sequence[_Job], size: int) -> Iterator[list[_Job]]:
    """Pieces of `size`."""
    rest = iter(jobs)
    while chunk := list(islice(rest, size)):
        yield chunk
