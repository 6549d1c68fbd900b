"""Eyes, brows, nose, mouth, ears, neck; and what age and sun leave: wrinkles and freckles."""

import numpy as np

from workbench.images.sample.canvas import Canvas, Colour, Points, ellipse, mirror, shift, smooth, tone
from workbench.images.sample.traits import Rng, Traits, head_outline, skin_layer, width_at

_WHITE: Colour = (244, 242, 238)
_DARK: Colour = (34, 24, 22)


def draw_body(canvas: Canvas, traits: Traits, rng: Rng) -> None:
    """Shoulders in some garment, and the neck with the chin's shadow on it."""
    neck = traits.jaw * 0.66
    cloth = tuple(rng.uniform(30, 225, 3).tolist())
    garment: Colour = (cloth[0], cloth[1], cloth[2])
    slope = rng.uniform(1.34, 1.46)
    right = [(1.6, 3), (1.5, slope + 0.35), (0.95, slope), (neck * 1.15, 1.18)]
    shoulders = smooth([*[(-x, y) for x, y in reversed(right)], *right, (0, 1.42)])
    skin = skin_layer(canvas, traits, 0.17)
    column = [(-neck, 0.5), (-neck, 1.15), (-neck * 1.3, 1.4), (0, 1.62), (neck * 1.3, 1.4), (neck, 1.15)]
    throat = smooth([*column, (neck, 0.5)])
    canvas.fill(shoulders, garment)
    canvas.blend(canvas.mask(throat), skin)
    collar = smooth(
        [(-neck * 1.25, 1.2), (-neck * 0.8, 1.42), (0, 1.56), (neck * 0.8, 1.42), (neck * 1.25, 1.2)], False
    )
    canvas.lines([collar], tone(garment, 0.72), 0.05)


def draw_head(canvas: Canvas, traits: Traits) -> None:
    """Ears and head, shaded."""
    ear = traits.cheek * 1.0
    ears = [ellipse(side * ear, 0.06, 0.11, 0.20) for side in (-1, 1)]
    canvas.blend(canvas.mask(*ears, head_outline(traits)), skin_layer(canvas, traits))
    dark = tone(traits.skin, 0.74)
    inner = smooth([(ear + 0.04, -0.06), (ear + 0.075, 0.02), (ear + 0.05, 0.12), (ear + 0.02, 0.17)], False)
    canvas.lines([inner, mirror(inner)], dark, 0.022)
    outline = head_outline(traits)
    canvas.lines([outline[outline[:, 1] > 0.2]], tone(traits.skin, 0.82), 0.014)


def draw_eyes(canvas: Canvas, traits: Traits, rng: Rng) -> None:
    """Both eyes, looking the same way."""
    gaze = rng.uniform(-0.025, 0.025)
    width = 0.155
    for side in (-1, 1):
        x0, y0 = traits.turn + side * traits.eye_x, traits.eye_y
        canvas.fill(_lids(x0, y0, width, traits.eye_open), _WHITE)
        for radius, colour in ((0.078, tone(traits.iris, 0.7)), (0.066, traits.iris), (0.034, (18, 14, 14))):
            canvas.fill(_behind_lids(x0, y0, gaze, radius, width, traits.eye_open), colour)
        canvas.dots([(x0 + gaze + 0.022, y0 - 0.028)], [0.016], [(255, 255, 255)])
        lids = _lids(x0, y0, width, traits.eye_open)
        half = len(lids) // 2
        canvas.lines([lids[:half]], tone(traits.skin, 0.28), 0.032 + 0.012 * traits.soft)
        canvas.lines([lids[half:]], tone(traits.skin, 0.66), 0.014)
        canvas.lines([lids[2 : half - 2] - (0, 0.045)], tone(traits.skin, 0.74), 0.014)


def _lids(x: float, y: float, width: float, opened: float) -> Points:
    """An eye's outline: the upper lid from left to right, then the lower one back."""
    t = np.linspace(-1, 1, 15)
    upper = np.stack([x + t * width, y - opened * (1 - t * t)], -1)
    lower = np.stack([x - t * width, y + 0.75 * opened * (1 - t * t)], -1)
    return np.concatenate([upper, lower])


