"""Writing a report: what is wrong with the place is said before any work, and the file appears whole."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import InputError
from workbench.files import file_error, write_atomically
from workbench.report.material import Material
from workbench.report.page import page

_DATABASE = b"SQLite format 3\0"


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes:
        output: The file.
        bytes: Its size.
        seconds: From the beginning of the reading until it was written.
        material: What it tells of.
        charts: How many charts are in it.
    """

    output: Path
    bytes: int
    seconds: float
    material: Material
    charts: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        material = self.material
        gallery, evaluation = material.gallery, material.evaluation
        return {
            "output": str(self.output),
            "bytes": self.bytes,
            "seconds": round(self.seconds, 3),
            "run": material.run.name,
            "state": material.snapshot.state,
            "heads": list(material.schema.head_names),
            "charts": self.charts,
            "evaluated": [] if evaluation is None else list(evaluation.splits),
            "advice": len(material.snapshot.advice),
            "skipped_lines": material.snapshot.skipped_lines,
            "pictures": 0 if gallery is None else sum(bool(one.jpeg) for one in gallery.shown),
            "pictures_lost": 0 if gallery is None else len(gallery.lost),
        }


def check_place(output: Path, *, overwrite: bool) -> None:
    """Refuse a place where the report cannot be written.

    Raises:
        InputError: A file is there and `overwrite` is not asked for, it is a folder or a database, or its
            folder is not there or cannot be written.
    """
    try:
        if output.is_dir():
            raise InputError("it is a folder", where=output, cure="name a file in it")
        if os.path.lexists(output):
            if not overwrite:
                raise InputError(
                    "exists", where=output, cure="name another file, or allow it with --overwrite"
                )
            with output.open("rb") as file:
                if file.read(len(_DATABASE)) == _DATABASE:
                    raise InputError(
                        "that is a database, not a report", where=output, cure="name another file"
                    )
        if not output.absolute().parent.is_dir():
            raise InputError("no such folder", where=output.absolute().parent, cure="create it first")
    except OSError as error:
        raise file_error(error, output) from error
    if not os.access(output.absolute().parent, os.W_OK):
        raise InputError("no permission", where=output.absolute().parent, cure="choose another folder")


def write_report(material: Material, output: Path, *, overwrite: bool = False) -> Written:
    """Write a run as one HTML file that needs nothing else.

    Args:
        material: What it tells of.
        output: The file.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        InputError: The place is not fit for it.
        WorkbenchError: The disk is full; a file that was there before is as it was.
    """
    check_place(output, overwrite=overwrite)
    document = page(material).encode()
    write_atomically(output, document)
    return Written(
        output, len(document), time.time() - material.made, material, document.count(b'class="chart"')
    )
