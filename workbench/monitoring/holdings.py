"""What a run's folder holds and how large it is, for the question before it is deleted."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.training.checkpoint_file import checkpoint_places
from workbench.training.run import RunFolder


@dataclass(frozen=True)
class Holdings:
    """What a run's folder holds, before it is deleted.

    Attributes:
        linked: Whether it is but a link to a folder elsewhere, which would stay.
    """

    network: bool
    checkpoints: int
    evaluated: bool
    bytes: int
    linked: bool = False

    def words(self) -> str:
        """Such as "its network, 3 checkpoints, log and evaluation: 12.3 MB"."""
        if self.linked:
            return "a link; the folder that it leads to stays"
        kept = f"{self.checkpoints} checkpoint{'s' * (self.checkpoints != 1)}" if self.checkpoints else ""
        parts = [*["network"] * self.network, *[kept] * bool(kept), "log", *["evaluation"] * self.evaluated]
        listed = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
        return f"its {listed}: {size_words(self.bytes)}"


def size_words(size: float) -> str:
    """ "12.3 MB" and the like; decimal units, as a disk's maker counts."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 999.5:
            return f"{size:.0f} {unit}" if unit == "bytes" or size >= 99.5 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def holdings(run: RunFolder) -> Holdings:
    """Look through a run's folder."""
    checkpoints = len(checkpoint_places(run.checkpoints))
    network, evaluated = run.model.is_file(), run.evaluation.is_file()
    return Holdings(network, checkpoints, evaluated, size_of(run.root), run.root.is_symlink())


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder; what cannot be read counts as nothing, a link as itself."""
    if folder.is_symlink():
        return folder.lstat().st_size
    size = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += os.lstat(Path(root, name)).st_size
    return size
