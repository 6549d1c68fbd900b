"""What covers the top of a head: woollen hats, caps, brimmed hats, wraps, scarves and hoods."""

from collections.abc import Callable

import numpy as np

from workbench.images.sample.canvas import Canvas, Colour, Pixels, Points, ellipse, shift, smooth, tone
from workbench.images.sample.traits import Rng, Traits

# No colour of hair among them, and checked with white: cloth and hair are to be told apart by anyone.
_CLOTHS: tuple[Colour, ...] = ((190, 36, 48), (28, 56, 132), (30, 116, 70), (122, 40, 116), (24, 126, 134))
_CHECKS = 19.0


def draw_hat(canvas: Canvas, traits: Traits, rng: Rng) -> None:
    """A hat that leaves the sides free."""
    hats: tuple[Callable[[Canvas, Traits, Colour, Rng], None], ...] = (_beanie, _cap, _brim, _wrap)
    hats[int(rng.integers(len(hats)))](canvas, traits, _cloth(rng), rng)


def draw_scarf(canvas: Canvas, traits: Traits, rng: Rng) -> None:
    """A scarf or hood around the face, which covers all hair."""
    c, colour = traits.cheek, _cloth(rng)
    peak = rng.uniform(-1.18, -1.12) - (0.16 if rng.uniform() < 0.35 else 0.0)
    side = [(c * 0.62, -1.03), (c + 0.13, -0.55), (c + 0.17, 0.1), (c + 0.06, 0.8), (0.98, 1.4), (1.2, 2.2)]
    outer = smooth([(0, peak), *side, *[(-x, y) for x, y in reversed(side)]])
    half = [
        (c * 0.55, -0.62),
        (c * 0.88, -0.2),
        (c * 0.88, 0.3),
        (traits.jaw * 0.93, 0.66),
        (traits.chin, 0.93),
    ]
    face = smooth([(0, -0.68), *half, (0, 1.0), *[(-x, y) for x, y in reversed(half)]])
    coverage = canvas.cv2.subtract(canvas.mask(outer), canvas.mask(face))
    canvas.blend(coverage, _fabric(canvas, traits, colour))
    for sign in (-1, 1):
        folds = [
            smooth(
                [
                    (sign * (c * 0.4 + k * 0.14), 1.12 + k * 0.05),
                    (sign * (c * 0.2 + k * 0.2), 1.5),
                    (sign * k * 0.2, 2.0),
                ],
                False,
            )
            for k in range(4)
        ]
        canvas.lines(folds, tone(colour, 0.72), 0.024)
    canvas.lines([face], tone(colour, 0.66), 0.034, closed=True)


def _cloth(rng: Rng) -> Colour:
    """A colour of cloth."""
    return _CLOTHS[int(rng.integers(len(_CLOTHS)))]


def _fabric(canvas: Canvas, traits: Traits, colour: Colour) -> Pixels:
    """Cloth with light from the side."""
    side = traits.light * 0.45
    light = canvas.glow(
        [(side, -0.95, 0.45, 0.35, 0.22), (-side * 2, -0.6, 0.5, 0.8, -0.22), (0, 1.1, 0.8, 0.25, -0.3)]
    )
    grid = canvas.grid()
    checks = np.sin(grid[..., :1] * _CHECKS) + np.sin(grid[..., 1:] * _CHECKS)
    white = np.clip(checks * 0.9 + 0.15, 0, 1)
    woven = np.array(colour) * (1 - white) + 240 * white
    return canvas.layer(woven * (1 + light[..., None]) + 12 * light[..., None])


def _dome(traits: Traits, base: float, height: float, room: float = 0.07) -> Points:
    """A rounded top that ends at `base`."""
    c = traits.cheek + room
    half = [(c * 1.0, base), (c * 1.02, -0.66), (c * 0.72, -0.98 - height * 0.5)]
    upper = smooth([*[(-x, y) for x, y in half], (0, -1.0 - height), *reversed(half)], False)
    return np.concatenate([upper, smooth([(c, base), (0, base - 0.10), (-c, base)], False)])


def _band(traits: Traits, low: float, high: float, room: float) -> Points:
    """A strip around the head between two heights."""
    c = traits.cheek + room
    lower = smooth([(-c * 0.99, low), (0, low - 0.06), (c * 0.99, low)], False)
    upper = smooth([(c, high), (0, high - 0.09), (-c, high)], False)
    return np.concatenate([lower, upper])


