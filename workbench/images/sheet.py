"""Several pictures on one sheet: before and after a blur, or a gallery; and a sheet as a PNG file."""

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workbench.config import Settings
from workbench.errors import InputError
from workbench.files import write_atomically
from workbench.images.decode import decode
from workbench.images.preprocess import preprocess

_PAPER = 245


def tile(
    images: Sequence[NDArray[np.uint8]] | NDArray[np.uint8], columns: int, pad: int = 4
) -> NDArray[np.uint8]:
    """Lay pictures out in rows.

    Args:
        images: RGB pictures of any sizes, each (height, width, 3); a cell takes the largest.
        columns: Pictures a row.
        pad: Pixels between and around them.

    Returns:
        The sheet as RGB, shape (height, width, 3).

    Raises:
        InputError: There is no picture.
    """
    if not len(images):
        raise InputError("a sheet needs at least one picture")
    columns = max(1, min(columns, len(images)))
    rows = math.ceil(len(images) / columns)
    height = max(image.shape[0] for image in images)
    width = max(image.shape[1] for image in images)
    sheet = np.full((rows * (height + pad) + pad, columns * (width + pad) + pad, 3), _PAPER, dtype=np.uint8)
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        top = pad + row * (height + pad) + (height - image.shape[0]) // 2
        left = pad + column * (width + pad) + (width - image.shape[1]) // 2
        sheet[top : top + image.shape[0], left : left + image.shape[1]] = image
    return sheet


def blur_sheet(image: NDArray[np.uint8], size: int, sigma: float, pad: int = 4) -> NDArray[np.uint8]:
    """A picture as the network would see it, without the blur (left) and with it (right).

    Args:
        image: RGB, shape (height, width, 3).
        size: The network's height and width in pixels.
        sigma: Standard deviation of the blur in pixels of the resized picture.
        pad: Pixels between and around the two.

    Returns:
        The sheet as RGB.

    Raises:
        MissingLibrary: OpenCV cannot be loaded.
    """
    return tile([preprocess(image, size), preprocess(image, size, sigma)], 2, pad)


def preview_sheet(
    path: Path, settings: Settings, *, kind: Literal["blur", "augment"], count: int, seed: int
) -> NDArray[np.uint8]:
    """What blur or augmentation do to one picture, with the strengths of the settings.

    Args:
        path: The picture.
        settings: Size, blur and augmentations.
        kind: "blur" shows it before and after, "augment" the picture and `count` augmentations of it.
        count: Augmentations.
        seed: Another seed draws others.

    Returns:
        The sheet as RGB.

    Raises:
        InputError: The settings switch nothing of that kind on.
        PictureError: The picture cannot be read.
        MissingLibrary: OpenCV cannot be loaded.
    """
    size, sigma = settings.dataset.size, settings.dataset.blur_sigma
    if kind == "blur":
        if sigma <= 0:
            raise InputError(
                "the blur is off", where="dataset.blur_sigma", cure="--set dataset.blur_sigma=1.5"
            )
        return blur_sheet(decode(path), size, sigma)
    if not settings.augment.active:
        raise InputError(
            "no augmentation is on", where="augment", cure="--config reference, or --set augment.…"
        )
    from workbench.images.augment import Augmenter

    small = preprocess(decode(path), size, sigma)
    drawn = Augmenter(settings.augment, seed)(np.stack([small] * count), 0)
    return tile([small, *drawn], math.ceil(math.sqrt(count + 1)))


def write_png(path: Path, image: NDArray[np.uint8]) -> None:
    """Write a picture as PNG, whole or not at all.

    Raises:
        WorkbenchError: The place cannot be written.
    """
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    write_atomically(path, buffer.getvalue())