def _behind_lids(x: float, y: float, gaze: float, radius: float, width: float, opened: float) -> Points:
    """A circle in the eye, cut off at the lids."""
    circle = ellipse(x + gaze, y - 0.012, radius, radius, 28)
    room = 1 - np.clip((circle[:, 0] - x) / width, -1, 1) ** 2
    circle[:, 1] = np.clip(circle[:, 1], y - opened * room, y + 0.75 * opened * room)
    return circle


def draw_brows(canvas: Canvas, traits: Traits, colour: Colour, rng: Rng) -> None:
    """Eyebrows, a little irregular."""
    lift, thick = rng.uniform(-0.02, 0.03), rng.uniform(0.028, 0.045) * (1.15 - 0.4 * traits.soft)
    for side in (-1, 1):
        x, y = traits.turn + side * traits.eye_x, traits.eye_y - 0.20 - lift
        arch = [(x - side * 0.19, y + 0.03), (x - side * 0.02, y - 0.03), (x + side * 0.20, y + 0.035)]
        top = smooth(arch, False)
        taper = np.linspace(1.0, 0.25, len(top))[:, None] * (0, thick)
        canvas.fill(np.concatenate([top - taper, (top + taper)[::-1]]), colour)


def draw_nose(canvas: Canvas, traits: Traits, rng: Rng) -> None:
    """Nostrils, wings and the shaded side."""
    x, wide = traits.turn * 1.5, rng.uniform(0.095, 0.125)
    dark = tone(traits.skin, 0.62, (120, 40, 30), 0.15)
    wing = [(wide * 0.4, 0.335), (wide * 0.9, 0.335), (wide, 0.27)]
    base = shift(smooth([*[(-u, v) for u, v in reversed(wing)], (0, 0.365), *wing], False), x, 0)
    canvas.lines([base], dark, 0.02)
    for side in (-1, 1):
        canvas.fill(ellipse(x + side * wide * 0.5, 0.328, 0.032, 0.016, 12), tone(traits.skin, 0.42))
    side = -1 if traits.light > 0 else 1
    bridge = smooth([(x + side * 0.055, -0.02), (x + side * 0.05, 0.12), (x + side * 0.075, 0.22)], False)
    canvas.lines([bridge], tone(traits.skin, 0.86), 0.018)


def draw_mouth(canvas: Canvas, traits: Traits, rng: Rng) -> None:
    """Lips, closed or showing teeth."""
    x, y, bend = traits.turn * 1.3, 0.585, 0.055 * traits.smile
    wide = rng.uniform(0.22, 0.28)
    full = 0.035 + 0.025 * traits.soft
    opened = rng.uniform(0.05, 0.085) if traits.smile > 0.45 and rng.uniform() < 0.5 else 0.0
    left, right = (x - wide, y - bend), (x + wide, y - bend)
    middle_top, middle_low = (x, y + bend * 0.6), (x, y + bend * 0.6 + opened)
    upper = smooth(
        [left, (x - wide * 0.3, y - full), (x, y - full * 0.65), (x + wide * 0.3, y - full), right], False
    )
    seam_top = smooth(
        [right, (x + wide * 0.5, y + bend * 0.3), middle_top, (x - wide * 0.5, y + bend * 0.3), left], False
    )
    sag = y + bend * 0.3 + opened * 0.8
    seam_low = smooth([left, (x - wide * 0.5, sag), middle_low, (x + wide * 0.5, sag), right], False)
    low = (x, y + bend * 0.7 + opened + full * 1.7)
    lower = smooth(
        [right, (x + wide * 0.45, low[1] - 0.018), low, (x - wide * 0.45, low[1] - 0.018), left], False
    )
    canvas.fill(np.concatenate([upper, seam_top]), tone(traits.lip, 0.88))
    canvas.fill(np.concatenate([seam_low, lower]), traits.lip)
    if opened:
        canvas.fill(np.concatenate([seam_low, seam_top]), (92, 34, 38))
        canvas.fill(
            np.concatenate([seam_low * (1, 0) + seam_low * (0, 0.45) + seam_top[::-1] * (0, 0.55), seam_top]),
            _WHITE,
        )
    canvas.lines([seam_top], tone(traits.lip, 0.5), 0.016)
    canvas.lines(
        [smooth([(x - 0.09, low[1] + 0.03), (x, low[1] + 0.045), (x + 0.09, low[1] + 0.03)], False)],
        tone(traits.skin, 0.86),
        0.016,
    )


