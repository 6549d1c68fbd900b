"""Spectacles and sunglasses."""

import numpy as np

from workbench.images.sample.canvas import Canvas, Colour, Points, mirror, shift, smooth
from workbench.images.sample.traits import Rng, Traits, width_at

_FRAMES: tuple[Colour, ...] = ((28, 26, 28), (70, 40, 26), (120, 30, 34), (30, 50, 92), (60, 62, 68))
_LENSES: tuple[Colour, ...] = ((22, 22, 26), (44, 30, 22), (24, 40, 34), (26, 32, 56))
# In hundredths of the head's unit.
_OUTLINES: dict[str, list[tuple[float, float]]] = {
    "round": [(21, 0), (15, 15), (0, 21), (-15, 15), (-21, 0), (-15, -15), (0, -20), (15, -15)],
    "box": [(25, -13), (25, 8), (18, 16), (-16, 16), (-22, 8), (-23, -13), (0, -15.5)],
    "aviator": [(24, -12), (22, 8), (8, 21), (-10, 17), (-20, 0), (-21, -13), (0, -15.5)],
    "cat": [(28, -19), (24, 2), (10, 15), (-10, 15), (-21, 5), (-21, -11), (0, -14)],
}
_SHAPES = tuple(_OUTLINES)


def draw_glasses(canvas: Canvas, traits: Traits, kind: str, rng: Rng) -> None:
    """Put glasses on: `kind` "normal" shows the eyes, "sunglasses" hides them."""
    dark = kind == "sunglasses"
    frame = _FRAMES[int(rng.integers(len(_FRAMES)))]
    thick = rng.uniform(0.034, 0.06)
    size = rng.uniform(1.12, 1.3) if dark else rng.uniform(1.0, 1.16)
    right = _lens(_SHAPES[int(rng.integers(len(_SHAPES)))], size)
    y = traits.eye_y + 0.03
    lenses = [shift(lens, traits.turn + s * traits.eye_x, y) for s, lens in ((1, right), (-1, mirror(right)))]
    if dark:
        _darken(canvas, lenses, rng)
    else:
        for lens in lenses:
            canvas.glaze(lens, (214, 228, 240), 0.13)
        _glint(canvas, lenses, 0.30)
    canvas.lines(lenses, frame, thick, closed=True)
    inner = traits.eye_x - float(right[:, 0].max())
    bridge = smooth([(-abs(inner) - 0.01, y - 0.02), (0, y - 0.06), (abs(inner) + 0.01, y - 0.02)], False)
    canvas.lines([shift(bridge, traits.turn, 0)], frame, thick)
    for side in (-1, 1):
        hinge = traits.turn + side * (traits.eye_x + float(right[:, 0].max()))
        canvas.lines([[(hinge, y - 0.06), (side * (width_at(traits, 0.0) + 0.03), y - 0.03)]], frame, thick)


def _darken(canvas: Canvas, lenses: list[Points], rng: Rng) -> None:
    """Lenses that hide the eyes, a little lighter below."""
    colour = np.array(_LENSES[int(rng.integers(len(_LENSES)))], np.float64)
    grid = canvas.grid()[..., 1:2]
    canvas.blend(canvas.mask(*lenses), canvas.layer(colour * (1 + np.clip(grid + 0.15, 0, 0.5) * 1.6)), 0.97)
    _glint(canvas, lenses, 0.22)


def _glint(canvas: Canvas, lenses: list[Points], strength: float) -> None:
    """A slanted reflection on each lens."""
    for lens in lenses:
        x, y = lens.mean(0)
        stripe = shift([(-0.10, 0.09), (-0.01, -0.11), (0.05, -0.11), (-0.04, 0.09)], x, y)
        canvas.glaze(stripe, (255, 255, 255), strength)


def _lens(shape: str, size: float) -> Points:
    """The right lens around (0, 0)."""
    outline: Points = smooth(_OUTLINES[shape]) * (size / 100)
    return outline
