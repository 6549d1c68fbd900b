"""Quadrants and bars: the blocks U+2580 to U+259F, which nearly every terminal font has."""

from workbench.tui.picture.blocks import BlockRenderer, bars, grid_mask

_GRID, _SHAPE = (2, 2), (8, 4)
_QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
"""Index: 1 upper left, 2 upper right, 4 lower left, 8 lower right."""
OPPOSITES = {glyph: _QUADRANTS[15 - index] for index, glyph in enumerate(_QUADRANTS)}


def quadrants() -> BlockRenderer:
    """2×2 parts a cell, or bars of eighths from below and of quarters from the left."""
    parts = {_QUADRANTS[index]: grid_mask(index, _GRID, _SHAPE) for index in range(8)}
    others = bars(_SHAPE, lower="▁▂▃▅▆▇", left="▎▊")
    return BlockRenderer("quadrants", {**parts, **others}, OPPOSITES)
