"""Drawing in a face's own coordinates: smooth curves, soft light and antialiased edges, on OpenCV.

Coordinates: the head's centre is (0, 0), its chin is at y = 1, its crown at y = -1, x to the right of the
picture. A matrix places the head (size, turn, shift) in the picture.
"""

from functools import cache
from types import ModuleType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.images.preprocess import load_cv2

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]
Colour = tuple[float, float, float]

_SHIFT = 4  # OpenCV's fixed-point coordinates: sixteenths of a pixel
_COARSE = 4  # soft light is computed on every fourth pixel


class Canvas:
    """A picture being drawn.

    Args:
        height: Pixels.
        width: Pixels.
        matrix: From the head's coordinates to pixels, shape (2, 3).
    """

    def __init__(self, height: int, width: int, matrix: Points) -> None:
        self.cv2: ModuleType = load_cv2()
        self.pixels: Pixels = np.zeros((height, width, 3), np.uint8)
        self.matrix = matrix
        self.unit = float(np.hypot(matrix[0, 0], matrix[1, 0]))
        self._grid: Points | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def place(self, points: ArrayLike) -> NDArray[np.int32]:
        """Points of the head, shape (..., 2), as OpenCV's fixed-point pixels."""
        moved = np.asarray(points, np.float64) @ self.matrix[:, :2].T + self.matrix[:, 2]
        return np.rint(moved * (1 << _SHIFT)).astype(np.int32)

    def fill(self, points: ArrayLike, colour: Colour, on: Pixels | None = None) -> None:
        """Fill a closed outline, shape (n, 2)."""
        target = self.pixels if on is None else on
        self.cv2.fillPoly(target, [self.place(points)], colour, self.cv2.LINE_AA, _SHIFT)

    def lines(
        self,
        curves: ArrayLike,
        colour: Colour,
        width: float,
        on: Pixels | None = None,
        closed: bool = False,
    ) -> None:
        """Draw curves, shape (m, n, 2), `width` in the head's units (at least one pixel)."""
        target = self.pixels if on is None else on
        thickness = max(1, round(width * self.unit))
        curves = list(self.place(curves))
        self.cv2.polylines(target, curves, closed, colour, thickness, self.cv2.LINE_AA, _SHIFT)

    def dots(self, centres: ArrayLike, radii: ArrayLike, colours: ArrayLike) -> None:
        """Fill small discs: centres (n, 2), radii (n,) in the head's units, colours (n, 3)."""
        # Polygons, since OpenCV draws small filled circles as diamonds.
        discs = np.asarray(centres)[:, None] + np.asarray(radii)[:, None, None] * _DISC
        for disc, colour in zip(self.place(discs), np.asarray(colours, np.float64).tolist(), strict=True):
            self.cv2.fillPoly(self.pixels, [disc], colour, self.cv2.LINE_AA, _SHIFT)

    def mask(self, *outlines: ArrayLike) -> Pixels:
        """Coverage of some closed outlines, 0 to 255, shape (height, width)."""
        coverage = np.zeros(self.shape, np.uint8)
        for outline in outlines:
            self.cv2.fillPoly(coverage, [self.place(outline)], 255, self.cv2.LINE_AA, _SHIFT)
        return coverage

    def blend(self, coverage: Pixels, layer: Pixels | Colour, strength: float = 1.0) -> None:
        """Lay a whole picture, or a colour, over the picture where `coverage` says so."""
        x, y, width, height = self.cv2.boundingRect(coverage)
        if not width:
            return
        part = np.s_[y : y + height, x : x + width]
        weight = coverage[part].astype(np.float32) * np.float32(strength / 255)
        under = np.ascontiguousarray(self.pixels[part])
        over = np.full_like(under, layer) if isinstance(layer, tuple) else np.ascontiguousarray(layer[part])
        self.pixels[part] = self.cv2.blendLinear(over, under, weight, 1 - weight)

    def glaze(self, outline: ArrayLike, colour: Colour, strength: float) -> None:
        """Fill an outline with a transparent colour."""
        self.blend(self.mask(outline), colour, strength)

    def grid(self) -> Points:
        """Coarse pixels in the head's coordinates, shape (h, w, 2)."""
        if self._grid is None:
            height, width = (-(-size // _COARSE) for size in self.shape)
            x, y = np.meshgrid((np.arange(width) + 0.5) * _COARSE, (np.arange(height) + 0.5) * _COARSE)
            inverse = np.linalg.inv(self.matrix[:, :2])
            self._grid = np.stack([x - self.matrix[0, 2], y - self.matrix[1, 2]], -1) @ inverse.T
        return self._grid

    def glow(self, blobs: ArrayLike) -> Points:
        """Add up soft spots of light.

        Args:
            blobs: Rows of x, y, radius in x, radius in y, amount; shape (n, 5).

        Returns:
            The sum on the coarse grid, shape (h, w).
        """
        table = np.asarray(blobs, np.float32)
        grid = self.grid().astype(np.float32)
        x = (grid[None, :, :, 0] - table[:, 0, None, None]) / table[:, 2, None, None]
        y = (grid[None, :, :, 1] - table[:, 1, None, None]) / table[:, 3, None, None]
        total: Points = np.einsum("nij,n->ij", np.exp(-(x * x + y * y)), table[:, 4])
        return total

    def layer(self, coarse: NDArray[np.floating]) -> Pixels:
        """A coarse picture, shape (h, w, 3), values 0 to 255, as a full one."""
        height, width = self.shape
        small = np.clip(coarse, 0, 255).astype(np.uint8)
        full = self.cv2.resize(small, (small.shape[1] * _COARSE, small.shape[0] * _COARSE))
        return np.ascontiguousarray(full[:height, :width])


def _disc() -> Points:
    """A small circle's outline around (0, 0)."""
    angle = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    return np.stack([np.cos(angle), np.sin(angle)], -1)


_DISC = _disc()


def smooth(points: ArrayLike, closed: bool = True, steps: int = 6) -> Points:
    """A Catmull-Rom curve through points.

    Args:
        points: Shape (..., n, 2).
        closed: Whether the last joins the first.
        steps: Points of the curve for each given one.

    Returns:
        Shape (..., m, 2).
    """
    knots = np.asarray(points, np.float64)
    curve: Points = _basis(knots.shape[-2], closed, steps) @ knots
    return curve


@cache
def _basis(count: int, closed: bool, steps: int) -> Points:
    """The matrix from `count` knots to the curve's points."""
    t = np.arange(steps) / steps
    weights = 0.5 * np.stack(
        [-(t**3) + 2 * t**2 - t, 3 * t**3 - 5 * t**2 + 2, -3 * t**3 + 4 * t**2 + t, t**3 - t**2], -1
    )
    spans = count if closed else count - 1
    matrix = np.zeros((spans * steps + (0 if closed else 1), count))
    for span in range(spans):
        for offset in range(4):
            knot = span + offset - 1
            knot = knot % count if closed else min(max(knot, 0), count - 1)
            matrix[span * steps : (span + 1) * steps, knot] += weights[:, offset]
    if not closed:
        matrix[-1, -1] = 1
    return matrix


def ellipse(x: float, y: float, rx: float, ry: float, count: int = 40) -> Points:
    """An ellipse as an outline."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([x + rx * np.cos(angle), y + ry * np.sin(angle)], -1)


def shift(points: ArrayLike, x: float, y: float) -> Points:
    """The same at another place."""
    moved: Points = np.add(points, (x, y))
    return moved


def mirror(points: ArrayLike) -> Points:
    """The same on the other side of the face."""
    return np.asarray(points, np.float64) * (-1, 1)


def tone(colour: Colour, factor: float, towards: Colour = (0, 0, 0), share: float = 0.0) -> Colour:
    """A colour made lighter or darker, then mixed with another."""
    mixed = (min(255.0, c * factor) * (1 - share) + t * share for c, t in zip(colour, towards, strict=True))
    red, green, blue = mixed
    return red, green, blue
