"""Beginning with another network's weights: taken one by one, where name and shape are the same."""

from collections.abc import Mapping
from typing import Any

import keras  # noqa: TID251 - model/ builds networks
from numpy.typing import NDArray


def take_weights(network: keras.Model, weights: list[NDArray[Any]] | Mapping[str, NDArray[Any]]) -> list[str]:
    """Give a network these weights; random numbers stay its own.

    Args:
        network: Built.
        weights: In the network's order, or by the variables' paths.

    Returns:
        The paths of those that begin anew, because there is none of this shape for them.
    """
    left = []
    for index, variable in enumerate(network.weights):
        if isinstance(weights, Mapping):
            value = weights.get(variable.path)
        else:
            value = weights[index] if index < len(weights) else None
        if value is not None and value.shape == tuple(variable.shape):
            variable.assign(value)
        else:
            left.append(variable.path)
    return left
