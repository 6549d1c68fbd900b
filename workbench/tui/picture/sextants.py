"""Sextants: 2×3 parts a cell, for terminals that draw these glyphs themselves (foot, Alacritty, kitty)."""

from workbench.tui.picture.blocks import BlockRenderer, bars, grid_mask

_GRID, _SHAPE = (3, 2), (24, 4)
_FIRST = 0x1FB00
_OLDER = {0: " ", 0b010101: "▌", 0b101010: "▐", 0b111111: "█"}
"""Those that Unicode had already, so that the block of sextants leaves them out."""


def sextant(covered: int) -> str:
    """The glyph whose parts, row by row from bit 0, are the bits of `covered`."""
    if covered in _OLDER:
        return _OLDER[covered]
    return chr(_FIRST + covered - 1 - sum(0 < older < covered for older in _OLDER))


OPPOSITES = {sextant(index): sextant(63 - index) for index in range(64)}


def sextants() -> BlockRenderer:
    """2×3 parts a cell, or bars of eighths from below and of quarters from the left."""
    parts = {sextant(index): grid_mask(index, _GRID, _SHAPE) for index in range(32)}
    others = bars(_SHAPE, left="▎▊")
    return BlockRenderer("sextants", {**parts, **others}, OPPOSITES)
