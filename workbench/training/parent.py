"""A run that begins with another one's weights: which checkpoint, whether it fits, and the copy of it.

Only the weights are taken: the optimiser, the epochs and the best figures are the new run's own. They are
copied into its folder, so that it needs nothing of its parent's. No Keras here: what does not fit is refused
before a worker starts.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import ConfigError, RunError, RunRefused
from workbench.evaluation.model_file import check_model_file
from workbench.files import file_error, replacing
from workbench.schema import Schema
from workbench.settings import ModelSettings
from workbench.text import neutralise
from workbench.training.checkpoint_file import checkpoint_path, checkpoint_places, read_checkpoint
from workbench.training.run import RunFolder
from workbench.training.tail import read_tail

BEST, LAST = "best", "last"
_SHAPELESS = ("dropout", "batch_norm_momentum", "weights", "frozen")
"""Settings of a network that leave the shapes of its weights as they are."""


@dataclass(frozen=True)
class Parent:
    """A checkpoint to begin with.

    Attributes:
        run: The run that made it.
        checkpoint: "best", "last" or an epoch, as it was asked for.
        epoch: Epochs behind it; 0 for a network of a run that was stopped within its first.
        file: The best epoch's network, or a whole checkpoint.
    """

    run: RunFolder
    checkpoint: str
    epoch: int
    file: Path

    def copy_to(self, folder: Path) -> dict[str, Any]:
        """Copy the weights into a new run.

        Returns:
            What its run.json says of them.

        Raises:
            WorkbenchError: They are gone meanwhile, or the disk is full.
        """
        name = f"weights{self.file.suffix}"
        try:
            folder.mkdir()
            with self.file.open("rb") as source, replacing(folder / name) as target:
                shutil.copyfileobj(source, target)
        except OSError as error:
            raise file_error(error, self.file) from error
        return {"run": self.run.name, "checkpoint": self.checkpoint, "epoch": self.epoch, "file": name}


def find_parent(run: RunFolder, checkpoint: str = BEST) -> Parent:
    """The checkpoint of this name: "best", "last", or the epoch whose end it is.

    Raises:
        RunRefused: There is none; names those that are there.
    """
    places = checkpoint_places(run.checkpoints)
    kept = {epoch: checkpoint_path(run.checkpoints, (epoch, batch)) for epoch, batch in places if not batch}
    best = read_tail(run.events).best_epoch
    newest = checkpoint_path(run.checkpoints, places[-1]) if places else None
    if run.model.is_file() and (checkpoint == BEST or checkpoint == str(best)):
        return Parent(run, checkpoint, best, run.model)
    if checkpoint == LAST and newest is not None:
        return Parent(run, checkpoint, places[-1][0], newest)
    if checkpoint.isdecimal() and int(checkpoint) in kept:
        return Parent(run, checkpoint, int(checkpoint), kept[int(checkpoint)])
    there = [BEST] * run.model.is_file() + [LAST] * (newest is not None)
    epochs = [str(epoch) for epoch in sorted(kept | ({best: newest} if best and run.model.is_file() else {}))]
    raise RunRefused(
        f"no checkpoint {neutralise(checkpoint)!r} is kept of it",
        where=run.name,
        cure=f"valid: {', '.join([*there, *epochs])}" if there else "train it for an epoch first",
    )


def check_parent(parent: Parent, model: ModelSettings, schema: Schema) -> None:
    """Refuse a network whose weights have no place in the new run.

    Raises:
        ConfigError: Another architecture, or other heads or classes; says what differs.
        RunRefused: The parent's run.json is damaged.
    """
    run = parent.run
    cure = "train without --from, or as its parent was"
    theirs, ours = run.settings().model.model_dump(), model.model_dump()
    for key, value in ours.items():
        if key not in _SHAPELESS and theirs[key] != value:
            raise ConfigError(
                f"is {value!r}, and {theirs[key]!r} in {run.name}, whose weights do not fit then",
                where=f"model.{key}",
                cure=f"--set model.{key}={theirs[key]}, or train without --from",
            )
    known, wanted = _classes(run.schema()), _classes(schema)
    if known == wanted and list(known) == list(wanted):
        return
    if lacking := [head for head in wanted if head not in known]:
        raise ConfigError(f"{run.name} has no head {lacking[0]!r}", where="--from", cure=cure)
    if more := [head for head in known if head not in wanted]:
        raise ConfigError(f"the bench has no head {more[0]!r}; {run.name} has", where="--from", cure=cure)
    head = next((head for head in wanted if known[head] != wanted[head]), "")
    if not head:
        raise ConfigError(f"the heads of {run.name} are in another order", where="--from", cure=cure)
    raise ConfigError(
        f"the classes of {head!r} are {', '.join(wanted[head])}, and {', '.join(known[head])} in {run.name}",
        where="--from",
        cure=cure,
    )


def check_weights(parent: Parent) -> None:
    """Refuse a file of weights that is damaged, or that holds code.

    Raises:
        RunRefused: Says what is wrong with it.
    """
    try:
        if parent.file.suffix == ".keras":
            check_model_file(parent.file)
        else:
            read_checkpoint(parent.file)
    except RunError as error:
        cure = "begin with another checkpoint of it: --checkpoint, or train without --from"
        raise RunRefused(error.what, where=error.where, cure=cure) from error


def _classes(schema: Schema) -> Mapping[str, list[str]]:
    """Each head's classes, in order."""
    return {head.name: [one.name for one in head.classes] for head in schema.heads}
