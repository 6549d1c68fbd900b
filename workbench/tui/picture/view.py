"""The part of a picture that is looked at, and how light: for the eye alone, never for the labels.

Nothing searches for the face: a preset is a fixed part of the picture, which suits pictures that hold one
face in their middle, as those of a face data set do.
"""

from dataclasses import dataclass, replace

import numpy as np

from workbench.tui.picture.cells import Pixels, fit

Area = tuple[float, float, float, float]
"""Left, top, width and height as shares of the picture."""
WHOLE: Area = (0.0, 0.0, 1.0, 1.0)
PRESETS: dict[str, Area] = {
    "whole": WHOLE,
    "face": (0.20, 0.20, 0.60, 0.65),
    "eyes": (0.27, 0.37, 0.46, 0.22),
    "hair": (0.10, 0.00, 0.80, 0.45),
    "skin": (0.26, 0.34, 0.48, 0.44),
}
"""By name; a head of the schema may name one as its `zoom`."""
_STEP = 1.25
_LEAST = 0.05  # share of the picture
_PAN = 0.2  # share of what is seen
_LEVELS = 5  # steps of contrast and of brightness to each side
_CONTRAST, _BRIGHTNESS = 0.2, 18.0


@dataclass(frozen=True)
class View:
    """What is seen of a picture.

    Attributes:
        area: The part.
        preset: Its name; "" where it was chosen freely.
        contrast: Steps of more (or less) contrast.
        brightness: Steps of more (or less) light.
    """

    area: Area = WHOLE
    preset: str = "whole"
    contrast: int = 0
    brightness: int = 0

    @property
    def is_plain(self) -> bool:
        """Whether it is the whole picture as it is."""
        return self.area == WHOLE and not self.contrast and not self.brightness

    @property
    def words(self) -> str:
        """ "zoom eyes · contrast +2"; "" for the whole picture as it is."""
        parts = []
        if self.area != WHOLE:
            parts.append(f"zoom {self.preset or f'{1 / max(self.area[2:]):.1f}×'}")
        for name, value in (("contrast", self.contrast), ("brightness", self.brightness)):
            if value:
                parts.append(f"{name} {'+' if value > 0 else '−'}{abs(value)}")
        return " · ".join(parts)

    def next_preset(self, first: str) -> "View":
        """The preset after this one; after the whole picture comes the one that suits the active head."""
        names = [name for name in PRESETS if name not in ("whole", first)]
        turn = ["whole", *([first] if first in PRESETS and first != "whole" else []), *names]
        known = self.preset if self.preset in turn else "whole"
        name = turn[(turn.index(known) + 1) % len(turn)]
        return replace(self, area=PRESETS[name], preset=name)

    def zoomed(self, steps: int) -> "View":
        """Nearer (or farther, with negative steps), around the same middle."""
        left, top, width, height = self.area
        scale = _STEP**-steps
        new_width, new_height = (min(1.0, max(_LEAST, side * scale)) for side in (width, height))
        middle = (left + width / 2, top + height / 2)
        return self._moved((middle[0] - new_width / 2, middle[1] - new_height / 2, new_width, new_height))

    def panned(self, across: int, down: int) -> "View":
        """Moved by so many steps; the edge of the picture holds it."""
        left, top, width, height = self.area
        return self._moved((left + across * _PAN * width, top + down * _PAN * height, width, height))

    def _moved(self, area: Area) -> "View":
        """At another place inside the picture."""
        left, top, width, height = area
        placed = (min(max(0.0, left), 1 - width), min(max(0.0, top), 1 - height), width, height)
        preset = self.preset if placed == self.area else "whole" if placed == WHOLE else ""
        return replace(self, area=placed, preset=preset)

    def changed(self, *, contrast: int = 0, brightness: int = 0) -> "View":
        """With more or less contrast and light."""
        return replace(
            self,
            contrast=min(_LEVELS, max(-_LEVELS, self.contrast + contrast)),
            brightness=min(_LEVELS, max(-_LEVELS, self.brightness + brightness)),
        )

    def cut(self, image: Pixels, box: tuple[int, int]) -> Pixels:
        """The part of `image` (H, W, 3) that is seen in a box of cells, which it fills as far as it can."""
        if self.area == WHOLE:
            return image
        height, width = image.shape[:2]
        left, top, across, down = self.area
        want = (across * width, down * height)
        columns, rows = fit((max(1, round(want[0])), max(1, round(want[1]))), box)
        wide = min(width, want[0] * box[0] / columns)
        high = min(height, want[1] * box[1] / rows)
        x = min(max(0.0, left * width - (wide - want[0]) / 2), width - wide)
        y = min(max(0.0, top * height - (high - want[1]) / 2), height - high)
        part = image[int(y) : max(int(y) + 1, round(y + high)), int(x) : max(int(x) + 1, round(x + wide))]
        return np.ascontiguousarray(part)

    def lit(self, image: Pixels) -> Pixels:
        """With this contrast, around the picture's mean, and this light."""
        if not self.contrast and not self.brightness:
            return image
        values = image.astype(np.float32)
        middle = values.mean()
        changed = (values - middle) * (1 + _CONTRAST) ** self.contrast + middle
        lit: Pixels = np.clip(changed + self.brightness * _BRIGHTNESS, 0, 255).astype(np.uint8)
        return lit


PLAIN = View()
"""The whole picture as it is."""
