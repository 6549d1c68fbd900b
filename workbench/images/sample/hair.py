"""Heads of hair: thick in many cuts, thin with skin showing through, bald with hair at the sides or none."""

from dataclasses import dataclass

import numpy as np

from workbench.images.sample.canvas import Canvas, Points, mirror, shift, smooth
from workbench.images.sample.paint import Paint, curls, hair_layer, strands
from workbench.images.sample.traits import Rng, Traits, head_outline, width_at

_HAIRLINES = {
    "up": [(0.74, -0.50), (0.38, -0.66), (0, -0.69), (-0.38, -0.66), (-0.74, -0.50)],
    "bangs": [
        (0.82, -0.32),
        (0.5, -0.38),
        (0.25, -0.33),
        (0, -0.38),
        (-0.25, -0.33),
        (-0.5, -0.38),
        (-0.82, -0.32),
    ],
    "swept": [(0.82, -0.34), (0.48, -0.44), (0.1, -0.55), (-0.3, -0.70), (-0.52, -0.72), (-0.76, -0.46)],
    "centre": [
        (0.88, -0.24),
        (0.66, -0.42),
        (0.28, -0.62),
        (0, -0.80),
        (-0.28, -0.62),
        (-0.66, -0.42),
        (-0.88, -0.24),
    ],
}
_CUTS = ("short", "short", "bob", "long", "curly", "spiky", "bun")


@dataclass(frozen=True)
class Cut:
    """How the hair is worn.

    Attributes:
        top: "thick", "few", "bald" or "not_visible", as the class.
        style: One of the cuts; decides about texture.
        hairline: Where the forehead begins.
        volume: How far thick hair stands off the skull.
        length: Down to which height it falls at the sides.
        flip: Mirrored.
        curly: Rings instead of strands.
    """

    top: str
    style: str
    hairline: str
    volume: float
    length: float
    flip: bool
    curly: bool


def draw_cut(top: str, rng: Rng) -> Cut:
    """Choose a cut at random."""
    style = _CUTS[int(rng.integers(len(_CUTS)))]
    hairlines = tuple(_HAIRLINES)
    hairline = hairlines[int(rng.integers(len(hairlines)))]
    lengths = {"short": (0.0, 0.12), "spiky": (-0.05, 0.1), "curly": (0.15, 0.9), "bob": (0.45, 0.8)}
    low, high = lengths.get(style, (1.1, 1.6) if style == "long" else (0.0, 0.1))
    if top != "thick":
        low, high = (0.25, 0.45) if rng.uniform() < 0.6 else (0.5, 1.0)
    if top == "not_visible":
        low, high = 0.5, 1.5
    volume = rng.uniform(0.2, 0.32) if style == "curly" else rng.uniform(0.11, 0.19)
    flip, curly = rng.uniform() < 0.5, style == "curly"
    return Cut(top, style, "up" if curly else hairline, volume, rng.uniform(low, high), flip, curly)


def draw_back_hair(canvas: Canvas, traits: Traits, cut: Cut, paint: Paint, rng: Rng) -> None:
    """What lies behind face and neck."""
    if cut.top == "thick":
        if cut.length < 0.2 and not cut.curly:
            return
        outline = _curtain(traits, cut.volume + 0.03, -1.0, max(cut.length, 0.3))
        if cut.curly:
            outline = _bulge(outline, rng)
        parts = [outline]
    else:
        start = -0.55 if cut.top == "not_visible" else -0.50
        reach = 0.16 + 0.06 * rng.uniform()
        edge = traits.cheek + reach
        outer = [(traits.cheek * 0.7, start), (edge - reach * 0.3, start + 0.06), (edge, -0.1)]
        lower = [
            (edge, cut.length * 0.7),
            (traits.cheek * 0.95, cut.length),
            (traits.cheek * 0.55, cut.length * 0.9),
        ]
        side = smooth([*outer, *lower])
        parts = [side, mirror(side)]
    layer = hair_layer(canvas, paint, _texture(traits, cut, 60, rng), rng)
    canvas.blend(canvas.mask(*parts), canvas.cv2.convertScaleAbs(layer, alpha=0.95))


