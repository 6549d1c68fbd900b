"""What the architectures share: features pooled from maps, a small head for each answer.

Means and maxima over the maps go to all heads: a few freckles are a maximum, the hair's colour is a mean.
"""

from collections.abc import Sequence

import keras  # noqa: TID251 - model/ builds networks
from keras import layers  # noqa: TID251

from workbench.config import ModelSettings
from workbench.model.registry import output_names
from workbench.schema import Head, Schema


def normalised(x: keras.KerasTensor, settings: ModelSettings, name: str) -> keras.KerasTensor:
    """Batch normalisation whose moving statistics follow within a short epoch.

    The usual momentum of 0.99 needs hundreds of steps; a small set has a dozen an epoch, and would be
    validated with statistics of networks long gone: its curve jumps while the training loss falls smoothly.
    """
    return layers.BatchNormalization(momentum=settings.batch_norm_momentum, name=name)(x)


def answers(
    maps: Sequence[keras.KerasTensor], schema: Schema, settings: ModelSettings
) -> dict[str, keras.KerasTensor]:
    """Every head's probabilities.

    Args:
        maps: Each (B, H, W, C).
        schema: The heads.
        settings: Units of the dense layers, dropout, momentum.

    Returns:
        (B, K) float32 by the names that `output_names` gives.
    """
    seen = []
    for index, one in enumerate(maps):
        seen.append(layers.GlobalAveragePooling2D(name=f"means{index}")(one))
        seen.append(layers.GlobalMaxPooling2D(name=f"maxima{index}")(one))
    features = layers.Concatenate(name="features")(seen)
    # Means and maxima of several maps differ in scale by far more than one dense layer should have to undo.
    features = normalised(features, settings, "features_normalised")
    names = output_names(schema)
    return {
        names[head.name]: _head(features, head, index, settings) for index, head in enumerate(schema.heads)
    }


def _head(features: keras.KerasTensor, head: Head, index: int, settings: ModelSettings) -> keras.KerasTensor:
    """A head's own dense layer and softmax. Layers bear its number: its name may hold what Keras forbids."""
    x = layers.Dropout(settings.dropout, name=f"head{index}_dropped")(features)
    x = layers.Dense(settings.dense, activation="relu", name=f"head{index}_dense")(x)
    x = layers.Dropout(settings.dropout, name=f"head{index}_dense_dropped")(x)
    classes = len(head.classes)
    return layers.Dense(classes, activation="softmax", dtype="float32", name=f"head{index}_softmax")(x)
