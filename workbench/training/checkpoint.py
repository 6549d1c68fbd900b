"""The whole state of a training on disk, so that what a kill broke off is gone on with.

`last.json` names the file of arrays that belongs to it and is written after it; an older one is removed last.
Whatever moment a kill or a power cut chooses, one whole checkpoint is there. Arrays lie in NumPy's own
format, read without pickles; `model.keras`, the best epoch's network, is what others load.
"""

import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import keras  # noqa: TID251 - trains and saves networks
import numpy as np
from keras import ops  # noqa: TID251
from numpy.typing import NDArray

from workbench.errors import RunError, WorkbenchError
from workbench.files import file_error, read_json, replacing, write_atomically

_CURE = "delete the folder checkpoints/ to begin anew"


class Checkpoints:
    """The last state of one run.

    Args:
        folder: The run's `checkpoints/`.
        model: A compiled network; its weights, the state of its random numbers and its optimiser are kept.
    """

    def __init__(self, folder: Path, model: keras.Model) -> None:
        self._folder, self._model = folder, model
        self._pointer = folder / "last.json"

    def save(self, place: Mapping[str, Any]) -> int:
        """Write the state down.

        Args:
            place: `epoch` and `batch` behind it, and whatever else JSON can hold.

        Returns:
            Bytes of the arrays.

        Raises:
            WorkbenchError: The disk is full; the checkpoint before is still there.
        """
        path = self._folder / f"last-{place['epoch']:05d}-{place['batch']:06d}.npz"
        values = self._variables()
        with replacing(path) as file:
            arrays: dict[str, Any] = {f"v{index:04d}": _array(one) for index, one in enumerate(values)}
            np.savez(file, **arrays)
        paths = [variable.path for variable in values]
        write_atomically(self._pointer, json.dumps({**place, "arrays": path.name, "variables": paths}) + "\n")
        for old in self._folder.glob("last-*.npz"):
            if old != path:
                with suppress(OSError):
                    old.unlink()
        return path.stat().st_size

    def restore(self) -> dict[str, Any] | None:
        """Put the last state into the network.

        Returns:
            What was given to `save` as `place`; None if nothing was saved yet.

        Raises:
            RunError: It is damaged, or of another network.
        """
        if not self._pointer.exists():
            return None
        try:
            place = read_json(self._pointer)
            arrays = self._read(self._folder / Path(str(place["arrays"])).name)
        except (WorkbenchError, OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise RunError("the checkpoint is damaged", where=self._pointer, cure=_CURE) from error
        variables = self._variables()
        if [tuple(one.shape) for one in variables] != [one.shape for one in arrays]:
            raise RunError("the checkpoint is of another network", where=self._pointer, cure=_CURE)
        for variable, value in zip(variables, arrays, strict=True):
            variable.assign(value)
        return place

    def _variables(self) -> list[Any]:
        """Weights, states of random numbers, optimiser: always in the same order."""
        optimizer = self._model.optimizer
        if not optimizer.built:
            optimizer.build(self._model.trainable_variables)
        own = [*self._model.trainable_variables, *self._model.non_trainable_variables]
        return [*own, *optimizer.variables]

    @staticmethod
    def _read(path: Path) -> list[NDArray[Any]]:
        """The arrays of a file."""
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            return [found[name] for name in sorted(found.files)]


def _array(variable: Any) -> NDArray[Any]:
    """A variable's value."""
    return np.asarray(ops.convert_to_numpy(variable))


def save_network(network: keras.Model, path: Path) -> None:
    """Write a network for others to load, whole or not at all.

    Args:
        network: Not compiled, so that nothing is saved that only training needs.
        path: Ends in `.keras`.

    Raises:
        WorkbenchError: The disk is full; what was there before is untouched.
    """
    try:
        with replacing(path, suffix=".keras") as file:
            network.save(Path(file.name))
    except OSError as error:
        raise file_error(error, path) from error


@contextmanager
def averaged(model: keras.Model) -> Iterator[None]:
    """Inside, the weights are their moving average, if the optimiser keeps one."""
    if not model.optimizer.use_ema or not model.optimizer.built:
        yield
        return
    weights = model.trainable_variables
    raw = [_array(weight) for weight in weights]
    model.optimizer.finalize_variable_values(weights)
    try:
        yield
    finally:
        for weight, value in zip(weights, raw, strict=True):
            weight.assign(value)
