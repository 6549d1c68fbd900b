"""The formats by name: which file each is, what it needs, and how far its answers may differ.

Known without Keras or TensorFlow, so that a wrong name or a missing package is refused at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError, MissingLibrary
from workbench.toml import suggestion

if TYPE_CHECKING:
    import keras  # noqa: TID251 - for the type only

Answers = Mapping[str, NDArray[np.float32]]
"""Probabilities (B, K) by the name of the output."""
Answerer = Callable[[NDArray[np.uint8]], Answers]
"""A network in one of the formats: from pictures (B, S, S, 3), RGB, to probabilities."""


class FormatModule(Protocol):
    """What the module of a format offers."""

    def write(self, network: "keras.Model", path: Path, samples: NDArray[np.uint8]) -> None:
        """Write the network; `samples` are pictures of the training split, (N, S, S, 3)."""
        ...

    def load(self, path: Path) -> Answerer:
        """Read what `write` wrote, as another program would."""
        ...


@dataclass(frozen=True)
class Tolerance:
    """How far the answers of a file may differ from the run's own network.

    Attributes:
        largest: The largest difference of a probability; None where single ones may differ by anything.
        mean: The mean difference of the probabilities of a head.
        overturned: The share of pictures whose clear answer may be another, of each head; one always may.
    """

    largest: float | None
    mean: float
    overturned: float

    def __str__(self) -> str:
        """In words, for reports."""
        if self.largest is not None:
            return f"every probability within {self.largest:g}"
        share = f"at most {self.overturned:.0%} of each head's clear answers overturned"
        return f"{share}, probabilities within {self.mean:g} in the mean"


EXACT = Tolerance(largest=1e-4, mean=1e-4, overturned=1.0)
"""For formats that hold the same float32 weights: another order of sums moves the sixth digit."""
HALF = Tolerance(largest=0.05, mean=0.01, overturned=1.0)
"""The same for a run that computed in 16 bits: bfloat16 keeps 8 binary digits, the files are float32."""
QUANTISED = Tolerance(largest=None, mean=0.05, overturned=0.05)


@dataclass(frozen=True)
class Format:
    """One way to write a network.

    Attributes:
        name: What a person asks for.
        file: The file, or folder, that it becomes.
        title: What a report calls it.
        quantised: Whether its weights are integers.
        packages: What has to be installed besides the workbench.
    """

    name: str
    file: str
    title: str
    quantised: bool = False
    packages: tuple[str, ...] = ()

    def module(self) -> FormatModule:
        """Its module, which imports what it needs."""
        return cast(FormatModule, import_module(f"workbench.exports.{self.name}_format"))

    def tolerance(self, *, half: bool) -> Tolerance:
        """How far its answers may differ; `half` where the run computed in 16 bits."""
        return QUANTISED if self.quantised else HALF if half else EXACT


FORMATS = {
    one.name: one
    for one in (
        Format("keras", "model.keras", "Keras"),
        Format("savedmodel", "saved_model", "TensorFlow SavedModel"),
        Format("onnx", "model.onnx", "ONNX", packages=("onnx", "onnxruntime", "tf2onnx")),
        Format("tflite", "model.tflite", "TensorFlow Lite"),
        Format("int8", "model_int8.tflite", "TensorFlow Lite, int8", quantised=True),
    )
}
"""By name, in the order in which they are written."""


def named_formats(names: str) -> list[Format]:
    """The formats in a list such as "onnx,int8".

    Raises:
        InputError: One of them does not exist; says which do.
        MissingLibrary: A package is not installed; says the line that installs it.
    """
    wanted = [name.strip().lower() for name in names.split(",") if name.strip()]
    if not wanted:
        raise InputError("no format is named", where="--format", cure=f"valid: {', '.join(FORMATS)}")
    for name in wanted:
        if name not in FORMATS:
            raise InputError(
                f"no format is named {name!r}", where="--format", cure=suggestion(name, tuple(FORMATS))
            )
    found = [FORMATS[name] for name in FORMATS if name in wanted]
    for one in found:
        _check_packages(one, [name for name in FORMATS if not FORMATS[name].packages])
    return found


def _check_packages(one: Format, others: Sequence[str]) -> None:
    """Refuse a format whose packages are not there."""
    if lacking := [package for package in one.packages if find_spec(package) is None]:
        raise MissingLibrary(
            f"{one.title} needs {' and '.join(lacking)}",
            cure=f"pip install {' '.join(lacking)}, or leave it out: --format {','.join(others)}",
        )
