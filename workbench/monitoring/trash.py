"""A bench's trash: runs that were deleted lie in `runs/.trash/TIME/NAME`, whole, until it is emptied.

To delete is one rename, so that a kill leaves a run where it was or in the trash, never half in each. Before
anything in it is removed for good, each TIME is renamed to `runs/.trash/.emptying/`: what lies outside it is
whole, and what lies in it is removed by the next emptying. Nothing that is not named so is touched.
"""

import calendar
import errno
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.errors import InputError, RunRefused, WorkbenchError
from workbench.files import file_error, sync_folder
from workbench.monitoring.holdings import size_of
from workbench.text import neutralise
from workbench.training.host import run_number
from workbench.training.lock import lock
from workbench.training.run import RunFolder
from workbench.training.state import state_of
from workbench.training.tail import read_tail

_STAMP = re.compile(r"(\d{8}T\d{6})Z(?:-\d+)?")
_FORMAT = "%Y%m%dT%H%M%S"
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)
_QUIET_S = 120.0
"""A worker that trains writes a line more often than that."""


@dataclass(frozen=True)
class Trashed:
    """A run in the trash.

    Attributes:
        name: The run's.
        stamp: When it was deleted, as its folder in the trash is called.
        removed: The same in Unix seconds.
        bytes: Its size on the disk; 0 where it was not asked for.
    """

    name: str
    stamp: str
    removed: float
    bytes: int = 0

    @property
    def key(self) -> str:
        """Names it alone, where a run of its name was deleted twice: "0003-fast@20261125T044800Z"."""
        return f"{self.name}@{self.stamp}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "key": self.key}


def trash_run(run: RunFolder) -> Trashed:
    """Move a run to the trash, while no worker can begin on it.

    Raises:
        RunRefused: A worker is at work on it, or it is gone.
        WorkbenchError: It cannot be moved.
    """
    with _held(run):
        runs_dir, moment = run.root.parent, time.time()
        try:
            place = _new_place(runs_dir / ".trash", moment)
            try:
                run.root.rename(place / run.name)
            except OSError:
                with suppress(OSError):
                    place.rmdir()
                raise
        except OSError as error:
            raise _refusal(run, error) from error
        sync_folder(place)
        sync_folder(runs_dir)
        return Trashed(run.name, place.name, moment)


def trashed_runs(runs_dir: Path, *, sizes: bool = True) -> list[Trashed]:
    """What lies in the trash, the latest first.

    Args:
        runs_dir: The bench's folder of runs.
        sizes: Whether to measure each.
    """
    found = []
    for place in _entries(runs_dir / ".trash"):
        if (removed := _time_of(place.name)) is not None:
            for run in _entries(place):
                found.append(Trashed(run.name, place.name, removed, size_of(run) if sizes else 0))
    return sorted(found, key=lambda one: (one.stamp, one.name), reverse=True)


def _time_of(stamp: str) -> float | None:
    """Unix seconds of a folder in the trash; None for one that we did not make."""
    found = _STAMP.fullmatch(stamp)
    try:
        return float(calendar.timegm(time.strptime(found[1], _FORMAT))) if found else None
    except ValueError:
        return None


def half_emptied(runs_dir: Path) -> int:
    """How many deletions an emptying that was ended has left behind; the next one removes them."""
    return sum(1 for _ in _entries(runs_dir / ".trash" / ".emptying"))


def restore_run(runs_dir: Path, name: str, new_name: str = "") -> RunFolder:
    """Move a run back out of the trash.

    Args:
        runs_dir: The bench's folder of runs.
        name: A run's name or number, of which the latest is meant, or its `Trashed.key`.
        new_name: What it is called from now on; by default what it was.

    Raises:
        RunRefused: It is not in the trash, or another run has the name meanwhile.
        InputError: The new name cannot be a folder's.
        WorkbenchError: It cannot be moved.
    """
    there = trashed_runs(runs_dir, sizes=False)
    number = int(name) if name.isdecimal() else -2
    found = next(
        (one for one in there if name in (one.name, one.key) or run_number(one.name) == number), None
    )
    if found is None:
        known = ", ".join(neutralise(one.name) for one in there[:5])
        cure = f"in it: {known}" if there else "the trash is empty"
        raise RunRefused(f"no run {neutralise(name)!r} is in the trash", where=runs_dir, cure=cure)
    wanted = new_name or found.name
    if wanted.startswith(".") or "/" in wanted or "\0" in wanted:
        raise InputError(f"{neutralise(wanted, 60)!r} cannot be a run's name", cure="such as 0007-again")
    target = runs_dir / wanted
    if os.path.lexists(target):
        cure = f"give it another: --restore {neutralise(found.key)} --as OTHER-NAME"
        raise RunRefused("a run has that name now", where=wanted, cure=cure)
    place = runs_dir / ".trash" / found.stamp
    try:
        (place / found.name).rename(target)
    except OSError as error:
        raise file_error(error, target) from error
    with suppress(OSError):  # others were deleted in the same moment
        place.rmdir()
    sync_folder(runs_dir)
    return RunFolder(target)


