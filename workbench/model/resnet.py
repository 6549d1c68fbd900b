"""A small residual network: He et al., "Identity mappings in deep residual networks", ECCV 2016.

A first convolution 3×3 halves the picture; then come `depth` stages of one pre-activated basic block each
(its figure 4e): batch normalisation, ReLU, convolution 3×3, twice, added to what came in. Every stage but the
first halves the picture, and its shortcut is then a convolution 1×1 with stride 2 on the activated input.
With four stages that is ResNet-10, with five, the default, ResNet-12. What the heads see of a stage is its
activated output, which the next stage computes anyway.

With the default sizes and the schema "face" it has 2,478,652 parameters; for others see `sizes.parameters`.
"""

import keras  # noqa: TID251 - model/ builds networks
from keras import layers  # noqa: TID251

from workbench.config import ModelSettings
from workbench.model.heads import answers, normalised
from workbench.model.sizes import SEEN_MAPS, stage_filters
from workbench.schema import Schema


def build(settings: ModelSettings, schema: Schema, size: int) -> keras.Model:
    """Build stages and heads; see `registry.build`."""
    pictures = keras.Input((size, size, 3), dtype="uint8", name="pictures")
    x = layers.Rescaling(1 / 127.5, -1.0, name="scaled")(pictures)
    x = _convolution(x, settings.width, 3, 2, "first_convolution")
    maps = []
    for stage, filters in enumerate(stage_filters(settings)):
        name = f"stage{stage}"
        active = _activated(x, settings, f"{name}_before")
        maps.append(active)
        x = _block(x, active, settings, filters, name)
    maps.append(_activated(x, settings, "last"))
    return keras.Model(pictures, answers(maps[-SEEN_MAPS:], schema, settings), name="resnet")


def _block(
    x: keras.KerasTensor, active: keras.KerasTensor, settings: ModelSettings, filters: int, name: str
) -> keras.KerasTensor:
    """A basic block; `active` is what came in, normalised and rectified."""
    first = name == "stage0"
    stride = 1 if first else 2
    shortcut = x if first else _convolution(active, filters, 1, stride, f"{name}_shortcut")
    x = _convolution(active, filters, 3, stride, f"{name}_convolution0")
    x = _activated(x, settings, f"{name}_between")
    x = _convolution(x, filters, 3, 1, f"{name}_convolution1")
    return layers.Add(name=f"{name}_added")([x, shortcut])


def _activated(x: keras.KerasTensor, settings: ModelSettings, name: str) -> keras.KerasTensor:
    """Batch normalisation and ReLU."""
    x = normalised(x, settings, f"{name}_normalised")
    return layers.Activation("relu", name=f"{name}_relu")(x)


def _convolution(
    x: keras.KerasTensor, filters: int, kernel: int, stride: int, name: str
) -> keras.KerasTensor:
    """A convolution without bias, as a normalisation follows; its weights as in He et al., ICCV 2015."""
    return layers.Conv2D(
        filters,
        kernel,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)
