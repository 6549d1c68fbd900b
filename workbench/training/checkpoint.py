"""The whole state of a training on disk, so that what a kill broke off is gone on with.

A checkpoint is one file, `checkpoints/EPOCH-BATCH.npz`: the network's variables (weights, random numbers,
optimiser), and of each part of the training that has a state of its own what its `state()` gives. Whatever
moment a kill or a power cut chooses, the one before is there. `model.keras`, the best epoch's network, is
what others load.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import keras  # noqa: TID251 - trains and saves networks
import numpy as np
from keras import ops  # noqa: TID251
from numpy.typing import NDArray

from workbench.errors import RunError
from workbench.files import file_error, replacing
from workbench.training.checkpoint_file import (
    Damaged,
    Place,
    checkpoint_path,
    checkpoint_places,
    read_checkpoint,
    write_checkpoint,
)

_CURE = "delete the folder checkpoints/ to begin anew"


class NotFinite(RunError):
    """A network that holds what is no number; no checkpoint is ever made of that."""


class Part(Protocol):
    """A part of a training with a state that must survive a kill, and that is no variable of the network."""

    def state(self) -> Mapping[str, Any]:
        """By name, NumPy arrays or what JSON can hold (no NaN)."""
        ...

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave."""
        ...


class Checkpoints:
    """The last states of one run.

    Args:
        folder: The run's `checkpoints/`.
        model: A compiled network.
        parts: By name; a part that an older checkpoint does not know stays as it is.
        keep: How many ends of epochs are kept, besides the best one and the newest place within an epoch.

    Raises:
        WorkbenchError: The folder cannot be made.
    """

    def __init__(self, folder: Path, model: keras.Model, parts: Mapping[str, Part], keep: int = 1) -> None:
        self._folder, self._model, self._parts, self.keep = folder, model, dict(parts), keep
        self._make_room()

    def _make_room(self) -> None:
        """Make the folder, which a person may have deleted; remove what a kill left half written."""
        try:
            self._folder.mkdir(exist_ok=True)
        except OSError as error:
            raise file_error(error, self._folder) from error
        _remove_half_written(self._folder, "*.npz")

    @property
    def bytes(self) -> int:
        """About how large one is."""
        return sum(_array(variable).nbytes for variable in self._variables())

    def save(self, place: Place, best_epoch: int = 0) -> int:
        """Write the state down, and remove what is too old to be kept.

        Args:
            place: Where the training stands.
            best_epoch: The epoch whose checkpoint is kept however old it is; 0 for none.

        Returns:
            Bytes of the file.

        Raises:
            NotFinite: A variable is no number any more: what was saved before is better than this.
            WorkbenchError: The disk is full; the checkpoints before are still there.
        """
        variables = self._variables()
        arrays = {f"v{index:04d}": _array(one) for index, one in enumerate(variables)}
        for variable, value in zip(variables, arrays.values(), strict=True):
            if value.dtype.kind == "f" and not np.isfinite(value).all():
                raise NotFinite(f"{variable.path} is no finite number any more: the training diverged")
        states: dict[str, dict[str, Any]] = {}
        for name, part in self._parts.items():
            state = part.state()
            states[name] = {key: one for key, one in state.items() if not isinstance(one, np.ndarray)}
            arrays |= {f"{name}/{key}": one for key, one in state.items() if isinstance(one, np.ndarray)}
        described = {"place": place, "variables": _described(variables), "states": states}
        size = write_checkpoint(self._path(place), described, arrays)
        self._remove_old(place, best_epoch)
        return size

    def restore(self, note: Callable[[str], None]) -> Place | None:
        """Put the last state into the network and the parts.

        Args:
            note: Hears of each damaged checkpoint that is passed over, and of random numbers that begin anew.

        Returns:
            Where it stood; None if nothing was saved yet.

        Raises:
            RunError: All are damaged, or the newest whole one is of another network.
        """
        damaged: Damaged | None = None
        for place in reversed(self.places()):
            try:
                if not self._put(*read_checkpoint(self._path(place))):
                    note("random numbers begin anew: this machine computes the network in another way")
            except Damaged as error:
                damaged = error
                note(f"{error.what}: {self._path(place).name}; looking for the one before")
                continue
            return place
        if damaged:
            raise RunError(damaged.what, where=damaged.where, cure=_CURE) from damaged
        if (old := self._folder / "last.json").exists():
            raise RunError("the checkpoint is of an older version of workbench", where=old, cure=_CURE)
        return None

    def places(self) -> list[Place]:
        """What is there, the oldest first."""
        return checkpoint_places(self._folder)

    def _path(self, place: Place) -> Path:
        return checkpoint_path(self._folder, place)

    def _put(self, described: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bool:
        """Take over a checkpoint; a damaged one may leave traces, which the one before it covers.

        Returns:
            Whether random numbers go on too; they do not where the network draws them in other places.
        """
        variables, states, theirs = self._variables(), described.get("states"), described.get("variables")
        if not isinstance(states, dict) or not isinstance(theirs, list):
            raise Damaged("the checkpoint is damaged (it does not say what it holds)", where=self._folder)
        matched = _matched(theirs, _described(variables))
        if matched is None:
            raise RunError("the checkpoint is of another network", where=self._folder, cure=_CURE)
        pairs = [(variables[mine], arrays.get(f"v{their:04d}")) for their, mine in matched]
        for variable, value in pairs:
            if value is None or value.shape != tuple(variable.shape):
                raise Damaged("the checkpoint is damaged (it lacks a variable)", where=self._folder)
        for variable, value in pairs:
            variable.assign(value)
        self._restore_parts(states, arrays)
        return len(matched) == len(variables) == len(theirs)

    def _restore_parts(self, states: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
        """Give each part that the checkpoint knows its state."""
        for name, part in self._parts.items():
            if name in states:
                prefix = f"{name}/"
                own = {key.removeprefix(prefix): one for key, one in arrays.items() if key.startswith(prefix)}
                try:
                    part.restore({**states[name], **own})
                except (KeyError, TypeError, ValueError) as error:
                    what = f"the checkpoint is damaged (its {name} does not fit: {error!r})"
                    raise Damaged(what, where=self._folder) from error

    def _remove_old(self, newest: Place, best_epoch: int) -> None:
        """Keep the last ends of epochs, the best one, and the newest; what lies after is of a past life."""
        ends = [place for place in self.places() if place[1] == 0 and place <= newest]
        kept = {newest, (best_epoch, 0), *ends[-self.keep :]}
        for place in self.places():
            if place not in kept:
                with suppress(OSError):
                    self._path(place).unlink()

    def _variables(self) -> list[Any]:
        """Weights, states of random numbers, optimiser: always in the same order."""
        optimizer = self._model.optimizer
        if not optimizer.built:
            optimizer.build(self._model.trainable_variables)
        own = [*self._model.trainable_variables, *self._model.non_trainable_variables]
        return [*own, *optimizer.variables]


def _described(variables: list[Any]) -> list[list[Any]]:
    """Path and shape of each variable, as JSON gives them back."""
    return [[variable.path, list(variable.shape)] for variable in variables]


def _matched(theirs: list[Any], mine: list[Any]) -> list[tuple[int, int]] | None:
    """Which of a checkpoint's variables is which of the network's, in order; None if it is of another one.

    A processor may draw the same network's random numbers in other places than a GPU (`model/fused.py`):
    their states are left out where everything else fits.
    """
    for with_random in (True, False):
        one, other = (
            [at for at, described in enumerate(those) if with_random or not _is_random(described)]
            for those in (theirs, mine)
        )
        if [_shape(theirs[at]) for at in one] == [_shape(mine[at]) for at in other]:
            return list(zip(one, other, strict=True))
    return None


def _is_random(described: Any) -> bool:
    """Whether a variable is the state of random numbers, by how Keras ends its path."""
    return isinstance(described, list) and str(next(iter(described), "")).endswith("seed_generator_state")


def _shape(described: Any) -> Any:
    """Without the path, in which Keras counts what a process has built before."""
    return described[-1] if isinstance(described, list) and described else None


def _array(variable: Any) -> NDArray[Any]:
    """A variable's value."""
    return np.asarray(ops.convert_to_numpy(variable))


def _remove_half_written(folder: Path, name: str) -> None:
    """Remove what kills left of files of this name; nobody else writes any while a worker has the run."""
    for half in folder.glob(f".{name}.*"):
        with suppress(OSError):
            half.unlink()


def save_network(network: keras.Model, path: Path) -> None:
    """Write a network for others to load, whole or not at all.

    Args:
        network: Not compiled, so that nothing is saved that only training needs.
        path: Ends in `.keras`.

    Raises:
        WorkbenchError: The disk is full; what was there before is untouched.
    """
    _remove_half_written(path.parent, path.name)
    try:
        with replacing(path, suffix=".keras") as file:
            network.save(Path(file.name))
    except OSError as error:
        raise file_error(error, path) from error


@contextmanager
def averaged(model: keras.Model) -> Iterator[None]:
    """Inside, the weights are their moving average, if the optimiser keeps one."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)  # within what scales losses
    if not optimizer.use_ema or not optimizer.built:
        yield
        return
    weights = model.trainable_variables
    raw = [_array(weight) for weight in weights]
    optimizer.finalize_variable_values(weights)
    try:
        yield
    finally:
        for weight, value in zip(weights, raw, strict=True):
            weight.assign(value)
