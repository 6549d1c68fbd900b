"""Spectacles and sunglasses."""

import numpy as np

from workbench.images.sample.canvas import Canvas, Colour, Points, mirror, smooth, tone
from workbench.images.sample.traits import Rng, Traits, width_at

_FRAMES: tuple[Colour, ...] = ((28, 26, 28), (70, 40, 26), (120, 30, 34), (30, 50, 92), (60, 62, 68))
_LENSES: tuple[Colour, ...] = ((22, 22, 26), (44, 30, 22), (24, 40, 34), (26, 32, 56))
_SHAPES = ("round", "box", "aviator", "cat")


def draw_glasses(canvas: Canvas, traits: Traits, kind: str, rng: Rng) -> None:
    """Put glasses on: `kind` "normal" shows the eyes, "sunglasses" hides them."""
    dark = kind == "sunglasses"
    frame = _FRAMES[int(rng.integers(len(_FRAMES)))]
    thick = rng.uniform(0.034, 0.06)
    size = rng.uniform(1.12, 1.3) if dark else rng.uniform(1.0, 1.16)
    right = _lens(_SHAPES[int(rng.integers(len(_SHAPES)))], size) * (1, 1)
    y = traits.eye_y + 0.03
    lenses = [right + (traits.turn + traits.eye_x, y), mirror(right) + (traits.turn - traits.eye_x, y)]
    if dark:
        _darken(canvas, lenses, rng)
    else:
        for lens in lenses:
            canvas.glaze(lens, (214, 228, 240), 0.13)
        _glint(canvas, lenses, 0.30)
    canvas.lines(lenses, frame, thick, closed=True)
    inner = traits.eye_x - float(right[:, 0].max())
    bridge = smooth([(-abs(inner) - 0.01, y - 0.02), (0, y - 0.06), (abs(inner) + 0.01, y - 0.02)], False)
    canvas.lines([bridge + (traits.turn, 0)], frame, thick)
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
        stripe = np.array([(-0.10, 0.09), (-0.01, -0.11), (0.05, -0.11), (-0.04, 0.09)]) + (x, y)
        canvas.glaze(stripe, tone((255, 255, 255), 1.0), strength)


def _lens(shape: str, size: float) -> Points:
    """The right lens around (0, 0)."""
    outlines = {
        "round": [
            (0.21, 0),
            (0.15, 0.15),
            (0, 0.21),
            (-0.15, 0.15),
            (-0.21, 0),
            (-0.15, -0.15),
            (0, -0.2),
            (0.15, -0.15),
        ],
        "box": [
            (0.25, -0.13),
            (0.25, 0.08),
            (0.18, 0.16),
            (-0.16, 0.16),
            (-0.22, 0.08),
            (-0.23, -0.13),
            (0, -0.155),
        ],
        "aviator": [
            (0.24, -0.12),
            (0.22, 0.08),
            (0.08, 0.21),
            (-0.10, 0.17),
            (-0.20, 0.0),
            (-0.21, -0.13),
            (0, -0.155),
        ],
        "cat": [
            (0.28, -0.19),
            (0.24, 0.02),
            (0.10, 0.15),
            (-0.10, 0.15),
            (-0.21, 0.05),
            (-0.21, -0.11),
            (0, -0.14),
        ],
    }
    return smooth(outlines[shape]) * size
