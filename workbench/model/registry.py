"""The architectures by name, and the one function that builds them. Names are known without Keras."""

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from workbench.config import ModelSettings
from workbench.errors import ConfigError
from workbench.model.backbones import how_to_bring
from workbench.model.sizes import MOBILENET_DEPTH
from workbench.model.weights_file import check_weights_file
from workbench.schema import Schema
from workbench.settings.model import ARCHITECTURES
from workbench.toml import suggestion

if TYPE_CHECKING:
    import keras  # noqa: TID251 - for the type only

Builder = Callable[[ModelSettings, Schema, int], "keras.Model"]


_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.]*")
"""What may be a part of a name in TensorFlow."""


def architecture_names() -> tuple[str, ...]:
    """What `model.architecture` can be."""
    return tuple(ARCHITECTURES)


def check_architecture(settings: ModelSettings, size: int) -> None:
    """Refuse a network that cannot be built, before Keras is loaded.

    Raises:
        ConfigError: There is no such architecture, the pictures are too small for it, or its weights cannot
            be read.
    """
    name = settings.architecture
    if name not in ARCHITECTURES:
        raise ConfigError(
            f"no architecture is named {name!r}",
            where="model.architecture",
            cure=suggestion(name, architecture_names()),
        )
    if name in ("trunk", "resnet", "mobilenet"):
        _check_depth(settings, size)
    _check_backbone(settings)


def _check_depth(settings: ModelSettings, size: int) -> None:
    """Refuse to halve pictures to nothing."""
    if settings.architecture == "mobilenet" and settings.depth > MOBILENET_DEPTH:
        raise ConfigError(
            f"mobilenet halves a picture {MOBILENET_DEPTH} times at most; {settings.depth} were asked for",
            where="model.depth",
            cure=f"model.depth={MOBILENET_DEPTH} or less",
        )
    if size < 2**settings.depth:
        raise ConfigError(
            f"{settings.depth} blocks halve a picture of {size} pixels to nothing",
            where="model.depth",
            cure="fewer blocks or a larger dataset.size: "
            f"model.depth={size.bit_length() - 1} at most for {size} "
            f"pixels, dataset.size={2**settings.depth} at least for {settings.depth} blocks",
        )


def _check_backbone(settings: ModelSettings) -> None:
    """Refuse weights that cannot be, and settings of a backbone where there is none."""
    given = "weights" if settings.weights else "frozen"
    if settings.architecture != "backbone":
        if settings.weights or settings.frozen:
            raise ConfigError(
                f"only a backbone has it; the architecture is {settings.architecture}",
                where=f"model.{given}",
                cure="set model.architecture=backbone too, or leave it out",
            )
        return
    if settings.weights:
        check_weights_file(Path(settings.weights), settings.backbone)
    elif settings.frozen:
        raise ConfigError(
            "layers with random weights would never learn",
            where="model.frozen",
            cure=f"name a file in model.weights ({how_to_bring(settings.backbone)}), or model.frozen=0",
        )


def begins_with(settings: ModelSettings) -> str:
    """With which weights a backbone begins, in words; "" for other architectures, whose are always random."""
    if settings.architecture != "backbone":
        return ""
    if not settings.weights:
        return f"{settings.backbone} begins with random weights, as model.weights names no file"
    fixed = f"; {settings.frozen:.0%} of its layers do not learn" if settings.frozen else ""
    return f"{settings.backbone} begins with the weights of {settings.weights}{fixed}"


def output_names(schema: Schema) -> dict[str, str]:
    """What a network calls the output of each head.

    The heads' own names, so that a network that others load speaks for itself; numbers if one of them holds
    what Keras cannot take in a name.
    """
    if all(_SAFE.fullmatch(name) for name in schema.head_names):
        return {name: name for name in schema.head_names}
    return {name: f"head{index}" for index, name in enumerate(schema.head_names)}


def build(settings: ModelSettings, schema: Schema, size: int) -> "keras.Model":
    """Build a network, not compiled: its weights are fresh, those of a backbone's file apart.

    Args:
        settings: Architecture and its sizes.
        schema: The heads.
        size: Height and width of the pictures in pixels.

    Returns:
        A model from uint8 pictures (B, size, size, 3), RGB, to probabilities (B, K) float32 of each
        head, by the names that `output_names` gives.

    Raises:
        ConfigError: See `check_architecture`; or the weights of a backbone are of another network.
    """
    check_architecture(settings, size)
    builder = cast(Builder, import_module(f"workbench.model.{settings.architecture}").build)
    return builder(settings, schema, size)
