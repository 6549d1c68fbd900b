"""The first moment of a run that has a parent: the weights in its folder become the network's."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import RunError
from workbench.evaluation.model_file import load_network
from workbench.model.start_weights import take_weights
from workbench.training.checkpoint_file import Damaged, read_checkpoint
from workbench.training.learner import Learner
from workbench.training.run import RunFolder


def begin_with_parent(run: RunFolder, learner: Learner) -> str:
    """Take the parent's weights, if the run has a parent.

    Returns:
        What was taken, for people; "" if it has none.

    Raises:
        RunError: They are gone, damaged, or of another network.
    """
    described = run.read().get("start")
    if not isinstance(described, dict) or not described:
        return ""
    path = run.start / str(described.get("file", ""))
    left = take_weights(learner.network, _weights(run, path.name))
    total = len(learner.network.weights)
    if len(left) == total:
        raise RunError("not one of the weights to begin with fits the network", where=path)
    begun = f"begins with {total - len(left)} of {total} weights of {described.get('run')}"
    return f"{begun}, epoch {described.get('epoch')}" + (f"; anew: {', '.join(left[:5])}" if left else "")


def _weights(run: RunFolder, name: str) -> list[NDArray[Any]] | dict[str, NDArray[Any]]:
    """Of the network, or of the checkpoint, that was copied into the run's folder."""
    path = run.start / name
    if not path.is_file():
        raise RunError("the weights to begin with are gone", where=path, cure="start a new run with --from")
    if path.suffix == ".keras":
        weights: list[NDArray[Any]] = load_network(path, "the network to begin with").get_weights()
        return weights
    described, arrays = read_checkpoint(path)
    variables = described.get("variables")
    try:
        return {str(one[0]): np.asarray(arrays[f"v{at:04d}"]) for at, one in enumerate(variables or ())}
    except (KeyError, TypeError, IndexError) as error:
        raise Damaged("the weights to begin with are damaged", where=path) from error
