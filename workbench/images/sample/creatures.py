"""Pictures that are no human face: animals, things and patterns."""

from collections.abc import Callable

import numpy as np

from workbench.images.sample.canvas import Canvas, Colour, ellipse, mirror, smooth, tone
from workbench.images.sample.traits import Rng

_FURS: tuple[Colour, ...] = ((214, 150, 82), (92, 92, 98), (64, 48, 42), (232, 222, 204), (150, 108, 74))


def draw_creature(canvas: Canvas, rng: Rng) -> None:
    """One of them at random."""
    kinds: tuple[Callable[[Canvas, Rng], None], ...] = (
        _animal,
        _animal,
        _ball,
        _mug,
        _house,
        _flower,
        _pattern,
    )
    kinds[int(rng.integers(len(kinds)))](canvas, rng)


def _animal(canvas: Canvas, rng: Rng) -> None:
    """A cat with pointed ears, or a bear with round ones."""
    fur = _FURS[int(rng.integers(len(_FURS)))]
    cat = rng.uniform() < 0.5
    ear = (
        smooth([(0.25, -0.55), (0.66, -1.25), (0.85, -0.25)], True, 3)
        if cat
        else ellipse(0.62, -0.68, 0.28, 0.28)
    )
    for outline, colour in (
        (ear, tone(fur, 0.8)),
        ((ear - (0.55, -0.65)) * 0.6 + (0.55, -0.65), (214, 150, 146)),
    ):
        canvas.fill(outline, colour)
        canvas.fill(mirror(outline), colour)
    light = canvas.glow([(-0.2, -0.4, 0.6, 0.5, 0.2), (0, 0.9, 0.8, 0.4, -0.25)])[..., None]
    canvas.blend(canvas.mask(ellipse(0, 0, 0.92, 0.80)), canvas.layer(np.array(fur) * (1 + light)))
    canvas.fill(ellipse(0, 0.34, 0.42, 0.32), tone(fur, 1.0, (255, 250, 240), 0.6))
    for side in (-1, 1):
        canvas.fill(ellipse(side * 0.36, -0.14, 0.15, 0.16), (196, 196, 92) if cat else (40, 30, 26))
        canvas.fill(
            ellipse(side * 0.36, -0.14, 0.05, 0.14) if cat else ellipse(side * 0.36, -0.14, 0.09, 0.09),
            (12, 12, 12),
        )
        canvas.dots([(side * 0.36 + 0.04, -0.2)], [0.03], [(255, 255, 255)])
        whiskers = [[(side * 0.3, 0.3 + k * 0.08), (side * 1.1, 0.2 + k * 0.18)] for k in range(3)]
        canvas.lines(whiskers, tone(fur, 0.5), 0.012)
    canvas.fill(smooth([(-0.12, 0.14), (0.12, 0.14), (0, 0.27)], True, 4), (60, 30, 34))
    canvas.lines(
        [smooth([(-0.22, 0.42), (-0.1, 0.48), (0, 0.36), (0.1, 0.48), (0.22, 0.42)], False)],
        (60, 34, 34),
        0.025,
    )


def _ball(canvas: Canvas, rng: Rng) -> None:
    """A striped ball."""
    canvas.fill(ellipse(0.05, 0.9, 0.9, 0.14), (70, 66, 64))
    light = canvas.glow([(-0.3, -0.35, 0.6, 0.6, 0.4), (0.4, 0.5, 0.6, 0.6, -0.3)])[..., None]
    colour = rng.uniform(60, 230, 3)
    wave = np.sin(canvas.grid()[..., :1] * rng.uniform(5, 9) + np.sin(canvas.grid()[..., 1:]) * 2)
    share = np.clip(wave * 3 + 0.5, 0, 1)
    canvas.blend(
        canvas.mask(ellipse(0, 0.02, 0.86, 0.86)),
        canvas.layer((colour * share + (245 - colour * 0.2) * (1 - share)) * (1 + light)),
    )


def _mug(canvas: Canvas, rng: Rng) -> None:
    """A mug with its handle."""
    colour = (float(rng.uniform(60, 230)), float(rng.uniform(60, 230)), float(rng.uniform(60, 230)))
    canvas.fill([(-2.5, 0.75), (2.5, 0.75), (2.5, 4), (-2.5, 4)], (126, 88, 60))
    canvas.lines([ellipse(0.72, 0.12, 0.34, 0.38)], tone(colour, 0.8), 0.14, closed=True)
    light = canvas.glow([(-0.35, 0.1, 0.25, 0.9, 0.3), (0.5, 0.1, 0.3, 0.9, -0.3)])[..., None]
    body = [(-0.66, -0.7), (0.66, -0.7), (0.60, 0.85), (0.45, 0.91), (0, 0.95), (-0.45, 0.91), (-0.60, 0.85)]
    canvas.blend(canvas.mask(body), canvas.layer(np.array(colour) * (1 + light)))
    canvas.fill(ellipse(0, -0.7, 0.66, 0.16), tone(colour, 0.9))
    canvas.fill(ellipse(0, -0.67, 0.58, 0.12), (64, 40, 26))


def _house(canvas: Canvas, rng: Rng) -> None:
    """A house with windows and a door."""
    canvas.fill([(-3, 0.8), (3, 0.8), (3, 4), (-3, 4)], (108, 150, 88))
    canvas.fill([(-0.9, -0.3), (0.9, -0.3), (0.9, 0.95), (-0.9, 0.95)], (226, 208, 176))
    canvas.fill([(-1.1, -0.3), (0, -1.15), (1.1, -0.3)], (float(rng.uniform(110, 200)), 70, 60))
    for x in (-0.52, 0.52):
        canvas.fill([(x - 0.2, 0.0), (x + 0.2, 0.0), (x + 0.2, 0.4), (x - 0.2, 0.4)], (150, 190, 220))
        canvas.lines([[(x, 0.0), (x, 0.4)], [(x - 0.2, 0.2), (x + 0.2, 0.2)]], (250, 250, 250), 0.03)
    canvas.fill([(-0.17, 0.35), (0.17, 0.35), (0.17, 0.95), (-0.17, 0.95)], (112, 70, 44))


def _flower(canvas: Canvas, rng: Rng) -> None:
    """A flower on its stalk."""
    canvas.lines([smooth([(0, 0), (0.1, 0.9), (0, 2.2)], False)], (70, 126, 58), 0.09)
    petals, colour = (
        int(rng.integers(5, 10)),
        (float(rng.uniform(170, 250)), float(rng.uniform(60, 200)), float(rng.uniform(60, 220))),
    )
    for angle in np.linspace(0, 2 * np.pi, petals, endpoint=False):
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        petal = ellipse(0.55, 0, 0.36, 0.24) @ turn + (0, -0.15)
        canvas.fill(petal, tone(colour, rng.uniform(0.88, 1.05)))
        canvas.lines([petal], tone(colour, 0.75), 0.014, closed=True)
    canvas.fill(ellipse(0, -0.15, 0.27, 0.27), (222, 176, 52))


def _pattern(canvas: Canvas, rng: Rng) -> None:
    """Tiles, or nothing but the background."""
    if rng.uniform() < 0.3:
        return
    x, y = np.moveaxis(canvas.grid() * rng.uniform(3, 6), -1, 0)
    wave = np.sin(x) * np.sin(y) if rng.uniform() < 0.5 else np.sin(x + y) * 0.5
    share = np.clip(wave * 4 + 0.5, 0, 1)[..., None]
    canvas.pixels[:] = canvas.layer(rng.uniform(40, 230, 3) * share + rng.uniform(40, 230, 3) * (1 - share))
