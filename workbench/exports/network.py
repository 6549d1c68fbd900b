"""The network as it is written: in float32, with an input and outputs whose names every format can take."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.evaluation.predict import Predictor

if TYPE_CHECKING:
    import keras  # noqa: TID251 - for the type only

INPUT = "pictures"


@dataclass(frozen=True)
class Exported:
    """A network to be written.

    Attributes:
        network: From uint8 (B, S, S, 3), RGB, to probabilities (B, K) float32 by output name.
        outputs: The output of each head.
        half: Whether the run computed in 16 bits, so that small differences are to be expected.
        rescaling: (scale, offset) with which it makes numbers of bytes itself; None if it has no such layer.
        parameters: Numbers in its weights.
    """

    network: "keras.Model"
    outputs: Mapping[str, str]
    half: bool
    rescaling: tuple[Any, Any] | None
    parameters: int


def exported(predictor: Predictor) -> Exported:
    """A run's network, ready to be written.

    Args:
        predictor: The run's network, which is not changed.
    """
    import keras  # noqa: TID251 - an export is the network in other words

    network, half = _in_float32(predictor.network)
    outputs = _output_names(predictor.outputs)
    if outputs != predictor.outputs:
        answers = {outputs[head]: network.output[name] for head, name in predictor.outputs.items()}
        network = keras.Model(network.inputs, answers, name=network.name)
    network.jit_compile = False
    scaled = [one for one in network.layers if isinstance(one, keras.layers.Rescaling)]
    rescaling = (scaled[0].scale, scaled[0].offset) if scaled else None
    return Exported(network, outputs, half, rescaling, network.count_params())


def _output_names(names: Mapping[str, str]) -> dict[str, str]:
    """The names that the network has, or numbers where one is the input's: a graph has one of each name."""
    if INPUT not in names.values():
        return dict(names)
    return {head: f"head{index}" for index, head in enumerate(names)}


def _in_float32(network: "keras.Model") -> "tuple[keras.Model, bool]":
    """The same network without 16-bit layers, which interpreters on a processor lack; whether it had any."""
    if all(layer.compute_dtype == "float32" for layer in network.layers):
        return network, False
    plain = type(network).from_config(_float32(network.get_config()))
    plain.set_weights(network.get_weights())
    return plain, True


def _float32(config: Any) -> Any:
    """A description with every policy of numbers replaced, at any depth."""
    if isinstance(config, dict):
        if config.get("class_name") == "DTypePolicy":
            return {**config, "config": {"name": "float32"}}
        return {key: _float32(value) for key, value in config.items()}
    if isinstance(config, list | tuple):
        return type(config)(_float32(value) for value in config)
    return config
