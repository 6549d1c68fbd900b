"""Any common picture file as RGB pixels, with Pillow alone; every file that is none is named with its reason.

Files come from outside and may be damaged or hostile: the size is checked from the header before anything is
decoded, only the formats named here are tried, and whatever a decoder raises becomes a `PictureError`.
"""

import ctypes
import re
import warnings
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError, _imaging

from workbench.errors import PictureError
from workbench.files import file_error

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif"}
)
MAX_PIXELS = 64_000_000
DECODER_VERSION = 1
"""Raised when the same file would give other pixels: caches made from them are then made anew."""

_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "DIB", "TIFF", "GIF")
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)

# Pillow warns on stderr about damaged metadata, and libtiff about damaged data, over whatever screen is drawn
# there; what matters is raised below. libtiff's symbol is reached through the extension that is linked to it.
warnings.filterwarnings("ignore", module=r"PIL\.")
with suppress(OSError, AttributeError):
    ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler(None)


def decode(path: Path, *, max_pixels: int = MAX_PIXELS) -> NDArray[np.uint8]:
    """Read a picture.

    The camera's orientation is applied, transparency is laid over white, 16-bit values are scaled to 8 bits;
    of an animation the first frame is taken.

    Args:
        path: A JPEG, PNG, WebP, BMP, TIFF or GIF file.
        max_pixels: Refuse a picture whose header announces more.

    Returns:
        Pixels as RGB, shape (height, width, 3).

    Raises:
        PictureError: Empty, truncated, damaged, too large, no picture or unreadable; `what` is the reason.
    """
    return np.asarray(_read(path, max_pixels, None), dtype=np.uint8)


def thumbnail(path: Path, box: tuple[int, int], *, max_pixels: int = MAX_PIXELS) -> NDArray[np.uint8]:
    """Read a picture, made smaller where it does not fit.

    Args:
        path: As in `decode`.
        box: The greatest width and height in pixels. A smaller picture is not enlarged.
        max_pixels: As in `decode`.

    Returns:
        Pixels as RGB, shape (height, width, 3), in the picture's own proportions.

    Raises:
        PictureError: As in `decode`.
    """
    return np.asarray(_read(path, max_pixels, box), dtype=np.uint8)


def probe(file: IO[bytes], path: Path, *, max_pixels: int = MAX_PIXELS) -> tuple[int, int]:
    """Make sure that a picture can be decoded to its last row; cheaper than `decode`.

    Args:
        file: The open file, at its start.
        path: Its name, for the message.
        max_pixels: As in `decode`.

    Returns:
        Width and height in pixels, as the picture is shown.

    Raises:
        PictureError: As in `decode`.
    """
    try:
        image = _open(file, path, max_pixels)
        size = image.size
        image.draft(image.mode, (1, 1))  # a JPEG's data is still read whole, only the arithmetic is left out
        image.load()
        turned = image.format != "TIFF" and _orientation(image) in _SIDEWAYS
        return (size[1], size[0]) if turned else size
    except Exception as error:
        raise _reason(error, path, max_pixels) from error


def _read(path: Path, max_pixels: int, box: tuple[int, int] | None) -> Image.Image:
    """The picture as an RGB image, upright, at most as large as `box`."""
    try:
        with path.open("rb") as file:
            image = _open(file, path, max_pixels)
            if box is not None:
                longest = max(box)
                image.draft(image.mode, (longest, longest))
            image.load()
            orientation = _orientation(image)
            colour = _to_rgb(image)
            if orientation in _TURNS:
                colour = colour.transpose(_TURNS[orientation])
            if box is not None:
                colour.thumbnail((max(1, box[0]), max(1, box[1])), Image.Resampling.LANCZOS, reducing_gap=2.0)
            return colour
    except Exception as error:  # Pillow's decoders raise nearly anything on a damaged file
        raise _reason(error, path, max_pixels) from error


def _open(file: IO[bytes], path: Path, max_pixels: int) -> Image.Image:
    """The picture behind its header, with nothing decoded yet."""
    if not file.read(1):
        raise PictureError("empty file", where=path)
    file.seek(0)
    image: Image.Image = Image.open(file, formats=_FORMATS)
    width, height = image.size
    if width * height > max_pixels:
        raise PictureError(f"too large: {width} × {height} pixels; {_limit(max_pixels)}", where=path)
    return image


def _orientation(image: Image.Image) -> int:
    """How the camera was held, 1 to 8; a picture with damaged metadata counts as upright."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:
        return 1


def _to_rgb(image: Image.Image) -> Image.Image:
    """Any of Pillow's modes as RGB; transparent parts as white."""
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_to_8_bits(np.asarray(image))).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, layer).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _to_8_bits(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Grey values of more than 8 bits, or of floating point (0 to 1, or 0 to 255), as 0 to 255."""
    if values.dtype.itemsize == 2:
        return np.asarray(values.astype(np.uint16) >> 8, dtype=np.uint8)
    grey = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    top = float(grey.max(initial=0.0))
    if values.dtype.kind == "f":
        scale = 255.0 if top <= 1.0 else 1.0 if top <= 255.0 else 255.0 / top
    else:
        scale = 1.0 if top <= 255 else 255.0 / 65535 if top <= 65535 else 255.0 / top
    return np.clip(np.rint(grey * scale), 0, 255).astype(np.uint8)


def _limit(max_pixels: int) -> str:
    """The limit as a person says it."""
    return f"at most {max_pixels / 1e6:g} million are read"


def _reason(error: Exception, path: Path, max_pixels: int) -> PictureError:
    """Why the picture cannot be read, in words that a person understands."""
    text = str(error)
    if isinstance(error, PictureError):
        return error
    if isinstance(error, UnidentifiedImageError):
        return PictureError("no picture: the content is no JPEG, PNG, WebP, BMP, TIFF or GIF", where=path)
    if isinstance(error, Image.DecompressionBombError):
        size = re.search(r"\d+", text)  # Pillow looked at the header before we could
        pixels = f": {int(size[0]) / 1e6:,.0f} million pixels" if size else ""
        return PictureError(f"too large{pixels}; {_limit(max_pixels)}", where=path)
    if isinstance(error, OSError) and error.errno:
        return PictureError(f"cannot be read: {file_error(error, path).what}", where=path)
    if "MAX_TEXT" in text:
        return PictureError("its text is far too large to be a picture's", where=path)
    if isinstance(error, MemoryError):
        return PictureError("too large for the memory of this machine", where=path)
    if isinstance(error, EOFError) or "truncated" in text.lower() or "not enough data" in text.lower():
        return PictureError("truncated: the end of the file is missing", where=path)
    return PictureError(f"damaged: {text or type(error).__name__}", where=path)