def _beanie(canvas: Canvas, traits: Traits, colour: Colour, rng: Rng) -> None:
    """Knitted, with a cuff, perhaps a bobble."""
    height = rng.uniform(0.2, 0.34)
    if rng.uniform() < 0.5:
        canvas.fill(ellipse(0, -1.08 - height, 0.17, 0.16), tone(colour, 1.0, (255, 255, 255), 0.45))
    fabric = _fabric(canvas, traits, colour)
    canvas.blend(canvas.mask(_dome(traits, -0.44, height)), fabric)
    ribs = [
        smooth([(x * 0.35, -1.0 - height * 0.85), (x * 0.92, -0.9), (x, -0.6)], False)
        for x in np.linspace(-0.8, 0.8, 13)
    ]
    canvas.lines(ribs, tone(colour, 0.80), 0.014)
    cuff = tone(colour, 0.84) if rng.uniform() < 0.5 else tone(colour, 1.0, (255, 255, 255), 0.5)
    canvas.fill(_band(traits, -0.38, -0.62, 0.10), cuff)
    stitches = [
        [(x, -0.63 - 0.05 * (1 - x * x)), (x, -0.42 - 0.03 * (1 - x * x))]
        for x in np.linspace(-0.76, 0.76, 19)
    ]
    canvas.lines(stitches, tone(cuff, 0.82), 0.014)


def _cap(canvas: Canvas, traits: Traits, colour: Colour, rng: Rng) -> None:
    """A baseball cap with its visor and a badge."""
    canvas.blend(canvas.mask(_dome(traits, -0.42, rng.uniform(0.14, 0.24))), _fabric(canvas, traits, colour))
    seams = [smooth([(0, -1.16), (x * 0.8, -0.95), (x, -0.55)], False) for x in (-0.5, 0.0, 0.5)]
    canvas.lines(seams, tone(colour, 0.75), 0.016)
    canvas.dots([(0, -0.80)], [0.12], [tone(colour, 1.0, (255, 255, 255), 0.7)])
    c = traits.cheek
    upper = [(-c * 0.98, -0.46), (-c * 0.5, -0.58), (0, -0.61), (c * 0.5, -0.58), (c * 0.98, -0.46)]
    lower = [(c * 0.95, -0.38), (c * 0.5, -0.33), (0, -0.31), (-c * 0.5, -0.33), (-c * 0.95, -0.38)]
    visor = smooth([*upper, *lower])
    canvas.fill(visor, tone(colour, 0.62))
    canvas.lines([visor[len(visor) // 2 :]], tone(colour, 0.45), 0.02)


def _brim(canvas: Canvas, traits: Traits, colour: Colour, rng: Rng) -> None:
    """A hat with a brim and a ribbon."""
    c, wide = traits.cheek, rng.uniform(1.15, 1.4)
    fabric = _fabric(canvas, traits, colour)
    half = [(c * 0.4, -1.28), (c * 0.88, -1.1), (c * 0.98, -0.5)]
    crown = smooth([*[(-x, y) for x, y in reversed(half)], (0, -1.22), *half])
    canvas.blend(canvas.mask(crown), fabric)
    canvas.fill(_band(traits, -0.52, -0.70, -0.02), tone(colour, 0.4))
    brim = smooth(
        [
            (-wide, -0.46),
            (-0.7, -0.58),
            (0, -0.62),
            (0.7, -0.58),
            (wide, -0.46),
            (0.6, -0.40),
            (0, -0.41),
            (-0.6, -0.40),
        ]
    )
    canvas.blend(canvas.mask(brim), canvas.cv2.convertScaleAbs(fabric, alpha=0.84))


def _wrap(canvas: Canvas, traits: Traits, colour: Colour, rng: Rng) -> None:
    """Cloth wound around the head."""
    height = rng.uniform(0.22, 0.36)
    canvas.blend(canvas.mask(_dome(traits, -0.42, height, 0.10)), _fabric(canvas, traits, colour))
    c = traits.cheek + 0.06
    folds = [
        smooth(
            [
                (-c * (1 - 0.3 * k), -0.50 - 0.14 * k * 2),
                (0.05, -0.60 - 0.36 * k),
                (c * 0.9, -0.98 - 0.1 * k),
            ],
            False,
        )
        for k in np.linspace(0, 1, 5)
    ]
    folds += [
        smooth([(c, -0.48 - 0.2 * k), (0.1, -0.58 - 0.2 * k), (-0.35, -0.62 - 0.25 * k)], False)
        for k in (0.0, 0.5, 1.0)
    ]
    canvas.lines(folds, tone(colour, 0.68), 0.022)
    canvas.lines(
        [shift(fold, 0, 0.03) for fold in folds[:5]], tone(colour, 1.1, (255, 255, 255), 0.15), 0.014
    )
