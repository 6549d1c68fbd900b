"""How much of the disk the checkpoints of a run will take, known before its worker starts, without Keras."""

import shutil
from pathlib import Path

from workbench.errors import InputError
from workbench.model.sizes import parameters
from workbench.schema import Schema
from workbench.settings import Settings, TrainingSettings

_BESIDES = 3
"""Checkpoints besides those of the last epochs: the best one, the newest place within an epoch, and a new
one while it is written."""
_FLOAT32 = 4


def checkpoint_bytes(settings: Settings, schema: Schema) -> int:
    """About how large a checkpoint will be; a little too much, as not every weight is trained."""
    weights = parameters(settings.model, schema, settings.dataset.size)
    return _FLOAT32 * weights * (1 + _slots(settings.training))


def _slots(how: TrainingSettings) -> int:
    """Numbers that are kept for each weight besides itself."""
    momentum = how.momentum > 0
    optimizer = {"sgd": momentum, "rmsprop": 1 + momentum, "adam": 2, "adamw": 2}[how.optimizer]
    return optimizer + (how.average_weights > 0) + (how.swa_from > 0)


def check_room(settings: Settings, schema: Schema, folder: Path) -> str:
    """Say how large the checkpoints will be.

    Args:
        settings: Complete settings.
        schema: The heads.
        folder: Where they will be; it must exist.

    Returns:
        One line; a warning in it where the disk may become full.

    Raises:
        InputError: There is no room for a single one.
    """
    size, free = checkpoint_bytes(settings, schema), shutil.disk_usage(folder).free
    keep = settings.training.keep_checkpoints
    if size > free:
        raise InputError(
            too_little(size, free),
            where=folder,
            cure="free some space, or take a smaller model",
        )
    line = size_in_words(size, keep)
    if at_once(keep) * size > free:
        line += f", and only {megabytes(free)} are free: lower training.keep_checkpoints or free some space"
    return line


def at_once(keep: int) -> int:
    """How many checkpoints are there at once, at most."""
    return keep + _BESIDES


def size_in_words(size: float, keep: int) -> str:
    """How large one is, and how many stay."""
    return f"a checkpoint is about {megabytes(size)}; the last {keep} epochs and the best are kept"


def too_little(size: float, free: float) -> str:
    """That there is no room for a single one."""
    return f"a checkpoint is about {megabytes(size)}, and only {megabytes(free)} of the disk are free"


def megabytes(size: float) -> str:
    """Such as "12 MB"; small ones with one decimal."""
    found = size / 2**20
    return f"{found:,.0f} MB" if found >= 10 else f"{found:.1f} MB"
