"""The architectures by name, and the one function that builds them. Names are known without Keras."""

import re
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, cast

from workbench.config import ModelSettings
from workbench.errors import ConfigError
from workbench.schema import Schema
from workbench.toml import suggestion

if TYPE_CHECKING:
    import keras  # noqa: TID251 - for the type only

Builder = Callable[[ModelSettings, Schema, int], "keras.Model"]
_MODULES = {"reference": "workbench.model.reference", "trunk": "workbench.model.trunk"}


_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.]*")
"""What may be a part of a name in TensorFlow."""


def architecture_names() -> tuple[str, ...]:
    """What `model.architecture` can be."""
    return tuple(_MODULES)


def check_architecture(settings: ModelSettings, size: int) -> None:
    """Refuse a network that cannot be built, before Keras is loaded.

    Raises:
        ConfigError: There is no such architecture, or the pictures are too small for it.
    """
    name = settings.architecture
    if name not in _MODULES:
        raise ConfigError(
            f"no architecture is named {name!r}",
            where="model.architecture",
            cure=suggestion(name, architecture_names()),
        )
    if name == "trunk" and size < 2**settings.depth:
        raise ConfigError(
            f"{settings.depth} blocks halve a picture of {size} pixels to nothing",
            where="model.depth",
            cure="fewer blocks or a larger dataset.size",
        )


def output_names(schema: Schema) -> dict[str, str]:
    """What a network calls the output of each head.

    The heads' own names, so that a network that others load speaks for itself; numbers if one of them holds
    what Keras cannot take in a name.
    """
    if all(_SAFE.fullmatch(name) for name in schema.head_names):
        return {name: name for name in schema.head_names}
    return {name: f"head{index}" for index, name in enumerate(schema.head_names)}


def build(settings: ModelSettings, schema: Schema, size: int) -> "keras.Model":
    """Build a network with fresh weights, not compiled.

    Args:
        settings: Architecture and its sizes.
        schema: The heads.
        size: Height and width of the pictures in pixels.

    Returns:
        A model from uint8 pictures (B, size, size, 3), RGB, to probabilities (B, K) float32 of each
        head, by the names that `output_names` gives.

    Raises:
        ConfigError: See `check_architecture`.
    """
    check_architecture(settings, size)
    builder = cast(Builder, import_module(_MODULES[settings.architecture]).build)
    return builder(settings, schema, size)
