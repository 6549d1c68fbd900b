"""A convolutional trunk that all heads share, and a small head each: the default, quick on a laptop's CPU.

Every block is a convolution 3×3, max pooling, batch normalisation and ReLU; it halves the picture and
doubles the filters, so each block costs about the same. Pooling comes before the normalisation, which then
has a quarter of the work. Means and maxima over the maps of the last three blocks go to all heads: a wrinkle
is thin and a freckle small, so they are seen in an earlier map than a hat; a few of them are a maximum, the
hair's colour is a mean.
"""

import keras  # noqa: TID251 - model/ builds networks
from keras import layers  # noqa: TID251

from workbench.config import ModelSettings
from workbench.model.registry import output_names
from workbench.schema import Head, Schema

_MOST_FILTERS = 256
_SEEN_BLOCKS = 3
"""How many of the last blocks the heads see."""


def build(settings: ModelSettings, schema: Schema, size: int) -> keras.Model:
    """Build trunk and heads; see `registry.build`."""
    pictures = keras.Input((size, size, 3), dtype="uint8", name="pictures")
    x = layers.Rescaling(1 / 127.5, -1.0, name="scaled")(pictures)
    maps = []
    for block in range(settings.depth):
        x = _block(x, settings, block)
        maps.append(x)
    seen = []
    for index, one in enumerate(maps[-_SEEN_BLOCKS:]):
        seen.append(layers.GlobalAveragePooling2D(name=f"means{index}")(one))
        seen.append(layers.GlobalMaxPooling2D(name=f"maxima{index}")(one))
    features = layers.Concatenate(name="features")(seen)
    # Means and maxima of several maps differ in scale by far more than one dense layer should have to undo.
    features = _normalised(features, settings, "features_normalised")
    names = output_names(schema)
    outputs = {
        names[head.name]: _head(features, head, index, settings) for index, head in enumerate(schema.heads)
    }
    return keras.Model(pictures, outputs, name="trunk")


def _block(x: keras.KerasTensor, settings: ModelSettings, block: int) -> keras.KerasTensor:
    """Half the size, twice the filters."""
    filters, name = min(settings.width * 2**block, _MOST_FILTERS), f"block{block}"
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"{name}_convolution")(x)
    x = layers.MaxPooling2D(2, name=f"{name}_pooled")(x)
    x = _normalised(x, settings, f"{name}_normalised")
    return layers.Activation("relu", name=f"{name}_relu")(x)


def _normalised(x: keras.KerasTensor, settings: ModelSettings, name: str) -> keras.KerasTensor:
    """Batch normalisation; the usual momentum of 0.99 needs hundreds of steps, a small set has a dozen."""
    return layers.BatchNormalization(momentum=settings.batch_norm_momentum, name=name)(x)


def _head(features: keras.KerasTensor, head: Head, index: int, settings: ModelSettings) -> keras.KerasTensor:
    """A head's own dense layer and softmax. Layers bear its number: its name may hold what Keras forbids."""
    x = layers.Dropout(settings.dropout, name=f"head{index}_dropped")(features)
    x = layers.Dense(settings.dense, activation="relu", name=f"head{index}_dense")(x)
    x = layers.Dropout(settings.dropout, name=f"head{index}_dense_dropped")(x)
    classes = len(head.classes)
    return layers.Dense(classes, activation="softmax", dtype="float32", name=f"head{index}_softmax")(x)