def draw_wrinkles(canvas: Canvas, traits: Traits, rng: Rng) -> None:
    """Lines of age: forehead, between the brows, crow's feet, under the eyes, beside nose and mouth."""
    curves = _forehead(traits, rng)
    for side in (-1, 1):
        curves += _crows_feet(traits, side, rng)
        for knots in _folds(traits, side):
            curves.append(smooth(knots, False))
    dark, pale = tone(traits.skin, 0.57), tone(traits.skin, 1.12, (255, 255, 255), 0.08)
    for curve in curves:
        canvas.lines([shift(curve, 0.006, 0.022)], pale, 0.014)
    for curve in curves:
        canvas.lines([curve], dark, rng.uniform(0.014, 0.021))


def _forehead(traits: Traits, rng: Rng) -> list[Points]:
    """Three wavy lines above the brows."""
    curves = []
    for row in range(3):
        y = traits.eye_y - 0.32 - 0.095 * row + rng.uniform(-0.01, 0.01)
        half = rng.uniform(0.30, 0.42)
        xs = np.linspace(-half, half, 7)
        wave = rng.uniform(-0.012, 0.012, 7) - 0.02 * np.cos(xs / half * np.pi)
        curves.append(smooth(np.stack([traits.turn + xs, y + wave], -1), False))
    return curves


def _crows_feet(traits: Traits, side: int, rng: Rng) -> list[Points]:
    """Four short lines that fan out beside an eye."""
    x, y = traits.turn + side * (traits.eye_x + 0.175), traits.eye_y
    curves = []
    for angle in (-0.5, -0.12, 0.26, 0.62):
        reach = rng.uniform(0.14, 0.19)
        end = (x + side * reach * np.cos(angle), y + reach * np.sin(angle) + 0.02)
        middle = ((x + end[0]) / 2, (y + end[1]) / 2 + 0.012)
        curves.append(smooth([(x, y + angle * 0.06), middle, end], False))
    return curves


def _folds(traits: Traits, side: int) -> list[Points]:
    """The knots of one side's lines: between the brows, under the eye, at nose, mouth and cheek."""
    eye = traits.eye_y
    bag = np.array([(-0.15, -0.025), (0.0, 0.02), (0.13, -0.02)])
    bags = [shift(bag, traits.eye_x, eye + drop) for drop in (0.125, 0.175)]
    lines = [
        np.array(knots)
        for knots in (
            [(0.045, eye - 0.24), (0.05, eye - 0.12)],
            [(0.15, 0.25), (0.27, 0.40), (0.335, 0.58), (0.32, 0.70)],
            [(0.43, 0.36), (0.475, 0.50), (0.46, 0.64)],
            [(0.255, 0.66), (0.275, 0.75), (0.25, 0.83)],
        )
    ]
    return [shift(knots * (side, 1), traits.turn, 0) for knots in (*bags, *lines)]


def draw_freckles(canvas: Canvas, traits: Traits, rng: Rng) -> None:
    """Many small brown spots over nose and cheeks."""
    count = int(rng.integers(55, 85))
    side = rng.choice((-1.0, 1.0), count)
    x = np.where(
        rng.uniform(size=count) < 0.22,
        rng.normal(0, 0.07, count),
        side * rng.normal(traits.eye_x * 1.05, 0.14, count),
    )
    y = rng.normal(0.22, 0.095, count)
    inside = (np.abs(x) < width_at(traits, 0.3) * 0.92) & (y > traits.eye_y + 0.12) & (y < 0.5)
    base = np.array(tone(traits.skin, 0.60, (150, 74, 30), 0.35))
    colours = base * rng.uniform(0.85, 1.1, (count, 1))
    radii = rng.uniform(0.013, 0.025, count)
    canvas.dots(np.stack([x + traits.turn, y], -1)[inside], radii[inside], np.clip(colours, 0, 255)[inside])


def draw_mole(canvas: Canvas, traits: Traits, rng: Rng) -> None:
    """One mole, which is no freckles."""
    place = (rng.choice((-1, 1)) * rng.uniform(0.2, 0.5), rng.uniform(0.3, 0.75))
    canvas.dots([place], [0.02], [tone(traits.skin, 0.45)])
