"""What every picture goes through before the network sees it: OpenCV's resize and an optional blur."""

import importlib
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from workbench.errors import MissingLibrary


def load_cv2() -> ModuleType:
    """Import OpenCV; the one place that does, because a bare server lacks a library that it needs.

    Raises:
        MissingLibrary: `libGL.so.1` or the like is not there; says the line that cures it.
    """
    try:
        return importlib.import_module("cv2")
    except ImportError as error:
        raise MissingLibrary(
            f"OpenCV cannot be loaded ({error})",
            cure="run `workbench doctor --fix` (installs opencv-python-headless) or `apt-get install libgl1`",
        ) from error


def preprocess(image: NDArray[np.uint8], size: int, blur_sigma: float = 0.0) -> NDArray[np.uint8]:
    """Bring a picture to the network's size.

    Args:
        image: Pixels as RGB, shape (height, width, 3).
        size: Height and width of the result; the picture's proportions are given up, as in the reference.
        blur_sigma: Standard deviation in pixels of the result of a Gaussian blur; 0 for none.

    Returns:
        Pixels as RGB, shape (size, size, 3).

    Raises:
        MissingLibrary: See `load_cv2`.
    """
    cv2 = load_cv2()
    height, width = image.shape[:2]
    if (height, width) != (size, size):
        way = cv2.INTER_AREA if height * width > size * size else cv2.INTER_LINEAR
        image = cv2.resize(image, (size, size), interpolation=way)
    if blur_sigma > 0:
        image = cv2.GaussianBlur(image, (0, 0), blur_sigma)
    return np.ascontiguousarray(image, dtype=np.uint8)