def draw_front_hair(canvas: Canvas, traits: Traits, cut: Cut, paint: Paint, rng: Rng) -> None:
    """What lies over the forehead, the top and the temples."""
    if cut.top == "thick":
        outlines = _thick(traits, cut, rng)
    else:
        if cut.top == "few":
            _draw_thin(canvas, traits, paint, rng)
        outlines = _temples(traits, cut)
    layer = hair_layer(canvas, paint, _texture(traits, cut, 110, rng), rng)
    canvas.blend(canvas.mask(*outlines), layer)


def draw_shine(canvas: Canvas, traits: Traits) -> None:
    """Light on a bald head."""
    blob = canvas.glow([(0.22 * traits.light, -0.80, 0.22, 0.10, 0.55)])
    coverage = canvas.mask(head_outline(traits))
    weight = canvas.layer(np.repeat(blob[..., None], 3, -1) * 255)[..., 0]
    canvas.blend(canvas.cv2.min(coverage, weight), (255, 255, 255), 0.8)


def draw_beard(canvas: Canvas, traits: Traits, paint: Paint, rng: Rng) -> None:
    """A beard or a moustache of the hair's colour."""
    turn = traits.turn * 1.2
    above = [(-0.27, 0.55), (-0.12, 0.44), (0, 0.455), (0.12, 0.44), (0.27, 0.55)]
    lip = shift(smooth([*above, (0.1, 0.52), (0, 0.515), (-0.1, 0.52)]), turn, 0)
    parts = [lip]
    if rng.uniform() < 0.6:
        heights = (0.42, 0.62, 0.80, 0.94)
        edge = [(width_at(traits, y) * 0.99, y) for y in heights]
        inner = [(0.15, 0.80), (0.26, 0.70), (0.36, 0.60), (0.52, 0.46)]
        right = [*inner, *edge, (0.0, 1.06)]
        left = [(-x, y) for x, y in reversed(right[:-1])]
        parts.append(smooth([*right, *left, (0, 0.76)], True, 4))
    layer = hair_layer(canvas, paint, strands(60, 0.8, 0.2, 1.2, 0.0, rng), rng)
    canvas.blend(canvas.mask(*parts), layer, 0.9)


def _texture(traits: Traits, cut: Cut, count: int, rng: Rng) -> Points:
    """Strands or rings, denser than they need to be: they are cut to the hair's outline."""
    width = traits.cheek + cut.volume + 0.05
    bottom = max(cut.length, 0.2) + 0.1
    if cut.curly:
        return curls(count * 2, width + 0.1, -1.4, bottom, rng)
    parting = 0.0 if cut.hairline == "centre" else (0.35 if cut.flip else -0.35)
    return strands(count, width, -1.05 - cut.volume, bottom, parting, rng)


def _thick(traits: Traits, cut: Cut, rng: Rng) -> list[Points]:
    """The outline of thick hair, seen from the front."""
    c, v = traits.cheek, cut.volume
    burn = 0.22 if cut.length > 0.2 else 0.04
    right = [
        (c * 1.02, burn),
        (c + v * 0.55, -0.25),
        (c * 0.93 + v, -0.62),
        (c * 0.55 + v * 0.5, -0.96 - v * 0.75),
    ]
    crest = [*[(-x, y) for x, y in right], (0, -1.01 - v), *reversed(right)]
    outer = smooth(crest, False)
    if cut.style == "spiky":
        outer = _spikes(outer, rng)
    if cut.curly:
        outer = _bulge(outer, rng)
    line = np.array(_HAIRLINES[cut.hairline]) * (c, 1)
    if cut.flip:
        line = mirror(line)[::-1]
    inner = smooth(
        [(c * 0.93, burn), (c * 0.90, -0.2), *line.tolist(), (-c * 0.90, -0.2), (-c * 0.93, burn)], False
    )
    outlines = [np.concatenate([outer, inner])]
    if cut.style == "bun":
        angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        outlines.append(np.stack([0.24 * np.cos(angle), -1.12 - v + 0.18 * np.sin(angle)], -1))
    if cut.length > 0.4 and not cut.curly:
        outside = [(c * 0.92, -0.4), (c + v * 0.6, -0.3), (c + v * 0.7, 0.3), (c * 1.0, cut.length * 0.9)]
        lock = smooth([*outside, (c * 0.93, 0.35), (c * 0.90, 0)])
        outlines += [lock, mirror(lock)]
    return outlines


