"""What an export came to, as plain values; needs neither Keras nor TensorFlow."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.exports.compare import HeadCheck
from workbench.exports.formats import Format


@dataclass(frozen=True)
class FormatCheck:
    """What became of one format.

    Attributes:
        format: The format.
        file: Its file in the folder; "" if it could not be written.
        size: Bytes.
        pictures_per_second: Of asking it on this machine's processor, in batches of 32.
        heads: How its answers differ.
        tolerance: How far they may, in words.
        reason: Why it failed; empty where it is good.
    """

    format: Format
    file: str
    size: int = 0
    pictures_per_second: float = 0.0
    heads: Mapping[str, HeadCheck] | None = None
    tolerance: str = ""
    reason: str = ""

    @property
    def largest(self) -> float | None:
        """The largest difference of a probability, of all heads."""
        return max(one.largest for one in self.heads.values()) if self.heads else None

    @property
    def equal_share(self) -> float | None:
        """The share of equal answers of the head that has fewest."""
        return min(one.equal_share for one in self.heads.values()) if self.heads else None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "format": self.format.name,
            "file": self.file,
            "passed": not self.reason,
            "reason": self.reason,
            "bytes": self.size,
            "pictures_per_second": round(self.pictures_per_second, 2),
            "largest_difference": self.largest,
            "equal_share": self.equal_share,
            "tolerance": self.tolerance,
            "heads": {head: one.to_dict() for head, one in (self.heads or {}).items()},
        }


@dataclass(frozen=True)
class ExportResult:
    """What `export_run` did.

    Attributes:
        run: The run's name.
        folder: Where the files are.
        split: The split whose pictures were asked.
        pictures: How many of them.
        pictures_per_second: Of the run's own network in Keras.
        checks: One a format, in the order of `FORMATS`.
    """

    run: str
    folder: Path
    split: str
    pictures: int
    pictures_per_second: float
    checks: tuple[FormatCheck, ...]

    @property
    def failed(self) -> tuple[FormatCheck, ...]:
        """The formats that are not good."""
        return tuple(one for one in self.checks if one.reason)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "run": self.run,
            "folder": str(self.folder),
            "split": self.split,
            "pictures": self.pictures,
            "network_pictures_per_second": round(self.pictures_per_second, 2),
            "formats": [one.to_dict() for one in self.checks],
            "failed": [one.format.name for one in self.failed],
        }
