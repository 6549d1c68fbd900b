"""`saved_model/`: for TensorFlow in C++, Java or Go, and for TensorFlow Serving."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.exports.formats import Answerer, Answers

if TYPE_CHECKING:
    import keras  # noqa: TID251 - for the type only


def write(network: "keras.Model", path: Path, samples: NDArray[np.uint8]) -> None:  # noqa: ARG001 - a format
    """Write the graph with a signature `serve`."""
    network.export(path, format="tf_saved_model", verbose=False)


def load(path: Path) -> Answerer:
    """Read it back without Keras, as a server does."""
    import tensorflow as tf  # noqa: TID251 - Keras cannot run a SavedModel outside a layer of its own

    loaded = tf.saved_model.load(str(path))

    def answer(images: NDArray[np.uint8]) -> Answers:
        return {name: one.numpy() for name, one in loaded.serve(images).items()}

    return answer