def _temples(traits: Traits, cut: Cut) -> list[Points]:
    """Hair at the sides of a head whose top is bald, thin or covered."""
    c = traits.cheek
    down = 0.0 if cut.length < 0.46 else cut.length * 0.8
    patch = [
        (c * 0.94, -0.64),
        (c + 0.11, -0.46),
        (c + 0.15, -0.12),
        (c + 0.12, down),
        (c * 0.99, down + 0.07),
    ]
    side = smooth([*patch, (c * 0.92, -0.08), (c * 0.89, -0.38)])
    return [side, mirror(side)]


def _draw_thin(canvas: Canvas, traits: Traits, paint: Paint, rng: Rng) -> None:
    """Single strands with skin between them."""
    c, flip = traits.cheek, -1 if rng.uniform() < 0.5 else 1
    count = int(rng.integers(8, 11))
    rise = np.linspace(0.0, 1.0, count) + rng.uniform(-0.02, 0.02, count)
    left = np.stack([-c * (0.93 - 0.25 * rise), -0.50 - 0.36 * rise], -1)
    top = np.stack([rng.uniform(-0.1, 0.1, count), -0.62 - 0.44 * rise], -1)
    right = np.stack([c * (0.88 - 0.3 * rise), -0.52 - 0.38 * rise + rng.uniform(-0.04, 0.04, count)], -1)
    comb = smooth(np.stack([left, top, right], 1), False) * (flip, 1)
    tufts = 16
    x = rng.uniform(-0.55, 0.55, tufts) * c
    skull = -1.0 + 0.16 * (x / c) ** 2
    lift = rng.uniform(0.05, 0.12, tufts)
    root, middle = np.stack([x, skull + 0.05], -1), np.stack([x * 1.1, skull - lift * 0.6], -1)
    tip = np.stack([x * 1.25 + rng.uniform(-0.05, 0.05, tufts), skull - lift], -1)
    tuft = smooth(np.stack([root, middle, tip], 1), False)
    coverage = np.zeros(canvas.shape, np.uint8)
    canvas.lines(comb, (255, 255, 255), 0.017, on=coverage)
    canvas.lines(tuft, (255, 255, 255), 0.014, on=coverage)
    scalp = smooth(
        [(-c * 0.92, -0.5), (-c * 0.6, -0.88), (0, -1.0), (c * 0.6, -0.88), (c * 0.92, -0.5), (0, -0.66)]
    )
    layer = hair_layer(canvas, paint, comb[:1], rng)
    canvas.blend(canvas.mask(scalp), layer, 0.12)
    canvas.blend(coverage, layer)


def _curtain(traits: Traits, volume: float, top: float, length: float) -> Points:
    """A closed shape behind the head, from its top down to `length`."""
    side = [(traits.cheek * 0.6, top), (traits.cheek + volume, -0.5), (traits.cheek + volume * 1.15, 0.1)]
    side += [
        (traits.cheek + volume, length * 0.75),
        (traits.cheek * 0.85, length),
        (traits.cheek * 0.3, length * 1.02),
    ]
    return smooth([*side, *[(-x, y) for x, y in reversed(side)]])


def _bulge(outline: Points, rng: Rng) -> Points:
    """An outline with the bumps of curls."""
    wave = 1 + 0.035 * np.abs(np.sin(np.arange(len(outline)) * 1.1 + rng.uniform(0, 3)))
    bulged: Points = outline * wave[:, None]
    return bulged


def _spikes(outline: Points, rng: Rng) -> Points:
    """An outline with tips along its upper part."""
    points = smooth(outline, False, 1)
    tips = np.where(
        (np.arange(len(points)) % 3 == 1) & (points[:, 1] < -0.6), rng.uniform(1.05, 1.15, len(points)), 1.0
    )
    spiked: Points = points * tips[:, None]
    return spiked
