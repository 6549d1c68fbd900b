"""The pictures of a run, ready to be drawn from: its frozen table joined to the pixel cache."""

import time
from collections.abc import Callable
from pathlib import Path

from workbench.dataset.cache import PixelCache, Unusable
from workbench.dataset.table import Table
from workbench.settings import DatasetSettings
from workbench.training.events import EventLog
from workbench.training.run import RunFolder
from workbench.training.start import in_words

_TELL_EVERY_S = 0.25
_NAMED = 5


def run_pixels(
    run: RunFolder, settings: DatasetSettings, log: EventLog, cancelled: Callable[[], bool]
) -> tuple[Table, PixelCache]:
    """Read and resize what is not in the cache yet.

    Args:
        run: The run.
        settings: Size, blur and whether to keep pixels.
        log: Hears of the progress, and of each picture that has to be left out.
        cancelled: Asked between pictures.

    Returns:
        The table without pictures that cannot be read any more, and the cache, which the caller closes.

    Raises:
        RunError: The table is damaged.
        InputError: Not one picture can be read.
        Cancelled: `cancelled` said so; what was read is kept.
        WorkbenchError: The disk is full.
    """
    log.phase("data", "reading pictures")
    table = Table.load(run.data, run.schema())
    cache = PixelCache(cache_folder(run), settings)
    told = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal told
        if (now := time.monotonic()) - told >= _TELL_EVERY_S or done == total:
            told = now
            log.emit("progress", done=done, total=total)

    try:
        unusable = cache.ensure(table, progress, cancelled)
    except BaseException:
        cache.close()
        raise
    for line in in_words(run):
        log.note(line)
    _note(log, unusable)
    return table.without({one.fingerprint for one in unusable}), cache


def cache_folder(run: RunFolder) -> Path:
    """The cache of the bench around the run, wherever it was moved to, else the one it was made with."""
    around = run.root.absolute().parent.parent
    if (around / "bench.toml").exists():
        return around / "cache"
    places = run.read().get("places")
    noted = places.get("cache") if isinstance(places, dict) else None
    return Path(noted) if noted else around / "cache"


def _note(log: EventLog, unusable: tuple[Unusable, ...]) -> None:
    """Name what is left out."""
    for one in unusable[:_NAMED]:
        log.note(f"left out: {one.name}: {one.reason}")
    if len(unusable) > _NAMED:
        log.note(f"left out: {len(unusable) - _NAMED} more pictures")
