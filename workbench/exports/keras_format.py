"""`model.keras`: for Keras on any of its backends, and for training on."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.exports.formats import Answerer, Answers

if TYPE_CHECKING:
    import keras  # noqa: TID251 - for the type only


def write(network: "keras.Model", path: Path, samples: NDArray[np.uint8]) -> None:  # noqa: ARG001 - a format
    """Write layers and weights, nothing that only training needs."""
    network.save(path)


def load(path: Path) -> Answerer:
    """Read it back, with nothing in it run."""
    import keras  # noqa: TID251 - the format is Keras' own

    network = keras.saving.load_model(path, compile=False, safe_mode=True)
    network.jit_compile = False

    def answer(images: NDArray[np.uint8]) -> Answers:
        return {name: np.asarray(one) for name, one in network.predict_on_batch(images).items()}

    return answer
