"""Behind the head and in front of the lens: backgrounds, and the camera's light, blur and noise."""

import numpy as np

from workbench.images.sample.canvas import Canvas, Points
from workbench.images.sample.traits import Rng

_GRAIN = 96


def draw_background(canvas: Canvas, rng: Rng) -> None:
    """A wall, a studio, lights out of focus, or the open air."""
    height, width = canvas.grid().shape[:2]
    y, x = np.mgrid[0 : 1 : complex(height), 0 : 1 : complex(width)][..., None]
    kind = int(rng.integers(4))
    first, second = _colour(rng, 110, 225), _colour(rng, 110, 225)
    share = y if kind != 1 else np.clip(np.hypot(x - 0.5, y - 0.45) * 1.2, 0, 1)
    scene = first * (1 - share) + (first * 0.68 if kind == 1 else first * 0.5 + second * 0.5) * share
    if kind == 2:
        count = 14
        spots = np.stack([rng.uniform(-1.6, 1.6, count), rng.uniform(-1.7, 1.5, count)], -1)
        radii = rng.uniform(0.10, 0.34, (count, 1))
        for _ in range(3):
            amounts = rng.uniform(0, 46, (count, 1))
            tint = _colour(rng, 90, 255) / 255
            scene = scene + canvas.glow(np.hstack([spots, radii, radii, amounts]))[..., None] * tint
    elif kind == 3:
        sky, ground = np.array((168.0, 202.0, 234.0)), np.array((104.0, 142.0, 86.0)) * rng.uniform(0.7, 1.1)
        horizon = rng.uniform(0.45, 0.75) + 0.05 * np.sin(x * rng.uniform(3, 9) + rng.uniform(0, 6))
        blend = np.clip((y - horizon) * 9 + 0.5, 0, 1)
        scene = (sky * (0.9 + 0.2 * y)) * (1 - blend) + ground * (1.1 - 0.3 * y) * blend
    canvas.pixels[:] = canvas.layer(scene)


def photograph(canvas: Canvas, rng: Rng) -> None:
    """The camera: exposure, colour of the light, focus and noise."""
    cv2 = canvas.cv2
    gain = rng.uniform(0.90, 1.08) * (1 + rng.uniform(-0.035, 0.035, 3) * (1, 0.3, -1))
    sigma = rng.uniform(0.0, 0.55)
    image = cv2.GaussianBlur(canvas.pixels, (3, 3), sigma) if sigma > 0.25 else canvas.pixels
    height, width = canvas.shape
    # A tile of grain, repeated: drawing each pixel's noise would take as long as the face.
    tile = rng.standard_normal((_GRAIN, _GRAIN), dtype=np.float32) * np.float32(rng.uniform(1.0, 4.5))
    grain = np.tile(np.rint(tile).astype(np.int16), (height // _GRAIN + 1, width // _GRAIN + 1))[
        :height, :width
    ]
    curve = np.clip(np.arange(256)[:, None] * gain + 0.5, 0, 255).astype(np.uint8)
    exposed = cv2.LUT(image, curve[None])
    cv2.add(exposed, cv2.merge([grain] * 3), canvas.pixels, None, cv2.CV_8U)


def _colour(rng: Rng, low: float, high: float) -> Points:
    """A muted colour."""
    value, spread = rng.uniform(low, high), rng.uniform(-36, 36, 3)
    return np.clip(value + spread, 20, 245)
