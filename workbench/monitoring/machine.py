"""The points of a `system` event: each number that the worker tells of its machine has a curve of its own."""

import math
from collections.abc import Mapping
from typing import Any

from workbench.monitoring.curves import CurveKey
from workbench.training.tail import number, whole

_NO_FIGURES = frozenset({"type", "seq", "wall", "mono", "gpus"})
_MOST_GPUS, _MOST_FIGURES = 16, 100


def machine_points(event: Mapping[str, Any]) -> tuple[dict[CurveKey, float], list[str]]:
    """The finite numbers in a `system` event, and the names of the GPUs that it tells of.

    Returns:
        By ("", field, "system") for the worker's processes and ("gpu 0", field, "system") for a GPU; names.
    """
    figures = {("", name, "system"): value for name, value in event.items() if name not in _NO_FIGURES}
    gpus = event.get("gpus")
    names: list[str] = []
    for index, gpu in enumerate(gpus[:_MOST_GPUS] if isinstance(gpus, list) else ()):
        if isinstance(gpu, Mapping):
            names.append(str(gpu.get("name", "")))
            device = f"gpu {whole(gpu.get('index'), index)}"
            figures |= {(device, name, "system"): value for name, value in gpu.items() if name != "index"}
    finite = {key: found for key, value in figures.items() if math.isfinite(found := number(value))}
    return dict(list(finite.items())[:_MOST_FIGURES]), names
