"""A network of keras.applications under our heads, its weights from a file that a person brings.

Nothing is ever fetched. The parameters and the source of each stand in `backbones`; the heads see means and
maxima of its last map, which adds 8 numbers a filter for their normalisation, and the heads themselves. The
preprocessing of each family is a part of the network, so that whoever loads it feeds plain RGB.

With MobileNetV2 and the schema "face" it has 3,909,844 parameters; for others see `sizes.parameters`.
"""

import warnings
from pathlib import Path
from typing import Any

import keras  # noqa: TID251 - model/ builds networks
import numpy as np
from keras import layers, ops  # noqa: TID251
from numpy.typing import NDArray

from workbench.config import ModelSettings
from workbench.errors import ConfigError
from workbench.model.backbones import BACKBONES, how_to_bring
from workbench.model.heads import answers
from workbench.schema import Schema

_REASON_LENGTH = 160


def build(settings: ModelSettings, schema: Schema, size: int) -> keras.Model:
    """Build backbone and heads, and load the weights; see `registry.build`.

    Raises:
        ConfigError: The file is damaged, or holds the weights of another network.
    """
    backbone = getattr(keras.applications, settings.backbone)(
        input_shape=(size, size, 3), include_top=False, weights=None
    )
    if settings.weights:
        _load(backbone, Path(settings.weights), settings.backbone)
    _prepare(backbone, settings)
    pictures = keras.Input((size, size, 3), dtype="uint8", name="pictures")
    last = backbone(_preprocessed(pictures, settings.backbone))
    return keras.Model(pictures, answers([last], schema, settings), name="backbone")


def _preprocessed(pictures: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """RGB of 0 to 255 as the family was trained to see it."""
    backbone = BACKBONES[name]
    seen = ops.flip(pictures, axis=-1) if backbone.reversed_channels else pictures
    return layers.Rescaling(list(backbone.scale), list(backbone.offset), name="scaled")(seen)


def _prepare(backbone: keras.Model, settings: ModelSettings) -> None:
    """Fix the first layers, whose normalisation then uses the statistics it came with; ours else."""
    fixed = round(settings.frozen * len(backbone.layers))
    for index, layer in enumerate(backbone.layers):
        layer.trainable = index >= fixed
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = settings.batch_norm_momentum


def _load(backbone: keras.Model, path: Path, name: str) -> None:
    """Load arrays, and nothing else, from a file from outside."""
    # Keras only warns of some weights that a file lacks; what is no number afterwards was not in it.
    backbone.set_weights([_unknown(weight) for weight in backbone.get_weights()])
    try:
        with warnings.catch_warnings(action="ignore"):
            backbone.load_weights(path)
    except Exception as error:  # h5py and Keras raise nearly anything on a file that does not fit
        reason = " ".join(str(error).split())[:_REASON_LENGTH]
        raise ConfigError(
            f"damaged, or not the weights of {name}: {reason}", where=path, cure=how_to_bring(name)
        ) from error
    if not all(np.isfinite(weight).all() for weight in backbone.get_weights()):
        raise ConfigError(
            f"lacks weights of {name}, or holds values that are no finite numbers",
            where=path,
            cure=how_to_bring(name),
        )


def _unknown(weight: NDArray[Any]) -> NDArray[Any]:
    """As large, with nothing known yet."""
    return np.full_like(weight, np.nan) if np.issubdtype(weight.dtype, np.floating) else weight
