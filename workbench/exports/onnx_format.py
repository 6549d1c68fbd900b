"""`model.onnx`: for ONNX Runtime, OpenVINO, TensorRT, and the browser.

Keras writes it through tf2onnx, which knows NumPy 2 only with the change that Keras makes to it.
"""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.exports.formats import Answerer, Answers

if TYPE_CHECKING:
    import keras  # noqa: TID251 - for the type only


def write(network: "keras.Model", path: Path, samples: NDArray[np.uint8]) -> None:  # noqa: ARG001 - a format
    """Write the graph; any number of pictures may be asked at once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # Keras looks whether NumPy still has `object`
        network.export(path, format="onnx", verbose=False)
    _name_batch(path)


def _name_batch(path: Path) -> None:
    """Call the free dimension "batch", which tf2onnx calls "unk__48", and look whether the file is sound."""
    import onnx

    model = onnx.load(path)
    for value in (*model.graph.input, *model.graph.output):
        first = value.type.tensor_type.shape.dim[0]
        if not first.dim_value:
            first.dim_param = "batch"
    onnx.checker.check_model(model)
    onnx.save(model, path)


def load(path: Path) -> Answerer:
    """Read it back with ONNX Runtime on the processor."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    pictures = session.get_inputs()[0].name
    names = [one.name for one in session.get_outputs()]

    def answer(images: NDArray[np.uint8]) -> Answers:
        return dict(zip(names, session.run(names, {pictures: images}), strict=True))

    return answer
