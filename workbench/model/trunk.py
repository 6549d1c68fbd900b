"""A convolutional trunk that all heads share, and a small head each: the default, quick on a laptop's CPU.

Our own, after the plain stacks of VGG (Simonyan and Zisserman, ICLR 2015). Every block is a convolution
3×3, max pooling, batch normalisation (Ioffe and Szegedy, ICML 2015) and ReLU; it halves the picture and
doubles the filters, so each block costs about the same. Pooling comes before the normalisation, which then
has a quarter of the work. The heads see the maps of the last three blocks: a wrinkle is thin and a freckle
small, so they are seen in an earlier map than a hat.

With the default sizes and the schema "face" it has 1,367,100 parameters; for others see `sizes.parameters`.
"""

import keras  # noqa: TID251 - model/ builds networks
from keras import layers  # noqa: TID251

from workbench.config import ModelSettings
from workbench.model.heads import answers, normalised
from workbench.model.sizes import SEEN_MAPS, stage_filters
from workbench.schema import Schema


def build(settings: ModelSettings, schema: Schema, size: int) -> keras.Model:
    """Build trunk and heads; see `registry.build`."""
    pictures = keras.Input((size, size, 3), dtype="uint8", name="pictures")
    x = layers.Rescaling(1 / 127.5, -1.0, name="scaled")(pictures)
    maps = []
    for block, filters in enumerate(stage_filters(settings)):
        x = _block(x, settings, filters, f"block{block}")
        maps.append(x)
    return keras.Model(pictures, answers(maps[-SEEN_MAPS:], schema, settings), name="trunk")


def _block(x: keras.KerasTensor, settings: ModelSettings, filters: int, name: str) -> keras.KerasTensor:
    """Half the size, twice the filters."""
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"{name}_convolution")(x)
    x = layers.MaxPooling2D(2, name=f"{name}_pooled")(x)
    x = normalised(x, settings, f"{name}_normalised")
    return layers.Activation("relu", name=f"{name}_relu")(x)
