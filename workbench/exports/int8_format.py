"""`model_int8.tflite`: weights and layers in 8 bits, a quarter of the size, for processors without floats.

Post-training quantisation (Jacob et al., CVPR 2018): the range of each layer's values is measured on
pictures of the training split, which the test split must not inform. Pictures go in as bytes and
probabilities come out as float32, like those of every other format.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.exports.tflite_format import load

if TYPE_CHECKING:
    import keras  # noqa: TID251 - for the type only

__all__ = ["load", "write"]


def write(network: "keras.Model", path: Path, samples: NDArray[np.uint8]) -> None:
    """Measure the ranges on `samples` and write the graph."""
    import tensorflow as tf  # noqa: TID251 - the quantiser is TensorFlow Lite's

    def one_by_one() -> Iterator[list[NDArray[np.uint8]]]:
        for place in range(len(samples)):
            yield [samples[place : place + 1]]

    network.export(
        path,
        format="litert",
        verbose=False,
        optimizations=[tf.lite.Optimize.DEFAULT],
        representative_dataset=one_by_one,
        # An operation without an integer form, such as the rescaling of bytes, stays in floats.
        target_spec={"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8, tf.lite.OpsSet.TFLITE_BUILTINS]},
    )
