"""What makes one drawn face differ from another, apart from its classes: shape, skin, gaze, pose, light."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.images.sample.canvas import Canvas, Colour, Points, smooth

Rng = np.random.Generator

SKINS: tuple[Colour, ...] = (
    (250, 222, 202),
    (244, 208, 180),
    (236, 194, 160),
    (224, 176, 138),
    (206, 154, 114),
    (178, 126, 90),
    (150, 102, 70),
    (126, 84, 58),
)
_IRISES: tuple[Colour, ...] = ((86, 56, 36), (60, 40, 30), (92, 120, 84), (88, 124, 160), (112, 132, 140))
_LIPS: Colour = (176, 70, 72)


@dataclass(frozen=True)
class Traits:
    """One face's measures, in the head's coordinates (see `canvas`), and colours.

    Attributes:
        cheek: Half the head's width at the cheekbones.
        jaw: Half its width at the jaw.
        chin: Half its width just above the chin.
        turn: How far eyes, nose and mouth are shifted to the side, as if the head were turned.
        light: Where the light comes from: -1 left, 1 right.
        skin: Colour of the skin.
        lip: Colour of the lips.
        iris: Colour of the irises.
        eye_y: Height of the eyes.
        eye_x: Distance of the eyes from the middle.
        eye_open: Half the height of an open eye.
        smile: Curve of the mouth, -1 to 1.
        soft: Softer features and fuller lips rather than a beard, 0 to 1.
    """

    cheek: float
    jaw: float
    chin: float
    turn: float
    light: float
    skin: Colour
    lip: Colour
    iris: Colour
    eye_y: float
    eye_x: float
    eye_open: float
    smile: float
    soft: float


def draw_traits(rng: Rng, against: Colour | None = None) -> Traits:
    """Choose a face at random; its skin clearly lighter or darker than `against`, where that is given."""
    skins = [skin for skin in SKINS if against is None or abs(_luma(skin) - _luma(against)) > 40]
    skin = np.array(skins[int(rng.integers(len(skins)))]) + rng.uniform(-6, 6, 3)
    cheek = rng.uniform(0.70, 0.80)
    jaw = cheek * rng.uniform(0.72, 0.86)
    soft = float(rng.uniform())
    lip = np.array(_LIPS) * 0.45 + skin * 0.5 if soft > 0.4 else np.array(_LIPS) * 0.2 + skin * 0.66
    return Traits(
        cheek=cheek,
        jaw=jaw,
        chin=jaw * rng.uniform(0.42, 0.56),
        turn=rng.uniform(-0.06, 0.06),
        light=rng.uniform(-1, 1),
        skin=_colour(np.clip(skin, 0, 255)),
        lip=_colour(np.clip(lip, 0, 255)),
        iris=_IRISES[int(rng.integers(len(_IRISES)))],
        eye_y=rng.uniform(-0.10, -0.04),
        eye_x=cheek * rng.uniform(0.43, 0.47),
        eye_open=rng.uniform(0.065, 0.09),
        smile=rng.uniform(-0.3, 1.0),
        soft=soft,
    )


def draw_pose(rng: Rng, height: int, width: int, high: bool = False) -> Points:
    """Place a head in a picture.

    Args:
        rng: Source of randomness.
        height: Of the picture, pixels.
        width: Of the picture, pixels.
        high: Whether the picture's upper edge cuts the top of the head off.

    Returns:
        The matrix that `Canvas` takes.
    """
    unit = min(height * 0.335, width * 0.40) * rng.uniform(0.92, 1.06) * (1.22 if high else 1.0)
    angle = np.deg2rad(rng.normal(0, 4.5))
    cosine, sine = np.cos(angle), np.sin(angle)
    x = width * (0.5 + rng.uniform(-0.04, 0.04))
    y = unit * 0.42 if high else height * (0.545 + rng.uniform(-0.02, 0.02))
    return np.array([[unit * cosine, -unit * sine, x], [unit * sine, unit * cosine, y]])


def head_outline(traits: Traits) -> Points:
    """The head's outline, without ears."""
    half = [
        (0.0, -1.0),
        (traits.cheek * 0.58, -0.90),
        (traits.cheek * 0.94, -0.55),
        (traits.cheek, -0.08),
        (traits.cheek * 0.95, 0.28),
        (traits.jaw, 0.62),
        (traits.chin, 0.92),
        (0.0, 1.0),
    ]
    other = [(-x, y) for x, y in reversed(half[1:-1])]
    return smooth(half + other)


def width_at(traits: Traits, y: float) -> float:
    """Half the head's width at a height, for what has to sit on its edge."""
    heights = (-1.0, -0.90, -0.55, -0.08, 0.28, 0.62, 0.92, 1.0)
    widths = (0.05, 0.58, 0.94, 1.0, 0.95, traits.jaw / traits.cheek, traits.chin / traits.cheek, 0.05)
    return traits.cheek * float(np.interp(y, heights, widths))


def skin_layer(canvas: Canvas, traits: Traits, shadow: float = 0.0) -> NDArray[np.uint8]:
    """The skin with its light: rounded towards the edges, lit from one side, rosy at cheeks and nose."""
    side, turn = traits.light, traits.turn
    grid = canvas.grid()
    radius = (grid[..., 0] / (traits.cheek * 1.06)) ** 2 + (grid[..., 1] / 1.05) ** 2
    light = 0.05 - 0.24 * np.clip(radius - 0.45, 0, 1) + 0.09 * side * np.clip(grid[..., 0], -1, 1) - shadow
    eyes, eye = traits.eye_x, traits.eye_y
    light += canvas.glow(
        [
            (0.25 * side, -0.5, 0.45, 0.30, 0.07),
            (turn, 0.10, 0.07, 0.28, 0.07),
            (turn + 0.12 * -np.sign(side or 1), 0.16, 0.08, 0.22, -0.07),
            (turn, 0.34, 0.14, 0.05, -0.05),
            (turn - eyes, eye - 0.02, 0.24, 0.11, -0.09),
            (turn + eyes, eye - 0.02, 0.24, 0.11, -0.09),
            (turn - eyes * 1.1, 0.22, 0.18, 0.14, 0.05),
            (turn + eyes * 1.1, 0.22, 0.18, 0.14, 0.05),
            (turn, 0.74, 0.22, 0.06, -0.10),
            (turn, 0.86, 0.18, 0.10, 0.05),
            (0.0, 1.16, 0.55, 0.20, -0.28),
        ]
    )
    rose = canvas.glow(
        [
            (turn - eyes * 1.25, 0.26, 0.22, 0.18, 0.8),
            (turn + eyes * 1.25, 0.26, 0.22, 0.18, 0.8),
            (turn, 0.26, 0.12, 0.12, 0.5),
        ]
    )
    skin = np.array(traits.skin)
    return canvas.layer(skin * (1 + light[..., None]) + rose[..., None] * np.array((10.0, -12.0, -10.0)))


def _luma(colour: Colour) -> float:
    """How light a colour is, 0 to 255."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def _colour(values: NDArray[np.float64]) -> Colour:
    """An array of three as a colour."""
    red, green, blue = values.tolist()
    return red, green, blue
