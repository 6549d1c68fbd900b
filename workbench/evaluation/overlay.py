"""Copies of pictures with a network's answers drawn under them, so that the face itself stays in view."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.errors import WorkbenchError
from workbench.evaluation.answers import Answer, Prediction
from workbench.files import file_error
from workbench.images.decode import decode, thumbnail
from workbench.images.preprocess import load_cv2
from workbench.schema import Schema

_LARGEST = 2000
_WIDTH = 360
_LINE = 22
_PAD = 8


def draw_overlay(
    image: NDArray[np.uint8], answers: Mapping[str, Answer], schema: Schema
) -> NDArray[np.uint8]:
    """Draw answers under a picture.

    Args:
        image: RGB (H, W, 3); it is not changed. A narrow one is enlarged so that the text fits.
        answers: Class and probability by head.
        schema: The heads, for their titles and order.

    Returns:
        A new RGB picture with a line for each head below: its title, the class, the probability and a bar.
    """
    cv2 = load_cv2()
    height, width = image.shape[:2]
    if width < _WIDTH:
        size = (_WIDTH, max(1, round(height * _WIDTH / width)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC)
        height, width = image.shape[:2]
    lines = [(head.title, answers[head.name]) for head in schema.heads if head.name in answers]
    panel = np.full((2 * _PAD + _LINE * len(lines), width, 3), 24, dtype=np.uint8)
    for row, (title, (name, chance)) in enumerate(lines):
        base = _PAD + _LINE * row
        bar = round((width - 2 * _PAD) * min(1.0, max(0.0, chance)))
        cv2.rectangle(panel, (_PAD, base + 2), (_PAD + bar, base + _LINE - 2), (40, 78, 110), -1)
        text = f"{_plain(title)}: {_plain(name)}  {chance:.2f}"
        place = (_PAD + 4, base + _LINE - 7)
        cv2.putText(panel, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (240, 240, 240), 1, cv2.LINE_AA)
    return np.concatenate([image, panel])


def _plain(text: str) -> str:
    """What OpenCV's font can draw."""
    return "".join(one if one.isascii() and one.isprintable() else "?" for one in text)[:40]


class Overlays:
    """Drawn copies in one folder. Nothing that is there already is ever written over.

    Args:
        folder: Made if it is not there.
        schema: The heads.

    Raises:
        WorkbenchError: The folder cannot be made.
    """

    def __init__(self, folder: Path, schema: Schema) -> None:
        self.folder, self.schema, self.count = folder, schema, 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise file_error(error, folder) from error

    def add(self, prediction: Prediction) -> Path:
        """Draw one; returns where.

        Raises:
            PictureError: The picture has vanished since it was read.
            WorkbenchError: The copy cannot be written, such as on a full disk.
        """
        cv2 = load_cv2()
        image = decode(prediction.path)
        if max(image.shape[:2]) > _LARGEST:
            image = thumbnail(prediction.path, (_LARGEST, _LARGEST))
        drawn = draw_overlay(image, prediction.answers, self.schema)
        done, encoded = cv2.imencode(".png", np.ascontiguousarray(drawn[:, :, ::-1]))
        if not done:
            raise WorkbenchError("OpenCV cannot write the drawn copy", where=prediction.path)
        self.count += 1
        return self._write(safe_stem(prediction.path), encoded.tobytes())

    def _write(self, stem: str, data: bytes) -> Path:
        """Write under the first name that is free."""
        number = 1
        while True:
            path = self.folder / (f"{stem}.png" if number == 1 else f"{stem}-{number}.png")
            try:
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
            except FileExistsError:
                number += 1
                continue
            except OSError as error:
                raise file_error(error, path) from error
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
            except OSError as error:
                path.unlink(missing_ok=True)
                raise file_error(error, path) from error
            return path


def safe_stem(path: Path) -> str:
    """A file name's start that is a plain name everywhere: letters, digits, dot, dash and underscore."""
    stem = re.sub(r"[^\w.-]", "_", path.stem, flags=re.ASCII).lstrip(".-")
    return f"{stem[:80] or 'picture'}.answers"
