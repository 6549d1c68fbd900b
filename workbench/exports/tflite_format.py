"""`model.tflite`: for phones and small boards, with the weights as they are (float32)."""

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.exports.formats import Answerer, Answers

if TYPE_CHECKING:
    import keras  # noqa: TID251 - for the type only


def write(network: "keras.Model", path: Path, samples: NDArray[np.uint8]) -> None:  # noqa: ARG001 - a format
    """Write the graph; only what every interpreter can run is allowed in it."""
    import tensorflow as tf  # noqa: TID251 - the names of the sets of operations are TensorFlow Lite's

    builtin = {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]}
    network.export(path, format="litert", verbose=False, target_spec=builtin)


def load(path: Path) -> Answerer:
    """Read it back with TensorFlow's interpreter on the processor."""
    import tensorflow as tf  # noqa: TID251 - Keras has no interpreter

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # says that it moves to the package ai-edge-litert
        interpreter = tf.lite.Interpreter(model_path=str(path), num_threads=os.cpu_count())
    ask = interpreter.get_signature_runner()
    [pictures] = ask.get_input_details()

    def answer(images: NDArray[np.uint8]) -> Answers:
        found: Answers = ask(**{pictures: images})
        return found

    return answer
