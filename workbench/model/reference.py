"""The reference's network: one branch a head and nothing shared between them.

Three times (convolution 3×3 with ReLU, batch normalisation, max pooling, dropout .25), with 16, 32 and 32
filters and pools of 3, 2 and 2; then a dense layer of 128 with batch normalisation and dropout .5, and a
softmax. At 198×198 (and at 200×200) a branch has 1,063,872 + 129·K parameters. Its sizes are fixed: what
`model.*` says of width and depth is the trunk's.
"""

import keras  # noqa: TID251 - model/ builds networks
from keras import layers  # noqa: TID251

from workbench.config import ModelSettings
from workbench.model.registry import output_names
from workbench.schema import Head, Schema

BLOCKS = ((16, 3), (32, 2), (32, 2))
"""(filters, pool) of each convolution."""


def build(settings: ModelSettings, schema: Schema, size: int) -> keras.Model:  # noqa: ARG001 - a Builder
    """Build the branches; see `registry.build`."""
    pictures = keras.Input((size, size, 3), dtype="uint8", name="pictures")
    scaled = layers.Rescaling(1 / 255, name="scaled")(pictures)
    names = output_names(schema)
    outputs = {names[head.name]: _branch(scaled, head, index) for index, head in enumerate(schema.heads)}
    return keras.Model(pictures, outputs, name="reference")


def _branch(scaled: keras.KerasTensor, head: Head, index: int) -> keras.KerasTensor:
    """One head's own network. Layers bear the head's number: its name may hold what Keras forbids."""
    x = scaled
    for block, (filters, pool) in enumerate(BLOCKS):
        name = f"head{index}_block{block}"
        x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"{name}_convolution")(x)
        x = layers.BatchNormalization(name=f"{name}_normalised")(x)
        x = layers.MaxPooling2D(pool, name=f"{name}_pooled")(x)
        x = layers.Dropout(0.25, name=f"{name}_dropped")(x)
    x = layers.Flatten(name=f"head{index}_flat")(x)
    x = layers.Dense(128, activation="relu", name=f"head{index}_dense")(x)
    x = layers.BatchNormalization(name=f"head{index}_dense_normalised")(x)
    x = layers.Dropout(0.5, name=f"head{index}_dense_dropped")(x)
    classes = len(head.classes)
    return layers.Dense(classes, activation="softmax", dtype="float32", name=f"head{index}_softmax")(x)
