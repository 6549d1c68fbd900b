"""Inverted residuals: Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", CVPR 2018.

The rows of its table 2 up to where the picture was halved `depth` times; 5, the default, is all of them. The
width multiplier is `width` / 32, so the default of 24 is 0.75. Left out is the last convolution to 1,280
maps: the heads see the last maps of the last three resolutions instead.

With the default sizes and the schema "face" it has 1,505,732 parameters; for others see `sizes.parameters`.
"""

import keras  # noqa: TID251 - model/ builds networks
from keras import layers  # noqa: TID251

from workbench.config import ModelSettings
from workbench.model.heads import answers, normalised
from workbench.model.sizes import SEEN_MAPS, Bottleneck, bottlenecks, first_filters
from workbench.schema import Schema


def build(settings: ModelSettings, schema: Schema, size: int) -> keras.Model:
    """Build bottlenecks and heads; see `registry.build`."""
    pictures = keras.Input((size, size, 3), dtype="uint8", name="pictures")
    x = layers.Rescaling(1 / 127.5, -1.0, name="scaled")(pictures)
    x = _convolution(x, first_filters(settings), 3, 2, "first")
    x = _rectified(x, settings, "first")
    maps = []
    for index, block in enumerate(bottlenecks(settings)):
        if block.stride == 2:
            maps.append(x)
        x = _block(x, block, settings, f"block{index}")
    maps.append(x)
    return keras.Model(pictures, answers(maps[-SEEN_MAPS:], schema, settings), name="mobilenet")


def _block(x: keras.KerasTensor, block: Bottleneck, settings: ModelSettings, name: str) -> keras.KerasTensor:
    """Wider, each map convolved by itself, narrower again without a rectifier; added to what came in."""
    before = x
    if block.expansion > 1:
        x = _convolution(x, block.expanded, 1, 1, f"{name}_wider")
        x = _rectified(x, settings, f"{name}_wider")
    x = layers.DepthwiseConv2D(
        3, strides=block.stride, padding="same", use_bias=False, name=f"{name}_depthwise"
    )(x)
    x = _rectified(x, settings, f"{name}_depthwise")
    x = _convolution(x, block.filters, 1, 1, f"{name}_narrower")
    x = normalised(x, settings, f"{name}_narrower_normalised")
    return layers.Add(name=f"{name}_added")([before, x]) if block.residual else x


def _rectified(x: keras.KerasTensor, settings: ModelSettings, name: str) -> keras.KerasTensor:
    """Batch normalisation and ReLU6."""
    x = normalised(x, settings, f"{name}_normalised")
    return layers.Activation("relu6", name=f"{name}_relu")(x)


def _convolution(
    x: keras.KerasTensor, filters: int, kernel: int, stride: int, name: str
) -> keras.KerasTensor:
    """A convolution without bias, as a normalisation follows."""
    return layers.Conv2D(
        filters, kernel, strides=stride, padding="same", use_bias=False, name=f"{name}_convolution"
    )(x)
