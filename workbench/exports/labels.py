"""`labels.json`: what a program must know to ask a written network and to read its answers."""

from collections.abc import Sequence
from typing import Any

from workbench.evaluation.report import model_digest
from workbench.exports.formats import Format
from workbench.exports.network import INPUT, Exported
from workbench.training.run import RunFolder
from workbench.training.tail import part

FILE = "labels.json"
VERSION = 1


def describe(run: RunFolder, found: Exported, formats: Sequence[Format]) -> dict[str, Any]:
    """The document: the input and its preparation, heads with their outputs and classes, versions.

    Args:
        run: The run.
        found: Its network as it was written.
        formats: Those whose check was passed.
    """
    described, dataset = run.read(), run.settings().dataset
    return {
        "version": VERSION,
        "run": run.name,
        "network": model_digest(run.model),
        "input": {
            "name": INPUT,
            "dtype": "uint8",
            "shape": [None, dataset.size, dataset.size, 3],
            "colours": "RGB",
            "resize": "to a square, by OpenCV INTER_AREA to shrink, INTER_LINEAR to enlarge",
            "blur_sigma": dataset.blur_sigma,
            "rescaling_inside": _rescaling(found),
        },
        "heads": [
            {
                "name": head.name,
                "title": head.title,
                "output": found.outputs[head.name],
                "classes": [one.name for one in head.classes],
                "titles": [one.title for one in head.classes],
            }
            for head in run.schema().heads
        ],
        "files": {one.name: one.file for one in formats},
        "data_fingerprint": part(described, "data").get("fingerprint", ""),
        "schema_fingerprint": described.get("schema_fingerprint", ""),
        "versions": dict(part(described, "versions")),
    }


def _rescaling(found: Exported) -> dict[str, Any] | None:
    """How the network makes numbers of bytes: value · scale + offset."""
    if found.rescaling is None:
        return None
    return dict(zip(("scale", "offset"), found.rescaling, strict=True))