def empty_trash(runs_dir: Path, told: Callable[[int, int], None] | None = None) -> int:
    """Remove for good what lies in the trash, and what an emptying before this one has left.

    Args:
        runs_dir: The bench's folder of runs.
        told: Gets how many deletions are removed, and how many there are.

    Returns:
        How many bytes were freed.

    Raises:
        WorkbenchError: Something cannot be removed.
    """
    trash = runs_dir / ".trash"
    going = trash / ".emptying"
    places = [place for place in _entries(trash) if _time_of(place.name) is not None]
    if not places and not half_emptied(runs_dir):
        return 0
    freed = 0
    try:
        going.mkdir(exist_ok=True)
        for place in places:
            with suppress(FileNotFoundError):  # another program empties it as well
                place.rename(tempfile.mkdtemp(dir=going))  # in place of an empty folder of a new name
        waiting = _entries(going)
        for done, place in enumerate(waiting, 1):
            freed += size_of(place)
            _remove(place)
            if told is not None:
                told(done, len(waiting))
    except OSError as error:
        raise file_error(error, error.filename or trash) from error
    for folder in (going, trash):
        with suppress(OSError):  # something else lies in it
            folder.rmdir()
    return freed


def _remove(path: Path) -> None:
    """Remove a folder; of a link only the link. What another program has removed already is no error."""

    def complain(_: object, __: str, raised: tuple[type[BaseException], BaseException, object]) -> None:
        if not isinstance(raised[1], FileNotFoundError):
            raise raised[1]

    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path, onerror=complain)


def _entries(folder: Path) -> list[Path]:
    """What a folder holds, in order; nothing where it is not there."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _new_place(trash: Path, moment: float) -> Path:
    """A new folder in the trash that is called after the time."""
    trash.mkdir(exist_ok=True)
    stamp = time.strftime(_FORMAT, time.gmtime(moment)) + "Z"
    for number in range(1, 10_000):
        place = trash / (stamp if number == 1 else f"{stamp}-{number}")
        with suppress(FileExistsError):
            place.mkdir()
            return place
    raise FileExistsError(errno.EEXIST, "too many runs deleted in one second", str(trash))


@contextmanager
def _held(run: RunFolder) -> Iterator[None]:
    """Keep every worker away from a run's folder."""
    if not run.run_json.is_file():
        raise RunRefused("is not there any more", where=run.name, cure="somebody moved or removed it")
    try:
        descriptor = os.open(run.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise _refusal(run, error) from error
    try:
        _take(run, descriptor)
        yield
    finally:
        os.close(descriptor)


def _refusal(run: RunFolder, error: OSError) -> WorkbenchError:
    """Why a run stays where it is."""
    found = file_error(error, run.root)
    cure = "its owner can" if error.errno in (errno.EACCES, errno.EPERM) else "it stays as it is"
    return type(found)(f"cannot be moved to the trash: {found.what}", where=run.name, cure=cure)


def _take(run: RunFolder, descriptor: int) -> None:
    """Take the lock; where there are none, only the age of the log says whether a worker may be at work."""
    try:
        lock(descriptor)
    except BlockingIOError as error:
        raise RunRefused("is at work", where=run.name, cure="stop it first: s, or workbench stop") from error
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise file_error(error, run.lock) from error
        tail = read_tail(run.events)
        at_work = state_of(tail.phase, alive=True, launched=True).live
        if at_work and time.time() - tail.wall < _QUIET_S:
            what = "may be at work: its file system has no locks, and its log has just grown"
            raise RunRefused(what, where=run.name, cure="stop it, or wait two minutes") from error
