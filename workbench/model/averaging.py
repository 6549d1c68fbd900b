"""Stochastic weight averaging: the mean of the weights at the ends of epochs (Izmailov et al., UAI 2018); and
the statistics of batch normalisation that belong to averaged weights, of whichever average."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import keras  # noqa: TID251 - model/ builds networks and what trains them
import numpy as np
from keras import ops  # noqa: TID251
from numpy.typing import NDArray

Arrays = list[NDArray[Any]]
Pictures = Iterable[NDArray[np.uint8]]


class WeightMean:
    """The mean over epochs of a network's trainable weights; its state goes into checkpoints.

    Args:
        network: Plain layers, whose weights another process or model may train.
    """

    def __init__(self, network: keras.Model) -> None:
        self._network = network
        self._mean: Arrays = []
        self.count = 0

    def add(self) -> None:
        """Take the weights as they are into the mean (Izmailov et al., UAI 2018, algorithm 1)."""
        values = _values(self._network.trainable_variables)
        self.count += 1
        if self.count == 1:
            self._mean = values
        for mean, value in zip(self._mean, values, strict=True):
            mean += (value - mean) / self.count

    @contextmanager
    def applied(self, pictures: Callable[[], Pictures]) -> Iterator[None]:
        """Inside, the weights are their mean, with statistics of batch normalisation that belong to it.

        Args:
            pictures: Gives uint8 batches (B, S, S, 3) for `estimate_statistics`; asked only if something was
                added. Afterwards everything, random numbers too, is as it was.
        """
        if not self.count:
            yield
            return
        weights = self._network.trainable_variables
        raw = _values(weights)
        _assign(weights, self._mean)
        try:
            with own_statistics(self._network, pictures()):
                yield
        finally:
            _assign(weights, raw)

    def state(self) -> dict[str, Any]:
        """The mean, an array a weight, and of how many epochs it is."""
        return {"count": self.count, **{f"w{index:04d}": one for index, one in enumerate(self._mean)}}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave."""
        self.count = state["count"]
        self._mean = [np.array(state[name]) for name in sorted(state) if name != "count"]


@contextmanager
def own_statistics(network: keras.Model, pictures: Pictures) -> Iterator[None]:
    """Inside, the statistics of batch normalisation belong to the weights as they are.

    Args:
        network: With averaged weights, say. Afterwards everything, random numbers too, is as it was.
        pictures: See `estimate_statistics`.
    """
    held = list(network.variables)
    raw = _values(held)
    try:
        estimate_statistics(network, pictures)
        yield
    finally:
        _assign(held, raw)


def estimate_statistics(network: keras.Model, pictures: Pictures) -> None:
    """Put the means and variances over pictures into the layers of batch normalisation.

    Weights that were never trained together have other activations than the moving statistics tell. So the
    pictures go through the network as in a training step, dropout included, and each batch's mean and
    variance are taken: the mean is E[μ], the variance E[σ² + μ²] − E[μ]² (Wu & Johnson, "Rethinking Batch in
    BatchNorm", 2021, section 3), weighed by the batches' sizes, so that these do not matter.

    Args:
        network: Its layers may be nested; such as are frozen keep what they have.
        pictures: uint8 batches (B, S, S, 3).
    """
    layers = [layer for layer in _normalising(network) if layer.trainable]
    momenta = [layer.momentum for layer in layers]
    sums = [np.zeros((2, *layer.moving_mean.shape)) for layer in layers]
    count = 0
    for layer in layers:
        layer.momentum = 0.0  # the moving statistics become those of the last batch
    try:
        for batch in pictures if layers else ():
            network(batch, training=True)
            count += len(batch)
            for layer, total in zip(layers, sums, strict=True):
                mean, variance = _values([layer.moving_mean, layer.moving_variance])
                total += len(batch) * np.array([mean, variance + np.square(mean, dtype=np.float64)])
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
    for layer, total in zip(layers, sums, strict=True):
        if count:
            mean, square = total / count
            _assign([layer.moving_mean, layer.moving_variance], [mean, np.maximum(square - mean**2, 0.0)])


def _normalising(model: keras.Model) -> Iterator[keras.layers.BatchNormalization]:
    """Every layer of batch normalisation, those of networks within the network too."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _normalising(layer)
        elif isinstance(layer, keras.layers.BatchNormalization):
            yield layer


def _values(variables: Iterable[Any]) -> Arrays:
    """Copies of their values."""
    return [np.array(ops.convert_to_numpy(variable)) for variable in variables]


def _assign(variables: Iterable[Any], values: Iterable[NDArray[Any]]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
