"""Hair as a material: its colours by class, one or two of them in a pattern, its strands and its shine."""

from dataclasses import dataclass

import numpy as np

from workbench.images.sample.canvas import Canvas, Colour, Pixels, Points, smooth
from workbench.images.sample.traits import Rng

_COLOURS: dict[str, tuple[Colour, ...]] = {
    "brown": ((100, 60, 34), (116, 72, 42), (88, 52, 32)),
    "black": ((20, 18, 20), (26, 23, 25), (18, 19, 24)),
    "grey": ((118, 120, 124), (128, 128, 131), (110, 112, 117)),
    "blond": ((226, 188, 104), (234, 204, 128), (212, 170, 84)),
    "red": ((182, 70, 26), (200, 86, 34), (166, 56, 26)),
    "white": ((246, 246, 244), (250, 248, 246), (242, 244, 247)),
    "other": ((52, 104, 208), (52, 168, 84), (226, 84, 168), (132, 66, 196), (34, 170, 180)),
}
_PAIRS = (
    ("black", "blond"), ("brown", "blond"), ("black", "white"), ("black", "red"),
    ("blond", "other"), ("brown", "white"), ("black", "other"), ("red", "white"),
)  # fmt: skip
_PATTERNS = ("streaks", "bands")
VISIBLE = (*_COLOURS, "mixed")


@dataclass(frozen=True)
class Paint:
    """The colour of somebody's hair: `second` and a pattern where it is mixed."""

    first: Colour
    second: Colour | None
    pattern: str
    phase: float


def draw_paint(colour_class: str, rng: Rng) -> Paint:
    """Choose a colour of the class at random."""
    if colour_class != "mixed":
        return Paint(_pick(colour_class, rng), None, "", 0.0)
    first, second = _PAIRS[int(rng.integers(len(_PAIRS)))]
    if rng.uniform() < 0.5:
        first, second = second, first
    pattern = _PATTERNS[int(rng.integers(len(_PATTERNS)))]
    return Paint(_pick(first, rng), _pick(second, rng), pattern, rng.uniform(0, 2 * np.pi))


def brow_colour(paint: Paint | None) -> Colour:
    """Eyebrows are of the hair's colour made darker; of an everyday one where hair is dyed or not seen."""
    if paint is None or paint.second is not None:
        return 74, 52, 40
    red, green, blue = paint.first
    dyed = max(paint.first) - min(paint.first) > 60 and not red > green > blue
    return (66, 48, 40) if dyed else (red * 0.72, green * 0.7, blue * 0.7)


def hair_layer(canvas: Canvas, paint: Paint, curves: Points, rng: Rng) -> Pixels:
    """A whole picture of hair, to be blended where hair is.

    Args:
        canvas: Gives place and size.
        paint: The colours.
        curves: Strands, shape (m, n, 2).
        rng: Source of randomness.

    Returns:
        RGB, the canvas's size.
    """
    grid = canvas.grid()
    shine = canvas.glow(
        [(-0.25, -0.92, 0.55, 0.16, 0.20), (0.3, -0.85, 0.4, 0.14, 0.12), (0, 0.75, 1.2, 0.6, -0.25)]
    )
    colour = np.broadcast_to(np.array(paint.first), (*grid.shape[:2], 3))
    if paint.second is not None:
        share = _pattern(paint, grid)[..., None]
        colour = colour * (1 - share) + np.array(paint.second) * share
    layer = canvas.layer(colour * (1 + shine[..., None]) + 10 * shine[..., None])
    return _comb(canvas, layer, curves, rng)


def strands(count: int, width: float, top: float, bottom: float, parting: float, rng: Rng) -> Points:
    """Strands that fall from a parting to both sides, shape (count, n, 2)."""
    x = rng.uniform(-width, width, count)
    start = np.stack([parting + x * 0.12, np.full(count, top)], -1)
    bend = np.stack([x * 0.82, top + 0.10 + 0.30 * (x / width) ** 2 + rng.uniform(-0.04, 0.04, count)], -1)
    middle = np.stack([x * 1.04, np.full(count, -0.25) + rng.uniform(-0.1, 0.1, count)], -1)
    end = np.stack([x * rng.uniform(0.96, 1.08, count), np.full(count, bottom)], -1)
    return smooth(np.stack([start, bend, middle, end], 1), False, 4)


def curls(count: int, width: float, top: float, bottom: float, rng: Rng) -> Points:
    """Small rings all over, shape (count, n, 2)."""
    angle = np.linspace(0, 1.6 * np.pi, 9) + rng.uniform(0, 6.3, (count, 1))
    radius = rng.uniform(0.035, 0.085, (count, 1))
    x, y = rng.uniform(-width, width, (count, 1)), rng.uniform(top, bottom, (count, 1))
    return np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], -1)


def _pick(colour_class: str, rng: Rng) -> Colour:
    """One of the class's colours, with a little chance."""
    choices = _COLOURS[colour_class]
    base = choices[int(rng.integers(len(choices)))]
    scale, shift = rng.uniform(0.95, 1.05), rng.uniform(-3, 3)
    red, green, blue = (float(np.clip(value * scale + shift, 0, 255)) for value in base)
    return red, green, blue


def _pattern(paint: Paint, grid: Points) -> Points:
    """The second colour's share on the coarse grid: about half of every part of the hair, however small."""
    x, y = grid[..., 0], grid[..., 1]
    if paint.pattern == "bands":
        wave = np.sin(np.hypot(x, np.minimum(y + 0.2, 0)) * 13 + np.maximum(y + 0.2, 0) * 13 + paint.phase)
    else:
        angle = np.arctan2(x, 0.4 - y)
        wave = np.sin(np.where(y < 0.1, angle * 13, np.abs(x) * 20) + paint.phase)
    share: Points = np.clip(wave * 2 + 0.5, 0, 1)
    return share


def _comb(canvas: Canvas, layer: Pixels, curves: Points, rng: Rng) -> Pixels:
    """Darker and lighter strands over the colour, whatever it is."""
    cv2 = canvas.cv2
    light = np.full(canvas.shape, 128, np.uint8)
    order = rng.permutation(len(curves))
    for index, (level, width) in enumerate(
        ((104, 0.03), (116, 0.02), (146, 0.022), (162, 0.012), (110, 0.012))
    ):
        chosen = curves[order[index::5]]
        if len(chosen):
            canvas.lines(chosen, (level, level, level), width, on=light)
    spread = cv2.cvtColor(light, cv2.COLOR_GRAY2RGB)
    multiplied = cv2.multiply(layer, spread, scale=1 / 128)
    combed: Pixels = cv2.addWeighted(multiplied, 1.0, spread, 0.18, -0.18 * 128)
    return combed
